"""Why nobody can tell the day of a stamp: what its journal says around it, for the manager who decides (二.2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared_rules.errors import WireError
from shared_rules.facts import Grade, LogId
from shared_rules.interval import OPEN, Interval
from shared_rules.journal import Record, RecordKind
from shared_rules.timekeeping import ClockEventBody
from shared_rules.wire import decode_canonical
from shared_rules.words import Say, say
from sync_server.store import journals

if TYPE_CHECKING:
    from shared_rules.protocol import Entry
    from sync_server.store import Transaction

__all__ = ["Doubt", "doubt_of"]

_LOOKED_AT: Final = 500
"""Records before and behind the stamp; between two anchors of a kiosk that is heard lie a few dozen."""
_WITNESSES: Final = (RecordKind.BOOT, RecordKind.CLOCK_EVENT)


@dataclass(frozen=True, slots=True)
class Doubt:
    """The evidence about one stamp."""

    why: Say
    own: Interval
    """What stands on the receipt."""
    solved: Interval
    """What the whole journal proves by now."""
    before: Interval | None
    """When the kiosk last heard the server's time before the stamp, None = not in this stretch of the journal."""
    after: Interval | None
    """When it first did afterwards, None = not yet."""
    witnesses: tuple[Say, ...]
    """What happened to the machine's clocks since it last heard the server, or right after the stamp."""


def doubt_of(tx: Transaction, log: LogId, seq: int, solved: Interval) -> Doubt:
    """Return what a journal says around one of its stamps."""
    first = max(0, seq - _LOOKED_AT)
    entries = journals.entries_after(tx, log, first, most=2 * _LOOKED_AT)
    around = [(record, entry) for entry in entries if (record := _record(entry)) is not None]
    stamp = next(record for record, _ in around if record.seq == seq)
    earlier = [item for item in around if item[0].seq < seq]
    later = [item for item in around if item[0].seq > seq]
    since = max((number for number, (one, _) in enumerate(earlier) if _heard(one)), default=-1)
    until = next((number for number, (one, _) in enumerate(later) if _heard(one)), len(later))
    told = (*earlier[since + 1 :], *later[:until])
    return Doubt(
        why=_why(stamp, solved), own=stamp.time, solved=solved, before=earlier[since][0].time if since >= 0 else None,
        after=later[until][0].time if until < len(later) else None,
        witnesses=tuple(sentence for record, entry in told if (sentence := _said(record, entry)) is not None),
    )  # fmt: skip


def _record(entry: Entry) -> Record | None:
    try:
        return Record.unpack(entry.record)
    except WireError:
        return None


def _heard(record: Record) -> bool:
    return record.kind is RecordKind.ANCHOR and record.grade is Grade.A


def _said(record: Record, entry: Entry) -> Say | None:
    if record.kind not in _WITNESSES:
        return None
    try:
        return decode_canonical(entry.body, ClockEventBody).sentence
    except WireError:
        return None


def _why(stamp: Record, solved: Interval) -> Say:
    if stamp.grade is Grade.C:
        return say("盖章时这台柜台机还没有与服务器对过时，只知道不早于、不晚于哪一刻")
    if stamp.grade is Grade.B and solved.hi != OPEN and not stamp.time.lo <= solved.lo <= solved.hi <= stamp.time.hi:
        return say("盖章时靠硬件时钟推算，而硬件时钟与服务器对不上")
    if stamp.grade is Grade.B:
        return say("盖章时靠硬件时钟推算，推算的范围跨过了午夜")
    return say("盖章的时间范围跨过了午夜")
