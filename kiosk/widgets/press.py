"""A word that Enter presses; for the harmless way out only, since scanners send Enter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.message import Message
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.binding import BindingType

__all__ = ["Press"]


class Press(Widget, can_focus=True):
    """Says `Pressed`."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "press", "按下", show=False)]

    @dataclass
    class Pressed(Message):
        """Enter was pressed here."""

        press: Press

    def __init__(self, words: str, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.words = words

    def action_press(self) -> None:
        """Say so."""
        self.post_message(self.Pressed(self))

    def render(self) -> Text:
        """Return the word in brackets, bright where the focus is."""
        text = Text("  ", no_wrap=True, end="")
        text.append(f"【{self.words}】", "bold #10151A on #56B4E9" if self.has_focus else "bold")
        return text
