"""The least that Textual can be: `python -m tests.bench.bare_apps hello|input`, to measure the counter against."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from textual.app import App
from textual.widgets import Input, Static

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Bare(App[None]):
    """A word, or a field."""

    def compose(self) -> ComposeResult:
        yield Input() if "input" in sys.argv else Static("HELLO")
        yield Static("READY")


if __name__ == "__main__":
    Bare().run()
