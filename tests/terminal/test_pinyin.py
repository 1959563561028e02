"""A name typed by pinyin on the kiosk's own kind of desktop ends as these very characters in the journal."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kiosk.config import Folder, load_config
from kiosk.journal import Journal
from kiosk.practice import ticks_of
from shared_rules.facts import SlipStamped
from tests.terminal.xdesktop import TOOLS, Desktop
from tests.together.stages import at, stage_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.cli.demo.stage import Member, Stage

PICTURE = os.environ.get("XIANHOU_PINYIN_PICTURE", "")
"""Where to keep the picture that the documents show."""


def first_login(desktop: Desktop, member: Member) -> None:
    """Badge, start PIN, then the own PIN twice."""
    desktop.write(member.badge)
    desktop.keys("Return")
    desktop.write(member.pin)
    desktop.keys("F9")
    time.sleep(1)
    desktop.write(member.own_pin)
    desktop.keys("Return")
    desktop.write(member.own_pin)
    desktop.keys("F9")
    time.sleep(1.5)


def stamped(stage: Stage) -> list[SlipStamped]:
    """Return the slips in the journal; the program may be running."""
    folder = Folder(stage.folder / "east")
    journal = Journal.look(folder, ticks=ticks_of(load_config(folder)), random=os.urandom)
    try:
        return [event.fact for event in journal.events() if isinstance(event.fact, SlipStamped)]
    finally:
        journal.close()


@pytest.mark.system
def test_han_characters_typed_by_pinyin_are_read_back_from_the_journal(
    tool: Callable[[str], str], tmp_path: Path
) -> None:
    """Xvfb, fcitx5 and xterm: both people log in, a name is composed, the clerk stamps."""
    for name in TOOLS:
        tool(name)
    for stage in stage_in(tmp_path / "stage"):
        stage.set_time(at("03-02 09:05"))
        clerk, person = stage.clerk("east"), next(one for one in stage.members("east") if one.roles == "salesperson")
        counter = ["-m", "kiosk.cli", "--lang", "zh", "kiosk", "--dir", str(stage.folder / "east")]
        with Desktop(tmp_path, counter) as desktop:
            desktop.focus()
            time.sleep(4)
            first_login(desktop, clerk)
            desktop.keys("1")
            first_login(desktop, person)
            desktop.keys("1", "Tab")
            desktop.compose("wangxiaoming")
            if PICTURE:
                desktop.picture(Path(PICTURE))
            desktop.commit()
            desktop.keys("Tab", "Tab", "Tab")
            desktop.write("13800138000")
            desktop.keys("F9")
            time.sleep(1)
            desktop.write(clerk.badge)
            desktop.keys("F9")
            until = time.monotonic() + 20
            while not stamped(stage) and time.monotonic() < until:
                time.sleep(0.5)
        slips = stamped(stage)
    assert [(one.content.names, one.content.phones) for one in slips if one.content] == [
        (("王小明",), ("13800138000",))
    ]
