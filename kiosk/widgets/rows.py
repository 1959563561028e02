"""Trap 8: lines that stand under each other instead of docking, and scrollers that Tab does not stop at.

The status stands on top, what the counter says aloud stands above the keys, and nothing pops up over either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from kiosk.widgets.choice import Choice

if TYPE_CHECKING:
    from textual.app import ComposeResult

__all__ = ["AloudLine", "Body", "FieldRow", "StatusLine"]


class Body(VerticalScroll, can_focus=False):
    """The room between top and bottom; scrolls, but Tab passes it by."""

    def __init__(self, *children: Widget, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(*children, id=id, classes="body")


class AloudLine(Widget, can_focus=False):
    """One line of what the counter has to say now; a refusal also rings, a success is silent."""

    def __init__(self) -> None:
        super().__init__()
        self._words = ""
        self._tone = ""

    def say(self, words: str, tone: str = "") -> None:
        """Show a sentence in a tone of the theme (good, waiting, wrong)."""
        self._words, self._tone = words, tone
        self.set_classes(tone)
        self.refresh()

    @property
    def words(self) -> str:
        """What stands there now."""
        return self._words

    def render(self) -> Text:
        """Return the line."""
        return Text(self._words, no_wrap=True, overflow="ellipsis", end="")


class StatusLine(Widget, can_focus=False):
    """Two lines: where and who, how far the slips have got; a third only when something needs a person."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: tuple[tuple[str, str], tuple[str, str]] = (("", ""), ("", ""))
        self._alarm = ""

    def show(self, first: tuple[str, str], second: tuple[str, str], alarm: str = "") -> None:
        """Show left and right of both lines; `alarm` is a third line that stands only when there is one."""
        if (first, second, alarm) != (*self._lines, self._alarm):
            self._lines, self._alarm = (first, second), alarm
            self.set_class(bool(alarm), "-alarm")
            self.refresh()

    def render(self) -> Text:
        """Return both lines."""
        (place, who), (counts, note) = self._lines
        text = self._line(place, who, "bold #F0E442", "bold")
        text.append("\n")
        text.append_text(self._line(counts, note, "", ""))
        if self._alarm:
            text.append("\n")
            text.append_text(self._line(self._alarm, "", "bold #E69F00", ""))
        return text

    def _line(self, left: str, right: str, left_style: str, right_style: str) -> Text:
        line = Text(no_wrap=True, overflow="crop", end="")
        line.append(" " + left, left_style)
        gap = self.size.width - cell_len(left) - cell_len(right) - 2
        line.append(" " * max(1, gap))
        line.append(right, right_style)
        return line


class FieldRow(Widget, can_focus=False):
    """Label, field and, beside the field, what is wrong with it and the remedy."""

    def __init__(self, label: str, field: Widget, hint: str = "") -> None:
        super().__init__(id=f"row-{field.id}", classes="-choice" if isinstance(field, Choice) else None)
        self.label = label
        self.field = field
        self.hint = hint

    def compose(self) -> ComposeResult:
        """Lay out the three."""
        yield Static(self.label, classes="label", markup=False)
        yield self.field
        yield Static(self.hint, classes="note", markup=False)

    def mark(self, problem: str = "") -> None:
        """Show a problem beside the field, or take it away."""
        self.set_class(bool(problem), "-wrong")
        self.query_one(".note", Static).update(problem or self.hint)

    def relabel(self, label: str, hint: str) -> None:
        """Change what the field means (a unit's fields differ from a person's)."""
        self.label, self.hint = label, hint
        self.query_one(".label", Static).update(label)
        if not self.has_class("-wrong"):
            self.query_one(".note", Static).update(hint)

    def on_descendant_focus(self) -> None:
        """Light the label."""
        self.add_class("-focused")

    def on_descendant_blur(self) -> None:
        """Put the light out."""
        self.remove_class("-focused")
