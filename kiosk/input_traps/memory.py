"""Trap 2, the deeper half: Textual keeps the painted lines of a thousand closed widgets.

`StylesCache.get_inner_outer` is cached on the method, so the cache holds the object of every widget ever painted, with
all its lines, until 1,024 others have pushed it out. Emptied with every screen that closes, nothing stays behind. Rich
keeps the last 4,096 texts that it measured, customers' names and half-typed numbers among them: they go, too.
"""

from __future__ import annotations

from rich.cells import cached_cell_len
from textual._styles_cache import StylesCache

__all__ = ["forget_closed_widgets"]


def forget_closed_widgets() -> None:
    """Let closed widgets' painted lines and texts go; those on the screen are computed again in microseconds."""
    StylesCache.get_inner_outer.cache_clear()
    cached_cell_len.cache_clear()
