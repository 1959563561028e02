"""Trap 4: the terminal's cursor stands in the focused field at every paint, so that the input method opens there.

Textual places it when a field gets the focus, which on a new screen is before the layout is known, and does not move
it when the window changes its size: the candidate window then opens at the top left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App
from textual.widgets import Input

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.screen import Screen

__all__ = ["CaretFollows"]


class CaretFollows(App[int]):
    """An app whose terminal cursor follows the focused input."""

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        focused = screen.focused if screen.is_mounted else None
        if isinstance(focused, Input):
            self.cursor_position = focused.cursor_screen_offset
        super()._display(screen, renderable)
