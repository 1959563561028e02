"""Which typefaces hold the characters of Chinese names and addresses: what papers and pictures are set in."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

__all__ = ["FAMILIES", "best_family"]

FAMILIES: Final = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Zen Hei")
"""Open fonts, the best first."""


def best_family(found: Collection[str]) -> str:
    """Return the best family of those that a machine has; "" = none will do."""
    return next((one for one in FAMILIES if one in found), "")
