"""Trap 9: a screenshot whose Chinese stands in its own cells.

Rich writes each run of text with a `textLength` that counts characters, so that Han characters are squeezed into half
their width. The runs are cut here where narrow and wide characters meet and get the length of their cells. The font
of the network is replaced by those of the machine.
"""

from __future__ import annotations

import html
import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["mended_svg"]

_CELL: Final = 12.2
"""Width of one terminal cell in Rich's SVG (20 × 0.61)."""
_RUN: Final = re.compile(
    r'<text (?P<head>[^>]*?)x="(?P<x>[\d.]+)"(?P<middle>[^>]*?)'
    r'textLength="[\d.]+"(?P<tail>[^>]*)>(?P<text>[^<]*)</text>'
)
_FONT_FACE: Final = re.compile(r"@font-face\s*\{.*?\}", re.DOTALL)
_FONTS: Final = "'DejaVu Sans Mono','Noto Sans Mono CJK SC',monospace"


def _pieces(text: str) -> Iterator[str]:
    """Yield the runs of characters of one width each; a wide run goes out character by character."""
    for wide, group in groupby(text, key=lambda character: cell_len(character) > 1):
        if wide:
            yield from group
        else:
            yield "".join(group)


def _spread(match: re.Match[str]) -> str:
    x = float(match["x"])
    parts = []
    for piece in _pieces(html.unescape(match["text"])):
        width = cell_len(piece) * _CELL
        if piece.strip("\xa0 "):
            shown = html.escape(piece).replace(" ", "&#160;")
            place = f'x="{x:g}"{match["middle"]}textLength="{width:g}"'
            parts.append(f"<text {match['head']}{place}{match['tail']}>{shown}</text>")
        x += width
    return "".join(parts)


def mended_svg(svg: str) -> str:
    """Return Rich's SVG with every run as long as its cells, and the machine's own fonts."""
    spread = _RUN.sub(_spread, _FONT_FACE.sub("", svg))
    return re.sub(r"font-family:\s*Fira Code, monospace", f"font-family: {_FONTS}", spread)
