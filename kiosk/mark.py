"""Where the journal stood last, kept outside the database: how a restored, rolled back or copied one is noticed.

The anchor file is written after every commit, so it may lag by one transaction (a power cut in between) and never
lead. A database that lies behind it, or belongs to another machine, or has none beside it, is not continued: its
journal gets a new life. Never put the anchor file into a backup of the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def read_mark(path: Path) -> Mark | None:
    """Return the mark, None where there is none or it cannot be read as one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Mark)
    except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    except OSError as error:
        raise UnavailableError(say("读不到柜台机的 anchor 文件：{why}", why=error.strerror or "")) from error


def write_mark(path: Path, mark: Mark) -> None:
    """Replace the mark; UnavailableError where the disk does not take it."""
    write_private(path, msgspec.json.encode(mark))


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
