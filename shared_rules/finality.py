"""When a ruling is final: promises, not timers (architecture 6; 二.2.1).

A ruling is provisional until every active journal of its pool has promised to stamp nothing more on its day, and no
slip stamped by then awaits entry. A record that its office's closing of the day did not know is late: it is heard
after that closing, so that it can never flip what was final.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from shared_rules.chronicle import Place
from shared_rules.facts import DayClosed, Event, FloorPromised, KioskEnrolled, KioskRevoked, LogId
from shared_rules.interval import day_end, day_of
from shared_rules.values import Fixed
from shared_rules.words import Say, say

__all__ = ["Doubt", "Promises", "Unentered"]


class Doubt(Fixed, frozen=True):
    """What a provisional ruling waits for: a stable key for programs, a sentence for people."""

    key: str
    sentence: Say


class Unentered(Fixed, frozen=True):
    """A live slip that awaits entry: every ruling of its day and later waits for it."""

    slip: str
    office: str
    first_day: date


@dataclass(frozen=True, slots=True)
class _Journal:
    place: Place
    office: str
    pools: tuple[str, ...]
    since: date


@dataclass(slots=True)
class Promises:
    """Floors and closed days, gathered from the facts in whatever order they arrive."""

    journals: dict[int, _Journal] = field(default_factory=dict)
    """Active kiosk -> office, pools, and the day from which its promise is needed."""
    floors: dict[int, dict[int, tuple[Place, int]]] = field(default_factory=dict)
    """Kiosk -> incarnation -> when its head was last heard, and its floor (microseconds), which never falls."""
    revoked: dict[int, int] = field(default_factory=dict)
    """Kiosk -> when its certificate was taken back last (microseconds): whatever it stamped by then came too late."""
    closings: dict[str, list[tuple[date, Place, DayClosed]]] = field(default_factory=dict)
    """Office -> closings of its days, by day."""

    def add(self, place: Place, event: Event) -> bool:
        """Take a fact in, a floor never falls; return whether it was a promise."""
        match event.fact:
            case KioskEnrolled() as fact:
                self._enrol(_Journal(place, fact.office, fact.pools, day_of(event.time.lo)), fact.kiosk)
            case FloorPromised() as fact:
                lives = self.floors.setdefault(fact.kiosk, {})
                heard, known = lives.get(fact.inc, (place, 0))
                lives[fact.inc] = (max(heard, place), max(known, fact.floor))
            case KioskRevoked() as fact:
                self.revoked[fact.kiosk] = max(event.time.lo, self.revoked.get(fact.kiosk, 0))
            case DayClosed() as fact:
                for office in {fact.office, *fact.without}:
                    insort(self.closings.setdefault(office, []), (fact.day, place, fact), key=_when)
            case _:
                return False
        return True

    def _enrol(self, journal: _Journal, kiosk: int) -> None:
        """Let the latest enrolment say where a kiosk stands, and the first since when it owes promises."""
        known = self.journals.get(kiosk, journal)
        latest = max(known, journal, key=lambda one: one.place)
        self.journals[kiosk] = replace(latest, since=min(known.since, journal.since))

    def doubts(self, pool: str, day: date, unentered: Iterable[Unentered]) -> tuple[Doubt, ...]:
        """Return what the rulings of a pool's day wait for; none = final.

        While an office may still stamp on that day its waiting slips go without saying: to name each would say
        something new of every slip of the day with every stamp.
        """
        offices = {
            journal.office
            for kiosk, journal in self.journals.items()
            if (not journal.pools or pool in journal.pools) and not self._promised(kiosk, journal, day)
        }
        slips = sorted(one.slip for one in unentered if one.first_day <= day and one.office not in offices)
        return (
            *(Doubt(f"office:{name}", say("{office}尚未报到这一天", office=name)) for name in sorted(offices)),
            *(Doubt(f"entry:{slip}", say("{slip} 待录入", slip=slip)) for slip in slips),
        )

    def _promised(self, kiosk: int, journal: _Journal, day: date) -> bool:
        return day < journal.since or self._floor(kiosk) >= day_end(day) or self._closed(journal.office, day)

    def _floor(self, kiosk: int) -> int:
        """Return what a kiosk promised: the life heard from last counts; its number was drawn and says nothing.

        A revocation is as good as a promise for the days before it.
        """
        promised = max(self.floors.get(kiosk, {}).values(), default=((), 0))[1]
        return max(promised, self.revoked.get(kiosk, 0))

    def _closed(self, office: str, day: date) -> bool:
        closings = self.closings.get(office)
        return closings is not None and closings[-1][0] >= day

    def closed_without(self, office: str, at: int, log: LogId, seq: int) -> Place | None:
        """Return the place of the last closing of a record's day that did not know the record; None = in time."""
        closings = self.closings.get(office)
        if not closings:
            return None
        day = day_of(at)
        if closings[-1][0] < day:
            return None
        key = f"{log.kiosk}.{log.inc}"
        missing = (
            place for _, place, fact in closings[bisect_left(closings, day, key=_day) :] if seq > fact.known.get(key, 0)
        )
        return max(missing, default=None)


def _day(closing: tuple[date, Place, DayClosed]) -> date:
    return closing[0]


def _when(closing: tuple[date, Place, DayClosed]) -> tuple[date, Place]:
    return closing[0], closing[1]
