"""The record of a journal, its hash chain, and what two journals of one name can be to each other.

record (124 bytes, big-endian): magic 4 | kiosk u16 | grade u8 | kind u8 | seq u64 | lo i64 us | hi i64 us | tick u64 us
| boot_id 16 | inc u16 | seg u16 | prev 32 (SHA-256 of the previous record) | body 32 (salted commitment).
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from shared_rules.errors import EvidenceError, WireError
from shared_rules.facts import ASSERTED, Grade, LogId
from shared_rules.interval import LATEST, OPEN, Interval
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "MAGIC",
    "RECORD_SIZE",
    "SALT_SIZE",
    "ZERO_HASH",
    "Arrival",
    "ChainHead",
    "Place",
    "Record",
    "RecordKind",
    "Standing",
    "arrival",
    "check_body",
    "check_run",
    "commitment",
    "falling_times",
    "follows",
    "place_of",
    "standing",
]

MAGIC: Final = b"XHr1"
_LAYOUT: Final = struct.Struct(">4sHBBQqqQ16sHH32s32s")
RECORD_SIZE: Final = 124
SALT_SIZE: Final = 16
ZERO_HASH: Final = bytes(32)
_BODY_TAG: Final = b"xianhou-body-v1\n"


class RecordKind(IntEnum):
    """What a record's body is; only FACT bodies are facts of the rules."""

    FACT = 1
    ANCHOR = 2
    BOOT = 3
    CLOCK_EVENT = 4
    SEAL = 5
    GENESIS = 6
    OTHER = 7


@dataclass(frozen=True, slots=True)
class Record:
    """One record, exactly as it is signed, stored and sent."""

    log: LogId
    seq: int
    kind: RecordKind
    grade: Grade
    time: Interval
    tick: int
    boot_id: bytes
    seg: int
    prev: bytes
    body: bytes

    def pack(self) -> bytes:
        """Return the 124 bytes."""
        return _LAYOUT.pack(
            MAGIC, self.log.kiosk, self.grade, self.kind, self.seq, self.time.lo, self.time.hi, self.tick,
            self.boot_id, self.log.inc, self.seg, self.prev, self.body,
        )  # fmt: skip

    @classmethod
    def unpack(cls, data: bytes) -> Record:
        """Return the record of 124 bytes; raises WireError naming the field that is wrong."""
        if len(data) != RECORD_SIZE:
            raise WireError(
                say("记录长度应为 {want} 字节，实为 {got}", want=RECORD_SIZE, got=len(data)), field="record"
            )
        magic, kiosk, grade, kind, seq, lo, hi, tick, boot, inc, seg, prev, body = _LAYOUT.unpack(data)
        if magic != MAGIC:
            raise WireError(say("不是本系统的记录（开头字节不符）"), field="magic")
        if seq == 0:
            raise WireError(say("记录的序号从 1 开始"), field="seq")
        if seq > OPEN or tick > OPEN:
            raise WireError(say("记录的序号或计时超出范围"), field="seq" if seq > OPEN else "tick")
        if not (0 <= lo <= LATEST and (hi <= LATEST or hi == OPEN)):
            raise WireError(say("记录的时间不在历法之内"), field="hi" if 0 <= lo <= LATEST else "lo")
        if lo > hi:
            raise WireError(say("记录的时间下限晚于上限"), field="lo")
        try:
            known_grade, known_kind = Grade(grade), RecordKind(kind)
        except ValueError as error:
            unknown = "kind" if grade in set(Grade) else "grade"
            raise WireError(say("记录的等级或种类未知"), field=unknown) from error
        return cls(LogId(kiosk, inc), seq, known_kind, known_grade, Interval(lo, hi), tick, boot, seg, prev, body)

    def digest(self) -> bytes:
        """Return the SHA-256 that the next record names as `prev`."""
        return hashlib.sha256(self.pack()).digest()


class Place(NamedTuple):
    """Where a record stands in its journal: all that the chain needs, whatever the record says."""

    log: LogId
    seq: int
    prev: bytes


def place_of(data: bytes) -> Place:
    """Return the place of 124 bytes whose grade, kind or times this release may not know; WireError if not a record."""
    if len(data) != RECORD_SIZE or not data.startswith(MAGIC):
        raise WireError(say("不是本系统的记录（开头字节不符）"), field="magic")
    fields = _LAYOUT.unpack(data)
    if not 1 <= fields[4] <= OPEN:
        raise WireError(say("记录的序号或计时超出范围"), field="seq")
    return Place(LogId(fields[1], fields[9]), fields[4], fields[11])


def commitment(salt: bytes, body: bytes) -> bytes:
    """Return SHA-256(tag, salt, canonical bytes): a phone number alone could be guessed, a salted one cannot."""
    if len(salt) != SALT_SIZE:
        raise EvidenceError(say("盐应为 {want} 字节", want=SALT_SIZE))
    return hashlib.sha256(_BODY_TAG + salt + body).digest()


def check_body(record: Record, salt: bytes, body: bytes) -> None:
    """Raise EvidenceError unless salt and canonical body are the ones the record commits to."""
    if commitment(salt, body) != record.body:
        raise EvidenceError(say("第 {seq} 号记录的正文与其承诺不符", seq=record.seq), field="body")


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The end of a journal as one side knows it: the highest sequence number and that record's digest."""

    log: LogId
    seq: int = 0
    """0 = empty."""
    hash: bytes = ZERO_HASH

    def after(self, record: Record) -> ChainHead:
        """Return the head once `record` stands at the end; whether it may stand there, `arrival` says."""
        return ChainHead(record.log, record.seq, record.digest())


class Arrival(Enum):
    """What a record that arrives is to the journal that is held."""

    NEXT = "next"
    """Append it."""
    DUPLICATE = "duplicate"
    """Held already, byte for byte: fine, it was sent again."""
    GAP = "gap"
    """Records before it are missing: say which one is wanted next."""
    FORK = "fork"
    """The journal has two histories: keep both, alarm."""


def follows(record: Record, log: LogId, last_seq: int, last_hash: bytes) -> bool:
    """Return whether the record is the next one of this log after (last_seq, last_hash)."""
    return record.log == log and record.seq == last_seq + 1 and record.prev == last_hash


def arrival(record: Record, head: ChainHead, held: bytes | None) -> Arrival:
    """Return what `record` is to a journal that ends at `head`.

    `held` is the digest of the record already held under this sequence number, None where there is none. Raises
    WireError for a record of another log.
    """
    if record.log != head.log:
        raise WireError(say("第 {seq} 号记录不属于这本日志", seq=record.seq), field="log")
    if record.seq <= head.seq:
        return Arrival.DUPLICATE if held == record.digest() else Arrival.FORK
    if record.seq > head.seq + 1:
        return Arrival.GAP
    return Arrival.NEXT if record.prev == head.hash else Arrival.FORK


class Standing(Enum):
    """What the other side's head is to my own journal."""

    EQUAL = "equal"
    AHEAD = "ahead"
    """I hold more: send what follows."""
    BEHIND = "behind"
    """The other side holds more of my journal than I do: I was restored from an old copy, or cloned."""
    FORK = "fork"
    """Same sequence number, another record: two histories."""


def standing(mine: ChainHead, theirs: ChainHead, held: bytes | None) -> Standing:
    """Return how I stand to the other side's head of the same log.

    `held` is the digest of my own record at `theirs.seq` (None where I have none); an empty head agrees with anything.
    """
    if theirs.seq > mine.seq:
        return Standing.BEHIND
    if theirs.seq and held != theirs.hash:
        return Standing.FORK
    return Standing.EQUAL if theirs.seq == mine.seq else Standing.AHEAD


def check_run(records: Iterable[Record], head: ChainHead) -> ChainHead:
    """Walk records in order from `head` and return the new head; raises EvidenceError at the first broken link."""
    for record in records:
        if not follows(record, head.log, head.seq, head.hash):
            sentence = say("日志在第 {seq} 号处断链，此处或之前的记录被改动过", seq=head.seq + 1)
            raise EvidenceError(sentence, field="prev" if record.seq == head.seq + 1 else "seq")
        head = head.after(record)
    return head


def falling_times(records: Iterable[Record]) -> tuple[int, ...]:
    """Return the sequence numbers whose lower bound lies below that of the measured record before them, in order.

    Asserted times (paper, import) tell of the past and are left out, and nothing falls below what a battery clock said
    (grade B). A fall needs a clock event before it that says why (a server that contradicts what it signed); without
    one it is the mark of a clock that was tampered with.
    """
    last, fallen = None, []
    for record in records:
        if record.grade in ASSERTED:
            continue
        if last is not None and record.time.lo < last:
            fallen.append(record.seq)
        last = last if record.grade is Grade.B else record.time.lo
    return tuple(fallen)
