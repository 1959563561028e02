"""Cuts the power under the production journal: `python -m tests.faults.power_cut --seed N` replays one cut.

A machine opens the journal, stamps, and loses its power at some operation of its disk: while it writes, syncs,
checkpoints, recovers from the cut before, or replaces the anchor file. Then it is switched on again, and whatever was
acknowledged must be there.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import apsw

from kiosk.config import Folder
from kiosk.journal import Journal
from kiosk.mark import Mark, MarkFile
from shared_rules.errors import UnavailableError, XianhouError
from shared_rules.words import say
from tests.faults.disk import Disk, Fault, PowerCutError, connection
from tests.kiosk.machine import Machine
from tests.kiosk.places import Authority, slip

__all__ = ["Lost", "Marks", "Run", "begun", "cut"]

_STAMPS = 3


class Lost(AssertionError):  # noqa: N818 - what the harness looks for
    """Something that was acknowledged is gone, or came twice."""


class Marks(MarkFile):
    """The anchor file on the same power: the new mark or the one before, as two places written in turn leave it."""

    def __init__(self, disk: Disk, mark: Mark | None) -> None:
        self.disk = disk
        self.mark = mark
        self.chance = random.Random(disk.fault.at)
        self.struck = 0

    def read(self) -> Mark | None:
        return self.mark

    def write(self, mark: Mark) -> None:
        try:
            self.disk.operation()  # the older place is written over
            self.disk.operation()  # and synced
        except PowerCutError:
            self.struck = 1
            if self.chance.random() < 0.5:
                self.mark = mark
            raise
        except apsw.Error as error:
            raise UnavailableError(say("anchor")) from error
        self.mark = mark


@cache
def _place() -> Folder:
    return Authority().enrol(Path(tempfile.mkdtemp(prefix="xianhou-cuts-")) / "kiosk")


@dataclass
class Run:
    """One machine over its cuts; `acknowledged` is what the clerk was told: (life, number, hash)."""

    seed: int
    sabotage: str = ""
    chance: random.Random = field(init=False)
    machine: Machine = field(default_factory=Machine)
    disk: Disk = field(default_factory=Disk)
    mark: Mark | None = None
    acknowledged: list[tuple[int, int, bytes]] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    struck: Counter[str] = field(default_factory=Counter)
    """What the machine was doing when the power went."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.disk.lies = self.sabotage == "lying disk"

    def power_up(self, cut_at: int, *, stamping: bool = False) -> None:
        """Open the journal and stamp until the power goes; 0 = it does not. `stamping` lets it open in peace."""
        self.disk.fault, self.disk.operations = Fault(0 if stamping else cut_at), 0
        marks = Marks(self.disk, self.mark)
        journal: Journal | None = None
        try:
            journal = self._open(marks)
            if stamping:
                self.disk.fault, self.disk.operations = Fault(cut_at), 0
            for _ in range(_STAMPS):
                self._stamp(journal)
        except PowerCutError:
            self.struck["opening" if journal is None else "stamping"] += 1
        except XianhouError as error:
            raise Lost(f"seed {self.seed}: {error}") from error
        finally:
            self.struck["anchor file"] += marks.struck
            self.mark = marks.mark
            _leave(self.disk, journal)

    def _open(self, marks: Marks) -> Journal:
        pages = self.chance.choice((1, 3, 8, 1000))
        careless = "NORMAL" if self.sabotage == "synchronous" else ""
        connect = connection(self.disk, pages=pages, synchronous=careless)
        return Journal.open(
            _place(), ticks=self.machine, random=self.chance.randbytes, machine="m", connect=connect, marks=marks
        )

    def _stamp(self, journal: Journal) -> None:
        self.machine.run(self.chance.randrange(1, 10**7))
        number = journal.next_slip_number()
        if self.sabotage == "early":
            self.numbers.append(number)
        written = journal.append(slip(journal))
        self.acknowledged.append((written.record.log.inc, written.seq, written.record.digest()))
        if self.sabotage != "early":
            self.numbers.append(number)

    def cut(self) -> None:
        """Lose the power at an operation of this seed's choice, sometimes again while recovering, and check."""
        stamping = self.chance.random() < 0.6
        self.power_up(self.chance.randrange(1, 28 if stamping else 60), stamping=stamping)
        while True:
            self.disk = self.disk.after_the_cut(self.chance.randrange(1 << 30))
            self.machine.reboot(self.chance.randrange(10**6, 10**9))
            if self.chance.random() < 0.6:
                break
            self.power_up(self.chance.randrange(1, 30))
        self.check()

    def check(self) -> None:
        """Switch on once more and look for everything that was acknowledged."""
        self.disk.fault, self.disk.operations = Fault(), 0
        journal: Journal | None = None
        try:
            journal = self._open(Marks(self.disk, self.mark))
            journal.verify()
            self._compare(journal)
        except XianhouError as error:
            raise Lost(f"seed {self.seed}: {error}") from error
        finally:
            _leave(self.disk, journal)

    def _compare(self, journal: Journal) -> None:
        for inc, seq, digest in self.acknowledged:
            if journal.chain.hash_at(inc, seq) != digest:
                raise Lost(f"seed {self.seed}: record {seq} was acknowledged and is gone")
        lives = journal.chain.lives()
        if len(lives) != 1:
            raise Lost(f"seed {self.seed}: {len(lives)} lives: the journal was begun anew without cause")
        held = [event.fact.slip for event in journal.events() if hasattr(event.fact, "slip")]
        if len(set(held)) != len(held) or not set(self.numbers) <= set(held):
            raise Lost(f"seed {self.seed}: slips {held}, acknowledged {self.numbers}")
        if journal.next_slip_number() in held:
            raise Lost(f"seed {self.seed}: a slip number is given twice")
        if len(held) > len(set(self.numbers)) + sum(self.struck.values()):
            raise Lost(f"seed {self.seed}: more records than anybody began")


def _leave(disk: Disk, journal: Journal | None) -> None:
    """Let go of the dead program's handles: no clean close, nothing of it reaches the disk any more."""
    disk.leave()
    if journal is not None and journal._lock is not None:
        journal._lock.release()
        journal._lock = None


@cache
def begun() -> tuple[Any, ...]:
    """Return a journal that stood for a while: genesis, some slips, shut down in peace."""
    run = Run(0)
    run.power_up(0)
    return run.disk.image(), run.mark, tuple(run.acknowledged), tuple(run.numbers), run.machine


def cut(seed: int, sabotage: str = "") -> Counter[str]:
    """Run one seed and return what was struck; raises Lost.

    Each third starts on an empty disk, the others on a journal that stands.
    """
    run = Run(seed, sabotage)
    if seed % 3:
        disk, run.mark, acknowledged, numbers, machine = begun()
        run.disk = disk.image()
        run.disk.lies = sabotage == "lying disk"
        run.acknowledged, run.numbers = list(acknowledged), list(numbers)
        run.machine = Machine(machine.true, boots=machine.boots, ran=machine.ran)
        run.machine.reboot(10**7)
    run.cut()
    return run.struck


def main(arguments: list[str]) -> int:
    """Replay seeds; print the first that loses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--sabotage", default="", choices=["", "synchronous", "lying disk", "early"])
    options = parser.parse_args(arguments)
    struck: Counter[str] = Counter()
    for seed in range(options.seed, options.seed + options.count):
        try:
            struck += cut(seed, options.sabotage)
        except Lost as lost:
            sys.stdout.write(f"{lost}\n")
            return 1
        if seed % 1000 == 0:
            gc.collect()
    sys.stdout.write(
        f"{options.count} seeds, {struck['opening'] + struck['stamping']} cuts, nothing lost: {dict(struck)}\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
