"""Trap 2, the deeper half: Textual keeps the painted lines of a thousand closed widgets.

`StylesCache.get_inner_outer` is cached on the method, so the cache holds the object of every widget ever painted, with
all its lines, until 1,024 others have pushed it out. Emptied with every screen that closes, nothing stays behind.
"""

from __future__ import annotations

from textual._styles_cache import StylesCache

__all__ = ["forget_closed_widgets"]


def forget_closed_widgets() -> None:
    """Let the painted lines of closed widgets go; those on the screen are computed again in microseconds."""
    StylesCache.get_inner_outer.cache_clear()
