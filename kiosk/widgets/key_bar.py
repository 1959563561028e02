"""Trap 2: the bottom line of keys, drawn as one line from the screen's active bindings.

Textual's Footer mounts a widget for every key on every screen; see `input_traps.memory` for what each one leaves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from kiosk.keys import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import Binding
    from textual.screen import Screen

__all__ = ["KeyBar", "printed_name"]

_NAMES: Final = {
    "pageup": "PgUp", "pagedown": "PgDn", "home": "Home", "end": "End",
    "escape": "Esc", "enter": "Enter", "slash": "/", "tab": "Tab", "up": "Up", "down": "Down", "left": "Left",
    "right": "Right", "space": "Space",
}  # fmt: skip


_ORDER: Final = tuple(f"counter.{name}" for name in KEYS)
"""What acts stands first, the way out near the end; what does not fit is found under all keys."""


def printed_name(key: str) -> str:
    """Return what is printed on a key."""
    return _NAMES.get(key) or key.upper()


def _place(binding: Binding) -> int:
    return _ORDER.index(binding.id) if binding.id in _ORDER else -1


class KeyBar(Widget, can_focus=False):
    """The keys that work now; descriptions are message ids, spoken by `speak`; what does not fit is left out whole."""

    def __init__(self, speak: Callable[[str], str]) -> None:
        super().__init__()
        self._speak = speak

    def on_mount(self) -> None:
        """Draw again whenever the focus changes what works."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def on_unmount(self) -> None:
        """Let the screen go."""
        self.screen.bindings_updated_signal.unsubscribe(self)

    def _changed(self, _screen: Screen[object]) -> None:
        self.refresh()

    def render(self) -> Text:
        """Return one line: key names bright, what they do beside them."""
        line = Text(no_wrap=True, overflow="crop", end="")
        line.append(" ")
        for key, words in self._keys():
            if line.cell_len + cell_len(key) + cell_len(words) + 3 > self.size.width:
                break
            line.append(f" {key} ", "bold #10151A on #56B4E9")
            line.append(f" {words}  ")
        return line

    def _keys(self) -> list[tuple[str, str]]:
        shown: dict[str, tuple[int, str, str]] = {}
        for key, active in self.screen.active_bindings.items():
            binding = active.binding
            if binding.show and active.enabled and binding.action not in shown:
                shown[binding.action] = (_place(binding), printed_name(key), self._speak(binding.description))
        return [(name, words) for _, name, words in sorted(shown.values(), key=lambda one: one[0])]
