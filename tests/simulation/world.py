"""One run: a house, its kiosks and its people for a few days from one seed; then the faults end and all must drain."""

from __future__ import annotations

import hashlib
import random
import shutil
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from shared_rules.interval import DAY, HOUR, MINUTE, SECOND, day_of, day_start
from shared_rules.rulings import Register
from sync_server.store import feeds, journals
from tests.simulation.checks import Checks
from tests.simulation.clocks import MachineClocks
from tests.simulation.databases import peep
from tests.simulation.hazards import Hazards
from tests.simulation.house import House
from tests.simulation.ledger import Ledger
from tests.simulation.machine import Machine
from tests.simulation.machines import KIOSKS, MIDNIGHT, prepared, scratch
from tests.simulation.network import Line
from tests.simulation.people import People
from tests.simulation.plan import Plan
from tests.simulation.schedule import Schedule
from tests.simulation.truth import Truth
from tests.simulation.views import kiosk_knows
from tests.simulation.violation import Violation

__all__ = ["Outcome", "World", "simulate"]

_PASSES: Final = 12
_AGAIN: Final = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended."""

    seed: int
    ledger: Ledger
    violation: Violation | None
    trace: str
    """Digest of what everybody was told, to compare two runs of one seed."""


def simulate(seed: int) -> Outcome:
    """Run one seed; an invariant that does not hold is in the outcome, everything else that is raised is a bug."""
    root = scratch()
    world = World(seed, root / "run")
    violation = None
    try:
        try:
            world.live()
            world.drain()
        except Violation as found:
            violation = found
        except Exception as error:  # noqa: BLE001 - whatever it is, it names the seed
            violation = Violation(0, f"{type(error).__name__}: {error}")
            violation.__cause__ = error
    finally:
        world.close()
        shutil.rmtree(root, ignore_errors=True)
    return Outcome(seed, world.ledger, violation, world.trace)


@dataclass
class World:
    """Everything there is in a run."""

    seed: int
    root: Path
    ledger: Ledger = field(default_factory=Ledger)
    trace: str = ""

    def __post_init__(self) -> None:
        prepared().copy(self.root)
        self.plan = Plan.draw(self._dice("plan"))
        self.schedule = Schedule(MIDNIGHT + 7 * HOUR)
        self.truth = Truth(self.schedule, self.ledger, self.root / "server" / "server.db")
        self.house = House(self.root / "server", self.schedule, self.ledger, self._dice("house"))
        self.machines: list[Machine] = []
        self.truth.machines = self.machines
        self.checks = Checks(self.house, self.ledger, self._dice("checks"))
        self.house.settled, self.house.restored = self.checks.after_a_run, self.checks.forget
        self.people = People(self.schedule, self._dice("people"), self.plan, self.ledger, self.machines)
        self.hazards = Hazards(
            self.schedule, self._dice("hazards"), self.ledger, self.truth, self.house, self.machines, self._twin
        )
        self._rng = self._dice("world")

    def _dice(self, name: str) -> random.Random:
        return random.Random(f"{self.seed} {name}")

    # --- machines

    def _machine(self, name: str, number: int, office: str, root: Path, identity: str = "") -> Machine:
        dice = self._dice(name)
        clocks = MachineClocks(
            self.schedule, drift_ppm=dice.randrange(-150, 150), wall_ppm=dice.randrange(-100, 100), boots=2
        )
        line = Line(self.schedule, self.house, self.plan, dice, self.ledger)
        seen = peep(root / "kiosk.db", "SELECT max(position) FROM records")[0][0]
        return Machine(
            name, number, office, root, clocks, line, self.schedule, self.ledger, self.truth, dice, identity, seen=seen
        )

    def _twin(self, of: Machine, identity: str, root: Path) -> Machine:
        twin = self._machine(f"{of.name}-twin{len(self.machines)}", of.number, of.office, root, identity)
        self.schedule.after(MINUTE, lambda: self._rounds(twin))
        return twin

    # --- the days

    def live(self) -> None:
        """Let the days pass."""
        for number, office in enumerate(KIOSKS, 1):
            machine = self._machine(f"machine{number}", number, office, self.root / f"kiosk{number}")
            self.machines.append(machine)
            machine.start()
            self.schedule.after(self._rng.randrange(HOUR), partial(self._rounds, machine))
        for day in range(self.plan.days):
            self.schedule.at(MIDNIGHT + day * DAY + 7 * HOUR, partial(self.people.day, MIDNIGHT + day * DAY))
            for hour in (11, 17):
                self.schedule.at(MIDNIGHT + day * DAY + hour * HOUR + 40 * MINUTE, self.house.rule)
            self.schedule.at(MIDNIGHT + day * DAY + 15 * HOUR, self._give_back)
            self.schedule.at(MIDNIGHT + day * DAY + 23 * HOUR, self._look)
        for hazard in self.plan.hazards:
            self.schedule.at(MIDNIGHT + hazard.at, partial(self.hazards.befall, hazard))
        self.hazards.back_up()
        self._settle_by_the_clock()
        self.schedule.run(MIDNIGHT + self.plan.days * DAY)

    def _rounds(self, machine: Machine) -> None:
        """Let a machine call the server from time to time, at night more seldom."""
        machine.call()
        by_day = 8 <= (self.schedule.now - MIDNIGHT) // HOUR % 24 < 20 and not self.people.at_home
        pause = self._rng.randrange(50, 200) if by_day else self._rng.randrange(300, 500)
        self.schedule.after(pause * MINUTE, lambda: self._rounds(machine))
        if machine.line.cut and machine.on:
            self._expires_unheard(machine)

    def _expires_unheard(self, machine: Machine) -> None:
        settlement = self.house.service.reconciler.docket.settlement
        own = machine.desk.register.rulings()
        if settlement is not None and any(
            item.status == "upheld" and (ruling := settlement.ruling(claim)) and ruling.decision.status == "lapsed"
            for claim, item in own.items()
        ):
            self.ledger.note("expiry in a partition")

    def _settle_by_the_clock(self) -> None:
        self.house.reconcile()
        self.schedule.after(4 * HOUR, self._settle_by_the_clock)

    def _give_back(self) -> None:
        for machine in self.machines:
            self.people.give_back(machine)

    def _look(self) -> None:
        if self.house.up and self._rng.random() < 0.4:
            self.house.reconcile()
            self.checks.thoroughly()

    # --- the end

    def drain(self) -> None:
        """Let the faults end, wait most of a day, and check that everything has come to rest as it should."""
        self.people.at_home = self.hazards.over = True
        if not self.house.up:
            self.house.start()
        self.house.synchronise()
        self._mend()
        self.schedule.run(self.schedule.now + 21 * HOUR)
        self._mend()
        for machine in self.machines:
            if not machine.on:
                raise Violation(14, f"{machine.name} never came back")
        for _ in range(_PASSES):
            if self._pass():
                break
        else:
            raise Violation(14, f"no rest after {_PASSES} rounds without faults: {self._unrest()}")
        self._final_checks()

    def _mend(self) -> None:
        for machine in self.machines:
            line = machine.line
            line.cut, line.portal, line.sound = False, False, True
            machine.clocks.frozen, machine.filling = None, False
            if machine.on:
                machine.fill_disk(full=False)

    def _pass(self) -> bool:
        """Let every machine call and the server settle; return whether nothing is left to tell."""
        for machine in self.machines:
            machine.call()
        self.schedule.run(self.schedule.now + SECOND)
        told = self.house.reconcile()
        return not told and not self._unrest()

    def _unrest(self) -> list[str]:
        with self.house.service.store.snapshot() as tx:
            ends = {machine.office: feeds.last_item(tx, machine.office)[0] for machine in self.machines}
        busy = [f"{m.name} has {m.journal.unsent} unsent" for m in self.machines if m.journal.unsent]
        behind = [
            f"{m.name} has read up to {m.desk.feed.cursor}" for m in self.machines
            if m.desk.feed.cursor.split(".")[1:2] != [str(ends[m.office])]
        ]  # fmt: skip
        return [*busy, *behind, *self.truth.trouble[-3:]]

    def _final_checks(self) -> None:
        self.truth.nothing_lost()
        register = self.checks.thoroughly()
        self._alarms()
        self._promises(register)
        for machine in self.machines:
            kiosk_knows(machine, self.house)
        self._again(register)
        told = sorted((claim, one.slip, str(one.decision.status), one.decision.provisional)
                      for claim, one in register.claims.items())  # fmt: skip
        self.trace = hashlib.sha256(repr((told, sorted(self.ledger.items()))).encode()).hexdigest()

    def _promises(self, register: Register) -> None:
        """Check that no ruling waits for an office: every journal has promised, now that all can speak."""
        for claim, ruling in register.claims.items():
            waits = [key for key in ruling.decision.pending_keys if key.startswith("office:")]
            # a stamp that may be of today or later, or has no upper bound, is a day that nobody can promise yet
            if waits and ruling.stamped_at.hi < day_start(day_of(self.schedule.now)):
                raise Violation(14, f"{claim} still waits for {waits}")

    def _alarms(self) -> None:
        with self.house.service.store.snapshot() as tx:
            subjects = {row["subject"] for row in tx.rows("SELECT subject FROM alarms")}
            states = journals.logs(tx)
        lives: dict[int, int] = {}
        for state in states:
            if state.log.kiosk:
                lives[state.log.kiosk] = lives.get(state.log.kiosk, 0) + 1
        for kiosk, count in lives.items():
            raised = sum(subject.startswith(f"incarnation {kiosk}.") for subject in subjects)
            if raised < count - 1:
                raise Violation(12, f"kiosk {kiosk} has {count} lives and {raised} alarms of it")
        if any(subject.startswith("fork ") for subject in subjects):
            self.ledger.note("fork alarm")
        self._quarantine(subjects)

    def _quarantine(self, subjects: set[str]) -> None:
        poisoned = self.truth.poisoned & self.truth.on_the_server()
        if poisoned:
            self.ledger.note("poisoned record")
            if not any(subject.startswith("quarantine ") for subject in subjects):
                raise Violation(15, "a poisoned record raised no alarm")
        if any(subject.startswith("settling") for subject in subjects):
            raise Violation(15, "a record stopped the settling")

    def _again(self, register: Register) -> None:
        """Deliver old pushes again, in any order: nothing may change."""
        requests = list(self.house.requests)
        self._rng.shuffle(requests)
        records = sorted(self.truth.on_the_server())
        for request in requests[:_AGAIN]:
            self.house.serve(request)
        docket = self.house.service.reconciler.docket
        assert docket.settlement is not None
        if sorted(self.truth.on_the_server() - self._own_log()) != sorted(set(records) - self._own_log()):
            raise Violation(2, "pushes sent again brought new records")
        self.house.reconcile()
        after = docket.settlement.register()
        if (after.claims, after.acts) != (register.claims, register.acts):
            raise Violation(2, "pushes sent again changed a ruling")

    def _own_log(self) -> set[str]:
        with self.house.service.store.snapshot() as tx:
            return {row["hash"] for row in tx.rows("SELECT hash FROM records WHERE kiosk = 0")}

    def close(self) -> None:
        """Let go of everything."""
        for machine in self.machines:
            if machine.on:
                machine.stop()
        if self.house.up:
            self.house.stop()
