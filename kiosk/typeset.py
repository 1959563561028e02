"""A paper as PDF with its font inside, or as dots for a receipt printer that knows no Chinese; set by Typst.

Lines and code go in as data, never as Typst text: nothing that a person typed is read as markup.
"""

from __future__ import annotations

import io
import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import typst
from PIL import Image

from shared_rules.errors import UnavailableError
from shared_rules.typefaces import best_family
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["dots_of", "pdf_of"]

_SHEET: Final = """
#let sheet = json(bytes(sys.inputs.sheet))
#let (head, ..rest) = sheet.lines
#set text(font: sheet.font, lang: "zh")
#PAGE
#text(size: 1.35em, weight: "bold", head)
#v(0.4em)
#for line in rest { par(line) }
#if sheet.code != "" { v(0.6em); align(center, image(bytes(sheet.code), width: CODE)) }
"""
_PDF: Final = '#set page(paper: "a5", margin: 16mm)\n#set text(size: 11pt)'
_ROLL: Final = "#set page(width: {dots}pt, height: auto, margin: 8pt)\n#set text(size: 24pt)"
"""One point is one dot of the printer."""


@cache
def _fonts(folder: str) -> tuple[typst.Fonts, str]:
    """Return the fonts of the machine and of a folder, and the best family for Chinese."""
    fonts = typst.Fonts(font_paths=[folder] if folder else [])
    family = best_family(fonts.families())
    if not family:
        raise UnavailableError(
            say("没有找到中文字体；请安装 fonts-noto-cjk，或在 kiosk.toml 的 printer.fonts 写字体目录")
        )
    return fonts, family


def _set(lines: Sequence[str], code: str, page: str, fonts: str, **output: Any) -> bytes:
    found, family = _fonts(fonts)
    sheet = json.dumps({"lines": list(lines), "code": code, "font": family}, ensure_ascii=False)
    source = _SHEET.replace("#PAGE", page).replace("CODE", "45mm" if "a5" in page else "80%")
    compiler = typst.Compiler(source.encode(), font_paths=found, sys_inputs={"sheet": sheet})
    made = compiler.compile(**output)
    assert isinstance(made, bytes)
    return made


def pdf_of(lines: Sequence[str], code: str = "", *, fonts: str = "") -> bytes:
    """Return an A5 sheet; `code` is an SVG picture, `fonts` a folder beside the machine's own.

    The same paper has the same bytes: no time of making is written into it.
    """
    return _set(lines, code, _PDF, fonts, format="pdf", timestamp=0)


def dots_of(lines: Sequence[str], code: str = "", *, dots: int, fonts: str = "") -> tuple[int, bytes]:
    """Return a roll's height and its rows of dots, a bit a dot, 1 = ink, the left one in the highest bit."""
    picture = _set(lines, code, _ROLL.format(dots=dots), fonts, format="png", ppi=72)
    with Image.open(io.BytesIO(picture)) as image:
        ink = image.convert("L").point(lambda grey: 0 if grey > 127 else 255).convert("1")
        return ink.height, ink.tobytes()
