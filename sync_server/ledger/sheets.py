"""Sheets of a workbook or a text table as rows of cells; a broken file is refused whole."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import python_calamine

from shared_rules.errors import InputError
from shared_rules.words import say

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Cells", "Sheet", "read_sheets"]

Cells = tuple[Any, ...]
_CODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its name and all its rows, the first one being number 1."""

    name: str
    rows: tuple[Cells, ...]


def read_sheets(path: Path) -> tuple[Sheet, ...]:
    """Return the sheets of an .xlsx, .xls, .ods or .csv file; InputError where it cannot be read."""
    try:
        if path.suffix.lower() == ".csv":
            return (_csv(path),)
        book = python_calamine.CalamineWorkbook.from_path(path)
        sheets = ((name, book.get_sheet_by_name(name)) for name in book.sheet_names)
        return tuple(Sheet(name, tuple(map(tuple, sheet.to_python(skip_empty_area=False)))) for name, sheet in sheets)
    except (OSError, python_calamine.CalamineError, csv.Error, UnicodeDecodeError) as error:
        raise InputError(
            say("读不了 {name}：{why}；应为 xlsx、xls、ods 或 csv", name=path.name, why=str(error)), field="ledger"
        ) from error


def _csv(path: Path) -> Sheet:
    data = path.read_bytes()
    for coding in _CODINGS[:-1]:
        try:
            text = data.decode(coding)
            break
        except UnicodeDecodeError:
            continue
    else:
        text = data.decode(_CODINGS[-1])
    return Sheet(path.stem, tuple(map(tuple, csv.reader(io.StringIO(text, newline="")))))
