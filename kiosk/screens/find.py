"""F3 in a list: go to the next line that has a text in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.widgets import Static

from kiosk.screens.base import CounterScreen, key
from kiosk.widgets.page_table import PageTable
from kiosk.widgets.rows import Body, FieldRow
from kiosk.widgets.slip_input import SlipInput
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

__all__ = ["Find", "ListScreen"]

_HINT = "姓名、单号或其中几个字，按 F9；再找下一个就再按一次 F3、F9"


class Find(CounterScreen[str]):
    """Dismisses with the text to look for."""

    BINDINGS: ClassVar[list[BindingType]] = [key("save", "查找", "save")]
    heading_words: ClassVar[str] = "在这张表里查找"
    help_words: ClassVar[dict[str, Say | str]] = {"": _HINT}

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def body(self) -> Iterable[Widget]:
        """Lay out the field."""
        hint = Static(self.speak(_HINT), classes="hint", markup=False)
        yield Body(hint, Static(""), FieldRow(self.speak("查找"), SlipInput(limit=40, id="wanted")))

    def on_mount(self) -> None:
        """Offer what was looked for before."""
        super().on_mount()
        self.query_one("#wanted", SlipInput).fill(self._text)

    def action_save(self) -> None:
        """F9: look."""
        self.dismiss(self.value("wanted") or None)


class ListScreen(CounterScreen[str]):
    """A screen whose body is one table that can be searched."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("find", "查找", "find"),
        Binding("slash", "find", "查找", show=False),
    ]
    wanted: str = ""

    def action_find(self) -> None:
        """F3: ask for a text."""
        self.app.push_screen(Find(self.wanted), self._look)

    def _look(self, text: str | None) -> None:
        if not text:
            return
        self.wanted = text
        row = self.query_one(PageTable).find(text)
        if row is None:
            self.say(say("没有一行里有 {text}", text=text), "wrong")
