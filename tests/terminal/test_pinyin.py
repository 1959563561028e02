"""The whole day again on the kiosk's own kind of desktop: every Han character comes through the pinyin input method."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.terminal.day import live_through
from tests.terminal.xdesktop import TOOLS, Desktop
from tests.together.stages import at, stage_in

if TYPE_CHECKING:
    from collections.abc import Callable

PICTURE = os.environ.get("XIANHOU_PINYIN_PICTURE", "")
"""Where to keep the picture that the documents show."""


@pytest.mark.system
def test_a_whole_day_by_pinyin_is_read_back_from_the_journal(tool: Callable[[str], str], tmp_path: Path) -> None:
    """Xvfb, fcitx5 and xterm: names and report are composed from syllables, and stand in the journal as characters."""
    for name in TOOLS:
        tool(name)
    for stage in stage_in(tmp_path / "stage"):
        stage.set_time(at("03-02 09:05"))
        counter = ["-m", "kiosk.cli", "--lang", "zh", "kiosk", "--dir", str(stage.folder / "east")]
        with Desktop(tmp_path, counter, Path(PICTURE) if PICTURE else None) as desktop:
            desktop.focus()
            live_through(stage, desktop, desktop.ended)
