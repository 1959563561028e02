"""One of a few words on one line: Left, Right or Space changes it, Enter goes on; no glyph of uncertain width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.binding import BindingType

__all__ = ["Choice"]


class Choice(Widget, can_focus=True):
    """`options` are pairs of value and message id; the chosen one stands in 【】 and in reverse."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space", "turn(1)", "选下一个", show=False),
        Binding("left", "turn(-1)", "选上一个", show=False),
        Binding("enter", "go_on", "下一栏", show=False),
    ]

    value = reactive("", init=False)

    @dataclass
    class Changed(Message):
        """Another option was chosen."""

        choice: Choice
        value: str

    def __init__(self, options: Sequence[tuple[str, str]], speak: Callable[[str], str], *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.options = tuple(options)
        self._speak = speak
        self.set_reactive(Choice.value, self.options[0][0])

    def watch_value(self, value: str) -> None:
        """Tell the form."""
        self.post_message(self.Changed(self, value))

    def action_turn(self, by: int) -> None:
        """Choose the next or previous option."""
        values = [value for value, _ in self.options]
        self.value = values[(values.index(self.value) + by) % len(values)]

    def action_go_on(self) -> None:
        """Enter is "next field"."""
        self.screen.focus_next()

    def render(self) -> Text:
        """Return all options on one line."""
        line = Text(no_wrap=True, overflow="crop", end="")
        for value, words in self.options:
            if value == self.value:
                line.append(f"【{self._speak(words)}】", "bold #10151A on #56B4E9" if self.has_focus else "bold")
            else:
                line.append(f"  {self._speak(words)}  ", "#A9B4BE")
        return line
