"""What goes wrong: each mishap of the plan as it befalls a machine, its line or the server."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shared_rules.interval import DAY, HOUR, MINUTE
from shared_rules.journal import RecordKind
from tests.simulation.clocks import MachineClocks
from tests.simulation.machine import Copy, Machine

if TYPE_CHECKING:
    from tests.simulation.house import House
    from tests.simulation.ledger import Ledger
    from tests.simulation.plan import Hazard
    from tests.simulation.schedule import Schedule
    from tests.simulation.truth import Truth

__all__ = ["Hazards"]

_NEWER: Final = b'{"fact":"SlipFromTheFuture","slip":"east-1-777777"}'
_COPY_EVERY: Final = 10 * HOUR


@dataclass
class Hazards:
    """Befalls the house according to the plan."""

    schedule: Schedule
    rng: random.Random
    ledger: Ledger
    truth: Truth
    house: House
    machines: list[Machine]
    new_machine: Callable[[Machine, str, Path], Machine]
    over: bool = False
    """Faults are off: what still lasts has ended."""
    _copies: dict[str, list[Copy]] = field(default_factory=dict)
    _server_copies: list[Path] = field(default_factory=list)

    def befall(self, hazard: Hazard) -> None:
        """Let a mishap happen."""
        machine = self.machines[hazard.kiosk % len(self.machines)]
        if not machine.on and hazard.kind not in ("server_down", "server_restart", "server_restored"):
            return
        getattr(self, f"_{hazard.kind}")(machine, hazard.lasts)

    def _later(self, lasts: int, end: Callable[[], None]) -> None:
        self.schedule.after(lasts, lambda: None if self.over else end())

    def back_up(self) -> None:
        """Copy everything from time to time, as an operator does; a mishap may put a copy back."""
        if self.over:
            return
        for machine in self.machines:
            if machine.on:
                self._copies.setdefault(machine.name, []).append(machine.copy())
        if self.house.up:
            self._server_copies.append(self.house.backup())
        self.schedule.after(self.rng.randrange(_COPY_EVERY // 2, 2 * _COPY_EVERY), self.back_up)

    # --- the line

    def _partition(self, machine: Machine, lasts: int) -> None:
        machine.line.cut = True
        self._later(lasts, lambda: setattr(machine.line, "cut", False))

    def _portal(self, machine: Machine, lasts: int) -> None:
        machine.line.portal = True
        self._later(min(lasts, 5 * HOUR), lambda: setattr(machine.line, "portal", False))

    # --- the server

    def _server_down(self, _: Machine, lasts: int) -> None:
        if self.house.up:
            self.house.stop()
            self._later(min(lasts, 20 * HOUR), lambda: None if self.house.up else self.house.start())

    def _server_restart(self, _: Machine, __: int) -> None:
        if self.house.up:
            self.ledger.note("server restarted")
            self.house.stop()
            self.house.start()

    def _server_restored(self, _: Machine, __: int) -> None:
        if self._server_copies:
            self.ledger.note("server restored")
            self.truth.restored_at = self.schedule.now
            self.house.restore(self.rng.choice(self._server_copies[-3:]))
            self.truth.excuse()

    def _server_unsynchronised(self, _: Machine, lasts: int) -> None:
        self.ledger.note("unsynchronised server")
        self.house.time.bound, self.house.time.offset = None, -5 * MINUTE
        self._later(lasts, self.house.synchronise)

    # --- clocks

    def _wall_forward(self, machine: Machine, lasts: int) -> None:
        by = self.rng.choice((10 * MINUTE, 2 * HOUR, 3 * DAY))
        if by > HOUR:
            self.ledger.note("clock forward > 1 h")
        self._step(machine, by, lasts)

    def _wall_back(self, machine: Machine, lasts: int) -> None:
        by = self.rng.choice((10 * MINUTE, 2 * HOUR, 22 * HOUR))
        if by > HOUR:
            self.ledger.note("clock back > 1 h")
        self._step(machine, -by, lasts)

    def _step(self, machine: Machine, by: int, lasts: int) -> None:
        machine.beat()
        machine.clocks.step(by)
        machine.beat()

        def put_right() -> None:
            if machine.on:
                machine.beat()
                machine.clocks.step(-by)
                machine.beat()

        self._later(lasts, put_right)

    def _wall_frozen(self, machine: Machine, lasts: int) -> None:
        if machine.clocks.frozen is None:
            self.ledger.note("clock frozen")
            machine.beat()
            machine.clocks.freeze()

            def thaw() -> None:
                if machine.on:
                    machine.beat()
                    machine.clocks.thaw()
                    machine.beat()

            # until it is put right nobody switches the machine off: a stopped battery clock is a dead battery
            self._later(min(lasts, 5 * HOUR), thaw)

    def _stall(self, machine: Machine, lasts: int) -> None:
        if machine.clocks.frozen is not None:
            return
        self.ledger.note("machine stalled")
        machine.beat()
        machine.on = False
        machine._life += 1

        def resume() -> None:
            machine.clocks.stalled += length
            machine.on, machine.busy = True, False
            machine.beat()

        length = min(lasts, 5 * HOUR)
        self.schedule.after(length, resume)

    # --- machines

    def _reboot(self, machine: Machine, lasts: int) -> None:
        if self.rng.random() < 0.5:
            machine.line.cut = True
            self._later(min(lasts, 20 * HOUR) + 5 * HOUR, lambda: setattr(machine.line, "cut", False))
        self._off(machine, min(lasts, 20 * HOUR))

    def _off(self, machine: Machine, lasts: int, *, before: Callable[[], None] = lambda: None) -> None:
        if machine.clocks.frozen is not None:
            return
        self.ledger.note("reboot")
        machine.beat()
        machine.stop()

        def boot() -> None:
            before()
            machine.clocks.boot()
            machine.start()

        self.schedule.after(lasts, boot)

    def _dead_battery(self, machine: Machine, lasts: int) -> None:
        length = min(lasts, 5 * HOUR)
        self.ledger.note("dead battery")
        machine.line.cut = True  # nobody tells it the time at once
        self._off(machine, length, before=lambda: machine.clocks.step(-length - 400 * DAY))
        self._later(length + self.rng.choice((HOUR, 5 * HOUR)), lambda: setattr(machine.line, "cut", False))

    def _disk_full(self, machine: Machine, lasts: int) -> None:
        machine.filling = True

        def make_room() -> None:
            machine.filling = False
            if machine.on:
                machine.fill_disk(full=False)

        self._later(max(HOUR, min(lasts, 20 * HOUR)), make_room)

    def _poisoned(self, machine: Machine, _: int) -> None:
        """A record of a newer release: the server cannot read it, and must take all that follows."""
        journal = machine.journal

        def write() -> None:
            with journal.pen.writing():
                reading = journal.pen.read()
                journal._keep_promise(reading)
                written = journal.pen.add(RecordKind.FACT, _NEWER, reading)
            self.truth.poisoned.add(written.record.digest().hex())

        machine.act(write)

    # --- copies

    def _database_restored(self, machine: Machine, _: int) -> None:
        self._put_back(machine, whole=False)

    def _machine_rolled_back(self, machine: Machine, _: int) -> None:
        self._put_back(machine, whole=True)

    def _put_back(self, machine: Machine, *, whole: bool) -> None:
        copies = [
            copy for copy in self._copies.get(machine.name, [])[-3:]
            # an image that believes in a battery clock that was set since is told a wrong time, and cannot know
            if not whole or copy.wall_offset == machine.clocks.wall_offset
        ]  # fmt: skip
        if not copies or machine.clocks.frozen is not None:
            return
        machine.beat()
        machine.stop()
        if whole:
            self.truth.imaged.add(machine.number)
        machine.put_back(self.rng.choice(copies), whole=whole)
        machine.clocks.boot()
        self.truth.put_back(machine)
        machine.start()

    def _anchor_lost(self, machine: Machine, _: int) -> None:
        machine.stop()
        (machine.root / "anchor").unlink(missing_ok=True)
        machine.start()

    def _cloned(self, machine: Machine, _: int) -> None:
        """The folder is copied to a second machine, and both are used."""
        self._twin(machine, "")

    def _image_cloned(self, machine: Machine, _: int) -> None:
        """The whole disk is: the second machine believes to be the first."""
        self.truth.imaged.add(machine.number)
        self._twin(machine, machine.identity or machine.name)

    def _twin(self, machine: Machine, identity: str) -> None:
        if machine.clocks.frozen is not None or len(self.machines) >= 5:
            return
        machine.beat()
        copy = machine.copy()
        twin = self.new_machine(machine, identity, copy.root)
        twin.clocks = MachineClocks(
            self.schedule, machine.clocks.drift_ppm, machine.clocks.wall_ppm,
            wall_offset=machine.clocks.wall() - self.schedule.now, boots=1000 * len(self.machines),
        )  # fmt: skip
        twin.seen = copy.seen
        self.machines.append(twin)
        twin.start()
        self.ledger.note("clone alarm")
