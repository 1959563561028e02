"""A report as a workbook: a sheet for each grouping with its picture, one for the clauses, one for the slips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from xlsxwriter.utility import xl_col_to_name

from sync_server.private_files import private_workbook
from sync_server.report import By
from sync_server.report_columns import (
    BANDS,
    CLAUSE_COLUMNS,
    COLOURS,
    NOTES,
    SLIP_COLUMNS,
    TITLES,
    about,
    clause_rows,
    columns_of,
    slip_row,
    summary,
)
from sync_server.words import LEXICON

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from shared_rules.words import Language
    from sync_server.report import Report

__all__ = ["write_book"]

_HEAD: Final = 2
"""Line of the headings."""
_CHARTS: Final = 4
"""Column where the pictures begin."""
_CHART: Final = 140
_BAR: Final = 22
_LINE: Final = 20
"""Pixels of a picture without bars, of a bar, of a line of the sheet."""
_NARROW: Final = 9
_WIDE: Final = 18
_WIDEST: Final = 44
_WORDY: Final = frozenset({"name", "office", "clauses", "waits_for"})
_FORMATS: Final[dict[str, dict[str, Any]]] = {
    "title": {"bold": True, "font_size": 14},
    "heading": {"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "text_wrap": True, "valign": "top"},
    "count": {"num_format": "#,##0"},
    "parts": {"num_format": "#,##0.00"},
    "share": {"num_format": "0.0%"},
    "sum": {"num_format": "#,##0", "bold": True, "top": 1},
}


def write_book(path: Path, report: Report, bys: Sequence[By], language: Language) -> None:
    """Write the workbook, private to its user; UnavailableError where the file cannot be written."""
    with private_workbook(path) as book:
        pen = _Pen(book, report, language)
        overview = pen.overview()
        for by in bys:
            pen.grouping(by)
        pen.charts(overview, [by for by in bys if by is not By.OUTCOME and report.rows[by]])
        if By.OUTCOME in bys:
            pen.clauses()
        if report.wanted.slips:
            pen.slips()


class _Pen:
    """Writes the sheets of one workbook."""

    def __init__(self, book: Any, report: Report, language: Language) -> None:
        self.book = book
        self.report = report
        self.language = language
        self.formats = {name: book.add_format(parts) for name, parts in _FORMATS.items()}

    def say(self, text: str) -> str:
        return LEXICON.text(text, self.language)

    def _sheet(self, name: str, headings: Sequence[str], widths: Sequence[int], rows: int) -> Any:
        """Return a new sheet with what it is about, headings that stay in view, and a filter on each column."""
        sheet = self.book.add_worksheet(self.say(name))
        sheet.write(0, 0, about(self.report, self.language), self.formats["title"])
        sheet.write_row(_HEAD, 0, [self.say(heading) for heading in headings], self.formats["heading"])
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(_HEAD + 1, 1)
        sheet.autofilter(_HEAD, 0, _HEAD + max(rows, 1), len(headings) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(_HEAD)
        return sheet

    def grouping(self, by: By) -> None:
        """Write the table of a grouping, sums that follow the filter, and a chart of what became of its slips."""
        columns, rows = columns_of(by), self.report.rows[by]
        widths = [_WIDEST if one.key == "clauses" else _WIDE if one.key in _WORDY else _NARROW for one in columns]
        sheet = self._sheet(TITLES[by], [one.heading for one in columns], widths, len(rows))
        for line, row in enumerate(rows, _HEAD + 1):
            for at, column in enumerate(columns):
                value = column.cell(row, self.language)
                sheet.write(line, at, value, self.formats["parts" if column.key == "owned" else "count"])
        below = _HEAD + 2 + len(rows)
        sheet.write(below, 0, self.say("合计"), self.formats["sum"])
        for at, column in enumerate(columns):
            if column.sums and rows:
                letter = xl_col_to_name(at)
                formula = f"=SUBTOTAL(109,{letter}{_HEAD + 2}:{letter}{_HEAD + 1 + len(rows)})"
                total = column.cell(self.report.total, self.language)
                sheet.write_formula(below, at, formula, self.formats["sum"], total)

    def overview(self) -> Any:
        """Write the first sheet: what the report is about, its sums, and what its words mean."""
        sheet = self.book.add_worksheet(self.say("总览"))
        sheet.write(0, 0, about(self.report, self.language), self.formats["title"])
        sheet.set_column(0, 0, _WIDE)
        sums = summary(self.report, self.language)
        for line, (heading, value) in enumerate(sums, _HEAD):
            sheet.write(line, 0, heading, self.formats["heading"])
            sheet.write(line, 1, value, self.formats["count"])
        for line, note in enumerate(NOTES, _HEAD + 1 + len(sums)):
            sheet.write(line, 0, self.say(note))
        return sheet

    def charts(self, sheet: Any, bys: Sequence[By]) -> None:
        """Draw what became of the slips of each row, beside the sums of the first sheet."""
        line = _HEAD
        for by in bys:
            keys, count = [one.key for one in columns_of(by)], len(self.report.rows[by])
            name = self.say(TITLES[by])
            chart = self.book.add_chart({"type": "bar", "subtype": "stacked"})
            first, last = _HEAD + 1, _HEAD + count
            for band, heading in BANDS.items():
                at = keys.index(band.value)
                chart.add_series({
                    "name": self.say(heading), "categories": [name, first, 0, last, 0],
                    "values": [name, first, at, last, at], "gap": 30,
                    "fill": {"color": COLOURS[band]}, "border": {"color": "#FFFFFF", "width": 0.5},
                })  # fmt: skip
            chart.set_title({"name": name, "overlay": False})
            chart.set_y_axis({"reverse": True, "interval_unit": 1, "major_gridlines": {"visible": False}})
            chart.set_x_axis(
                {"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#DDDDDD"}}}
            )
            chart.set_legend({"position": "top"})
            chart.set_size({"width": 960, "height": _CHART + _BAR * count})
            sheet.insert_chart(line, _CHARTS, chart, {"description": name})
            line += (_CHART + _BAR * count) // _LINE + 2

    def clauses(self) -> None:
        """Write how often each clause gave each outcome."""
        rows = clause_rows(self.report, self.language)
        sheet = self._sheet("条款", CLAUSE_COLUMNS, [_WIDE, _NARROW, _WIDEST, *[_NARROW] * 3], len(rows))
        for line, row in enumerate(rows, _HEAD + 1):
            for at, value in enumerate(row):
                sheet.write(line, at, value, self.formats["share" if isinstance(value, float) else "count"])

    def slips(self) -> None:
        """Write every slip, the customer as far as the reader may see."""
        sheet = self._sheet("确认单", SLIP_COLUMNS, [_WIDE] * len(SLIP_COLUMNS), len(self.report.lines))
        for line, one in enumerate(self.report.lines, _HEAD + 1):
            for at, text in enumerate(slip_row(self.report, one, self.language)):
                sheet.write_string(line, at, text)
