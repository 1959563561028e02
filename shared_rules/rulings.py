"""What settlement answers: a ruling for each claim and act, the cases that wait for a person, and what is overdue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from shared_rules.decision import Decision, Reason
from shared_rules.interval import Interval
from shared_rules.values import Fixed
from shared_rules.words import Say

__all__ = [
    "NOBODYS",
    "ActRuling",
    "Changes",
    "ClaimRuling",
    "DealRuling",
    "DisputeRuling",
    "Duties",
    "Look",
    "Penalty",
    "Quota",
    "Refusal",
    "Register",
    "ReportLine",
    "Route",
    "SameDay",
]


NOBODYS: Final = frozenset({"", "manager", "house", "none"})
"""What a deal's ruling says in an owner's place where no salesperson owns it alone."""


class ClaimRuling(Fixed, frozen=True):
    """What holds for a claim at the moment of the question."""

    claim: str
    slip: str
    """Number of the claim's present version."""
    salesperson: str
    pool: str
    office: str
    decision: Decision
    stamped_at: Interval
    effective_at: Interval | None
    """The time that orders it (一.3, 一.6, 六.3)."""
    valid_until: date | None
    """Last valid civil day; None = open-ended (early claims, 六.3) or no certain day."""
    due_at: int | None
    """Instant by which the slip must be entered or back (一.4)."""
    against: tuple[str, ...] = ()
    """Claims it lost to, or waits together with."""
    flags: tuple[str, ...] = ()
    served_by: str = ""
    """A colleague who serves the customer without owning (二.2.3)."""


class ActRuling(Fixed, frozen=True):
    """The outcome of an amendment or renewal, by its own slip number."""

    slip: str
    claim: str
    act: str
    decision: Decision
    stamped_at: Interval
    due_at: int
    against: tuple[str, ...] = ()
    """Claims it lost to, or waits together with."""


class SameDay(Fixed, frozen=True):
    """Claims that wait together for the sales manager (二.2.4), sorted; `edges` are the colliding pairs."""

    claims: tuple[str, ...]
    pool: str
    day: date
    edges: tuple[tuple[str, str], ...] = ()


class Duties(Fixed, frozen=True):
    """What people owe by now (一.4): slip numbers, sorted."""

    overdue_entries: tuple[str, ...] = ()
    lost_or_enter: tuple[str, ...] = ()
    """Not entered so long that a manager must have it entered or declare it lost."""
    overdue_returns: tuple[str, ...] = ()


class Quota(Fixed, frozen=True):
    """How many customers a salesperson holds in a pool, and how many are allowed (一.5)."""

    salesperson: str
    pool: str
    limit: int
    live: int


class DealRuling(Fixed, frozen=True):
    """Whose a deal is."""

    deal: str
    closer: str
    closed_at: int
    owner: str
    """A salesperson, `manager` (has to say), `house`, `none`; "" where it is shared."""
    shares: tuple[tuple[str, int], ...]
    """Salesperson -> percent, where more than one has a part."""
    reasons: tuple[Reason, ...]
    flags: tuple[str, ...] = ()

    def because(self) -> tuple[str, ...]:
        """Return the clauses, each once."""
        return tuple(dict.fromkeys(reason.clause for reason in self.reasons))


class Refusal(Fixed, frozen=True):
    """An act that was not allowed: kept, with its reason."""

    at: int
    by: str
    clause: str
    why: Say


class Penalty(Fixed, frozen=True):
    """A proposed entry; posting it takes a person's approval (四)."""

    dispute: str
    person: str
    yuan: int


class DisputeRuling(Fixed, frozen=True):
    """Where a dispute stands (三, 四)."""

    dispute: str
    state: str
    claims: tuple[str, ...]
    parties: tuple[str, ...]
    late: tuple[str, ...]
    """Parties whose query slip was not in time."""
    winner: str
    shares: tuple[tuple[str, int], ...]
    waits_for: tuple[str, ...]
    due_on: date | None
    """Last day of the present step."""
    refused: tuple[Refusal, ...]


class Look(Fixed, frozen=True):
    """A look into the register that somebody asked for (五)."""

    at: int
    by: str
    customer: str
    allowed: bool
    why: Say


class Route(Fixed, frozen=True):
    """Who receives a customer (一.8, 六.5)."""

    at: int
    name: str
    to: str
    clause: str
    referrer: str = ""


class ReportLine(Fixed, frozen=True):
    """A line of a daily report, taken or refused with the spans that offend (一.10)."""

    at: int
    by: str
    claim: str
    offending: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Register:
    """All rulings at one moment."""

    as_of: int
    claims: Mapping[str, ClaimRuling]
    acts: Mapping[str, ActRuling]
    same_day: tuple[SameDay, ...] = ()
    duties: Duties = field(default_factory=Duties)
    quotas: tuple[Quota, ...] = ()
    deals: tuple[DealRuling, ...] = ()
    """In the order of their closings."""
    disputes: tuple[DisputeRuling, ...] = ()
    penalties: tuple[Penalty, ...] = ()
    looks: tuple[Look, ...] = ()
    routes: tuple[Route, ...] = ()
    report_lines: tuple[ReportLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """Rulings that are new or differ from those of the question before, by name, in no order that means anything."""

    claims: Mapping[str, ClaimRuling]
    acts: Mapping[str, ActRuling]
    deals: Mapping[str, DealRuling]
