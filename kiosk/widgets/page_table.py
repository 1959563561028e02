"""Trap 7: a table that reads only the rows it shows, page by page; ten or two hundred thousand rows cost the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.binding import BindingType

__all__ = ["Column", "Listed", "PageTable", "Pages"]

PAGE: Final = 64
"""Rows read at a time."""
_KEPT: Final = 8
"""Pages kept."""
_HEAD: Final = Style(bold=True, color="#A9B4BE")
_CURSOR: Final = Style(bold=True, color="#10151A", bgcolor="#56B4E9")
_AWAY: Final = Style(bgcolor="#24435A")
_TONES: Final = {
    "": Style(), "good": Style(color="#00AD7E"), "waiting": Style(color="#E69F00"), "wrong": Style(color="#F0743A"),
}  # fmt: skip


class Pages(Protocol):
    """Where the rows come from: `rows` gives texts by column, with the tone of the row (a key of the theme) last."""

    def count(self) -> int:
        """Return how many rows there are."""
        ...

    def rows(self, first: int, limit: int) -> Sequence[Sequence[str]]:
        """Return up to `limit` rows from `first` on."""
        ...


@dataclass(frozen=True, slots=True)
class Listed:
    """Rows that are already in memory."""

    all: Sequence[Sequence[str]]

    def count(self) -> int:
        """Return how many rows there are."""
        return len(self.all)

    def rows(self, first: int, limit: int) -> Sequence[Sequence[str]]:
        """Return up to `limit` rows from `first` on."""
        return self.all[first : first + limit]


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and a width in cells; width 0 shares what is left. Columns that do not fit are dropped from the end."""

    title: str
    width: int = 0


class PageTable(ScrollView, can_focus=True):
    """A list with a cursor line; Enter says `Chosen`. The most important columns stand first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "上一行", show=False),
        Binding("down", "move(1)", "下一行", show=False),
        Binding("pageup", "page(-1)", "上一页", show=False),
        Binding("pagedown", "page(1)", "下一页", show=False),
        Binding("home", "jump(0)", "第一行", show=False),
        Binding("end", "jump(-1)", "最后一行", show=False),
        Binding("enter", "choose", "打开这一行", show=False),
    ]

    cursor = reactive(0)

    @dataclass
    class Chosen(Message):
        """Enter was pressed on a row."""

        table: PageTable
        row: int

    @dataclass
    class Moved(Message):
        """The cursor stands on another row."""

        table: PageTable
        row: int

    def __init__(self, columns: Sequence[Column], pages: Pages, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._pages = pages
        self._cache: dict[int, Sequence[Sequence[str]]] = {}
        self._count = pages.count()

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return self._count

    def show(self, pages: Pages) -> None:
        """Take other rows; the cursor stays where it is as far as there are rows."""
        self._pages = pages
        self._cache.clear()
        self._count = pages.count()
        self.cursor = max(0, min(self.cursor, self._count - 1))
        self._resized()

    def on_mount(self) -> None:
        """Learn the height of the list."""
        self._resized()

    def on_resize(self, _event: events.Resize) -> None:
        """Lay the columns out anew."""
        self._resized()

    def _resized(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, self._count + 1)
        self._into_view()
        self.refresh()

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a row."""
        return max(0, min(cursor, self._count - 1))

    def watch_cursor(self) -> None:
        """Follow the cursor."""
        if self.is_mounted:
            self._into_view()
            self.refresh()
            self.post_message(self.Moved(self, self.cursor))

    def _into_view(self) -> None:
        height = max(1, self.size.height - 1)
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False)

    def action_move(self, by: int) -> None:
        """Move the cursor by rows."""
        self.cursor += by

    def action_page(self, by: int) -> None:
        """Move the cursor by screens."""
        self.cursor += by * max(1, self.size.height - 2)

    def action_jump(self, row: int) -> None:
        """Go to the first (0) or last (-1) row."""
        self.cursor = self._count - 1 if row < 0 else row

    def find(self, text: str) -> int | None:
        """Go to the next row after the cursor that has a text in it, from the top again after the last one."""
        wanted = text.casefold()
        for step in range(1, self._count + 1):
            row = (self.cursor + step) % self._count
            if any(wanted in cell.casefold() for cell in self._row(row)[:-1]):
                self.cursor = row
                return row
        return None

    def action_choose(self) -> None:
        """Say which row was chosen."""
        if self._count:
            self.post_message(self.Chosen(self, self.cursor))

    def _row(self, index: int) -> Sequence[str]:
        number = index // PAGE
        if number not in self._cache:
            if len(self._cache) >= _KEPT:
                self._cache.pop(next(iter(self._cache)))
            self._cache[number] = self._pages.rows(number * PAGE, PAGE)
        page = self._cache[number]
        return page[index - number * PAGE] if index - number * PAGE < len(page) else ()

    def _widths(self) -> list[int]:
        """Return the widths of the columns that fit; flexible ones share the rest, at least 8 cells each."""
        room = self.size.width
        taken: list[int] = []
        for column in self._columns:
            least = (column.width or 8) + 1
            if sum(taken) + least > room:
                break
            taken.append(least)
        flexible = [index for index in range(len(taken)) if not self._columns[index].width]
        spare = room - sum(taken)
        for place, index in enumerate(flexible):
            taken[index] += spare // len(flexible) + (1 if place < spare % len(flexible) else 0)
        return taken

    def render_line(self, y: int) -> Strip:
        """Return the heading (y = 0) or one row."""
        width = self.size.width
        if y == 0:
            return self._line([column.title for column in self._columns], _HEAD, width)
        index = self.scroll_offset.y + y - 1
        if index >= self._count:
            return Strip.blank(width, self.rich_style)
        *texts, tone = self._row(index) or ("",)
        style = _TONES.get(tone, _TONES[""])
        if index == self.cursor:
            style = _CURSOR if self.has_focus else style + _AWAY
        return self._line(texts, style, width)

    def _line(self, texts: Sequence[str], style: Style, width: int) -> Strip:
        base = self.rich_style
        cells = [
            Segment(set_cell_size(_shortened(text, size - 1), size), base + style)
            for text, size in zip(texts, self._widths(), strict=False)
        ]
        return Strip(cells).adjust_cell_length(width, base + style)


def _shortened(text: str, size: int) -> str:
    """Return the text in `size` cells; two dots at the end say that there is more."""
    if cell_len(text) <= size:
        return text
    return set_cell_size(text, max(0, size - 2)).rstrip() + ".."
