"""The arithmetic of interval clocks: what a server's anchor and a machine's tick prove about true time.

Pure and in integer microseconds, every rounding outward. The kiosk's clock, the solver of a journal's times
and an auditor use these functions and no others. After Marzullo's intersection of intervals.

Two assumptions carry all of it, and both are named here: the true length of one tick lies within 1 ± 200 ppm of a
microsecond while a run lasts, and the server's clock lies within the `err` that its anchor states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared_rules.errors import EvidenceError
from shared_rules.facts import Value
from shared_rules.interval import OPEN, SECOND, Interval
from shared_rules.protocol import Anchor, Signed
from shared_rules.words import Say, say

__all__ = [
    "DRIFT_PPM",
    "HALT",
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
    "shortest",
]

DRIFT_PPM: Final = 200
"""How far a tick's true length may be from one microsecond, parts per million."""
TICK_ERROR: Final = 50
"""Microseconds by which a difference of two ticks may be wrong: cut to integers, two clocks read in turn."""
HALT: Final = SECOND // 2
"""For so long a machine may stand still, tick and all, without its wall clock betraying it."""
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

    @property
    def sentence(self) -> Say:
        """It in the words of an operator or a manager; an event of a newer release by its name."""
        return say(_SENTENCES.get(self.event, self.event), seconds=abs(self.by) // SECOND)


_SENTENCES: Final = {
    "set_back": "系统时钟被拨回约 {seconds} 秒",
    "set_forward": "系统时钟被拨快约 {seconds} 秒，或者机器停顿过",
    "rebooted": "机器重新启动过，停机约 {seconds} 秒",
    "rtc_set_back": "停机期间硬件时钟被拨回约 {seconds} 秒",
    "tick_fell": "机器的计时器倒退了约 {seconds} 秒，可能恢复过快照",
    "contradicted": "服务器时间与本机时间矛盾，相差约 {seconds} 秒，请管理员检查",
}


def shortest(ticks: int) -> int:
    """Return the least true time, in microseconds, that can have passed while a tick counted `ticks` ≥ 0."""
    return max(0, ticks - TICK_ERROR) * (_MILLION - DRIFT_PPM) // _MILLION


def longest(ticks: int) -> int:
    """Return the greatest true time, in microseconds, that can have passed while a tick counted `ticks` ≥ 0."""
    return -((ticks + TICK_ERROR) * (_MILLION + DRIFT_PPM) // -_MILLION)


def advance(time: Interval, ticks: int) -> Interval:
    """Return the bounds of now from those of `ticks` ago: lo + d(1 - ρ), hi + d(1 + ρ); an open end stays open."""
    return Interval(time.lo + shortest(ticks), OPEN if time.hi == OPEN else time.hi + longest(ticks))


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
