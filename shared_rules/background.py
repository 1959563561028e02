"""What works from the start, whenever it was said: gathered before the hearing of the facts begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared_rules.clauses.quota import Results
from shared_rules.facts import (
    ClosedDaysDeclared,
    DealCancelled,
    DealClosed,
    Event,
    FindingMade,
    Launched,
    LogQueried,
    NameStruck,
    Prelaunched,
    QuarterReported,
    SlipEntered,
    SlipRefused,
    VisitLogged,
)
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
    struck: Mapping[str, frozenset[str]]
    """Claim -> names found not to be kin (二.1.2)."""
    queries: Mapping[str, LogQueried]
    """Claim -> the latest look for its row in the visitor log (一.7)."""
    rows: Mapping[str, tuple[tuple[int, VisitLogged], ...]]
    """Salesperson -> rows of the visitor log with their instants."""
    results: Mapping[str, Results]
    """Salesperson -> signings (一.5)."""
    refusals: frozenset[str]
    """Slips that a clerk refused over the quota."""

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
        struck: dict[str, set[str]] = {}
        rows: dict[str, list[tuple[int, VisitLogged]]] = {}
        for event in events:
            if isinstance(event.fact, NameStruck):
                struck.setdefault(event.fact.claim, set()).add(event.fact.name)
            elif isinstance(event.fact, VisitLogged):
                rows.setdefault(event.fact.by, []).append((event.time.lo, event.fact))
        return cls(
            entries, findings, launches, before, frozenset(closed),
            struck={claim: frozenset(names) for claim, names in struck.items()},
            queries={event.fact.claim: event.fact for event in events if isinstance(event.fact, LogQueried)},
            rows={person: tuple(found) for person, found in rows.items()},
            results=_results(events),
            refusals=frozenset(event.fact.slip for event in events if isinstance(event.fact, SlipRefused)),
        )  # fmt: skip

    def launch(self, pool: str) -> date | None:
        """Return the launch day that counts: a later notice replaces, but never shortens (六.3)."""
        return max((day for of, day, _ in self.launches if of in ("", pool)), default=None)

    def early(self, pool: str, stamp: int) -> bool:
        """Return whether a slip stamped then is an early claim (六.3)."""
        notices = [at for of, _, at in self.launches if of in ("", pool)]
        if notices:
            return stamp < min(notices)
        return any(at <= stamp for of, at in self.prelaunches if of in ("", pool))


def _results(events: Iterable[Event]) -> dict[str, Results]:
    """Return each salesperson's signings; a cancelled deal ends when it was cancelled."""
    results: dict[str, Results] = {}
    deals: dict[str, tuple[str, int, int]] = {}
    for event in events:
        match event.fact:
            case QuarterReported() as fact:
                results.setdefault(fact.person, Results()).reports.append((event.time.lo, fact))
            case DealClosed() as fact:
                deals[fact.deal] = (fact.closer, event.time.lo, 0)
            case DealCancelled(deal=deal) if deal in deals:
                deals[deal] = (*deals[deal][:2], event.time.lo)
            case _:
                pass
    for closer, closed, cancelled in deals.values():
        results.setdefault(closer, Results()).deals.append((closed, cancelled))
    return results
