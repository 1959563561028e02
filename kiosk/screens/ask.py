"""One question with numbered answers, on a quiet screen of its own; Esc goes back to what one was doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Static

from kiosk.screens.base import CounterScreen
from kiosk.widgets.menu import Entry, Menu
from kiosk.widgets.rows import Body

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from shared_rules.words import Say

__all__ = ["Ask"]


class Ask(CounterScreen[str]):
    """Dismisses with the digit of the answer, or None for Esc."""

    def __init__(
        self, question: Say | str, remarks: Sequence[Say | str], answers: Sequence[tuple[str, Say | str]]
    ) -> None:
        super().__init__()
        self.question = question
        self.remarks = tuple(remarks)
        self.answers = tuple(answers)

    def heading(self) -> Say | str:
        """Return the question."""
        return self.question

    def body(self) -> Iterable[Widget]:
        """Lay out remarks and answers."""
        words = "\n".join(self.speak(remark) for remark in self.remarks)
        entries = [Entry(digit, self.speak(answer)) for digit, answer in self.answers]
        yield Body(Static(words, classes="said", markup=False), Static(""), Menu(entries))

    def on_menu_picked(self, message: Menu.Picked) -> None:
        """Answer."""
        self.dismiss(message.digit)
