"""Trap 2: the bottom line of keys, drawn as one line from the screen's active bindings.

Textual's Footer mounts a widget for every key on every screen; see `input_traps.memory` for what each one leaves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

__all__ = ["KeyBar"]

_NAMES: Final = {
    "escape": "Esc", "enter": "Enter", "slash": "/", "tab": "Tab", "up": "Up", "down": "Down", "left": "Left",
    "right": "Right", "space": "Space",
}  # fmt: skip


_ORDER: Final = ("Enter", "F9", "F10", "F8", "F5", "F4", "F1", "F2", "Esc")
"""What acts stands first, the way out last."""


def _place(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else 0


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
        shown: dict[str, tuple[str, str]] = {}
        for key, active in self.screen.active_bindings.items():
            binding = active.binding
            if binding.show and active.enabled and binding.action not in shown:
                name = binding.key_display or _NAMES.get(key) or key.upper()
                shown[binding.action] = (name, self._speak(binding.description))
        return [shown[action] for action in sorted(shown, key=lambda action: _place(shown[action][0]))]
