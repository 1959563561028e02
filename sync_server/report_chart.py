"""A report as one picture: what became of the slips of each office and salesperson, and why slips went back.

Drawn by Typst from data, never from text that somebody typed. Each bar is labelled where it stands, and the colours are
told apart by everybody; the words of the picture go into the file as well, for who cannot see it.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

import typst
from PIL import Image, PngImagePlugin

from shared_rules.errors import InputError, UnavailableError
from shared_rules.typefaces import best_family
from shared_rules.words import say
from sync_server.private_files import private_file
from sync_server.report import By
from sync_server.report_columns import BANDS, COLOURS, TITLES, about, clause_title
from sync_server.tally import BACK, BAND, Band, Kind
from sync_server.words import LEXICON

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from shared_rules.words import Language
    from sync_server.report import Report, Row
    from sync_server.tally import Tally

__all__ = ["format_of", "write_chart"]

_BAR: Final = 452
"""Points of the longest bar."""
_DIGIT: Final = 4.6
"""Points of a digit inside a bar."""
_PPI: Final = 144
_DARK, _LIGHT = "#1A1A1A", "#FFFFFF"
_INK: Final = {Band.STANDS: _LIGHT, Band.DEAL: _LIGHT, Band.RETURNED: _LIGHT}
"""Colour of the numbers in a bar, where it is not dark."""
_PAGE: Final = """
#let it = json(bytes(sys.inputs.picture))
#set page(width: 880pt, height: auto, margin: (x: 30pt, y: 26pt), fill: white)
#set text(font: it.font, lang: it.lang, size: 9.5pt, fill: rgb("#1A1A1A"))
#let quiet(body) = text(size: 8pt, fill: rgb("#5A5A5A"), body)
#let part(one) = box(
  width: one.width * 1pt, height: 13.5pt, fill: rgb(one.fill), stroke: (right: 0.7pt + white),
  align(center + horizon, text(size: 7.6pt, fill: rgb(one.ink), one.label)),
)
#let bar(parts) = stack(dir: ltr, ..parts.map(part))
#let swatch(one) = box(inset: (right: 13pt), stack(dir: ltr, spacing: 4pt,
  box(width: 11pt, height: 11pt, fill: rgb(one.fill)), text(size: 9pt, one.label)))
#let cells(row) = (
  text(row.label), quiet(row.note), bar(row.parts), ..row.figures.map(one => align(right, one)),
)
#text(size: 17pt, weight: "bold", it.title)
#v(-4pt)
#text(size: 10.5pt, fill: rgb("#3A3A3A"), it.subtitle)
#v(2pt)
#it.legend.map(swatch).join()
#for panel in it.panels {
  v(8pt)
  block(breakable: false, below: 5pt, text(size: 12pt, weight: "bold", panel.title))
  grid(
    columns: (76pt, 100pt, BARpt, ..panel.heads.map(_ => 1fr)), column-gutter: (4pt, 4pt, 8pt, 6pt),
    row-gutter: 4.2pt, align: horizon,
    [], [], [], ..panel.heads.map(one => align(right, quiet(one))),
    ..panel.rows.map(cells).flatten(),
  )
}
#v(6pt)
#quiet(it.foot)
"""


def write_chart(path: Path, report: Report, bys: Sequence[By], language: Language) -> None:
    """Draw the report into a .png or .svg file, private to its user.

    Raises InputError for another ending, UnavailableError where there is no Chinese typeface or no room.
    """
    kind = format_of(path)
    fonts, family = _fonts()
    picture = _picture(report, bys, language) | {"font": family, "lang": language}
    compiler = typst.Compiler(
        _PAGE.replace("BARpt", f"{_BAR}pt").encode(), font_paths=fonts,
        sys_inputs={"picture": json.dumps(picture, ensure_ascii=False)},
    )  # fmt: skip
    made = compiler.compile(format="png", ppi=_PPI) if kind == "png" else compiler.compile(format="svg")
    assert isinstance(made, bytes)
    words = "\n".join(_words(picture))
    told = _told_png(made, picture["title"], words) if kind == "png" else _told_svg(made, picture["title"], words)
    with private_file(path) as making:
        making.write_bytes(told)


def format_of(path: Path) -> str:
    """Return `png` or `svg`; InputError for a file of another ending."""
    kind = path.suffix.lower().lstrip(".")
    if kind not in ("png", "svg"):
        raise InputError(say("图只能写成 .png 或 .svg 文件：{path}", path=path.name), field="chart")
    return kind


@cache
def _fonts() -> tuple[typst.Fonts, str]:
    fonts = typst.Fonts(font_paths=[])
    family = best_family(fonts.families())
    if not family:
        raise UnavailableError(say("没有找到中文字体，画不了图；请安装 fonts-noto-cjk"))
    return fonts, family


def _picture(report: Report, bys: Sequence[By], language: Language) -> dict[str, Any]:
    """Return everything that is drawn: words, colours, and widths in points."""
    tally, speak = report.total.tally, partial(LEXICON.text, language=language)
    bands = tally.bands()
    legend = [
        {
            "fill": COLOURS[band],
            "label": speak(say("{what} {count}（{share}）", what=say(BANDS[band]), count=f"{bands[band]:,}",
                               share=_percent(bands[band], tally.handed_in))),
        }
        for band in Band if bands[band]
    ]  # fmt: skip
    subtitle = say(
        "交单 {count} 份：新单 {new}，变更 {amended}，再次确认 {renewed}；撞单 {pairs} 对",
        count=f"{tally.handed_in:,}", pairs=f"{report.collisions:,}",
        **{kind.value: f"{tally.kinds[kind]:,}" for kind in Kind},
    )  # fmt: skip
    panels = [_people(report, by, language) for by in (By.OFFICE, By.SALESPERSON) if by in bys and report.rows[by]]
    if By.OUTCOME in bys and tally.clauses(*BACK):
        panels.append(_clauses(tally, language))
    return {
        "title": about(report, language), "subtitle": speak(subtitle), "legend": legend, "panels": panels,
        "foot": speak("条长为交单份数，各组分别按最长的一条折算；退回率 =（退单 + 拒收 + 无效）÷ 交单。"),
    }  # fmt: skip


def _percent(part: int, whole: int) -> str:
    tenths = round(1000 * part / whole)
    return f"{tenths / 10:.1f}%" if tenths else "<0.1%"


def _people(report: Report, by: By, language: Language) -> dict[str, Any]:
    """Return the bars of offices or salespeople."""
    rows = report.rows[by]
    most = max(row.tally.handed_in for row in rows)
    heads = ("交单", "退回率", "占名额", "成交套数")
    return {
        "title": LEXICON.text(TITLES[by], language),
        "heads": [LEXICON.text(head, language) for head in heads],
        "rows": [
            {
                "label": row.name or "—", "note": row.home, "parts": _parts(row.tally.bands(), most),
                "figures": _figures(row),
            }
            for row in rows
        ],
    }  # fmt: skip


def _figures(row: Row) -> list[str]:
    bands, whole = row.tally.bands(), row.tally.handed_in
    share = f"{sum(bands[band] for band in BACK) / whole:.0%}" if whole else "—"
    held = row.holdings
    return [f"{whole:,}", share, f"{held.live:,}/{held.quota:,}" if held.quota else "—", str(held.closed or "—")]


def _clauses(tally: Tally, language: Language) -> dict[str, Any]:
    """Return the bars of the clauses by which slips went back."""
    found: dict[str, Counter[Band]] = {}
    for (status, clause), count in tally.named.items():
        if BAND[status] in BACK:
            found.setdefault(clause, Counter())[BAND[status]] += count
    ordered = sorted(found.items(), key=lambda one: (-one[1].total(), one[0]))
    most = ordered[0][1].total()
    return {
        "title": LEXICON.text("退回的依据", language),
        "heads": [LEXICON.text("份", language)],
        "rows": [
            {
                "label": clause, "note": clause_title(clause, language), "parts": _parts(bands, most),
                "figures": [f"{bands.total():,}"],
            }
            for clause, bands in ordered
        ],
    }  # fmt: skip


def _parts(bands: Mapping[Band, int], most: int) -> list[dict[str, Any]]:
    """Return the pieces of a bar; a number is written where it has room."""
    pieces = [(band, bands[band], _BAR * bands[band] / most) for band in Band if bands.get(band)]
    return [
        {
            "width": width, "fill": COLOURS[band], "ink": _INK.get(band, _DARK),
            "label": f"{count:,}" if width >= _DIGIT * len(str(count)) + 3 else "",
        }
        for band, count, width in pieces
    ]  # fmt: skip


def _words(picture: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the picture says, line by line."""
    yield picture["subtitle"]
    yield " · ".join(one["label"] for one in picture["legend"])
    for panel in picture["panels"]:
        yield f"{panel['title']}（{' · '.join(panel['heads'])}）"
        for row in panel["rows"]:
            yield " ".join((row["label"], row["note"], *row["figures"]))


def _told_png(made: bytes, title: str, words: str) -> bytes:
    told = PngImagePlugin.PngInfo()
    told.add_itxt("Title", title)
    told.add_itxt("Description", words)
    out = io.BytesIO()
    with Image.open(io.BytesIO(made)) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(out, "PNG", optimize=True, pnginfo=told)
    return out.getvalue()


def _told_svg(made: bytes, title: str, words: str) -> bytes:
    head, opened, rest = made.decode().partition(">")
    return f"{head}{opened}<title>{escape(title)}</title><desc>{escape(words)}</desc>{rest}".encode()
