"""业务日报表: a salesperson's day by customer code, without a word of how to reach anybody (一.10)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk.slips import whole_number
from shared_rules.clauses.reports import contact_details
from shared_rules.errors import InputError
from shared_rules.facts import ReportLineWritten, Role
from shared_rules.interval import day_of, to_datetime
from shared_rules.masks import masked_name
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from kiosk.acts import Acts
    from kiosk.counter import Session
    from shared_rules.facts import Event
    from shared_rules.policy import Policy

__all__ = ["DailyReport", "ReportRow", "copies", "report_of", "spans_in"]

_FOR: Final = ("业务员留存（经理签字）", "销售部经理", "签约室存档")
"""For whom the first three copies are."""
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One line of a report; a later line about the same customer is a version of it."""

    at: int
    claim: str
    text: str
    version: int


def spans_in(text: str, policy: Policy) -> str:
    """Return the text with 【】 around whatever tells how to reach a customer, "" where nothing does."""
    spans = contact_details(text, policy)
    if not spans:
        return ""
    marked, at = "", 0
    for first, last in spans:
        marked += f"{text[at:first]}【{text[first:last]}】"
        at = last
    return marked + text[at:]


def report_of(events: Iterable[Event], number: str, day: date) -> tuple[ReportRow, ...]:
    """Return a salesperson's lines of a day, each customer's latest version, in the order of writing."""
    latest: dict[str, ReportRow] = {}
    for event in events:
        fact = event.fact
        if isinstance(fact, ReportLineWritten) and fact.by == number and day_of(event.time.lo) == day:
            version = latest[fact.claim].version + 1 if fact.claim in latest else 1
            latest[fact.claim] = ReportRow(event.time.lo, fact.claim, fact.text, version)
    return tuple(latest.values())


def copies(policy: Policy) -> tuple[Say, ...]:
    """Return what stands on top of each copy of a report: for whom it is, from the fourth on its number (一.10)."""
    further = (say("第 {number} 份", number=number) for number in range(len(_FOR) + 1, policy.report.copies + 1))
    return (*map(say, _FOR), *further)[: policy.report.copies]


@dataclass(frozen=True, slots=True)
class DailyReport:
    """Writes and reads the reports of this kiosk's salespeople."""

    acts: Acts

    def write(self, session: Session, claim: str, text: str, policy: Policy) -> ReportRow:
        """Add a line of today, or a new version of it; InputError marks what may not stand there."""
        self.acts.allowed(session, Role.SALESPERSON)
        if not text.strip():
            raise InputError(say("请写今天与客户联系的内容"), field="text")
        if len(text) > _LONGEST:
            raise InputError(say("最多 {most} 个字", most=_LONGEST), field="text")
        marked = spans_in(text, policy)
        if marked:
            raise InputError(say("日报里不写联系方式，请删去【】里的部分：{marked}", marked=marked), field="text")
        claim = whole_number(claim, self.codes(session))
        if claim not in self.codes(session):
            raise InputError(say("客户编号是您自己确认单的单号；请核对"), field="claim")
        self.acts.write(ReportLineWritten(by=session.number, claim=claim, text=text.strip()))
        return self.rows(session)[-1]

    def codes(self, session: Session) -> tuple[str, ...]:
        """Return the codes of the salesperson's own customers: the numbers of their first slips."""
        return tuple(one.claim for one in self.acts.register.claims_of(session.number, self.acts.now()))

    def rows(self, session: Session, day: date | None = None) -> tuple[ReportRow, ...]:
        """Return a day's lines (today's by default), each customer's latest version, in the order of writing."""
        return report_of(self.acts.register.events(), session.number, day or day_of(self.acts.now()))

    def paper(self, session: Session, policy: Policy, day: date | None = None) -> tuple[Say, ...]:
        """Return the report as it is printed; the check sum on all copies is the same."""
        wanted, rows = day or day_of(self.acts.now()), self.rows(session, day)
        if not rows:
            raise InputError(say("今天的日报还没有内容"), field="text")
        named = [f"{row.claim} {name}" if (name := self._name(row.claim, policy)) else row.claim for row in rows]
        body = "\n".join(f"{name}\t{row.version}\t{row.text}" for name, row in zip(named, rows, strict=True))
        digest = hashlib.sha256(f"{session.number}\n{wanted}\n{body}".encode()).hexdigest()[:16]
        lines = [
            say("{number}. {time} {claim}（第 {version} 稿） {text}", number=number, claim=name, text=row.text,
                version=row.version, time=to_datetime(row.at).strftime("%H:%M"))
            for number, (name, row) in enumerate(zip(named, rows, strict=True), 1)
        ]  # fmt: skip
        head = say("业务日报表　{name}　{day}　{office}", name=session.name, day=wanted.isoformat(),
                   office=self.acts.place.office_name)  # fmt: skip
        return (head, *lines, say("校验 {digest}", digest=digest), say("销售部经理签字："))

    def _name(self, claim: str, policy: Policy) -> str:
        """Return the customer's masked name where the policy puts it beside the code, "" = the code says it all."""
        content = self.acts.register.settled(self.acts.now()).content(claim) if policy.report.mask == "name" else None
        return "" if content is None else masked_name("/".join(filter(None, (content.company, *content.names))))
