"""Files that only their user can read, whole or not there at all: what goes out of the register is somebody's data."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

from shared_rules.errors import UnavailableError
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["private_file", "private_workbook"]

_NOTHING_RUNS: Final = {"strings_to_formulas": False, "strings_to_urls": False}
"""What people typed stays text, whatever it begins with."""


@contextmanager
def private_file(path: Path) -> Iterator[Path]:
    """Yield a file beside the wanted one to be filled; it takes its place when the block ends well, else it goes.

    Raises UnavailableError where the folder does not take it.
    """
    making = path.with_name(f".{path.name}.making")
    try:
        making.unlink(missing_ok=True)
        os.close(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            yield making
            making.replace(path)
        finally:
            making.unlink(missing_ok=True)
    except OSError as error:
        raise UnavailableError(say("写不进 {path}：{why}", path=str(path), why=error.strerror or str(error))) from error


@contextmanager
def private_workbook(path: Path) -> Iterator[Any]:
    """Yield a workbook (xlsxwriter's) that becomes the wanted file as a whole."""
    with private_file(path) as making, xlsxwriter.Workbook(making, _NOTHING_RUNS) as book:
        yield book
