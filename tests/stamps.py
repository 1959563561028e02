"""Records as a kiosk makes them, for tests and published vectors: fixed, so that every run has the same bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared_rules.evidence import receipt_of, sign_record
from shared_rules.facts import Grade, LogId
from shared_rules.interval import OPEN, SECOND, Interval
from shared_rules.journal import Record, RecordKind, commitment
from tests.certificates import Issued

NINE_TEN = 1_772_413_800 * SECOND
"""2026-03-02 09:10:00 in Shanghai."""
SALT = bytes(range(16))
BODY = b'{"fact":"SlipStamped","slip":"E-7-12"}'
TIMES = {
    Grade.A: Interval(NINE_TEN + 412_003, NINE_TEN + 1_613_020),
    Grade.B: Interval(NINE_TEN - 13_400_001, NINE_TEN + 13_599_999),
    Grade.C: Interval(NINE_TEN - 86_400 * SECOND + 999_999, OPEN),
    Grade.P: Interval(NINE_TEN - 3600 * SECOND, NINE_TEN - 3000 * SECOND),
    Grade.I: Interval(NINE_TEN - 172_800 * SECOND, NINE_TEN - 86_400 * SECOND - 1),
}
STAMP = Record(
    log=LogId(7, 40001), seq=12, kind=RecordKind.FACT, grade=Grade.A, time=TIMES[Grade.A], tick=3_600_000_017,
    boot_id=bytes.fromhex("0f1e2d3c4b5a69788796a5b4c3d2e1f0"), seg=3,
    prev=bytes.fromhex("a1" * 32), body=commitment(SALT, BODY),
)  # fmt: skip


def stamp(grade: Grade = Grade.A) -> Record:
    """Return one record of a grade, with a time that fits it."""
    return replace(STAMP, grade=grade, time=TIMES[grade])


def chain(length: int, log: LogId = STAMP.log) -> list[Record]:
    """Return a journal of records that follow one another, a second apart."""
    records: list[Record] = []
    for seq in range(1, length + 1):
        prev = records[-1].digest() if records else bytes(32)
        time = Interval(NINE_TEN + seq * SECOND, NINE_TEN + seq * SECOND + 200_000)
        kind = RecordKind.FACT if records else RecordKind.GENESIS
        records.append(replace(STAMP, log=log, seq=seq, kind=kind, time=time, prev=prev, tick=seq * SECOND))
    return records


@dataclass(frozen=True, slots=True)
class Stamped:
    """A record, signed, with its receipt where it has one."""

    record: Record
    signature: bytes

    @property
    def receipt(self) -> bytes:
        return receipt_of(self.record, self.signature)


def stamped(record: Record, kiosk: Issued) -> Stamped:
    """Sign a record with a kiosk's key."""
    return Stamped(record, sign_record(record, kiosk.key, kiosk.digest))
