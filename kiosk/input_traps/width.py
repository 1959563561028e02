"""Glyphs that some terminals draw one cell wide and others two: asked for, and kept out of our own words.

East Asian terminals may draw "ambiguous" characters (box lines, blocks, `·`, `…`, curly quotes) in two cells; every
column after them then stands wrong. Our sentences are written without them, what comes from elsewhere is turned into
look-alikes of certain width, and the terminal is asked once (cursor position report) whether blocks are safe: only
then a QR code is drawn on the screen.
"""

from __future__ import annotations

import unicodedata
from typing import Final

__all__ = ["PROBE", "certain", "is_narrow", "uncertain"]

PROBE: Final = "\x1b7\x1b[1;1H\u2580\x1b[6n\x1b8"
"""Saves the cursor, draws one half block at the top left, asks where the cursor stands, and goes back."""

_LOOK_ALIKES: Final = str.maketrans(
    {"·": "・", "…": "...", "—": "-", "–": "-", "“": "「", "”": "」", "‘": "'", "’": "'", "×": "x", "→": "->", "•": "*"}
)


def is_narrow(column: int) -> bool:
    """Return whether the probe's block took one cell; `column` is counted from 0, as Textual reports it."""
    return column == 1


def uncertain(text: str) -> str:
    """Return the characters of a text whose width depends on the terminal."""
    return "".join(character for character in text if unicodedata.east_asian_width(character) == "A")


def certain(text: str) -> str:
    """Return the text with look-alikes in place of punctuation of ambiguous width; letters of names stay."""
    return text.translate(_LOOK_ALIKES)
