"""The times of a journal, solved again as it grows: what an anchor proves afterwards about the records before it.

A record's tick and boot stand in it, so one anchor of a run makes exact what was stamped before it in that run. A run
without any anchor lies between its neighbours, because a journal is written in order. A battery clock's word (grade B)
bounds nothing but its own record: it may be wrong by any amount. The answer follows from the records alone; in how
many pieces they came makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from shared_rules.facts import ASSERTED, Grade
from shared_rules.interval import MINUTE, OPEN, Interval
from shared_rules.journal import Record, RecordKind
from shared_rules.timekeeping import HALT, intersect, longest, shortest

__all__ = ["Solver", "judged"]

_UNKNOWN: Final = Interval(0, OPEN)
_FINE: Final = MINUTE
"""No clause counts in anything shorter: a narrower interval of one day is as good as an instant."""


def judged(grade: Grade, own: Interval, proved: Interval) -> Interval:
    """Return the time by which a record is judged, given its own bounds and what its journal proves about it.

    The bounds on a receipt stand where they leave nothing open: closed, within one civil day and under a minute wide,
    and not disproved. Otherwise both hold together; of a clock that contradicts the journal only the journal holds.
    What people said of the past (paper, import) is not measured and stands as it was said.
    """
    if grade in ASSERTED:
        return own
    both = intersect(own, proved)
    if both is None or (grade is Grade.A and both != proved):
        return proved
    fine = own.hi - own.lo < _FINE and own.certain_day() is not None
    return own if fine else both


class _Later(NamedTuple):
    """What the records behind an instant say about it; each bound with the tick at which it was told."""

    hi: int
    hi_tick: int
    lo: int = 0
    """Of the next record that an anchor dates; 0 = none."""
    lo_tick: int = 0
    halts: int = 0
    """How often the counter may have stood still for a moment since then, unseen."""

    def before(self, tick: int) -> tuple[int, int]:
        """Return the bounds of an earlier tick. A halt makes what went before earlier still, never later."""
        lo = self.lo - longest(self.lo_tick - tick) - self.halts * HALT if self.lo else 0
        return lo, OPEN if self.hi == OPEN else self.hi - shortest(self.hi_tick - tick)


@dataclass(slots=True)
class _Instant:
    tag: int
    tick: int
    kind: RecordKind
    grade: Grade
    own: Interval
    lower: int
    """By what came before it."""
    later: _Later | None = None
    proved: Interval = _UNKNOWN
    said: Interval | None = None
    """What was answered last."""


@dataclass(slots=True)
class _Run:
    """A stretch of one boot in which nothing contradicts the tick."""

    boot_id: bytes
    seg: int
    anchored: bool = False
    instants: list[_Instant] = field(default_factory=list)

    def holds(self, record: Record) -> bool:
        """Return whether a record goes on with this run."""
        return (self.boot_id, self.seg) == (record.boot_id, record.seg) and self.instants[-1].tick <= record.tick

    def add(self, record: Record, tag: int, lower: int) -> None:
        """Take a record at the end; nothing of this run was written before `lower`."""
        if self.instants:
            lower = self.instants[-1].lower + shortest(record.tick - self.instants[-1].tick)
        if record.grade is Grade.A:
            self.anchored, lower = True, record.time.lo
        elif record.grade is Grade.C:
            lower = max(lower, record.time.lo)
        self.instants.append(_Instant(tag, record.tick, record.kind, record.grade, record.time, lower))

    def look_back(self, upper: int) -> Iterator[_Instant]:
        """Let the later bound the earlier, and yield those about which the later says something new.

        Nothing of this run was written after `upper`; an anchored run needs no such word. Where the later says nothing
        new about an instant, it says nothing new about those before.
        """
        later = _Later(OPEN if self.anchored else upper, self.instants[-1].tick)
        for one in reversed(self.instants):
            if one.later == later:
                return
            one.later = later
            lo, hi = later.before(one.tick)
            if one.grade is Grade.A:
                lo, hi = one.lower, min(hi, one.own.hi)
                later = _Later(hi, one.tick, lo, one.tick, 1)
            else:
                lo = max(lo, one.lower)
                later = later._replace(halts=later.halts + (one.kind is RecordKind.CLOCK_EVENT))
            one.proved = Interval(lo, hi) if lo <= hi else Interval(hi, max(lo, one.own.lo))
            yield one


@dataclass(slots=True)
class Solver:
    """The records of one journal (one life of a kiosk), in order."""

    _runs: list[_Run] = field(default_factory=list)
    """Those that can still change: the last one, and those without an anchor before it."""
    _lower: int = 0

    def add(self, record: Record, tag: int) -> None:
        """Take the next record; `tag` is the caller's name for it."""
        if not self._runs or not self._runs[-1].holds(record):
            if self._runs:
                self._lower = self._runs[-1].instants[-1].lower
            self._runs.append(_Run(record.boot_id, record.seg))
        self._runs[-1].add(record, tag, self._lower)

    def changes(self) -> dict[int, Interval]:
        """Return tag -> the time by which a record is judged, of new records and of those for which it changed."""
        changed: dict[int, Interval] = {}
        upper = OPEN
        for run in reversed(self._runs):
            for one in run.look_back(upper):
                time = judged(one.grade, one.own, one.proved)
                if time != one.said:
                    one.said = changed[one.tag] = time
            upper = run.instants[0].proved.hi
        self._let_go()
        return changed

    def _let_go(self) -> None:
        """Forget the runs that nothing later can bound any more: up to the last one with an anchor that has ended."""
        ended = [number for number, run in enumerate(self._runs[:-1]) if run.anchored]
        if ended:
            del self._runs[: ended[-1] + 1]
