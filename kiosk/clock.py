"""The kiosk's interval clock: what its tick and the server's last anchor prove about now. Nothing else tells the time.

The tick cannot be set and counts suspend; it carries the anchor's bounds forward, wider by 200 ppm each way. The wall
clock and the battery clock behind it are witnesses: they are compared, never believed, except that after a reboot the
battery clock bridges the gap (grade B). Without any anchor the bounds are [not_before, open) (grade C). The clock
never refuses: it lowers the grade. Everything is a pure function of `ClockState` and what the machine shows now;
the journal persists the state in the transaction of each record, and puts the old one back if that fails.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import msgspec

from shared_rules.facts import ASSERTED, Grade, Value
from shared_rules.interval import MINUTE, OPEN, Interval
from shared_rules.protocol import Anchor
from shared_rules.timekeeping import (
    DRIFT_PPM,
    HALT,
    RTC_ERROR,
    ClockEventBody,
    Folded,
    advance,
    anchor_interval,
    bridge,
    fold,
    longest,
)
from shared_rules.words import Say

__all__ = ["ClockEvent", "ClockState", "KioskClock", "Reading", "SystemTicks", "Ticks", "in_doubt", "tellable"]

_TELLABLE: Final = 10 * MINUTE
"""What is told to people is at most half of it off; a counter without network reaches it after two weeks."""
_SEGMENTS: Final = 2**16
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_BOOT_ID_SIZE: Final = 16


def in_doubt(time: Interval, grade: Grade = Grade.A) -> bool:
    """Return whether a measured time is known too badly to be told to people: open, or wider than ten minutes."""
    return grade not in ASSERTED and (time.hi == OPEN or time.hi - time.lo > _TELLABLE)


def tellable(time: Interval) -> int:
    """Return the instant people are told of a measured time: its middle, or, in doubt, what is certain of it."""
    return time.lo if in_doubt(time) else (time.lo + time.hi) // 2


class Ticks(Protocol):
    """What a machine shows of time; tests and other systems bring their own."""

    def tick(self) -> int:
        """Microseconds of a counter that nobody can set, that counts suspend and starts again at every boot."""

    def boot_id(self) -> bytes:
        """16 bytes that differ from boot to boot."""

    def wall(self) -> int:
        """Microseconds since the epoch as the machine's wall clock shows them: a witness."""


class ClockState(Value, frozen=True, kw_only=True):
    """What the clock must remember, as one row of the journal's database; start with `ClockState.start`."""

    not_before: int
    """Highest lower bound that the server signed (or gave at enrolment); never falls."""
    lo: int
    """Bounds of true time when the tick showed `tick`."""
    hi: int = OPEN
    grade: Grade = Grade.C
    boot_id: bytes = b""
    """Empty = never read."""
    seg: int = 0
    """Number of the run within this boot; a run is a stretch in which nothing contradicts the tick."""
    tick: int = 0
    wall: int = 0
    """Wall clock when the tick showed `tick`."""
    seen_tick: int = 0
    """Tick and wall at the last reading."""
    seen_wall: int = 0
    lead: int = 0
    """How far the wall clock has led the tick's later bound since `tick`, microseconds."""
    last_lo: int = 0
    """Lower bound of the last reading; the next is never below it, except after an anchor that contradicts it."""
    sure: int = 0
    """While a battery clock bridges (B): the lower bound that it had no part in."""

    @property
    def surely(self) -> int:
        """The lower bound that rests on the server and on ticks alone: a battery clock may be wrong by any amount."""
        return max(self.not_before, self.sure) if self.grade is Grade.B else self.last_lo

    @classmethod
    def start(cls, not_before: int) -> ClockState:
        """Return the state of a clock that knows one thing: that it is later than `not_before`."""
        return cls(not_before=not_before, lo=not_before, last_lo=not_before)


@dataclass(frozen=True, slots=True)
class ClockEvent:
    """Something that a witness said against the clock; the journal records `body`, the operator reads `sentence`."""

    body: ClockEventBody

    @property
    def sentence(self) -> Say:
        """Return it in the operator's words."""
        return self.body.sentence


@dataclass(frozen=True, slots=True)
class Reading:
    """What a record says about its time, and what the witnesses said since the last reading."""

    time: Interval
    grade: Grade
    tick: int
    boot_id: bytes
    seg: int
    not_before: int
    events: tuple[ClockEvent, ...] = ()

    @property
    def promise(self) -> int:
        """Return the latest instant at or before which nothing will be stamped any more: what a head may promise.

        It rests on what the server signed alone; a battery clock's word (grade B) is not enough for a promise.
        """
        return (self.time.lo if self.grade is Grade.A else self.not_before) - 1


@dataclass(frozen=True, slots=True)
class _Now:
    tick: int
    wall: int
    boot_id: bytes


class KioskClock:
    """Reads the time as an interval and takes the server's anchors.

    `state` may be put back to an older value of the same clock when a transaction fails: nothing is lost by it, and
    the events of the failed transaction come again.
    """

    def __init__(self, ticks: Ticks, state: ClockState) -> None:
        self.ticks = ticks
        self.state = state

    def read(self) -> Reading:
        """Return the bounds of now; reading never fails and never refuses."""
        now = _Now(self.ticks.tick(), self.ticks.wall(), self.ticks.boot_id())
        self.state, known, events = _observe(self.state, now)
        state = self.state
        return Reading(known, state.grade, now.tick, now.boot_id, state.seg, state.not_before, events)

    def anchored(self, anchor: Anchor, sent_tick: int, received_tick: int) -> tuple[ClockEvent, ...]:
        """Take an anchor whose signature and nonce were checked; ticks of this boot around its exchange.

        Returns what the witnesses said, as `Reading.events`. Raises EvidenceError for an anchor that contradicts
        itself; the clock is unmoved then.
        """
        witness = anchor_interval(anchor, received_tick - sent_tick)
        now = _Now(self.ticks.tick(), self.ticks.wall(), self.ticks.boot_id())
        state, known, events = _observe(self.state, now)
        folded = _fold(state, known, advance(witness, max(0, now.tick - received_tick)))
        if folded.apart:
            events += (_event("contradicted", folded.apart),)
        torn = bool(folded.apart) and state.grade is Grade.A
        self.state = _based(
            state, folded.time, now,
            grade=Grade.C if folded.time.hi == OPEN else Grade.A,
            seg=(state.seg + torn) % _SEGMENTS,
            not_before=max(state.not_before, witness.lo),
        )  # fmt: skip
        return events


def _event(kind: str, by: int) -> ClockEvent:
    return ClockEvent(ClockEventBody(event=kind, by=by))


def _based(state: ClockState, time: Interval, now: _Now, **changes: object) -> ClockState:
    """Return the state whose bounds count from now on."""
    bounds = {"lo": time.lo, "hi": time.hi, "last_lo": time.lo, "lead": 0, "boot_id": now.boot_id}
    witnesses = {"tick": now.tick, "wall": now.wall, "seen_tick": now.tick, "seen_wall": now.wall}
    return msgspec.structs.replace(state, **bounds, **witnesses, **changes)


def _observe(state: ClockState, now: _Now) -> tuple[ClockState, Interval, tuple[ClockEvent, ...]]:
    """Return the state after looking at the machine, the bounds of now, and what the witnesses said."""
    if not state.boot_id:
        time = Interval(state.lo, state.hi)
        return _based(state, time, now), time, ()
    if now.boot_id != state.boot_id or now.tick < state.seen_tick:
        return _rebooted(state, now)
    time = _bounds(state, now.tick, now.wall)
    moved = _moved(state, now)
    if moved == 0:
        lead = 0 if time.hi == OPEN else time.hi - advance(Interval(state.lo, state.hi), now.tick - state.tick).hi
        seen = {"seen_tick": now.tick, "seen_wall": now.wall, "last_lo": time.lo, "lead": lead}
        return msgspec.structs.replace(state, **seen), time, ()
    if moved < 0:
        return _based(state, time, now), time, (_event("set_back", moved),)
    split = _based(state, time, now, seg=(state.seg + 1) % _SEGMENTS)
    return split, time, (_event("set_forward", moved),)


def _moved(state: ClockState, now: _Now) -> int:
    """Return how far the wall clock moved against the tick since the last reading, or else since the bounds were set.

    Below half a second and 200 ppm it is 0; so a halt of the machine can hide only behind a wall clock set back by as
    little, unseen, in the same run.
    """
    for tick, wall in ((state.seen_tick, state.seen_wall), (state.tick, state.wall)):
        ticks = now.tick - tick
        moved = now.wall - wall - ticks
        if abs(moved) > HALT + ticks * DRIFT_PPM // 1_000_000:
            return moved
    return 0


def _bounds(state: ClockState, tick: int, wall: int) -> Interval:
    """Return the bounds of a tick of this boot.

    Where the wall clock counted more than the tick, the machine may have stood still: the later bound follows it, as
    far off as a counter may be (the machine's battery clock, or its host's, counted alone meanwhile), and does not come
    back when the wall clock does.
    """
    time = advance(Interval(state.lo, state.hi), tick - state.tick)
    lead = max(state.lead, state.hi + longest(max(0, wall - state.wall)) - time.hi)
    return Interval(max(time.lo, state.last_lo), OPEN if state.hi == OPEN else time.hi + lead)


def _rebooted(state: ClockState, now: _Now) -> tuple[ClockState, Interval, tuple[ClockEvent, ...]]:
    """Return the state of a new boot: bridged by the battery clock (B), or with an open end (C) if that fell."""
    before = _bounds(state, state.seen_tick, state.seen_wall)
    off = now.wall - state.seen_wall
    same_boot = now.boot_id == state.boot_id
    moved = ("tick_fell", now.tick - state.seen_tick) if same_boot else ("rebooted", off)
    events = [_event(*moved)]
    if off < -RTC_ERROR:
        events.append(_event("rtc_set_back", off))
    if state.grade is Grade.C or off < -RTC_ERROR:
        time, grade = Interval(state.surely, OPEN), Grade.C
    else:
        time, grade = bridge(before, max(0, off)), Grade.B
    seg = (state.seg + 1) % _SEGMENTS if same_boot else 0
    return _based(state, time, now, grade=grade, seg=seg, sure=state.surely), time, tuple(events)


def _fold(state: ClockState, known: Interval, witness: Interval) -> Folded:
    """Return the bounds of now once the server was heard.

    The battery clock's bounds (B) yield to the server's; others are intersected, and contradicting ones widened to
    their hull. Below what the server signed the lower bound never falls, and below what no battery clock had a part in
    only where the server contradicts it.
    """
    folded = fold(known, witness)
    yields = state.grade is Grade.B and witness.hi >= state.surely
    time = witness if yields else folded.time
    lo = max(time.lo, state.surely if yields or not folded.apart else state.not_before)
    return Folded(Interval(lo, time.hi), folded.apart)


class SystemTicks:
    """This machine's clocks; on Linux the raw counter plus the time spent suspended, which nobody can set or slew."""

    def __init__(self, *, boot_id_file: Path = _BOOT_ID, random: Callable[[int], bytes] = os.urandom) -> None:
        self._boot_id = _boot_id(boot_id_file, random)
        self._linux = hasattr(time, "CLOCK_MONOTONIC_RAW") and hasattr(time, "CLOCK_BOOTTIME")
        self._asleep = 0

    def tick(self) -> int:
        """Return CLOCK_MONOTONIC_RAW + (CLOCK_BOOTTIME - CLOCK_MONOTONIC), elsewhere the plain monotonic clock."""
        if not self._linux:
            return time.monotonic_ns() // 1000
        asleep = _asleep()
        if asleep > self._asleep + _SHORTEST_SLEEP:
            self._asleep = asleep
        return (time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW) + self._asleep) // 1000

    def boot_id(self) -> bytes:
        """Return the kernel's boot id; elsewhere a new one for each process, so that a restart counts as a reboot."""
        return self._boot_id

    def wall(self) -> int:
        """Return the wall clock."""
        return time.time_ns() // 1000  # noqa: TID251 - the one reader of the wall clock, as a witness


_SHORTEST_SLEEP: Final = 1_000_000
"""Nanoseconds; a difference below it is the noise of reading two clocks in turn, so that the tick never falls."""
_TRIES: Final = 8
_NARROW: Final = 10_000


def _asleep() -> int:
    """Return the nanoseconds that this boot spent suspended; the narrowest of a few readings of two clocks."""
    narrowest, asleep = None, 0
    for _ in range(_TRIES):
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        boot = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        width = time.clock_gettime_ns(time.CLOCK_MONOTONIC) - before
        if narrowest is None or width < narrowest:
            narrowest, asleep = width, boot - before - width // 2
        if width < _NARROW:
            break
    return asleep


def _boot_id(file: Path, random: Callable[[int], bytes]) -> bytes:
    try:
        known = bytes.fromhex(file.read_text(encoding="ascii").strip().replace("-", ""))
    except (OSError, ValueError):
        return random(_BOOT_ID_SIZE)
    return known if len(known) == _BOOT_ID_SIZE else random(_BOOT_ID_SIZE)
