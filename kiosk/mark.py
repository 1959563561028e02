"""Where the journal stood last, kept outside the database: how a restored, rolled back or copied one is noticed.

The anchor file is written after every commit, so it may lag by one transaction (a power cut in between) and never
lead. A database that lies behind it, or belongs to another machine, or has none beside it, is not continued: its
journal gets a new life. Never put the anchor file into a backup of the database.
"""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from kiosk.config import write_private
from shared_rules.errors import UnavailableError
from shared_rules.facts import Value
from shared_rules.journal import ZERO_HASH
from shared_rules.words import say

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Mark", "MarkFile", "doubt", "read_mark", "write_mark"]


class Mark(Value, frozen=True, kw_only=True):
    """The content of the anchor file."""

    inc: int
    seq: int
    hash: bytes
    floor: int
    not_before: int
    slips: int
    """Slip numbers given out so far."""
    machine: str = ""


class _Slot(Value, frozen=True):
    """One place of the file; the higher turn is the later."""

    turn: int
    mark: Mark


_T = TypeVar("_T", bound=msgspec.Struct)
_SLOT: Final = 512
"""Bytes of a place: far more than a mark takes, and never more than a disk writes at once."""
_CHECKSUM: Final = 8


def read_mark(path: Path) -> Mark | None:
    """Return the latest whole mark, None where there is none or nothing can be read as one."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnavailableError(say("读不到柜台机的 anchor 文件：{why}", why=error.strerror or "")) from error
    return _latest(data)[1]


def _latest(data: bytes) -> tuple[int, Mark | None]:
    """Return the latest turn and its mark; a file of an earlier release is one mark and nothing else."""
    found = [one for place in range(2) if (one := _slot(data[place * _SLOT : (place + 1) * _SLOT])) is not None]
    if found:
        last = max(found, key=lambda slot: slot.turn)
        return last.turn, last.mark
    return 0, _decoded(data, Mark)


def _slot(data: bytes) -> _Slot | None:
    body = data[_CHECKSUM:].rstrip()
    return _decoded(body, _Slot) if sha256(body).digest()[:_CHECKSUM] == data[:_CHECKSUM] else None


def _decoded(data: bytes, kind: type[_T]) -> _T | None:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def write_mark(path: Path, mark: Mark) -> None:
    """Write the mark over the older of the two places; UnavailableError where the disk does not take it."""
    try:
        data = path.read_bytes()
    except OSError:
        data = b""
    turn = _latest(data)[0] + 1
    body = msgspec.json.encode(_Slot(turn, mark))
    slot = (sha256(body).digest()[:_CHECKSUM] + body).ljust(_SLOT)
    if len(data) != 2 * _SLOT:
        write_private(path, slot * 2)
        return
    try:
        descriptor = os.open(path, os.O_WRONLY)
        try:
            os.pwrite(descriptor, slot, turn % 2 * _SLOT)
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UnavailableError(
            say("磁盘写不进 {name}：{why}；请检查磁盘空间", name=path.name, why=error.strerror or "")
        ) from error


class MarkFile:
    """The anchor file of one kiosk; the power-cut simulator brings its own."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Mark | None:
        """Return what it says, None where there is none."""
        return read_mark(self._path)

    def write(self, mark: Mark) -> None:
        """Replace it; UnavailableError where the disk does not take it."""
        write_mark(self._path, mark)


def doubt(mark: Mark | None, *, inc: int, held: bytes | None, floor: int, slips: int, machine: str) -> str:
    """Return why a database may not be continued, "" if it may.

    `inc` is the database's latest life, `held` the hash of its record at `mark.seq` of that life (None = not there).
    """
    if mark is None:
        return "no_anchor"
    if mark.machine != machine:
        return "other_machine"
    if mark.inc != inc or held is None or floor < mark.floor or slips < mark.slips:
        return "behind"
    return "" if held == mark.hash or (mark.seq == 0 and mark.hash == ZERO_HASH) else "other_history"
