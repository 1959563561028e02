"""A ledger into the register: planned whole, shown, then written in one transaction; twice is the same as once.

Imported slips go through the same rules as every other; their times are people's (grade I), so that none of them ever
ranks by the minute. People and offices that the ledger names and the server does not know yet are added first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from shared_rules.data import policy_text
from shared_rules.errors import InputError
from shared_rules.facts import Grade, OpeningListed, Role, SlipAmended, SlipRenewed, SlipStamped
from shared_rules.policy import shipped
from shared_rules.wire import encode_fact
from shared_rules.words import say
from sync_server.archive import policies_in_force
from sync_server.ledger.rows import Book, Dated, Rejected, facts_of
from sync_server.store import persons, places

if TYPE_CHECKING:
    from shared_rules.facts import Event, Fact
    from shared_rules.policy import Policy
    from shared_rules.rulings import ClaimRuling
    from sync_server.ledger.columns import Table
    from sync_server.people import StartLogin
    from sync_server.service import Service

__all__ = ["LedgerImport", "Plan", "Sight", "book_of"]

_POLICY: Final = "default"
_OFFICES: Final = 99
_LISTED: Final = 500
"""Claims that one record of opening lists names."""


@dataclass(slots=True)
class Plan:
    """What an import would do."""

    pool: tuple[str, str]
    """Id and name."""
    rows: int = 0
    facts: list[Dated] = field(default_factory=list)
    """New ones."""
    rejected: list[Rejected] = field(default_factory=list)
    held: int = 0
    """Rows that an earlier import brought."""
    offices: dict[str, str] = field(default_factory=dict)
    """New offices, id -> name."""
    staff: list[tuple[str, str, str]] = field(default_factory=list)
    """New people: number, name, office id."""

    @property
    def accepted(self) -> int:
        """How many rows are new and will be facts."""
        return len({(one.row.sheet, one.row.number) for one in self.facts})


@dataclass(frozen=True, slots=True)
class Sight:
    """Until when rows may be dated, and the policy in force at an instant."""

    now: int
    policy: Callable[[int], Policy]


def book_of(
    tables: tuple[Table, ...], plan: Plan, known: dict[str, str], offices: dict[str, str], sight: Sight
) -> Book:
    """Return what rows are read against, and put what the ledger names anew into the plan.

    `known` is number -> name of the people, `offices` name -> id.
    """
    ids = dict(offices)
    for name in sorted(_office_names(tables) - {*ids, *ids.values()}):
        office = next(one for one in (f"L{number}" for number in range(1, _OFFICES)) if one not in ids.values())
        plan.offices[office] = name
        ids[name] = office
    people = dict(known)
    for row in (row for table in tables if table.kind == "staff" for row in table.rows):
        number, name = row.text("number"), row.text("name")
        if number and name and number not in people:
            people[number] = name
            plan.staff.append((number, name, ids.get(row.text("office"), "")))
    by_id = {office: office for office in ids.values()}
    return Book(sight.now, plan.pool[0], sight.policy, _by_name(people), ids | by_id)


def _office_names(tables: tuple[Table, ...]) -> set[str]:
    return {row.text("office") for table in tables for row in table.rows} - {""}


def _by_name(people: dict[str, str]) -> dict[str, str]:
    twice = {name for name, count in Counter(people.values()).items() if count > 1}
    names = {name: number for number, name in people.items() if name not in twice}
    return names | {number: number for number in people}


@dataclass(frozen=True, slots=True)
class LedgerImport:
    """Plans and writes, on the service of an opened data folder."""

    service: Service

    def plan(self, tables: tuple[Table, ...], pool: str = "") -> Plan:
        """Return what importing these tables would do now; InputError where no pool can be told."""
        service = self.service
        with service.store.transaction() as tx:
            plan = Plan(_pool(places.pools(tx), pool))
            known = {person.person: person.name for person in persons.persons(tx)}
            offices = {office.name: office.office for office in places.offices(tx)}
            policies = policies_in_force(tx)
            now = service.log.human_now(tx).now

        def in_force(at: int) -> Policy:
            return policies.at(plan.pool[0], at) if policies.schedules else shipped()

        book = book_of(tables, plan, known, offices, Sight(now, in_force))
        self._compare(tables, plan, book)
        return plan

    def _compare(self, tables: tuple[Table, ...], plan: Plan, book: Book) -> None:
        """Read the rows, and take out what an earlier import brought; a row that changed since is rejected."""
        events = self.service.library.archive.read().events
        imported = {(event.time.lo, encode_fact(event.fact)) for event in events if event.grade is Grade.I}
        brought = {number for event in events if event.grade is Grade.I and (number := _number(event))}
        book.claims |= {number: number for event in events if (number := _number(event)) and number not in brought}
        facts, plan.rejected = facts_of(tables, book)
        plan.rows = sum(len(table.rows) for table in tables if table.kind != "staff")
        rows: dict[tuple[str, int], list[Dated]] = {}
        for one in facts:
            rows.setdefault((one.row.sheet, one.row.number), []).append(one)
        for group in rows.values():
            held = [(one.at, encode_fact(one.fact)) in imported for one in group]
            if all(held):
                plan.held += 1
            elif any(getattr(one.fact, "slip", "") in brought for one in group):
                plan.rejected.append(Rejected(group[0].row, say("以前导入过这个单号，内容不同；请在系统里更正")))
            else:
                plan.facts += group

    def write(self, plan: Plan, progress: Callable[[int], object] = lambda _: None) -> dict[str, StartLogin]:
        """Write a plan; return badges and start PINs of new people. Facts go in whole or not at all."""
        logins: dict[str, StartLogin] = {}
        service, (pool, name) = self.service, plan.pool
        for office, title in plan.offices.items():
            service.people.add_office(office, title, {pool: name}, policy=(_POLICY, policy_text(_POLICY)))
        for number, person, office in plan.staff:
            logins[number] = service.people.add_person(number, person, office=office, roles=(Role.SALESPERSON,))
        with service.store.transaction() as tx:
            for one in plan.facts:
                service.log.append_asserted(tx, one.fact, one.at)
                progress(1)
            claims = sorted({claim for one in plan.facts if (claim := _timed(one.fact))})
            for first in range(0, len(claims), _LISTED):
                service.log.append(tx, OpeningListed(claims=tuple(claims[first : first + _LISTED])))
        return logins

    def contest_days(self, plan: Plan) -> int:
        """Return for how many days from now the imported times may be contested (三.1); 0 = they may not."""
        service = self.service
        with service.store.transaction() as tx:
            return policies_in_force(tx).at(plan.pool[0], service.log.human_now(tx).now).dispute.imported_days

    def settle(self) -> None:
        """Let the rules rule on everything, and tell the offices."""
        self.service.reconciler.run()

    def ruling(self, claim: str) -> ClaimRuling | None:
        """Return what holds for a claim, after `settle`."""
        settlement = self.service.reconciler.docket.settlement
        return settlement.ruling(claim) if settlement else None


def _timed(fact: Fact) -> str:
    """Return the claim whose time a fact sets, "" = none."""
    match fact:
        case SlipStamped(slip=claim) | SlipAmended(claim=claim):
            return claim
        case _:
            return ""


def _number(event: Event) -> str:
    fact = event.fact
    return fact.slip if isinstance(fact, SlipStamped | SlipAmended | SlipRenewed) else ""


def _pool(held: dict[str, str], wanted: str) -> tuple[str, str]:
    """Return the pool of the ledger: the one named, or the only one there is."""
    if wanted:
        pool, _, name = wanted.partition("=")
        return pool, name or held.get(pool, pool)
    if len(held) == 1:
        return next(iter(held.items()))
    raise InputError(
        say("请写明账本是哪个楼盘的：--pool 编号=名称；已有：{pools}", pools="、".join(held) or "—"), field="pool"
    )
