"""全部按键: every key that works on the screen below, and what each of its fields wants, written for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from textual.binding import Binding
from textual.widgets import Static

from kiosk.screens.base import CounterScreen
from kiosk.widgets.key_bar import printed_name
from kiosk.widgets.rows import Body, FieldRow
from kiosk.widgets.slip_input import SlipInput
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

__all__ = ["AllKeys", "KeyHelp", "keys_of"]

_KEYS_WIDTH = 16
_PLAIN = {"up": "上键", "down": "下键", "left": "左键", "right": "右键", "space": "空格"}
"""Keys with a sign instead of a word."""


@dataclass(frozen=True, slots=True)
class KeyHelp:
    """A key or several, and what they do (message id)."""

    keys: tuple[str, ...]
    words: Say | str


def keys_of(screen: CounterScreen[Any], keymap: dict[str, str]) -> tuple[KeyHelp, ...]:
    """Return the keys of a screen and of everything on it: those of the bottom line, then those of its widgets."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for node in (screen, *screen.query("*").results()):
        for cls in type(node).__mro__:
            ours = cls.__module__.startswith("kiosk.")
            for binding in vars(cls).get("BINDINGS", ()) if ours else ():
                if isinstance(binding, Binding) and _works(screen, binding) and binding.description:
                    found.setdefault((binding.action, binding.description), _names(binding, keymap))
    known = dict.fromkeys(KeyHelp(keys, screen.key_words(words)) for (_, words), keys in found.items())
    typing = (KeyHelp(("Tab",), "下一栏"),) if screen.query(SlipInput) else ()
    return (*known, *typing)


def _works(screen: CounterScreen[Any], binding: Binding) -> bool:
    return screen.check_action(binding.action, ()) is not False


def _names(binding: Binding, keymap: dict[str, str]) -> tuple[str, ...]:
    keys = keymap.get(binding.id or "", binding.key)
    return tuple(_PLAIN.get(key.strip()) or printed_name(key.strip()) for key in keys.split(","))


class AllKeys(CounterScreen[str]):
    """Lists them; Esc goes back."""

    def __init__(self, below: CounterScreen[Any], keymap: dict[str, str]) -> None:
        super().__init__()
        self.keys = keys_of(below, keymap)
        self.fields = [(row.label, below.help_words.get(str(row.field.id), "")) for row in below.query(FieldRow)]
        self.lead = below.help_words.get("", "")

    def heading(self) -> Say | str:
        """Name the list."""
        return say("全部按键")

    def body(self) -> Iterable[Widget]:
        """Lay out what the screen is for, its keys, its fields."""
        lines = [self.speak(self.lead), ""] if self.lead else []
        lines += [_beside(" ".join(map(self.speak, one.keys)), self.speak(one.words)) for one in self.keys]
        lines += ["", *(_beside(label, self.speak(words)) for label, words in self.fields if words)]
        body = Body(Static("\n".join(lines), classes="said", markup=False))
        body.can_focus = True
        yield body

    def action_all_keys(self) -> None:
        """F12: here they are."""


def _beside(left: str, right: str) -> str:
    return left + " " * max(2, _KEYS_WIDTH - cell_len(left)) + right
