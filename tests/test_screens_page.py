"""docs/screens.md shows every screen that the walk takes, at both sizes, and no other."""

from __future__ import annotations

import re

from tests.paths import ROOT


def test_every_picture_of_the_page_is_there_and_every_picture_is_on_the_page() -> None:
    """A picture nobody sees, or a hole in the page, fails here."""
    shown = re.findall(r"!\[[^]]*\]\(([^)]+)\)", (ROOT / "docs" / "screens.md").read_text(encoding="utf-8"))
    there = {f"pictures/screens/{path.name}" for path in (ROOT / "docs" / "pictures" / "screens").glob("*.png")}
    assert set(shown) == there | {"pictures/pinyin.png"}
    assert len(shown) == len(there) + 1 == 79


def test_no_two_pictures_are_the_same() -> None:
    """A walk that stands before the wrong screen takes one picture twice."""
    pictures = sorted((ROOT / "docs" / "pictures" / "screens").glob("*.png"))
    assert len({path.read_bytes() for path in pictures}) == len(pictures)
