"""When a ruling is final: promises, not timers (architecture 6; 二.2.1).

A ruling is provisional until every active journal of its pool has promised to stamp nothing more on its day, and no
slip stamped by then awaits entry. A record that its office's closing of the day did not know is late: it can never
flip what was final.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from shared_rules.claims import ClaimState
from shared_rules.decision import Status
from shared_rules.facts import DayClosed, Event, FloorPromised, KioskEnrolled, LogId, SlipStamped
from shared_rules.interval import day_end
from shared_rules.words import Say, say

__all__ = ["Doubt", "Promises"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a provisional ruling waits for: a stable key for programs, a sentence for people."""

    key: str
    sentence: Say


@dataclass(slots=True)
class Promises:
    """Floors and closed days, gathered from the facts."""

    journals: dict[int, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """Active kiosk -> office and pools."""
    floors: dict[int, int] = field(default_factory=dict)
    closings: list[DayClosed] = field(default_factory=list)

    @classmethod
    def of(cls, events: Iterable[Event]) -> Promises:
        """Gather them; a floor never falls."""
        promises = cls()
        for event in events:
            match event.fact:
                case KioskEnrolled() as fact:
                    promises.journals[fact.kiosk] = (fact.office, fact.pools)
                case FloorPromised() as fact:
                    promises.floors[fact.kiosk] = max(fact.floor, promises.floors.get(fact.kiosk, 0))
                case DayClosed() as fact:
                    promises.closings.append(fact)
                case _:
                    pass
        return promises

    def doubts(self, state: ClaimState, claims: Iterable[ClaimState]) -> tuple[Doubt, ...]:
        """Return what the ruling of a claim waits for; none = final."""
        day = state.view.stamp.days()[1]
        return (*self._unheard(state.pool, day), *self._unentered(state, day, claims))

    def _unheard(self, pool: str, day: date) -> tuple[Doubt, ...]:
        offices = {
            office
            for kiosk, (office, pools) in self.journals.items()
            if (not pools or pool in pools) and not self._promised(kiosk, office, day)
        }
        return tuple(Doubt(f"office:{name}", say("{office}尚未报到这一天", office=name)) for name in sorted(offices))

    def _promised(self, kiosk: int, office: str, day: date) -> bool:
        return self.floors.get(kiosk, 0) >= day_end(day) or self._closed(office, day)

    def _closed(self, office: str, day: date) -> bool:
        return any(fact.day >= day and office in (fact.office, *fact.without) for fact in self.closings)

    def _unentered(self, state: ClaimState, day: date, claims: Iterable[ClaimState]) -> tuple[Doubt, ...]:
        if not self.journals:
            return ()
        waiting = sorted(
            other.claim
            for other in claims
            if other.pool == state.pool
            and not other.entered
            and other.status in (Status.UPHELD, Status.WITH_MANAGER)
            and other.view.stamp.days()[0] <= day
            and not self.unknown_at_closing(other.office, other.view.stamp.days()[1], *other.recorded)
        )
        return tuple(Doubt(f"entry:{slip}", say("{slip} 待录入", slip=slip)) for slip in waiting)

    def unknown_at_closing(self, office: str, day: date, log: LogId, seq: int) -> bool:
        """Return whether a record came after its office's day had been closed without it."""
        key = f"{log.kiosk}.{log.inc}"
        closings = [fact for fact in self.closings if fact.office == office and fact.day >= day]
        return any(seq > fact.known.get(key, 0) for fact in closings)

    def late_arrivals(self, events: Sequence[Event]) -> tuple[tuple[LogId, int], ...]:
        """Return the new slips that came after their day had been closed, in order."""
        if not self.closings:
            return ()
        return tuple(
            (event.log, event.seq)
            for event in events
            if isinstance(event.fact, SlipStamped)
            and self.unknown_at_closing(event.fact.office, event.time.days()[1], event.log, event.seq)
        )
