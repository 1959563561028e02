"""What the simulator knows and nobody in it: the true time of every record, and what was ever acknowledged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from shared_rules.errors import RefusedError, XianhouError
from shared_rules.facts import Grade, LogId
from shared_rules.interval import HOUR
from shared_rules.journal import Record, RecordKind
from tests.simulation.databases import peep
from tests.simulation.violation import Violation

if TYPE_CHECKING:
    from shared_rules.protocol import Head
    from tests.simulation.ledger import Ledger
    from tests.simulation.machine import Machine
    from tests.simulation.schedule import Schedule

__all__ = ["Truth"]


@dataclass
class Truth:
    """The book that nobody can tamper with."""

    schedule: Schedule
    ledger: Ledger
    server: Path
    machines: list[Machine] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    """Hashes of records that some kiosk was told are safe."""
    excused: set[str] = field(default_factory=set)
    """Those of them that were on no disk any more after a machine and the server had both been put back."""
    trouble: list[str] = field(default_factory=list)
    """Errors of evidence that kiosks met."""
    poisoned: set[str] = field(default_factory=set)
    restored_at: int = 0
    """When an older database was last put back: an answer that was on its way then says what is no more."""
    imaged: set[int] = field(default_factory=set)
    """Kiosks of which a whole image was copied or put back: only they may write one place of a journal twice."""
    _places: dict[tuple[LogId, int], bytes] = field(default_factory=dict)
    _floors: dict[tuple[str, LogId], int] = field(default_factory=dict)
    _last: dict[tuple[str, LogId], int] = field(default_factory=dict)
    _noted: dict[tuple[str, int], int] = field(default_factory=dict)

    # --- times, invariant 9

    def wrote(self, machine: Machine) -> None:
        """Check the records that a machine has just written: the true time is now."""
        sql = "SELECT position, record FROM records WHERE position > ? ORDER BY position"
        for position, data in machine.journal.database.rows(sql, machine.seen):
            machine.seen = position
            self._check(machine, data)

    def _check(self, machine: Machine, data: bytes) -> None:
        record = Record.unpack(data)
        now, where = self.schedule.now, f"{machine.name} {record.log.inc}.{record.seq}"
        if not record.time.lo <= now <= record.time.hi:
            bounds = f"[{record.time.lo - now:+d}, {record.time.hi - now:+d}]"
            raise Violation(9, f"{where} says {bounds} µs of the true time")
        key = (machine.name, record.log)
        if record.time.lo < self._last.get(key, 0):
            raise Violation(9, f"{where} falls behind the record before")
        if record.grade is not Grade.B:  # a battery clock's word binds nothing after it
            self._last[key] = record.time.lo
        before = self._places.setdefault((record.log, record.seq), data)
        if before != data and machine.number not in self.imaged:
            raise Violation(12, f"{where} continues a journal that was not to be continued")
        if record.kind is RecordKind.FACT and record.grade is not Grade.C and now <= self._floors.get(key, 0):
            raise Violation(9, f"{where} was stamped before its journal's floor")
        if record.kind is RecordKind.GENESIS:
            self.ledger.note("new life")
        if record.kind is RecordKind.FACT and record.grade is Grade.C:
            self.ledger.note("grade C")
        if record.kind is RecordKind.FACT and record.grade is Grade.B and machine.line.cut:
            self.ledger.note("reboot without network")

    def read_back(self, machine: Machine) -> None:
        """Check the records that a machine has just had back from the server: each is one that was written once."""
        sql = "SELECT position, record FROM records WHERE position > ? ORDER BY position"
        for position, data in machine.journal.database.rows(sql, machine.seen):
            machine.seen = position
            record = Record.unpack(data)
            if self._places.get((record.log, record.seq)) != data and machine.number not in self.imaged:
                raise Violation(12, f"{machine.name} {record.log.inc}.{record.seq} was never written like this")

    def promised(self, machine: Machine, head: Head) -> None:
        """Remember the floor of a head that went out."""
        key = (machine.name, LogId(head.kiosk, head.inc))
        self._floors[key] = max(head.floor, self._floors.get(key, 0))

    # --- refusals

    def refused(self, machine: Machine, error: XianhouError) -> None:
        """Note why the counter refused something."""
        if isinstance(error, RefusedError) and "承诺" in str(error):
            self.ledger.note("promise kept")

    def nothing_half_done(self, machine: Machine, before: tuple[int, int]) -> None:
        """Check that a failed act wrote neither a record nor spent a number."""
        after = (machine.journal.last_seq, machine.journal.slips)
        if after != before:
            raise Violation(1, f"{machine.name}: a failed act left {before} -> {after}")
        if machine.journal.pen.mark_lags:
            self.ledger.note("anchor file behind")

    # --- what is safe, invariant 1

    def heard(self, machine: Machine) -> None:
        """Note what the machine now holds for acknowledged."""
        for life in machine.journal.chain.lives():
            key = (machine.name, life.inc)
            noted = self._noted.get(key, 0)
            if life.acknowledged < noted:
                self.ledger.note("rewind")
            if life.acknowledged > noted:
                sql = "SELECT hash FROM records WHERE inc = ? AND seq > ? AND seq <= ?"
                rows = machine.journal.database.rows(sql, life.inc, noted, life.acknowledged)
                told = {row[0].hex() for row in rows}
                if self.schedule.now > self.restored_at + HOUR and not told <= self.on_the_server():
                    raise Violation(1, f"{machine.name} holds for acknowledged what the server does not have")
                self.acknowledged |= told
            self._noted[key] = life.acknowledged

    def put_back(self, machine: Machine) -> None:
        """Forget what the machine had heard: it is an older one now."""
        self._noted = {key: seq for key, seq in self._noted.items() if key[0] != machine.name}
        self._last = {key: lo for key, lo in self._last.items() if key[0] != machine.name}
        if machine.number in self.imaged:
            # an image of the whole machine knows nothing of what it promised since; the server alarms such a record
            self._floors = {key: floor for key, floor in self._floors.items() if key[0] != machine.name}
        self.excuse()

    def excuse(self) -> None:
        """Excuse what was safe and is now on no disk from which it would be sent: nothing can bring it back."""
        lost = self.acknowledged - self.on_the_server() - self.excused
        if lost:
            self.excused |= lost - set(self._to_be_sent())

    def on_the_server(self) -> set[str]:
        """Return the hashes of all records in the server's database."""
        return {row[0] for row in peep(self.server, "SELECT hash FROM records")}

    def _to_be_sent(self) -> Iterable[str]:
        sql = "SELECT hash FROM records JOIN lives USING (inc) WHERE NOT forked"
        for machine in self.machines:
            for (digest,) in peep(machine.root / "kiosk.db", sql):
                yield digest.hex()

    def nothing_lost(self) -> None:
        """Check that the server holds what was acknowledged, and what the machines hold."""
        held = self.on_the_server()
        lost = self.acknowledged - self.excused - held
        if lost:
            raise Violation(1, f"{len(lost)} acknowledged records are not on the server")
        unsent = set(self._to_be_sent()) - held
        if unsent:
            raise Violation(14, f"{len(unsent)} records of the machines never reached the server")
