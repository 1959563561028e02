"""One slip of a finger: a character wrong, missing, too many, or two neighbours changed (Damerau's four)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["Edit", "one_edit"]


_LONG: Final = 9
"""Characters beyond which no slip touches both the first four and the last four: nearly all pairs end there."""


class Edit(StrEnum):
    """What a finger did."""

    MISSING = "missing"
    OTHER = "other"
    SWAPPED = "swapped"


def one_edit(a: str, b: str) -> tuple[Edit, int] | None:
    """Return what makes two different texts one slip apart, and at which place, from 1.

    None = further, or not at all. Symmetric.
    """
    if abs(len(a) - len(b)) > 1 or a == b or (len(a) > _LONG and a[:4] != b[:4] and a[-4:] != b[-4:]):
        return None
    short, long = (a, b) if (len(a), a) < (len(b), b) else (b, a)
    start = next((place for place, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    if len(short) < len(long):
        return (Edit.MISSING, start + 1) if short[start:] == long[start + 1 :] else None
    if short[start + 1 :] == long[start + 1 :]:
        return Edit.OTHER, start + 1
    swapped = short[start : start + 2] == long[start : start + 2][::-1] and short[start + 2 :] == long[start + 2 :]
    return (Edit.SWAPPED, start + 1) if swapped else None
