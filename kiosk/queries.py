"""查询单 for whoever mediates or rules: those of a day, and both parties' daily reports side by side (三.1, 二.2.4).

Only what this kiosk itself stamped and wrote is here: of a slip of another office there is its number and nothing else.
No customer's name and no way to reach one is told, so that nothing of the register is looked into (五); nothing can be
changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kiosk.acts import READERS
from kiosk.clock import tellable
from kiosk.reports import report_of
from shared_rules.clauses.reports import contact_details
from shared_rules.errors import InputError
from shared_rules.facts import DisputeFiled
from shared_rules.interval import day_of
from shared_rules.policy import shipped
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from kiosk.acts import Acts
    from kiosk.counter import Session
    from kiosk.reports import ReportRow
    from shared_rules.facts import Event

__all__ = ["QueryRow", "QuerySlips", "Side", "without_contacts"]


@dataclass(frozen=True, slots=True)
class QueryRow:
    """One query slip as this kiosk knows it."""

    number: str
    filed_at: int
    """Instant (µs) people are told, as on a receipt."""
    since: int
    """Its lower bound: what this kiosk wrote or heard after it has a later one."""
    by: str
    by_name: str
    claim: str
    """The own slip."""
    other: str
    """The other's, "" = the query slip names none."""
    late: bool
    """Filed after the day of the signed note (三.1)."""
    noted: bool
    """Whether the note was signed for at this kiosk: else the day from which it counts is not known here."""
    told: bool
    """Whether the company has ruled on the own slip since it was filed."""
    hangs: bool
    """Whether that ruling waits for this dispute."""
    status: str
    """The ruling's status, "" where there is none since."""


@dataclass(frozen=True, slots=True)
class Side:
    """One party: the slip, and the daily report of the day of its stamp."""

    claim: str
    here: bool
    """Whether this kiosk stamped the slip; nothing else is known of one that it did not."""
    name: str = ""
    """Of the salesperson."""
    stamped_at: int = 0
    day: date | None = None
    """Day of the stamp, None = nobody can tell it yet."""
    lines: tuple[ReportRow, ...] = ()
    """What the salesperson wrote on that day, about every customer, in the order of writing."""


def without_contacts(text: str) -> str:
    """Return a report's text with every way to reach a customer as ***, whatever the office's policy lets stand."""
    for first, last in reversed(contact_details(text, shipped())):
        text = f"{text[:first]}***{text[last:]}"
    return text


@dataclass(frozen=True, slots=True)
class QuerySlips:
    """Reads the query slips of this kiosk."""

    acts: Acts

    def rows(self, session: Session, day: date | None = None) -> tuple[QueryRow, ...]:
        """Return a day's query slips (today's by default), the latest first; RefusedError for whoever has no say."""
        self.acts.allowed(session, *READERS)
        wanted = day or day_of(self.acts.now())
        found = [self._row(event, fact) for event, fact in self._filed() if day_of(event.time.lo) == wanted]
        return tuple(reversed(found))

    def sides(self, session: Session, number: str) -> tuple[Side, Side]:
        """Return whoever filed a query slip and the other party; InputError for a number that is none of this kiosk."""
        self.acts.allowed(session, *READERS)
        row = next((self._row(event, fact) for event, fact in self._filed() if fact.dispute == number), None)
        if row is None:
            raise InputError(say("本机没有查询单 {number}", number=number), field="query")
        return self._side(row.claim), self._side(row.other)

    def _filed(self) -> Iterator[tuple[Event, DisputeFiled]]:
        for event in self.acts.register.events():
            if isinstance(event.fact, DisputeFiled):
                yield event, event.fact

    def _row(self, event: Event, fact: DisputeFiled) -> QueryRow:
        register = self.acts.register
        claim, other = (*fact.claims, "", "")[:2]
        settled = register.settled(self.acts.now())
        ruling, own = settled.dispute(fact.dispute), settled.ruling(claim)
        word = register.told(claim, since=event.time.lo)
        return QueryRow(
            number=fact.dispute, filed_at=tellable(event.time), since=event.time.lo, by=fact.by,
            by_name=self.acts.staff.name(fact.by), claim=claim, other=other,
            late=ruling is not None and fact.by in ruling.late,
            noted=own is not None and register.book().notes.get(own.slip) == "acknowledged",
            told=word is not None, status=word.status if word is not None else "",
            hangs=word is not None and any(fact.dispute in one.args.values() for one in word.pending_on),
        )  # fmt: skip

    def _side(self, claim: str) -> Side:
        ruling = self.acts.register.settled(self.acts.now()).ruling(claim)
        if ruling is None:
            return Side(claim, here=False)
        stamp, day = ruling.stamped_at, ruling.stamped_at.certain_day()
        side = Side(claim, here=True, name=self.acts.staff.name(ruling.salesperson))
        if day is None:
            return side
        lines = report_of(self.acts.register.events(), ruling.salesperson, day)
        return replace(side, stamped_at=tellable(stamp), day=day, lines=lines)
