"""A short list of things to do: a digit does it at once, the arrows and Enter as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.binding import BindingType

__all__ = ["Entry", "Menu"]


_LONGEST_CODE: Final = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: its digit, what it is called, and a remark in quiet letters."""

    digit: str
    words: str
    remark: str = ""
    tone: str = ""


class Menu(Widget, can_focus=True):
    """Says `Picked` with the digit."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "上一行", show=False),
        Binding("down", "move(1)", "下一行", show=False),
        Binding("enter", "pick", "选这一行；按行首的数字也可以", show=False),
    ]

    at = reactive(0)

    @dataclass
    class Scanned(Message):
        """A badge was scanned where no field is."""

        menu: Menu
        code: str

    @dataclass
    class Picked(Message):
        """A line was chosen."""

        menu: Menu
        digit: str

    def __init__(self, entries: Sequence[Entry] = (), *, id: str = "menu", gap: int = 1) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.entries = tuple(entries)
        self.gap = gap
        self.scan = ""
        """What a scanner has sent so far."""
        self._size_to_fit()

    def offer(self, entries: Sequence[Entry]) -> None:
        """Take other lines."""
        self.entries = tuple(entries)
        self.at = min(self.at, max(0, len(entries) - 1))
        self._size_to_fit()
        self.refresh(layout=True)

    def _size_to_fit(self) -> None:
        gap = self._gap()
        self.styles.height = max(1, len(self.entries) * (1 + gap))

    def _gap(self) -> int:
        """Return the lines between two entries: none where the list would not fit."""
        room = self.app.size.height - 8 if self.is_attached else 99
        return self.gap if len(self.entries) * (1 + self.gap) <= room else 0

    def validate_at(self, at: int) -> int:
        """Stay on a line."""
        return max(0, min(at, len(self.entries) - 1))

    def action_move(self, by: int) -> None:
        """Go up or down."""
        self.at += by

    def action_pick(self) -> None:
        """Choose the line of the cursor."""
        if self.entries:
            self.post_message(self.Picked(self, self.entries[self.at].digit))

    def on_key(self, event: events.Key) -> None:
        """A digit chooses at once; what begins with another sign is a badge up to Enter: its digits choose nothing.

        Not by speed: a scanner's burst and a person who types a badge by hand are the same. Esc forgets it.
        """
        sign = event.character if event.is_printable else None
        if sign and (self.scan or not (sign.isdigit() or sign.isspace())):
            self.scan = (self.scan + sign)[-_LONGEST_CODE:]
        elif self.scan and event.key in ("enter", "escape"):
            code, self.scan = self.scan, ""
            if event.key == "enter":
                self.post_message(self.Scanned(self, code))
        else:
            self.scan = ""
            self._pick_by_digit(event)
            return
        event.stop()
        event.prevent_default()

    def _pick_by_digit(self, event: events.Key) -> None:
        for place, entry in enumerate(self.entries):
            if event.character == entry.digit:
                self.at = place
                self.action_pick()
                event.stop()

    def render(self) -> Text:
        """Return the lines; the remarks stand under each other."""
        text = Text(no_wrap=True, overflow="crop", end="")
        column = max((cell_len(entry.words) for entry in self.entries), default=0) + 4
        tones = {"waiting": "bold #E69F00", "good": "#00AD7E", "wrong": "bold #F0743A"}
        for place, entry in enumerate(self.entries):
            here = place == self.at and self.has_focus
            text.append(f" {entry.digit} ", "bold #10151A on #56B4E9" if here else "bold #56B4E9 on #1B232B")
            text.append(f"  {entry.words}", "bold #F2F2EC" if here else "")
            text.append(" " * (column - cell_len(entry.words)))
            text.append(entry.remark, tones.get(entry.tone, "#A9B4BE"))
            text.append("\n" * (1 + self._gap()))
        return text
