"""What works from the start, whenever it was said: gathered before the hearing of the facts begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared_rules.facts import ClosedDaysDeclared, Event, FindingMade, Launched, Prelaunched, SlipEntered
from shared_rules.interval import day_of

__all__ = ["Background"]


@dataclass(frozen=True, slots=True)
class Background:
    """What is known from the start."""

    entries: Mapping[str, SlipEntered]
    findings: Mapping[frozenset[str], FindingMade]
    launches: tuple[tuple[str, date, int], ...]
    """Pool, launch day, instant of the notice."""
    prelaunches: tuple[tuple[str, int], ...]
    closed: frozenset[date]

    @classmethod
    def of(cls, events: Sequence[Event]) -> Background:
        """Gather it from events that are in order."""
        closed: set[date] = set()
        entries: dict[str, SlipEntered] = {}
        findings: dict[frozenset[str], FindingMade] = {}
        for event in events:
            fact = event.fact
            if isinstance(fact, SlipEntered):
                entries.setdefault(fact.slip, fact)
            elif isinstance(fact, FindingMade):
                findings[frozenset(fact.claims)] = fact
            elif isinstance(fact, ClosedDaysDeclared) and day_of(event.time.hi) < fact.first:
                closed |= {fact.first + timedelta(days=n) for n in range((fact.last - fact.first).days + 1)}
        launches = tuple((e.fact.pool, e.fact.day, e.time.lo) for e in events if isinstance(e.fact, Launched))
        before = tuple((e.fact.pool, e.time.lo) for e in events if isinstance(e.fact, Prelaunched))
        return cls(entries, findings, launches, before, frozenset(closed))

    def launch(self, pool: str) -> date | None:
        """Return the launch day that counts: a later notice replaces, but never shortens (六.3)."""
        return max((day for of, day, _ in self.launches if of in ("", pool)), default=None)

    def early(self, pool: str, stamp: int) -> bool:
        """Return whether a slip stamped then is an early claim (六.3)."""
        notices = [at for of, _, at in self.launches if of in ("", pool)]
        if notices:
            return stamp < min(notices)
        return any(at <= stamp for of, at in self.prelaunches if of in ("", pool))
