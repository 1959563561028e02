"""Odd days of a counter's clock, played through its screens; the table of docs/clock.md is what was played."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shared_rules.interval import OPEN
from tests.kiosk.odd_clocks import PAGE, SCENARIOS, TO_BE_SETTLED, Played, Scenario, play, table

if TYPE_CHECKING:
    from pathlib import Path

NOT_FOR_STAFF = ("锚", "anchor", "等级", "grade", "封账时刻", "floor", "incarnation", "fork", "cosign", "分叉", "时钟")
ONCE: dict[str, Played] = {}
"""A scenario is played once, for all that is asked about it."""


async def played(scenario: Scenario, root: Path) -> Played:
    """Return what a scenario was like."""
    if scenario.name not in ONCE:
        ONCE[scenario.name] = await play(scenario, root / "kiosk")
    return ONCE[scenario.name]


EXPECTED = {
    "首次开机，没有网络": (True, TO_BE_SETTLED, "C", ()),
    "关机一夜": (False, "2026-03-03 09:10:00", "B", ("rebooted",)),
    "硬件时钟没电": (True, TO_BE_SETTLED, "C", ("rebooted", "rtc_set_back")),
    "开着机，时钟被拨回一天": (False, "2026-03-02 09:11:00", "A", ("set_back",)),
    "开着机，时钟被拨快一天": (True, TO_BE_SETTLED, "A", ("set_forward",)),
    "关机时，硬件时钟被拨回一天": (True, TO_BE_SETTLED, "C", ("rebooted", "rtc_set_back")),
    "关机时，硬件时钟被拨快一天": (False, "2026-03-03 09:40:00", "B", ("rebooted",)),
    "23:58 盖章": (False, "2026-03-02 23:58:00", "A", ()),
    "午夜前 0.02 秒盖章": (False, "2026-03-02 23:59:59", "A", ()),
    "关机一夜后，23:59:58 盖章": (False, "2026-03-02 23:59:58", "B", ("rebooted",)),
    "00:02 盖章": (False, "2026-03-03 00:02:00", "A", ()),
}
"""Whether the operator is asked for, what the slip says, and what only the record tells: grade and events."""
UNDECIDED = {
    "首次开机，没有网络", "硬件时钟没电", "开着机，时钟被拨快一天", "关机时，硬件时钟被拨回一天", "午夜前 0.02 秒盖章",
    "关机一夜后，23:59:58 盖章",
}  # fmt: skip
"""Whose day nobody can tell before the network comes."""
LIED_TO = "关机时，硬件时钟被拨快一天"
EACH = pytest.mark.parametrize("scenario", SCENARIOS, ids=[one.english for one in SCENARIOS])


@EACH
async def test_what_screen_and_slip_say_on_an_odd_day(scenario: Scenario, tmp_path: Path) -> None:
    """The operator is asked for and the slip names no time where none is known; else the time, and nothing more."""
    one = await played(scenario, tmp_path)
    assert (one.warned, one.slip, one.grade, one.events) == EXPECTED[scenario.name]
    assert (one.bounds.certain_day() is None) == (scenario.name in UNDECIDED)
    held = one.bounds.lo <= one.true <= one.bounds.hi
    assert held == (scenario.name != LIED_TO)


@EACH
async def test_the_staffs_screens_speak_of_no_clockwork(scenario: Scenario, tmp_path: Path) -> None:
    """Doubt stays in the code and in the case; people at the counter hear who is to be called."""
    one = await played(scenario, tmp_path)
    text = "\n".join(one.screens).lower()
    assert [word for word in NOT_FOR_STAFF if word in text] == []
    assert ("操作员" in text or "管理员" in text) == one.warned


@EACH
async def test_the_first_exchange_with_the_server_closes_what_was_open(scenario: Scenario, tmp_path: Path) -> None:
    """Exact after the fact, also where a battery clock had lied; what was known before stands unchanged."""
    one = await played(scenario, tmp_path)
    assert one.judged.lo <= one.true <= one.judged.hi < OPEN
    if scenario.name in UNDECIDED - {"午夜前 0.02 秒盖章"} or scenario.name == LIED_TO:
        assert one.judged.certain_day() is not None
        assert one.judged != one.bounds
    elif scenario.name not in UNDECIDED:
        assert one.judged == one.bounds


@EACH
async def test_the_list_of_claims_names_a_time_only_where_one_is_known(scenario: Scenario, tmp_path: Path) -> None:
    """A salesperson who reads yesterday's lower bound as the confirmation time would be told a lie."""
    one = await played(scenario, tmp_path)
    day, minute = one.slip[5:10], one.slip[11:16]
    if one.slip == TO_BE_SETTLED:
        assert "03-0" not in one.claims.split("王小明")[1].split("\n")[0]
    else:
        assert day in one.claims
        assert minute in one.claims


async def test_the_page_shows_what_was_played(tmp_path: Path) -> None:
    """A table that lags is a table that lies; `python -m tests.kiosk.odd_clocks` writes it anew."""
    for number, scenario in enumerate(SCENARIOS):
        await played(scenario, tmp_path / str(number))
    assert table(ONCE) in PAGE.read_text(encoding="utf-8")
