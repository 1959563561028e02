"""Machines on which everything happens to a clock: set back and forward, frozen, suspended, switched off, lied to.

A world is a list of things that happen; after each the counter writes a record. The world knows the true times.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from shared_rules.facts import Grade
from shared_rules.interval import DAY, OPEN, SECOND, Interval
from shared_rules.solving import Solver
from tests.kiosk.machine import Bench, Machine, bench
from tests.stamps import STAMP

if TYPE_CHECKING:
    from kiosk.clock import Reading
    from shared_rules.journal import Record

__all__ = ["STEPS", "World", "lived", "worlds"]

Step = tuple[str, tuple[int, ...]]
_DELAY: Final = st.integers(0, 12 * SECOND)
"""Each way of an exchange for itself, and the server's work: as asymmetric as it likes."""
_WRONG: Final = st.integers(-50_000, 50_000)
"""The server's own error, within the one that it states."""

STEPS: Final[st.SearchStrategy[Step]] = st.one_of(
    st.tuples(st.just("run"), st.tuples(st.integers(0, 3 * DAY))),
    st.tuples(st.just("anchor"), st.tuples(_DELAY, _DELAY, _DELAY, _WRONG)),
    st.tuples(st.just("set"), st.tuples(st.integers(-3 * DAY, 3 * DAY).filter(lambda by: abs(by) > SECOND))),
    st.tuples(st.just("freeze"), st.tuples(st.one_of(st.integers(0, SECOND), st.integers(0, DAY)))),
    st.tuples(st.just("reboot"), st.tuples(st.integers(0, 3 * DAY), st.integers(-SECOND, SECOND))),
    st.tuples(st.just("lie"), st.tuples(st.integers(0, DAY), st.integers(-20 * DAY, 20 * DAY))),
    st.tuples(st.just("restore"), st.tuples(st.integers(0, 100))),
)
"""`lie` is a reboot whose battery clock was set by anything; `restore` puts a snapshot's counter back by a part."""


@dataclass
class World:
    """What was written, and when it truly was."""

    bench: Bench
    readings: list[Reading] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    truths: list[int] = field(default_factory=list)
    honest: list[bool] = field(default_factory=list)
    """Whether every battery clock was, that the time of a record rests on."""
    contradicted: bool = False
    _trusted: bool = True

    def happen(self, step: Step) -> None:
        """Let something happen, and write a record."""
        machine = self.bench.machine
        match step:
            case ("run", (length,)):
                machine.run(length)
            case ("anchor", (out, work, back, wrong)):
                lied_to = not self._trusted
                said = "contradicted" in self.bench.anchor(out, work, back, wrong)
                self.contradicted |= said and not lied_to
                self._trusted = True
            case ("set", (by,)):
                machine.wall_offset += by
            case ("freeze", (length,)):
                machine.stall(length)
            case ("reboot", (off, error)):
                machine.reboot(off, battery_error=error)
            case ("lie", (off, error)):
                machine.reboot(off, battery_error=error)
                self._trusted = False
            case ("restore", (percent,)):
                machine.ran -= machine.ran * percent // 100
            case _:
                raise AssertionError(step)
        self.write()

    def write(self) -> None:
        """Read the clock into a record."""
        reading, machine = self.bench.read(), self.bench.machine
        self.readings.append(reading)
        self.records.append(replace(
            STAMP, seq=len(self.records) + 1, grade=reading.grade, time=reading.time, tick=reading.tick,
            boot_id=reading.boot_id, seg=reading.seg,
        ))  # fmt: skip
        self.truths.append(machine.true)
        self.honest.append(self._trusted)

    def solved(self, *, believing: bool = True) -> list[Interval]:
        """Return the times by which the records are judged; not believing, what is proved without battery clocks."""
        solver = Solver()
        for number, one in enumerate(self.records):
            mute = one.grade is Grade.B and not believing
            solver.add(replace(one, time=Interval(0, OPEN)) if mute else one, number)
        changes = solver.changes()
        return [changes[number] for number in range(len(self.records))]


def lived(steps: list[Step], ppm: int = 0) -> World:
    """Return a world in which all of this happened, on a machine whose counter is wrong by `ppm`."""
    world = World(bench(Machine(drift=Fraction(ppm, 1_000_000))))
    world.write()
    for step in steps:
        world.happen(step)
    return world


def worlds(most: int = 10) -> st.SearchStrategy[World]:
    """Return worlds of up to so many events."""
    return st.builds(lived, st.lists(STEPS, max_size=most), st.integers(-200, 200))
