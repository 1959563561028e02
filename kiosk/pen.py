"""The one hand that writes into a kiosk's journal: a transaction, the clock in it, and the life that it continues.

Whatever is written goes through `writing`: records, clock, counters and the caller's rows are on the disk together or
not at all, and the anchor file follows. Which life goes on is decided here too: on doubt a new one begins, whose
genesis names its parent.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version as installed
from typing import TYPE_CHECKING, Any, Final

import msgspec

from kiosk.clock import ClockState, KioskClock, Reading, Ticks
from kiosk.database import Database, FullDiskError, IntegrityError, transaction
from kiosk.mark import Mark, MarkFile, doubt
from shared_rules.errors import InputError, UnavailableError
from shared_rules.evidence import sign_record
from shared_rules.facts import Grade
from shared_rules.interval import Interval
from shared_rules.journal import SALT_SIZE, Record, RecordKind, commitment
from shared_rules.wire import canonical
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kiosk.chain import Chain
    from kiosk.enrolment import Keys

__all__ = ["Pen", "State", "Written", "release"]

_BLOCK: Final = 10_000
_CLOCK_GOES_ON: Final = ("fork", "server_ahead", "enrolled_again", "promise_void")
"""Why a life may begin on the machine, and in the run, that the life before it knew: its clock is as good as before."""


@cache
def release() -> str:
    """Return this release's version; the package's files are read for it once, not for every head."""
    return installed("xianhou")


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal must remember besides its records; one row, written with every record."""

    inc: int
    clock: ClockState
    floor: int = 0
    promised: int = 0
    """The floor that closing up promised, up to the next opening."""
    slips: int = 0
    """Counter of the last slip number given out."""
    sealed: int = 0
    """End of the last window that was sealed, or the beginning of this life: windows before it need no seal."""
    anchored_tick: int = -1
    """Tick of the last ANCHOR record; -1 = none in this boot."""


@dataclass(frozen=True, slots=True)
class Written:
    """A record that is on the disk."""

    record: Record
    signature: bytes
    position: int
    """Its place among all records of this database; `events(after=…)` continues here."""

    @property
    def seq(self) -> int:
        """Sequence number in its log."""
        return self.record.seq

    @property
    def time(self) -> Interval:
        """Bounds of true time."""
        return self.record.time

    @property
    def grade(self) -> Grade:
        """How well the time is known."""
        return self.record.grade


class Pen:
    """Writes into one journal; one for each open database."""

    def __init__(
        self, keys: Keys, chain: Chain, db: Database, ticks: Ticks, *, random: Callable[[int], bytes], marks: MarkFile
    ) -> None:
        self._keys = keys
        self._chain = chain
        self._db = db
        self._random = random
        self.marks = marks
        self.make_room: Callable[[], bool] = lambda: False
        """Asked when the disk is full; returns whether there is room now."""
        self.mark_lags = False
        """The anchor file could not be written after the last commit; doctor says so."""
        self._machine = ""
        row = db.one("SELECT value FROM state WHERE name = 'journal'")
        self.state = msgspec.json.decode(row[0], type=State) if row else self._unborn()
        """What the last commit holds; inside `writing`, what this one will hold."""
        self.clock = KioskClock(ticks, self.state.clock)

    def _unborn(self) -> State:
        return State(inc=0, clock=ClockState.start(self._keys.config.place.not_before))

    @property
    def next_slip(self) -> str:
        """The number that the next slip gets."""
        place = self._keys.config
        return f"{place.office}-{place.kiosk}-{self.state.slips + 1:06d}"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the one transaction of a write; if it fails, clock and state are what they were before."""
        with self._db.writing:
            state, clock = self.state, self.clock.state
            try:
                with transaction(self._db):
                    yield
                    self.state = msgspec.structs.replace(self.state, clock=self.clock.state)
                    value = msgspec.json.encode(self.state)
                    self._db.run("INSERT OR REPLACE INTO state VALUES ('journal', ?)", value)
            except BaseException as error:
                self.state, self.clock.state = state, clock
                if isinstance(error, FullDiskError) and self.make_room():
                    raise FullDiskError(
                        say("没有盖章：磁盘已满；刚刚腾出了备用空间，请再盖一次，并马上通知管理员清理磁盘")
                    ) from error
                raise
            self._mark()

    def read(self) -> Reading:
        """Read the clock and record what the witnesses said; only inside `writing`."""
        reading = self.clock.read()
        for event in reading.events:
            if event.body.event in ("rebooted", "tick_fell"):
                self.state = msgspec.structs.replace(self.state, anchored_tick=-1)
            kind = RecordKind.BOOT if event.body.event == "rebooted" else RecordKind.CLOCK_EVENT
            self.add(kind, canonical(event.body), reading)
        return reading

    def add(self, kind: RecordKind, body: bytes, reading: Reading) -> Written:
        """Sign a record, chain it and insert it; only inside `writing`."""
        last = self._chain.last(self.state.inc)
        salt = self._random(SALT_SIZE)
        record = Record(
            last.log, last.seq + 1, kind, reading.grade, reading.time, reading.tick, reading.boot_id, reading.seg,
            last.hash, commitment(salt, body),
        )  # fmt: skip
        signature = sign_record(record, self._keys.signing, self._keys.certificate)
        return Written(record, signature, self._chain.add(record, signature, salt, body))

    def spend(self, number: str, position: int) -> None:
        """Note that a slip's number is used; InputError where it was used before. Only inside `writing`."""
        if number == self.next_slip:
            self.state = msgspec.structs.replace(self.state, slips=self.state.slips + 1)
        try:
            self._db.run("INSERT INTO slips VALUES (?, ?)", number, position)
        except IntegrityError as error:
            raise InputError(say("单号 {number} 已经用过；请重新盖章", number=number), field="slip") from error

    def promise(self, until: int) -> None:
        """Promise to stamp nothing up to `until` (µs), 0 = nothing; only inside `writing`."""
        floor, promised = max(self.state.floor, until), max(self.state.promised, until)
        self.state = msgspec.structs.replace(self.state, floor=floor, promised=promised)

    # --- lives

    def continue_or_begin(self, machine: str) -> None:
        """Go on with the life that this machine's anchor file vouches for, or begin one where anything is in doubt."""
        self._machine = machine
        mark, state = self.marks.read(), self.state
        held = self._chain.hash_at(state.inc, mark.seq) if mark and state.inc else None
        reason = doubt(mark, inc=state.inc, held=held, floor=state.floor, slips=state.slips, machine=machine)
        if state.inc == 0 and mark is None:
            reason = "first"
        elif not reason and self._chain.certificate_of(state.inc) != self._keys.certificate:
            reason = "enrolled_again"
        with self.writing():
            if reason:
                self.begin(reason, mark)
            else:
                self.read()

    def begin(self, reason: str, mark: Mark | None, **told: int) -> None:
        """Begin a life; `mark` None where the database is all that is known of the time before.

        `told` is what else its genesis says.
        """
        parent = self._chain.last(self.state.inc)
        taken = {0, mark.inc if mark else 0, *self._keys.config.place.lives}
        taken |= {life.inc for life in self._chain.lives()}
        inc = 0
        while inc in taken:
            inc = int.from_bytes(self._random(2), "big")
        if reason not in _CLOCK_GOES_ON:
            known = max(self.clock.state.not_before, mark.not_before if mark else 0)
            self.clock.state = ClockState.start(known)
        self.state = msgspec.structs.replace(
            self.state, inc=inc, anchored_tick=-1, slips=self._slips(reason, mark),
            floor=max(self.state.floor, mark.floor if mark else 0),
        )  # fmt: skip
        self._chain.begin(inc)
        reading = self.clock.read()
        self.state = msgspec.structs.replace(self.state, sealed=max(self.state.sealed, reading.time.lo))
        names = {"reason": reason, "version": release(), "certificate": self._keys.certificate.hex()}
        numbers: dict[str, Any] = {"kiosk": self._keys.config.kiosk, "inc": inc} | told
        if reason != "first":
            behind = mark is not None and (mark.inc != parent.log.inc or mark.seq > parent.seq)
            named = mark if behind else None
            numbers |= {
                "parent_inc": named.inc if named else parent.log.inc,
                "parent_seq": named.seq if named else parent.seq,
                "parent_hash": (named.hash if named else parent.hash).hex(),
            }
        self.add(RecordKind.GENESIS, canonical(names | numbers), reading)

    def _slips(self, reason: str, mark: Mark | None) -> int:
        """Return the counter to go on from, so that no number is given twice.

        Where nobody knows how far the lost journal had come, the numbers go on in another block of ten thousand.
        """
        place = self._keys.config.place
        if reason == "first" and not place.lives:
            return 0
        known = max(self.state.slips, mark.slips if mark else 0, place.slips)
        if mark is not None and mark.machine == self._machine:
            return known
        block = 1 + int.from_bytes(self._random(2), "big") % 89
        return (known // _BLOCK + block) * _BLOCK

    def _mark(self) -> None:
        """Follow the commit with the anchor file; the commit stands also where that fails."""
        last = self._chain.last(self.state.inc)
        mark = Mark(
            inc=self.state.inc, seq=last.seq, hash=last.hash, floor=self.state.floor, slips=self.state.slips,
            not_before=self.clock.state.not_before, machine=self._machine,
        )  # fmt: skip
        try:
            self.marks.write(mark)
            self.mark_lags = False
        except UnavailableError:
            self.mark_lags = True
