"""The kiosk's journal: every act of the counter, signed, chained and on the disk before anything is printed.

The journal is the outbox: what the server has not acknowledged is unsent, and nothing else says so. One transaction
holds the record, its signature, its encrypted body, the clock's state and the caller's own rows; then the anchor file
follows, then the caller hears of it. Records are kept as they were signed. A journal on doubt (restored from a backup,
copied, rolled back) is never continued: it gets a new life with a number of its own and a genesis naming its parent.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Self

import msgspec

from kiosk.chain import Chain, event_of
from kiosk.clock import Reading, Ticks
from kiosk.config import Folder, machine_id
from kiosk.database import (
    Connect,
    Database,
    connect_to,
    open_database,
    snapshot,
    transaction,
)
from kiosk.enrolment import Keys, load_keys
from kiosk.lock import Lock
from kiosk.mark import MarkFile
from kiosk.pen import Pen, Written, release
from kiosk.promises import closing_promise, latest_promise
from kiosk.sealing import Sealer
from shared_rules.errors import EvidenceError, InputError, RefusedError
from shared_rules.evidence import sign_payload, verify_payload
from shared_rules.facts import DutyClosed, Event, Fact, Grade, LogId, SlipAmended, SlipEntered, SlipRenewed, SlipStamped
from shared_rules.interval import MINUTE, Interval, to_datetime
from shared_rules.journal import RecordKind
from shared_rules.protocol import ANCHOR_CONTEXT, HEAD_CONTEXT, Anchor, Entry, Head, Signed
from shared_rules.seals import SealBody
from shared_rules.timekeeping import AnchorBody
from shared_rules.wire import canonical, decode_canonical, encode_fact
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["MAX_BODY", "Journal"]

MAX_BODY: Final = 64 * 1024
"""Bytes of one body: so that every record fits into a batch of the network."""
_ANCHOR_EVERY: Final = 10 * MINUTE
"""An anchor is always folded into the clock, but written into the journal this often, or when it tells something."""
_SLIPS: Final = (SlipStamped, SlipAmended, SlipRenewed)


def _body(fact: Fact) -> bytes:
    body = encode_fact(fact)
    if len(body) > MAX_BODY:
        raise InputError(say("内容过长，最多 {most} 字节；请精简", most=MAX_BODY), field="content")
    return body


class Journal:
    """One kiosk's journal, open; get it from `open`."""

    def __init__(
        self, keys: Keys, db: Database, ticks: Ticks, random: Callable[[int], bytes], marks: MarkFile | None = None
    ) -> None:
        self.keys = keys
        self.database = db
        self.random = random
        self.sealer = Sealer(keys.data, random)
        self.chain = Chain(db, self.sealer, keys.config.kiosk)
        self.pen = Pen(keys, self.chain, db, ticks, random=random, marks=marks or MarkFile(keys.config.folder.anchor))
        self.clock = self.pen.clock
        self._lock: Lock | None = None

    @classmethod
    def open(
        cls, folder: Folder, *, ticks: Ticks, random: Callable[[int], bytes], machine: str | None = None,
        connect: Connect = connect_to, marks: MarkFile | None = None,
    ) -> Self:  # fmt: skip
        """Open the journal to write, begin a new life where the old one may not be continued.

        `connect` and `marks` are the disk. Raises InputError for a folder without enrolment, EvidenceError for a
        damaged or changed journal, UnavailableError where disk or keys fail or another program has it open.
        """
        keys = load_keys(folder)
        with ExitStack() as undo:
            lock = Lock.take(folder.lock)
            undo.callback(lock.release)
            database = open_database(folder.database, connect=connect)
            undo.callback(database.close)
            journal = cls(keys, database, ticks, random, marks)
            journal._lock = lock
            journal.chain.walk()
            journal.pen.continue_or_begin(machine_id() if machine is None else machine)
            undo.pop_all()
        return journal

    @classmethod
    def look(cls, folder: Folder, *, ticks: Ticks, random: Callable[[int], bytes]) -> Self:
        """Open the journal to look at it only, also while the kiosk runs."""
        return cls(load_keys(folder), open_database(folder.database), ticks, random)

    def close(self) -> None:
        """Let go of database and lock."""
        self.database.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    # --- what it is

    @property
    def folder(self) -> Folder:
        """Where it lies."""
        return self.keys.config.folder

    @property
    def log(self) -> LogId:
        """The life that grows."""
        return LogId(self.keys.config.kiosk, self.pen.state.inc)

    @property
    def last_seq(self) -> int:
        """Highest sequence number of this life."""
        return self.chain.last(self.pen.state.inc).seq

    @property
    def floor(self) -> int:
        """Microseconds: what was promised so far; never falls."""
        return self.pen.state.floor

    @property
    def slips(self) -> int:
        """Counter of the last slip number given out."""
        return self.pen.state.slips

    @property
    def acknowledged(self) -> int:
        """Highest sequence number of this life that the server holds."""
        return self.acknowledged_of(self.log)

    def acknowledged_of(self, log: LogId) -> int:
        """Return the highest sequence number of a life that the server holds."""
        return next((life.acknowledged for life in self.chain.lives() if life.inc == log.inc), 0)

    @property
    def unsent(self) -> int:
        """How many records the server has not acknowledged."""
        return self.chain.unsent()

    @property
    def oldest_unsent(self) -> Interval | None:
        """When the oldest act happened that the server has not acknowledged; None = all told."""
        record = self.chain.oldest_unsent()
        return record.time if record else None

    def now(self) -> Reading:
        """Return the bounds of now; what the witnesses say is recorded with the next record."""
        before = self.clock.state
        reading = self.clock.read()
        if reading.events:
            self.clock.state = before
        return reading

    def events(self, after: int = 0) -> Iterator[Event]:
        """Yield the facts of all lives in the order of writing, decrypted; `after` is a `Written.position`."""
        return (event for _, event in self.chain.facts(after))

    def event(self, seq: int) -> Event | None:
        """Return one fact of this life."""
        entry = self.chain.entry(self.pen.state.inc, seq)
        return event_of(entry) if entry else None

    def entries(self, after: int, limit_records: int, limit_bytes: int, log: LogId | None = None) -> list[Entry]:
        """Return records after a sequence number as they travel, at least one if there is any."""
        return self.chain.entries((log or self.log).inc, after, limit_records, limit_bytes)

    def verify(self) -> None:
        """Check every record, signature and body of every life; EvidenceError at the first that was touched."""
        with snapshot(self.database):
            self.chain.walk(self.keys.certificates)

    # --- what is written

    def next_slip_number(self) -> str:
        """Return the number that the next slip gets; it is spent by the append of the fact that bears it."""
        return self.pen.next_slip

    def append(self, fact: Fact, *, with_writes: Callable[[Database], None] | None = None) -> Written:
        """Write a fact and, in the same transaction, the caller's rows; when this returns, it is on the disk.

        A floor that a DutyClosed signs is promised with it, or neither is.

        Raises UnavailableError where the disk does not take it, RefusedError before the promised opening, InputError
        for a slip number used before or a body over 64 KiB. In every case nothing was written.
        """
        body = _body(fact)
        with self.pen.writing():
            reading = self.pen.read()
            self._keep_promise(reading)
            written = self.pen.add(RecordKind.FACT, body, reading)
            if isinstance(fact, DutyClosed):
                self.pen.promise(fact.floor)
            if isinstance(fact, _SLIPS):
                self.pen.spend(fact.slip, written.position)
            if with_writes is not None:
                with_writes(self.database)
        return written

    def write_up(self, fact: SlipStamped, entered: SlipEntered, pen: Interval) -> Written:
        """Write a page of the emergency book and its entry, both or none; raises as `append`.

        The slip's record bears the pen's time, which no clock measured (grade P); everything else in it is of now.
        """
        with self.pen.writing():
            reading = self.pen.read()
            self._keep_promise(reading)
            written = self.pen.add(RecordKind.FACT, _body(fact), replace(reading, time=pen, grade=Grade.P))
            self.pen.spend(fact.slip, written.position)
            self.pen.add(RecordKind.FACT, _body(entered), reading)
        return written

    def anchored(self, anchor: Signed, sent_tick: int, received_tick: int) -> None:
        """Take the server's note of time; its nonce was compared by the caller, its signature is checked here.

        It is folded into the clock each time, and recorded when it tells something: the first of a boot, a
        contradiction, bounds half as wide, or ten minutes since the last. Raises EvidenceError for a false one.
        """
        payload = verify_payload(ANCHOR_CONTEXT, anchor, self.keys.server)
        note = decode_canonical(payload, Anchor)
        with self.pen.writing():
            before = self.pen.read()
            events = self.clock.anchored(note, sent_tick, received_tick)
            after = self.clock.read()
            for event in events:
                self.pen.add(RecordKind.CLOCK_EVENT, canonical(event.body), after)
            if events or self._tells(before, after):
                body = canonical(AnchorBody(anchor=anchor, sent=sent_tick, received=received_tick))
                self.pen.add(RecordKind.ANCHOR, body, after)
                self.pen.state = msgspec.structs.replace(self.pen.state, anchored_tick=after.tick)

    def _tells(self, before: Reading, after: Reading) -> bool:
        last = self.pen.state.anchored_tick
        if last < 0 or before.grade is not Grade.A or not last <= after.tick < last + _ANCHOR_EVERY:
            return True
        return 2 * (after.time.hi - after.time.lo) < before.time.hi - before.time.lo

    def promise_floor(self, until: int) -> int:
        """Promise to stamp nothing up to `until` (closing up: the next opening), and return the floor.

        What is further ahead than the server would take is not promised: then the floor stays where it was.
        """
        with self.pen.writing():
            if until <= latest_promise(self.pen.read()):
                self.pen.promise(until)
        return self.pen.state.floor

    def seal(self, end: int = 0) -> Written | None:
        """Seal the window that ended at `end` (µs), 0 = at closing up, with the floor as it is now; None = not now.

        A window is sealed once, when it is over for certain, and not where it ended before this life began.
        """
        if end and not self.pen.state.sealed < end < self.now().time.lo:
            return None
        with self.pen.writing():
            reading = self.pen.read()
            floor, sealed = max(self.pen.state.floor, reading.promise), max(self.pen.state.sealed, end)
            body = SealBody(end=end, floor=floor, slips=self.chain.slips_since_seal())
            written = self.pen.add(RecordKind.SEAL, canonical(body), reading)
            self.pen.state = msgspec.structs.replace(self.pen.state, floor=floor, sealed=sealed)
        return written

    def last_seal(self) -> Entry | None:
        """Return the last seal of this life as it travels, None = there is none yet."""
        return self.chain.last_seal(self.pen.state.inc)

    def may_promise(self, until: int) -> bool:
        """Return whether the clock can vouch that an instant is near enough to be promised."""
        return until <= latest_promise(self.now())

    @property
    def promise_is_void(self) -> bool:
        """Whether a clock that was wrong made this life promise what it can never keep; grade A alone can tell."""
        reading = self.now()
        return reading.grade is Grade.A and self._promised_most > latest_promise(reading)

    @property
    def _promised_most(self) -> int:
        return max(self.pen.state.floor, self.pen.state.promised)

    def void_promise(self) -> int:
        """Begin a new life because the old one promised what a wrong clock said, and return the instant given up.

        What closing up promised in reason stands in the new life, too. Raises RefusedError where the promise is one to
        be kept, or where no synchronised clock (grade A) can tell.
        """
        with self.pen.writing():
            reading, voided = self.pen.read(), self._promised_most
            if reading.grade is not Grade.A:
                raise RefusedError(say("时钟还没有与服务器对上，不能判断承诺是否有误；请先打开柜台联网对时，再办"))
            if voided <= latest_promise(reading):
                raise RefusedError(say("本机的封账承诺没有超出常理，须照承诺执行；没有换新日志"))
            promised = closing_promise((event.fact for event in self.events()), latest_promise(reading))
            floor = max(promised, reading.promise)
            self.pen.state = msgspec.structs.replace(self.pen.state, floor=floor, promised=promised)
            mark = self.pen.marks.read()
            self.pen.begin("promise_void", mark and msgspec.structs.replace(mark, floor=floor), voided=voided)
        return voided

    def _keep_promise(self, reading: Reading) -> None:
        """Refuse a fact before the promised opening.

        While the clock has an upper bound, until the whole interval lies behind the promise; without one nothing can
        be proved, and the counter is not held up: such a stamp's day is open anyway, and a person decides.
        """
        early = reading.time.lo <= self.pen.state.promised and reading.grade is not Grade.C
        if early or reading.time.hi <= self.pen.state.floor:
            if self._promised_most > latest_promise(reading):
                day = to_datetime(self._promised_most).strftime("%Y-%m-%d")
                raise RefusedError(
                    say(
                        "没有盖章：时钟出错时承诺过 {day} 以前不盖章；请改用纸质应急本，并通知管理员"
                        "（联网对时后运行 xianhou kiosk new-journal）",
                        day=day,
                    )
                )
            moment = to_datetime(self._promised_most).strftime("%m-%d %H:%M:%S")
            raise RefusedError(say("收工时已承诺 {moment} 以前不盖章；请稍候再盖", moment=moment))

    def head(self, *, cursor: str, log: LogId | None = None) -> Signed:
        """Return a signed head of a life; that of the growing one raises the floor to the lower bound of now."""
        inc = (log or self.log).inc
        with self.pen.writing():
            reading = self.pen.read()
            floor = max(self.pen.state.floor, reading.promise)
            if inc == self.pen.state.inc:
                self.pen.state = msgspec.structs.replace(self.pen.state, floor=floor)
            last = self.chain.last(inc)
            head = Head(
                kiosk=last.log.kiosk, inc=inc, seq=last.seq, hash=last.hash.hex(),
                floor=floor if inc == self.pen.state.inc else 0, lo=reading.time.lo, hi=reading.time.hi,
                cursor=cursor, unsent=self.chain.unsent(), version=release(), nonce=self.random(16).hex(),
            )  # fmt: skip
        return sign_payload(HEAD_CONTEXT, canonical(head), self.keys.signing)

    # --- what the server said

    def acknowledge(self, next_: int, hash_: str, log: LogId | None = None) -> None:
        """Take the server's word for what it holds of a life, also when it holds less than before (a restored server).

        Raises EvidenceError where its last hash is not our record's: then nothing is acknowledged.
        """
        inc = (log or self.log).inc
        held = self.chain.hash_at(inc, next_ - 1) if next_ > 0 else None
        if held is None or held.hex() != hash_:
            raise EvidenceError(say("服务器的回执与本机日志不符；没有当作已上报，请管理员查看"))
        if self.acknowledged_of(LogId(self.log.kiosk, inc)) != next_ - 1:
            with transaction(self.database):
                self.chain.acknowledge(inc, next_ - 1)

    def rewind(self, next_: int, hash_: str, log: LogId | None = None) -> None:
        """Send again from `next_`: the server misses it. Only ever lowers what counts as acknowledged."""
        if next_ - 1 <= self.acknowledged_of(log or self.log):
            self.acknowledge(next_, hash_, log)

    def refused(self, kind: str) -> None:
        """Remember why the server takes nothing from this kiosk, "" = it does: the doctor has it also hours later."""
        if self.chain.refusal() != kind:
            with transaction(self.database):
                self.chain.note_refusal(kind)

    def forked(self, log: LogId, reason: str = "fork") -> None:
        """Set a life aside of which the server holds another history; if it is the growing one, begin a new life."""
        with self.pen.writing():
            self.chain.set_forked(log.inc)
            if log == self.log:
                self.pen.begin(reason, None)

    def overtaken(self, log: LogId) -> None:
        """Begin a new life: the server holds more of the growing one than we do (we are a restored copy)."""
        if log == self.log:
            with self.pen.writing():
                self.pen.begin("server_ahead", None)
