"""The first paint: one line, before anything heavy is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.app import ComposeResult

__all__ = ["Splash"]


class Splash(Screen[None]):
    """Says that the counter is coming up."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words

    def compose(self) -> ComposeResult:
        """One line."""
        yield Static(self.words, classes="title", markup=False)
