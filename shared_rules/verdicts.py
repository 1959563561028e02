"""What the levels of two slips say, cell by cell: the table of `data/likeness.toml`, or a policy's own (二.1.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from shared_rules.data import table as read_table
from shared_rules.errors import InputError
from shared_rules.firms import FirmLevel
from shared_rules.numbers import ContactLevel
from shared_rules.people import NameLevel
from shared_rules.words import say

__all__ = ["VerdictTable", "default_table", "own_table"]

_CELLS: Final = ("same", "different", "ask+", "ask-", "ask?", "ask~", "place", "placed", "place-", "placed-")


@dataclass(frozen=True, slots=True)
class VerdictTable:
    """Kind of pair -> (contact level, name level) -> what the cell says."""

    cells: Mapping[str, Mapping[tuple[str, str], str]]
    version: int

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> VerdictTable:
        """Return the table of decoded TOML; InputError names the row or column that is wrong."""
        levels: dict[str, Sequence[str]] = {
            "person": [level.value for level in NameLevel], "mixed": [level.value for level in NameLevel],
            "unit": [level.value for level in FirmLevel],
        }  # fmt: skip
        return cls({kind: _rows(kind, data, names) for kind, names in levels.items()}, int(data.get("version", 0)))


def _rows(kind: str, data: Mapping[str, Any], names: Sequence[str]) -> dict[tuple[str, str], str]:
    part = data.get(kind)
    if not isinstance(part, Mapping) or sorted(part.get("columns", ())) != sorted(names):
        raise InputError(say("表 {kind} 的 columns 应为：{names}", kind=kind, names="、".join(names)), field=kind)
    cells: dict[tuple[str, str], str] = {}
    for contact in ContactLevel:
        row = part.get(contact.value, ())
        if len(row) != len(names) or not all(cell in _CELLS for cell in row):
            raise InputError(
                say("表 {kind} 的 {row} 行应有 {count} 格，每格是：{cells}", kind=kind, row=contact.value,
                    count=len(names), cells="、".join(_CELLS)),
                field=f"{kind}.{contact.value}",
            )  # fmt: skip
        cells |= {(contact.value, name): cell for name, cell in zip(part["columns"], row, strict=True)}
    return cells


@cache
def default_table() -> VerdictTable:
    """Return the table that ships."""
    return VerdictTable.of(read_table("likeness.toml"))


def own_table(person: object, unit: object, mixed: object) -> VerdictTable:
    """Return the table of a policy: of each kind of pair its own rows, or `"shipped"`; raises as `VerdictTable.of`."""
    own = {"person": person, "unit": unit, "mixed": mixed}
    changed = {kind: rows for kind, rows in own.items() if rows != "shipped"}
    return VerdictTable.of(read_table("likeness.toml") | changed) if changed else default_table()
