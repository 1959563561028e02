"""Reports: how many slips of whom came to what, by which clause, as the settled register says it now.

A report names the staff and nobody else. The list of its slips shows customers masked, but for the one whom a leader
let the reader see (五). The audit row is on the disk before anything is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from shared_rules.errors import InputError
from shared_rules.words import say
from sync_server.report_lines import collisions, deal_lines, slip_lines, with_customers
from sync_server.standing import settled_now
from sync_server.store import persons, places
from sync_server.tally import SlipLine, Tally, grouped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from shared_rules.rulings import Register
    from sync_server.archive import Archive, Contents
    from sync_server.log import ServerLog
    from sync_server.looks import Look, Looks
    from sync_server.report_lines import DealLine
    from sync_server.store import Store

__all__ = ["By", "Holdings", "Names", "Report", "Reports", "Row", "Wanted"]

_OPERATOR: Final = "operator"


class By(StrEnum):
    """What a table's rows are."""

    SALESPERSON = "salesperson"
    OFFICE = "office"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a report is about; "" and None = all."""

    pool: str = ""
    first: date | None = None
    last: date | None = None
    slips: bool = False
    person: str = ""
    """Who reads it; "" = the operator at the machine."""
    approval: str = ""

    def covers(self, pool: str, day: date) -> bool:
        """Return whether something of a pool and a civil day belongs into the report."""
        in_time = (self.first is None or self.first <= day) and (self.last is None or day <= self.last)
        return in_time and self.pool in ("", pool)

    def words(self) -> str:
        """Return it as the audit keeps it."""
        days = f"{self.first or ''}..{self.last or ''}"
        return " ".join(one for one in (self.pool or "*", days, "slips" if self.slips else "", self.approval) if one)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is counted of people, whatever the days of their slips."""

    live: int = 0
    """Customers that count against the quota now, and how many may (一.5)."""
    quota: int = 0
    closed: int = 0
    """Deals closed, and hundredths of deals that the rulings gave."""
    owned_percent: int = 0

    def __add__(self, other: Holdings) -> Holdings:
        return Holdings(
            self.live + other.live, self.quota + other.quota, self.closed + other.closed,
            self.owned_percent + other.owned_percent,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A group's counts; an outcome holds nothing."""

    key: str
    name: str
    tally: Tally
    holdings: Holdings = Holdings()
    home: str = ""
    """A salesperson's office."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report; the rows of each grouping add up to `total`, in the order in which a reader wants them."""

    as_of: int
    wanted: Wanted
    names: Names
    total: Row
    collisions: int
    """Pairs of claims."""
    rows: Mapping[By, tuple[Row, ...]]
    lines: tuple[SlipLine, ...]
    look: Look | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called, and where people belong."""

    pools: Mapping[str, str]
    people: Mapping[str, str]
    offices: Mapping[str, str]
    home: Mapping[str, str]
    """Person -> office."""
    only_pool: Mapping[str, str]
    """Office -> the one pool that it sells."""


@dataclass(frozen=True, slots=True)
class Reports:
    """Makes reports, also while the server runs: nothing is settled for anybody else."""

    store: Store
    log: ServerLog
    archive: Archive
    looks: Looks

    def make(self, wanted: Wanted) -> Report:
        """Return a report of what has arrived up to now.

        Raises InputError naming the field, RefusedError where a leave is not good: then nothing is shown at all.
        """
        names = self._check(wanted)
        self._note(wanted)
        contents = self.archive.read()
        look = self.looks.take(wanted.person, wanted.approval) if wanted.approval else None
        register = settled_now(self.store, self.log, contents.events).register()
        return _report(wanted, names, register, contents, look)

    def _check(self, wanted: Wanted) -> Names:
        with self.store.snapshot() as tx:
            staff, offices, pools = persons.persons(tx), places.offices(tx), places.pools(tx)
        if wanted.pool and wanted.pool not in pools:
            raise InputError(say("没有楼盘 {pool}", pool=wanted.pool), field="pool")
        if wanted.first and wanted.last and wanted.last < wanted.first:
            raise InputError(say("最后一天早于第一天"), field="to")
        if wanted.approval and not wanted.person:
            raise InputError(say("凭批准查询须写明谁在查：--as 工号"), field="as")
        if wanted.person and wanted.person not in {one.person for one in staff if not one.left}:
            raise InputError(say("没有人员 {number}", number=wanted.person), field="as")
        return Names(
            pools, {one.person: one.name for one in staff}, {one.office: one.name for one in offices},
            {one.person: one.office for one in staff},
            {one.office: next(iter(one.pools)) for one in offices if len(one.pools) == 1},
        )  # fmt: skip

    def _note(self, wanted: Wanted) -> None:
        with self.store.transaction() as tx:
            persons.add_audit(
                tx, at=self.log.signed_now(tx).now, person=wanted.person or _OPERATOR, session="", act="report",
                about=wanted.words(), outcome="allowed",
            )  # fmt: skip


def _report(wanted: Wanted, names: Names, register: Register, contents: Contents, look: Look | None) -> Report:
    pairs = collisions(register)
    collided = frozenset(claim for pair in pairs for claim in pair)
    lines = tuple(
        line for line in slip_lines(register, contents, names.only_pool, collided) if wanted.covers(line.pool, line.day)
    )
    if wanted.slips:
        lines = tuple(with_customers(lines, register, contents, seen=look.claim if look else ""))
    deals = [one for one in deal_lines(register, contents.events) if wanted.covers(one.pool or wanted.pool, one.day)]
    claims = {line.slip for line in lines}
    people = _holdings(register, deals, wanted)
    total = Tally()
    for line in lines:
        total.add(line)
    return Report(
        register.as_of, wanted, names, Row("", "", total, sum(people.values(), Holdings())),
        sum(not claims.isdisjoint(pair) for pair in pairs),
        {
            By.SALESPERSON: _by_salesperson(lines, names, people),
            By.OFFICE: _by_office(lines, names, people),
            By.OUTCOME: _by_outcome(lines),
        },
        lines, look,
    )  # fmt: skip


def _holdings(register: Register, deals: Iterable[DealLine], wanted: Wanted) -> dict[str, Holdings]:
    """Return salesperson -> what is held."""
    parts = [
        (one.salesperson, Holdings(live=one.live, quota=one.limit))
        for one in register.quotas
        if wanted.pool in ("", one.pool)
    ]
    for deal in deals:
        parts.append((deal.closer, Holdings(closed=1)))
        parts += [(person, Holdings(owned_percent=percent)) for person, percent in deal.shares]
    people: dict[str, Holdings] = {}
    for person, part in parts:
        people[person] = people.get(person, Holdings()) + part
    return people


def _by_salesperson(lines: Iterable[SlipLine], names: Names, people: Mapping[str, Holdings]) -> tuple[Row, ...]:
    """Return a row for everybody who handed in a slip, has a quota or a deal; who handed in most comes first."""
    tallies = grouped(lines, lambda line: line.salesperson)
    rows = [
        Row(
            key, names.people.get(key, key), tallies.get(key, Tally()),
            people.get(key, Holdings()), names.offices.get(names.home.get(key, ""), ""),
        )
        for key in tallies.keys() | people.keys()
    ]  # fmt: skip
    return tuple(sorted(rows, key=_most_first))


def _by_office(lines: Iterable[SlipLine], names: Names, people: Mapping[str, Holdings]) -> tuple[Row, ...]:
    """Return a row for each office: the slips stamped there, the quotas and deals of who belongs there."""
    tallies = grouped(lines, lambda line: line.office)
    staff: dict[str, Holdings] = {}
    for person, own in people.items():
        home = names.home.get(person, "")
        staff[home] = staff.get(home, Holdings()) + own
    rows = [
        Row(key, names.offices.get(key, key), tallies.get(key, Tally()), staff.get(key, Holdings()))
        for key in tallies.keys() | staff.keys()
    ]
    return tuple(sorted(rows, key=_most_first))


def _by_outcome(lines: Iterable[SlipLine]) -> tuple[Row, ...]:
    tallies = grouped(lines, lambda line: line.status)
    return tuple(sorted((Row(key, key, tally) for key, tally in tallies.items()), key=_most_first))


def _most_first(row: Row) -> tuple[int, str]:
    return -row.tally.handed_in, row.key
