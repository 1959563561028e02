"""What only a broken clock or a touched journal can say: it is taken in, and somebody is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared_rules.facts import ASSERTED, LogId
from shared_rules.journal import RecordKind
from shared_rules.words import say
from sync_server.store import persons

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sync_server.clock import Reading
    from sync_server.links import Link
    from sync_server.store import Transaction

__all__ = ["Known", "look_at", "promised_too_far"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a journal before a batch of it is taken in, asked once for all its records."""

    issued: int
    """When its kiosk's first certificate was, microseconds."""
    shown: Mapping[int, Collection[str]]
    """Record number -> hashes of the receipts that somebody showed."""


def look_at(tx: Transaction, log: LogId, link: Link, *, floor: int, known: Known, received: Reading) -> None:
    """Alarm what does not fit: a meaning not taken, a receipt that says otherwise, a time that cannot be.

    `floor` is what the journal promised (microseconds).
    """
    where = {"kiosk": log.kiosk, "seq": link.place.seq}
    subject = f"{log.kiosk}.{log.inc}.{link.place.seq}"
    if link.quarantine:
        sentence = say("{kiosk} 号机第 {seq} 号记录无法采用（已原样保存）：请管理员查看", **where)
        persons.add_alarm(tx, f"quarantine {subject}", sentence, at=received.now)
    if any(digest != link.digest for digest in known.shown.get(link.place.seq, ())):
        sentence = say("{kiosk} 号机第 {seq} 号记录与有人出示过的凭证不是同一条：日志被改过，请管理员查看", **where)
        persons.add_alarm(tx, f"pocket {subject}", sentence, at=received.now)
    if link.record is None or link.record.grade in ASSERTED:
        return  # what people say of the past no clock can be held to
    if link.record.kind is RecordKind.FACT and link.record.time.hi <= floor:
        sentence = say("{kiosk} 号机第 {seq} 号记录早于它自己的封账时刻：请管理员查看", **where)
        persons.add_alarm(tx, f"floor {subject}", sentence, at=received.now)
    if received.synchronised and link.record.time.lo > received.interval.hi:
        sentence = say("{kiosk} 号机第 {seq} 号记录的时间在服务器的时间之后：请管理员查看这台机器的时钟", **where)
        persons.add_alarm(tx, f"ahead {log.kiosk}.{log.inc}", sentence, at=received.now)
    if link.record.time.hi < known.issued - received.err:
        sentence = say("{kiosk} 号机第 {seq} 号记录的时间早于它的登记：请管理员查看这台机器的时钟", **where)
        persons.add_alarm(tx, f"before enrolment {log.kiosk}.{log.inc}", sentence, at=received.now)


def promised_too_far(tx: Transaction, log: LogId, received: Reading) -> None:
    """Alarm a promise that was not taken; while our own clock is not synchronised nobody knows whose is wrong."""
    if received.synchronised:
        sentence = say("{kiosk} 号机承诺的封账时刻太远，没有采用：请管理员查看这台机器的时钟", kiosk=log.kiosk)
        persons.add_alarm(tx, f"promise ahead {log.kiosk}.{log.inc}", sentence, at=received.now)
