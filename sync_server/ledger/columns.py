"""Which table is which, and which column holds what: guessed by the headings, or as a map file says."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from shared_rules.errors import InputError
from shared_rules.words import say
from sync_server.ledger.headings import FIELDS, NEEDED, TOTALS

if TYPE_CHECKING:
    from pathlib import Path

    from sync_server.ledger.sheets import Cells, Sheet

__all__ = ["Row", "Table", "tables_of"]

_LOOK: Final = 8
"""Rows from the top among which the headings are looked for: a title may stand above them."""
_NOISE: Final = re.compile(r"[\s()（）:：＊/]|㎡|m2")


@dataclass(frozen=True, slots=True)
class Row:
    """One filled row: where it stands, its cells by field, and all its cells."""

    sheet: str
    number: int
    values: Mapping[str, Any]
    cells: Cells

    def text(self, field: str) -> str:
        """Return a cell as text, without width and blanks at its ends; "" = empty or no such column."""
        value = self.values.get(field, "")
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return unicodedata.normalize("NFKC", str(value)).strip() if value is not None else ""


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet understood: its kind (slips, visits, deals, results, staff), its columns, its rows."""

    kind: str
    sheet: str
    columns: Mapping[str, str]
    """Field -> heading."""
    heading: Cells
    rows: tuple[Row, ...]


def tables_of(sheets: tuple[Sheet, ...], mapping: Path | None = None) -> tuple[Table, ...]:
    """Return the tables of a ledger; InputError where none is one, or the map names what is not there."""
    wanted = _mapped(mapping) if mapping else {}
    tables = [table for sheet in sheets if (table := _table(sheet, wanted)) is not None]
    if not any(table.kind == "slips" for table in tables):
        needed = "、".join(FIELDS["slips"][field][0] for field in NEEDED["slips"])
        raise InputError(
            say("没有找到确认单的表；表头至少要有：{needed}，或用 --map 指明", needed=needed), field="ledger"
        )
    return tuple(tables)


def _mapped(path: Path) -> dict[str, dict[str, str]]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(say("对照文件 {name} 读不了：{why}", name=path.name, why=str(error)), field="map") from error
    for kind, columns in data.items():
        known = FIELDS.get(kind)
        wrong = kind if known is None else next((field for field in columns if field not in known), None)
        if wrong is not None:
            names = "、".join(known or FIELDS)
            raise InputError(say("对照文件里没有 {wrong} 这一项；可用：{names}", wrong=wrong, names=names), field="map")
    return data


def _table(sheet: Sheet, wanted: Mapping[str, Mapping[str, str]]) -> Table | None:
    for place, cells in enumerate(sheet.rows[:_LOOK]):
        for kind, fields in FIELDS.items():
            columns = _columns(cells, fields, wanted.get(kind, {}))
            if all(field in columns for field in NEEDED[kind]):
                rows = [
                    _row(sheet, number, one, columns) for number, one in enumerate(sheet.rows[place + 1 :], place + 2)
                ]
                names = {field: str(cells[column]) for field, column in columns.items()}
                return Table(kind, sheet.name, names, cells, tuple(row for row in rows if row is not None))
    return None


def _columns(cells: Cells, fields: Mapping[str, tuple[str, ...]], wanted: Mapping[str, str]) -> dict[str, int]:
    """Return field -> column; a heading serves one field, the first that knows it."""
    headings = [_NOISE.sub("", unicodedata.normalize("NFKC", str(cell))) for cell in cells]
    found: dict[str, int] = {}
    for field, names in fields.items():
        for name in (wanted[field],) if field in wanted else names:
            column = next((at for at, text in enumerate(headings) if _headed(text, name)), None)
            if column is not None and column not in found.values():
                found[field] = column
                break
    return found


def _headed(text: str, name: str) -> bool:
    bare = _NOISE.sub("", name.removeprefix("*"))
    return text.endswith(bare) if name.startswith("*") else text == bare


def _row(sheet: Sheet, number: int, cells: Cells, columns: Mapping[str, int]) -> Row | None:
    """Return a row, None for a blank line or the line of totals."""
    if not any(str(cell).strip() for cell in cells) or str(cells[0]).strip() in TOTALS:
        return None
    values = {field: cells[column] if column < len(cells) else "" for field, column in columns.items()}
    return Row(sheet.name, number, values, cells)
