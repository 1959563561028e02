"""Days on which a counter's clock is odd, played through its screens: what screen and slip say, and what follows.

`python -m tests.kiosk.odd_clocks` writes the table of docs/clock.md anew.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.screens.claims import Claims
from kiosk.screens.done import Done
from kiosk.words import LEXICON
from shared_rules.data import policy_text
from shared_rules.facts import SlipStamped
from shared_rules.interval import DAY, HOUR, MINUTE, OPEN, SECOND, Interval, to_datetime
from shared_rules.journal import Record, RecordKind
from shared_rules.protocol import PolicyItem
from shared_rules.timekeeping import ClockEventBody
from shared_rules.wire import decode_canonical
from tests.kiosk.counters import CLERK, PINS, SALES, Kiosk, press, shown, write
from tests.paths import ROOT
from tests.stamps import NINE_TEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

__all__ = ["PAGE", "SCENARIOS", "Played", "Scenario", "play", "table"]

PAGE: Final = ROOT / "docs" / "clock.md"
WARNING: Final = "此机器需管理员处理，可继续盖章"
TO_BE_SETTLED: Final = "待服务器核定（此机器需管理员处理）"
_MIDNIGHT: Final = NINE_TEN - 9 * HOUR - 10 * MINUTE + DAY
_BATTERY_DIED: Final = -20_000 * DAY
_BEGIN, _END = "<!-- scenarios -->", "<!-- end of scenarios -->"


@dataclass
class Played:
    """What one stamp was like."""

    warned: bool
    """Whether the screens said that the operator is needed."""
    slip: str
    """What stands on the slip behind 确认时间."""
    grade: str
    bounds: Interval
    events: tuple[str, ...]
    """What the journal says of the machine's clocks."""
    true: int
    claims: str
    """The salesperson's list of claims, before the network came."""
    judged: Interval
    """Once it had come."""
    claims_after: str
    screens: tuple[str, ...] = field(repr=False, default=())
    """Everything that was shown."""


@dataclass(frozen=True)
class Scenario:
    """One odd day: what happens to the machine before the stamp."""

    name: str
    english: str
    happens: Callable[[Kiosk], None]
    anchored: bool = True
    reboots: bool = False
    after: Callable[[Kiosk], None] | None = None
    """What happens between the stamp and the network's coming."""


def _reboot(off: int, *, wrong: int = 0) -> Callable[[Kiosk], None]:
    return lambda kiosk: kiosk.machine.reboot(off, battery_error=wrong)


def _set(by: int) -> Callable[[Kiosk], None]:
    def happens(kiosk: Kiosk) -> None:
        kiosk.machine.run(MINUTE)
        kiosk.machine.wall_offset += by

    return happens


def _until(instant: int) -> Callable[[Kiosk], None]:
    return lambda kiosk: kiosk.machine.run(instant - kiosk.machine.true)


def _after_a_restart(instant: int) -> Callable[[Kiosk], None]:
    def happens(kiosk: Kiosk) -> None:
        kiosk.machine.run(HOUR)
        kiosk.machine.reboot(instant - kiosk.machine.true)

    return happens


SCENARIOS: Final = (
    Scenario("首次开机，没有网络", "first boot without any network", lambda _: None, anchored=False),
    Scenario("关机一夜", "a night off", _reboot(24 * HOUR), reboots=True),
    Scenario("硬件时钟没电", "a dead battery", _reboot(24 * HOUR, wrong=_BATTERY_DIED), reboots=True),
    Scenario("开着机，时钟被拨回一天", "a clock set a day back", _set(-DAY)),
    Scenario("开着机，时钟被拨快一天", "a clock set a day forward", _set(DAY)),
    Scenario("关机时，硬件时钟被拨回一天", "a battery clock set a day back while off", _reboot(HOUR // 2, wrong=-DAY),
             reboots=True),
    Scenario("关机时，硬件时钟被拨快一天", "a battery clock set a day forward while off", _reboot(HOUR // 2, wrong=DAY),
             reboots=True),
    Scenario("23:58 盖章", "stamped at 23:58", _until(_MIDNIGHT - 2 * MINUTE)),
    Scenario("午夜前 0.02 秒盖章", "stamped 0.02 s before midnight", _until(_MIDNIGHT - SECOND // 50)),
    Scenario("关机一夜后，23:59:58 盖章", "a night off, stamped at 23:59:58", _after_a_restart(_MIDNIGHT - 2 * SECOND),
             reboots=True),
    Scenario("00:02 盖章", "stamped at 00:02", _until(_MIDNIGHT + 2 * MINUTE)),
)  # fmt: skip


async def _log_in(pilot: Pilot[int], number: str) -> None:
    await write(pilot, f"B{number}")
    await press(pilot, "enter")
    await write(pilot, PINS[number])
    await press(pilot, "f9")


async def play(scenario: Scenario, root: Path) -> Played:
    """Stamp one slip at the screens on such a day, look at the salesperson's claims, let the network come, look again.

    A policy without hours is in force, so that a slip may be stamped at midnight.
    """
    kiosk = Kiosk(root, anchored=scenario.anchored)
    kiosk.tell(PolicyItem(
        pool="river", start=date(2026, 1, 1), policy="default",
        text=policy_text("default").replace('windows = ["09:00-10:00", "16:00-17:00"]', "windows = []"),
    ))  # fmt: skip
    scenario.happens(kiosk)
    if scenario.reboots:
        kiosk.desk.journal.close()
        kiosk.open()
    app, screens = kiosk.app(), list[str]()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        await _log_in(pilot, CLERK)
        await press(pilot, "1")
        await _log_in(pilot, SALES)
        screens.append(shown(app))
        await press(pilot, "1", "enter")
        await write(pilot, "王小明")
        await press(pilot, "enter", "enter", "enter")
        await write(pilot, "13800138000")
        await press(pilot, "f9")
        screens.append(shown(app))
        await write(pilot, f"B{CLERK}")
        true = kiosk.machine.true
        await press(pilot, "enter", "f9")
        done = app.screen
        assert isinstance(done, Done), shown(app)
        screens.append(shown(app))
        record, events = _last_stamp(kiosk), _events(kiosk)
        warned = WARNING in shown(app)
        await press(pilot, "f9", "6")
        assert isinstance(app.screen, Claims), shown(app)
        screens.append(claims := shown(app))
        kiosk.machine.run(HOUR)
        kiosk.desk.journal.anchored(kiosk.authority.note(kiosk.machine), kiosk.machine.tick(), kiosk.machine.tick())
        await press(pilot, "f5")
        screens.append(after := shown(app))
    (judged,) = (one.time for one in kiosk.desk.register.events() if isinstance(one.fact, SlipStamped))
    line = next(line for line in done.stamped.lines if line.msgid.startswith("确认时间"))
    said = LEXICON.text(line, "zh").removeprefix("确认时间：")
    kiosk.desk.journal.close()
    return Played(
        warned, said, record.grade.name, record.time, events, true, claims, judged, after, tuple(screens)
    )  # fmt: skip


def _records(kiosk: Kiosk) -> list[tuple[Record, bytes]]:
    entries = kiosk.desk.journal.entries(0, 1000, 2**20)
    return [(Record.unpack(entry.record), entry.body) for entry in entries]


def _last_stamp(kiosk: Kiosk) -> Record:
    return next(record for record, body in reversed(_records(kiosk)) if b'"SlipStamped"' in body)


def _events(kiosk: Kiosk) -> tuple[str, ...]:
    kinds = (RecordKind.BOOT, RecordKind.CLOCK_EVENT)
    bodies = (body for record, body in _records(kiosk) if record.kind in kinds)
    return tuple(decode_canonical(body, ClockEventBody).event for body in bodies)


# --- the page


def _width(time: Interval) -> str:
    if time.hi == OPEN:
        return "上限未知"
    seconds = (time.hi - time.lo) / SECOND
    return f"{seconds / 3600:.0f} 小时" if seconds > 3600 else f"{seconds:.1f} 秒"


def _day(time: Interval) -> str:
    day = time.certain_day()
    return f"{day}" if day else "不能确定，请经理判定"


def table(played: dict[str, Played]) -> str:
    """Return the table of the page."""
    lines = [
        "| 情形 | 真实时间 | 屏幕 | 凭证上的确认时间 | 等级，宽度 | 没有网络时的日期 | 对时以后的日期，宽度 |",
        "|---|---|---|---|---|---|---|",
    ]
    for scenario in SCENARIOS:
        one = played[scenario.name]
        lines.append(
            f"| {scenario.name}<br>({scenario.english}) | {to_datetime(one.true):%m-%d %H:%M:%S}"
            f" | {WARNING if one.warned else '没有特别提示'} | {one.slip} | {one.grade}，{_width(one.bounds)}"
            f" | {_day(one.bounds)} | {_day(one.judged)}，{_width(one.judged)} |"
        )
    return "\n".join(lines)


def page(text: str, played: dict[str, Played]) -> str:
    """Return the page with its table written anew."""
    head, _, rest = text.partition(_BEGIN)
    return f"{head}{_BEGIN}\n{table(played)}\n{_END}{rest.partition(_END)[2]}"


async def _play_all() -> dict[str, Played]:
    played = {}
    for number, scenario in enumerate(SCENARIOS):
        with tempfile.TemporaryDirectory() as folder:
            played[scenario.name] = await play(scenario, Path(folder) / str(number))
    return played


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), asyncio.run(_play_all())), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
