"""A report as a table of plain lines, its columns aligned where Chinese characters are two places wide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from sync_server.report_columns import CLAUSE_COLUMNS, SLIP_COLUMNS, clause_rows, columns_of, slip_row
from sync_server.words import LEXICON

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shared_rules.words import Language
    from sync_server.report import By, Report

__all__ = ["clause_lines", "group_lines", "slip_lines"]

_GAP = "  "


def group_lines(report: Report, by: By, language: Language) -> list[str]:
    """Return the table of a grouping, the sums below it."""
    columns = columns_of(by)
    rows = [[column.cell(row, language) for column in columns] for row in report.rows[by]]
    sums = [column.cell(report.total, language) if column.sums else "" for column in columns]
    sums[0] = LEXICON.text("合计", language)
    return _lines([LEXICON.text(column.heading, language) for column in columns], [*rows, sums])


def clause_lines(report: Report, language: Language) -> list[str]:
    """Return the table of outcomes and clauses."""
    rows: list[list[str | float]] = [[*row[:4], f"{row[4]:.1%}", row[5]] for row in clause_rows(report, language)]
    return _lines([LEXICON.text(one, language) for one in CLAUSE_COLUMNS], rows)


def slip_lines(report: Report, language: Language) -> list[str]:
    """Return the table of slips."""
    rows = [slip_row(report, line, language) for line in report.lines]
    return _lines([LEXICON.text(one, language) for one in SLIP_COLUMNS], rows)


def _lines(headings: Sequence[str], rows: Iterable[Sequence[str | float]]) -> list[str]:
    """Return aligned lines; numbers stand right, columns with nothing in them but zeros and blanks are left out."""
    table = [list(row) for row in rows]
    kept = [at for at in range(len(headings)) if not table or any(row[at] for row in table)]
    shown = [[_cell(row[at]) for at in kept] for row in table]
    right = [all(isinstance(row[at], int | float) or row[at] == "" for row in table) for at in kept]
    texts = [[headings[at] for at in kept], *shown]
    widths = [max(map(cell_len, column)) for column in zip(*texts, strict=True)]
    return [_GAP.join(_padded(*one) for one in zip(line, widths, right, strict=True)).rstrip() for line in texts]


def _cell(value: str | float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _padded(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - cell_len(text))
    return blanks + text if right else text + blanks
