"""The arithmetic of interval clocks: what a server's anchor and a machine's tick prove about true time.

Pure and in integer microseconds, every rounding outward. The kiosk's clock, the server that solves a journal's times
again, and an auditor use these functions and no others. After Marzullo's intersection of intervals.

Two assumptions carry all of it, and both are named here: the true length of one tick lies within 1 ± 200 ppm of a
microsecond while a run lasts, and the server's clock lies within the `err` that its anchor states.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared_rules.errors import EvidenceError
from shared_rules.facts import Value
from shared_rules.interval import OPEN, SECOND, Interval
from shared_rules.protocol import Anchor, Signed
from shared_rules.words import say

__all__ = [
    "DRIFT_PPM",
    "RTC_ERROR",
    "TICK_ERROR",
    "AnchorBody",
    "ClockEventBody",
    "Folded",
    "advance",
    "anchor_interval",
    "bridge",
    "fold",
    "hull",
    "intersect",
    "longest",
    "retreat",
    "shortest",
    "solve_run",
]

DRIFT_PPM: Final = 200
"""How far a tick's true length may be from one microsecond, parts per million."""
TICK_ERROR: Final = 50
"""Microseconds by which a difference of two ticks may be wrong: cut to integers, two clocks read in turn."""
RTC_ERROR: Final = 2 * SECOND
"""At each end of a power cut: the battery clock counts whole seconds and is read and written late."""
_MILLION: Final = 1_000_000


class AnchorBody(Value, frozen=True, kw_only=True):
    """The body of an ANCHOR record: the server's note as it signed it, and the kiosk's ticks around it."""

    anchor: Signed
    sent: int
    received: int
    """Ticks of the record's own boot."""


class ClockEventBody(Value, frozen=True, kw_only=True):
    """The body of a CLOCK_EVENT record: what the witnesses said."""

    event: str
    """`set_back`, `set_forward`, `rebooted`, `rtc_set_back`, `tick_fell`, `contradicted`."""
    by: int = 0
    """Microseconds that the wall clock moved against the tick; for `contradicted`, that the bounds lay apart."""


def shortest(ticks: int) -> int:
    """Return the least true time, in microseconds, that can have passed while a tick counted `ticks` ≥ 0."""
    return max(0, ticks - TICK_ERROR) * (_MILLION - DRIFT_PPM) // _MILLION


def longest(ticks: int) -> int:
    """Return the greatest true time, in microseconds, that can have passed while a tick counted `ticks` ≥ 0."""
    return -((ticks + TICK_ERROR) * (_MILLION + DRIFT_PPM) // -_MILLION)


def advance(time: Interval, ticks: int) -> Interval:
    """Return the bounds of now from those of `ticks` ago: lo + d(1 - ρ), hi + d(1 + ρ); an open end stays open."""
    return Interval(time.lo + shortest(ticks), OPEN if time.hi == OPEN else time.hi + longest(ticks))


def retreat(time: Interval, ticks: int) -> Interval:
    """Return the bounds of `ticks` ago from those of now: lo - d(1 + ρ), hi - d(1 - ρ); an open end stays open."""
    return Interval(time.lo - longest(ticks), OPEN if time.hi == OPEN else time.hi - shortest(ticks))


def bridge(time: Interval, elapsed: int) -> Interval:
    """Return the bounds after the machine was off, `elapsed` ≥ 0 microseconds by its battery clock (grade B)."""
    later = advance(time, elapsed)
    lo = max(time.lo, later.lo - RTC_ERROR)
    return Interval(lo, OPEN if later.hi == OPEN else later.hi + RTC_ERROR)


def anchor_interval(anchor: Anchor, round_trip: int) -> Interval:
    """Return what an anchor proves about the instant its answer arrived, `round_trip` ticks after it was asked for.

    lo = tx - err: the answer cannot arrive before it was sent. hi = rx + err + (t4 - t1)(1 + ρ): the question cannot
    have left after it arrived. Nothing is assumed about the two ways being equally long. The form "offset ± half the
    round trip" leaves the drift of the round trip out and is unsound. Raises EvidenceError for an anchor that
    contradicts itself.
    """
    if round_trip < 0 or anchor.err < 0 or anchor.tx < anchor.rx:
        raise EvidenceError(say("对时回执自相矛盾，不予采用"))
    lo, hi = anchor.tx - anchor.err, anchor.rx + anchor.err + longest(round_trip)
    if lo > hi:
        raise EvidenceError(say("对时回执自相矛盾，不予采用"))
    return Interval(lo, hi)


def intersect(one: Interval, other: Interval) -> Interval | None:
    """Return where both hold, None if nowhere."""
    lo, hi = max(one.lo, other.lo), min(one.hi, other.hi)
    return Interval(lo, hi) if lo <= hi else None


def hull(one: Interval, other: Interval) -> Interval:
    """Return the smallest interval around both."""
    return Interval(min(one.lo, other.lo), max(one.hi, other.hi))


@dataclass(frozen=True, slots=True)
class Folded:
    """What is known after another witness was heard."""

    time: Interval
    apart: int
    """Microseconds between two bounds that contradict each other; 0 = they agree."""


def fold(known: Interval, witness: Interval) -> Folded:
    """Return the intersection of two bounds of one instant; where they contradict each other, their hull, said so."""
    both = intersect(known, witness)
    if both is not None:
        return Folded(both, 0)
    return Folded(hull(known, witness), max(known.lo - witness.hi, witness.lo - known.hi))


def solve_run(points: Sequence[tuple[int, Interval]]) -> tuple[Interval, ...]:
    """Return the best bounds of instants of one run (boot, seg), each given by tick and own bounds, in tick order.

    Forward and backward pass: what is known at one tick bounds every other, so an anchor makes an earlier stamp of
    the same run exact after the fact, also one of grade C. Contradicting bounds widen to their hull.
    """
    solved = [time for _, time in points]
    for index in range(1, len(points)):
        ticks = points[index][0] - points[index - 1][0]
        solved[index] = fold(advance(solved[index - 1], ticks), solved[index]).time
    for index in range(len(points) - 2, -1, -1):
        ticks = points[index + 1][0] - points[index][0]
        solved[index] = fold(retreat(solved[index + 1], ticks), solved[index]).time
    return tuple(solved)
