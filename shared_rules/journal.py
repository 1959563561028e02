"""The record of a journal, its hash chain, and what two journals of one name can be to each other.

record (124 bytes, big-endian): magic 4 | kiosk u16 | grade u8 | kind u8 | seq u64 | lo i64 us | hi i64 us | tick u64 us
| boot_id 16 | inc u16 | seg u16 | prev 32 (SHA-256 of the previous record) | body 32 (salted commitment).
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from shared_rules.errors import EvidenceError, WireError
from shared_rules.facts import Grade, LogId
from shared_rules.interval import Interval
from shared_rules.words import say

__all__ = ["MAGIC", "RECORD_SIZE", "SALT_SIZE", "ZERO_HASH", "Record", "RecordKind", "commitment", "follows"]

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
        if lo > hi:
            raise WireError(say("记录的时间下限晚于上限"), field="lo")
        try:
            known_grade, known_kind = Grade(grade), RecordKind(kind)
        except ValueError as error:
            raise WireError(say("记录的等级或种类未知"), field="kind") from error
        return cls(LogId(kiosk, inc), seq, known_kind, known_grade, Interval(lo, hi), tick, boot, seg, prev, body)

    def digest(self) -> bytes:
        """Return the SHA-256 that the next record names as `prev`."""
        return hashlib.sha256(self.pack()).digest()


def commitment(salt: bytes, body: bytes) -> bytes:
    """Return SHA-256(tag, salt, canonical bytes): a phone number alone could be guessed, a salted one cannot."""
    if len(salt) != SALT_SIZE:
        raise EvidenceError(say("盐应为 {want} 字节", want=SALT_SIZE))
    return hashlib.sha256(_BODY_TAG + salt + body).digest()


def follows(record: Record, log: LogId, last_seq: int, last_hash: bytes) -> bool:
    """Return whether the record is the next one of this log after (last_seq, last_hash)."""
    return record.log == log and record.seq == last_seq + 1 and record.prev == last_hash
