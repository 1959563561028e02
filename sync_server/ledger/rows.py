"""Rows of a ledger as facts: the same facts that a counter writes, with the time that people wrote down (grade I).

A row that cannot be a fact is rejected with its reason; it stops no other row. What the regulation makes of a fact is
not asked here: that is settlement's, as for every slip.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from shared_rules.clauses.registration import missing_fields
from shared_rules.customers import normal_phone, split_phones
from shared_rules.errors import InputError
from shared_rules.facts import (
    CustomerKind,
    DealClosed,
    Fact,
    QuarterReported,
    SlipAmended,
    SlipContent,
    SlipEntered,
    SlipRenewed,
    SlipStamped,
    Source,
    VisitLogged,
)
from shared_rules.interval import DAY, HOUR, day_of, day_start
from shared_rules.policy import Policy
from shared_rules.words import Say, say
from sync_server.ledger.cells import day_of_cell, instant_of_cell, need_of_cells
from sync_server.ledger.columns import Row, Table
from sync_server.ledger.headings import COMPANY, DEAL_KINDS, SLIP_KINDS, SOURCES, VISIT_KINDS

__all__ = ["BY", "Book", "Dated", "Rejected", "facts_of"]

BY: Final = "import"
"""Who signs as clerk on an imported slip: the opening list has the real signatures."""
_QUARTER: Final = re.compile(r"((?:19|20)\d\dQ[1-4])")
_MISSING: Final = {
    "name": "没有客户名称", "phone": "没有联系方式", "company": "没有单位全称", "contact": "单位没有联系人",
    "need": "没有需求",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dated:
    """A fact with the instant that the ledger gives it, and the row that it comes from."""

    at: int
    fact: Fact
    row: Row


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is no fact, and why."""

    row: Row
    why: Say


@dataclass(slots=True)
class Book:
    """What rows are read against: who works where, what was sold under which policy, what is known already."""

    now: int
    pool: str
    policy: Callable[[int], Policy]
    people: Mapping[str, str]
    """Name or number -> number; a name that two bear is not there."""
    offices: Mapping[str, str]
    """Name or id -> id."""
    claims: dict[str, str] = field(default_factory=dict)
    """Slip number -> claim, of the register and of the rows so far."""

    def person(self, text: str) -> str:
        """Return somebody's number."""
        if not text:
            raise InputError(say("没有写业务员"), field="salesperson")
        if text not in self.people:
            raise InputError(say("不认识业务员“{text}”；人员表里没有，或有两个同名的", text=text), field="salesperson")
        return self.people[text]

    def office(self, text: str) -> str:
        """Return an office's id; where only one is known it need not be said."""
        ids = set(self.offices.values())
        if not text and len(ids) == 1:
            return next(iter(ids))
        if text not in self.offices:
            raise InputError(say("不认识售楼处“{text}”", text=text), field="office")
        return self.offices[text]


def facts_of(tables: Iterable[Table], book: Book) -> tuple[list[Dated], list[Rejected]]:
    """Return the facts of all rows and the rows that are none; each row ends on exactly one side."""
    facts: list[Dated] = []
    rejected: list[Rejected] = []
    for table in sorted(tables, key=lambda one: one.kind == "slips"):
        if table.kind == "staff":
            continue
        for row in table.rows if table.kind != "slips" else _builds_on_order(table.rows):
            try:
                facts += _READERS[table.kind](row, book, table)
            except InputError as error:
                rejected.append(Rejected(row, error.sentence))
    return facts, rejected


def _builds_on_order(rows: Iterable[Row]) -> list[Row]:
    """Return new slips first: a renewal may stand above the slip that it renews."""
    return sorted(rows, key=lambda row: SLIP_KINDS.get(row.text("kind"), "new") != "new")


def _slip(row: Row, book: Book, _table: Table) -> list[Dated]:
    number, kind = row.text("slip"), SLIP_KINDS.get(row.text("kind"))
    if not number:
        raise InputError(say("没有单号"), field="slip")
    if number in book.claims:
        raise InputError(say("单号 {number} 已经有了", number=number), field="slip")
    if kind is None:
        raise InputError(say("不认识类别“{text}”；应为新、变更或再次确认", text=row.text("kind")), field="kind")
    at = _past(instant_of_cell(row.values["time"], "time"), book)
    facts = _new(row, book, number, at) if kind == "new" else _act(row, book, number, at, kind)
    book.claims[number] = number if kind == "new" else book.claims[row.text("claim")]
    return facts


def _past(at: int, book: Book) -> int:
    if at > book.now:
        raise InputError(say("时间在将来"), field="time")
    return at


def _new(row: Row, book: Book, number: str, at: int) -> list[Dated]:
    content = _content(row, book, at)
    received = day_of_cell(row.values.get("received"), "received") or day_of(at)
    if received > day_of(at):
        raise InputError(say("接待日期晚于确认时间"), field="received")
    slip = SlipStamped(
        slip=number, pool=book.pool, office=book.office(row.text("office")),
        salesperson=book.person(row.text("salesperson")), stamped_by=BY, received_on=received, content=content,
        source=Source(SOURCES.get(row.text("source"), Source.WALK_IN.value)), exceptional=row.text("exceptional"),
    )  # fmt: skip
    return [Dated(at, slip, row), Dated(at, SlipEntered(slip=number, entered_by=BY), row)]


def _act(row: Row, book: Book, number: str, at: int, kind: str) -> list[Dated]:
    """Return an amendment or a renewal of a slip that is known, whatever version of it is named."""
    claim = book.claims.get(row.text("claim"))
    if claim is None:
        raise InputError(say("没有原单 {claim}，或原单被拒绝", claim=row.text("claim") or "—"), field="claim")
    person, why = book.person(row.text("salesperson")), row.text("exceptional")
    if kind == "renew":
        renewed = SlipRenewed(slip=number, claim=claim, salesperson=person, stamped_by=BY, exceptional=why)
        return [Dated(at, renewed, row)]
    content = _content(row, book, at)
    amended = SlipAmended(slip=number, claim=claim, salesperson=person, stamped_by=BY, content=content, exceptional=why)
    return [Dated(at, amended, row), Dated(at, SlipEntered(slip=number, entered_by=BY), row)]


def _content(row: Row, book: Book, at: int) -> SlipContent:
    unit = row.text("customer_kind") in COMPANY
    name, phone = str(row.values.get("name") or "").strip(), str(row.values.get("phone") or "").strip()
    content = SlipContent(
        kind=CustomerKind.COMPANY if unit else CustomerKind.PERSON,
        names=() if unit or not name else (name,), company=name if unit else "", contact=row.text("contact"),
        phones=(phone,) if phone else (), need=need_of_cells(row.text("need"), row.values.get("area")),
    )  # fmt: skip
    missing = missing_fields(content, book.policy(at))
    if missing:
        known = [say(_MISSING[one]) if one in _MISSING else say("没有 {field}", field=one) for one in missing]
        raise InputError(known[0], field=missing[0])
    if phone and not any(normal_phone(part) for part in split_phones(phone)):
        raise InputError(say("联系方式“{text}”里没有号码", text=phone), field="phone")
    return content


def _visit(row: Row, book: Book, _table: Table) -> list[Dated]:
    kind = VISIT_KINDS.get(row.text("kind"))
    if kind is None:
        raise InputError(say("不认识方式“{text}”；应为来人、来电或去电", text=row.text("kind")), field="kind")
    at = _past(instant_of_cell(row.values["time"], "time"), book)
    entered = instant_of_cell(row.values["entered"], "entered") if row.text("entered") else 0
    name, phone = row.text("name"), row.text("phone")
    if not name and not phone:
        raise InputError(say("客户姓名和电话都没有"), field="name")
    visit = VisitLogged(by=book.person(row.text("salesperson")), name=name, phone=phone, kind=kind, entered_at=entered)
    return [Dated(at, visit, row)]


def _deal(row: Row, book: Book, _table: Table) -> list[Dated]:
    kind, day = DEAL_KINDS.get(row.text("kind")), day_of_cell(row.values["day"], "day")
    if kind is None:
        raise InputError(say("不认识成交类型“{text}”；应为认购或签约", text=row.text("kind")), field="kind")
    if day is None or not row.text("name"):
        raise InputError(say("没有成交日期或合同名称"), field="day")
    at = _past(day_start(day) + 12 * HOUR, book)
    number = row.text("unit") or f"{row.sheet}-{row.number}"
    deal = DealClosed(
        deal=f"{number} {day.isoformat()}", closer=book.person(row.text("salesperson")),
        contract_name=row.text("name"), kind=kind, pool=book.pool,
    )  # fmt: skip
    return [Dated(at, deal, row)]


def _result(row: Row, book: Book, table: Table) -> list[Dated]:
    person = book.person(row.text("number") or row.text("salesperson"))
    facts: list[Dated] = []
    quarter = _quarter(table.columns["signings"])
    if quarter and row.text("signings"):
        if not row.text("signings").isdigit():
            raise InputError(say("签约套数“{text}”不是数", text=row.text("signings")), field="signings")
        signings = int(row.text("signings"))
        facts.append(Dated(_end_of(quarter), QuarterReported(person=person, quarter=quarter, signings=signings), row))
    met, of = day_of_cell(row.values.get("met"), "met"), _quarter(table.columns.get("met", ""))
    if met is not None and of:
        reported = QuarterReported(person=person, quarter=of, signings=0, target_met_on=met)
        facts.append(Dated(_past(day_start(met) + DAY - 1, book), reported, row))
    return facts


def _quarter(heading: str) -> str:
    found = _QUARTER.search(heading)
    return found[1] if found else ""


def _end_of(quarter: str) -> int:
    year, number = int(quarter[:4]), int(quarter[5])
    following = (year, 3 * number + 1) if number < 4 else (year + 1, 1)
    return day_start(date(*following, 1)) - 1


_READERS: Final = {"slips": _slip, "visits": _visit, "deals": _deal, "results": _result}
