"""What settlement answers: a ruling for each claim and act, the cases that wait for a person, and what is overdue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from shared_rules.decision import Decision
from shared_rules.interval import Interval
from shared_rules.values import Fixed

__all__ = ["ActRuling", "Changes", "ClaimRuling", "Duties", "Quota", "Register", "SameDay"]


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


class ActRuling(Fixed, frozen=True):
    """The outcome of an amendment or renewal, by its own slip number."""

    slip: str
    claim: str
    act: str
    decision: Decision
    stamped_at: Interval
    due_at: int


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


@dataclass(frozen=True, slots=True)
class Register:
    """All rulings at one moment."""

    as_of: int
    claims: Mapping[str, ClaimRuling]
    acts: Mapping[str, ActRuling]
    same_day: tuple[SameDay, ...] = ()
    duties: Duties = field(default_factory=Duties)
    quotas: tuple[Quota, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """Rulings that are new or differ from those of the question before."""

    claims: Mapping[str, ClaimRuling]
    acts: Mapping[str, ActRuling]
