# ruff: noqa: INP001 - a script beside its pictures, not a package
"""Make the pictures of the counter: `python docs/pictures/make.py [FOLDER]` (needs chromium and a CJK font).

Without a folder the three pictures of the README are renewed, at 120×36. With one, every screen at 80×24 and 120×36
goes there, to be looked at. Nothing here is a mock: an enrolled kiosk with a journal stands behind the screens.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

HERE: Final = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from textual.widgets import Static  # noqa: E402

from kiosk.app import KioskApp, Opened  # noqa: E402
from kiosk.checkup import examine  # noqa: E402
from kiosk.input_traps.screenshot import mended_svg  # noqa: E402 - the path is set above
from kiosk.screens.enrol import Enrol  # noqa: E402
from kiosk.sync import probe  # noqa: E402
from shared_rules.errors import UnavailableError  # noqa: E402
from shared_rules.facts import Role  # noqa: E402
from shared_rules.interval import DAY, HOUR, MINUTE  # noqa: E402
from shared_rules.protocol import (  # noqa: E402
    NoticeItem,
    QuestionItem,
    ReasonItem,
    ReturnItem,
    RulingItem,
    Sentence,
    StaffItem,
)
from shared_rules.questioning import QUESTIONS  # noqa: E402
from shared_rules.words import Say, say  # noqa: E402
from tests.kiosk.counters import CLERK, OFFICE, OTHER, PINS, SALES, START_PIN, Kiosk, opened, press, write  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from shared_rules.words import Language

README: Final = ("slip", "stamp", "queue")
SIZES: Final = ((80, 24), (120, 36))


def counter(root: Path) -> Kiosk:
    """Return a counter in the middle of a morning: slips to enter, one late, one to go back, one to stamp."""
    kiosk = Kiosk(root)
    duty = kiosk.duty()
    kiosk.stamped("张三", "13800000001")
    kiosk.stamped("滨江置业有限公司", "021-55550000", by=OTHER)
    kiosk.machine.run(DAY - 6 * MINUTE)
    kiosk.stamped("欧阳文静", "13900000002", by=OTHER)
    kiosk.stamped("李四", "13700000003")
    kiosk.stamped("张三", "13800000001", by=OTHER)
    kiosk.stamped("", "", by=SALES, kind="paper")
    kiosk.machine.run(23 * MINUTE)
    kiosk.tell(
        NoticeItem(
            sentence=Sentence(
                msgid="服务器已从备份恢复：各柜台机会重新读取、补报；备份以后在服务器上的判定和登记需要重做"
            )
        )
    )
    earlier = (ReasonItem(clause="二.2.1", sentence=Sentence(msgid="已有更早的确认，请停止联系该客户")),)
    kiosk.tell(
        RulingItem(
            claim="E-1-000001", slip="E-1-000001", status="upheld", provisional="yes", valid_until="2026-03-12",
            reasons=(ReasonItem(clause="二.2.1", sentence=Sentence(msgid="没有更早的确认")),),
            pending_on=(Sentence(msgid="西店还没有报到"),),
        ),
        RulingItem(claim="E-1-000005", slip="E-1-000005", status="returned", reasons=earlier),
        ReturnItem(
            slip="E-1-000005", claim="E-1-000005", salesperson=OTHER, reasons=earlier,
            due_at=kiosk.desk.now() + DAY - 23 * MINUTE,
        ),
    )  # fmt: skip
    kiosk.tell(
        *(
            QuestionItem(
                question=slip, slip=slip, claim=slip, salesperson=by, grounds=grounds, asks=tuple(QUESTIONS),
                due_at=kiosk.desk.now() + hours * HOUR,
            )
            for slip, by, grounds, hours in (
                ("E-1-000004", SALES, ("name",), 21), ("E-1-000003", OTHER, ("name", "contact"), 3),
            )
        )
    )  # fmt: skip
    kiosk.desk.people.close_duty(duty)
    return kiosk


def with_check_up(kiosk: Kiosk, language: Language) -> KioskApp:
    """Return the counter's app with its real check-up; no server answers where pictures are made."""
    keys = kiosk.desk.journal.keys
    look = lambda: list(examine(kiosk.folder, keys, probe))  # noqa: E731 - one line says it
    return KioskApp(lambda: Opened(kiosk.desk, None, look), language=language, seconds=lambda: 0.0)


def nobody(_server: str, _code: str, _fingerprint: str) -> Say:
    """Enrol at no server: only the empty form is kept."""
    raise UnavailableError(say("连不上服务器 {server}；请检查地址和网络", server=""))


async def log_in(pilot: Pilot[int], badge: str) -> None:
    """Badge, PIN, F9."""
    await write(pilot, f"B{badge}")
    await press(pilot, "enter")
    await write(pilot, PINS[badge])
    await press(pilot, "f9")


async def fill_slip(pilot: Pilot[int]) -> None:
    """Fill a slip as a salesperson does."""
    await press(pilot, "1", "enter")
    await write(pilot, "王小明")
    await press(pilot, "enter")
    await write(pilot, "刘芳、王一一")
    await press(pilot, "enter", "enter")
    await write(pilot, "138 0013 8000")
    await press(pilot, "enter", "right", "enter")
    await write(pilot, "90-120")
    await press(pilot, "enter")


async def fill_visit(pilot: Pilot[int]) -> None:
    """Log a visitor, then begin the next row."""
    await press(pilot, "enter")
    await write(pilot, "王小明")
    await press(pilot, "enter")
    await write(pilot, "13800138000")
    await press(pilot, "enter")
    await write(pilot, f"B{SALES}")
    await press(pilot, "f9")


async def daily_work(pilot: Pilot[int], keep: Callable[[str], Awaitable[None]]) -> None:
    """Go through what the counter does besides slips; the salesperson is at home in the end."""
    await press(pilot, "escape", "escape", "4")
    await fill_visit(pilot)
    await keep("visits")
    await press(pilot, "escape", "5", "1")
    await keep("emergency")
    await press(pilot, "escape", "5", "2")
    await keep("correction")
    await press(pilot, "escape", "8")
    await keep("closing")
    await press(pilot, "4")
    await keep("handover")
    await press(pilot, "escape", "9")
    await keep("unblock")
    await press(pilot, "escape", "f6")
    await keep("notices")
    await press(pilot, "escape", "1")
    await keep("login")
    await log_in(pilot, SALES)
    await keep("salesperson")
    await press(pilot, "7", "f3")
    await keep("by-number")
    await press(pilot, "escape", "escape", "2", "enter")
    await keep("renewals")
    await press(pilot, "f9")
    await keep("batch")
    await press(pilot, "escape", "3")
    await keep("query")
    await press(pilot, "escape", "5")
    await write(pilot, "E-1-000001")
    await press(pilot, "enter")
    await write(pilot, "看过样板间，电话13800000001，B级")
    await press(pilot, "f9")
    await keep("report")
    await press(pilot, "escape")


async def clerk_s_lists(pilot: Pilot[int], keep: Callable[[str], Awaitable[None]]) -> None:
    """Go through what waits for the clerk, from home; the note of a return stands in the end."""
    await press(pilot, "6")
    await keep("rulings")
    await press(pilot, "enter")
    await keep("ruling")
    await press(pilot, "escape", "escape")
    await press(pilot, "2")
    await keep("queue")
    await press(pilot, "f3")
    await keep("find")
    await press(pilot, "escape", "end", "enter")
    await keep("paper-entry")
    await press(pilot, "escape", "home", "enter")
    await keep("entry")
    await press(pilot, "escape", "escape", "f3")
    await keep("questions")
    await press(pilot, "enter")
    await keep("answering")
    await press(pilot, "escape", "escape", "7")
    await keep("returns")
    await press(pilot, "enter")
    await keep("note")


async def walk(kiosk: Kiosk, size: tuple[int, int], language: Language, take: dict[str, str]) -> None:
    """Go through the screens and keep a picture of each."""
    app = with_check_up(kiosk, language)

    async def keep(name: str) -> None:
        await pilot.pause(0.2)
        take[name] = mended_svg(app.export_screenshot(title="xianhou kiosk"))

    async with app.run_test(size=size) as pilot:
        app._narrow = True  # noqa: SLF001 - a terminal would answer the probe
        await opened(pilot)
        await keep("start")
        await press(pilot, "f5")
        while not app.screen.query_one("#findings", Static).render():
            await pilot.pause(0.1)
        await keep("doctor")
        await press(pilot, "escape")
        await log_in(pilot, CLERK)
        await keep("home")
        await clerk_s_lists(pilot, keep)
        await daily_work(pilot, keep)
        await press(pilot, "6")
        await keep("claims")
        await press(pilot, "down", "enter")
        await keep("claim")
        await press(pilot, "escape", "escape")
        await fill_slip(pilot)
        await keep("slip")
        await press(pilot, "f12")
        await keep("all-keys")
        await press(pilot, "escape")
        await press(pilot, "f9")
        await write(pilot, f"B{CLERK}")
        await keep("stamp")
        await press(pilot, "f9")
        await keep("done")
        await press(pilot, "f2")
        await keep("lock")


async def first_screen(root: Path, size: tuple[int, int], language: Language, take: dict[str, str]) -> None:
    """Keep a picture of a machine that no server knows yet."""
    kiosk = Kiosk(root)
    app = KioskApp(lambda: Opened(kiosk.desk), language=language, enrol=nobody)
    async with app.run_test(size=size) as pilot:
        while not isinstance(app.screen, Enrol):
            await pilot.pause(0.05)
        await pilot.pause(0.2)
        take["enrol"] = mended_svg(app.export_screenshot(title="xianhou kiosk"))


async def other_people(root: Path, size: tuple[int, int], language: Language, take: dict[str, str]) -> None:
    """Keep pictures of a first login, and of the contract office's deal with what the server's silence means."""
    kiosk = Kiosk(root, pins_set=False)
    kiosk.desk.people.set_pin(f"B{OFFICE}", START_PIN, PINS[OFFICE])
    app = kiosk.app(language)
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        await write(pilot, f"B{CLERK}")
        await press(pilot, "enter")
        await write(pilot, START_PIN)
        await press(pilot, "f9")
        take["new-pin"] = mended_svg(app.export_screenshot(title="xianhou kiosk"))
        await press(pilot, "escape", "f8")
        await log_in(pilot, OFFICE)
        await press(pilot, "3")
        await write(pilot, "E-1-000001")
        await press(pilot, "f5")
        await pilot.pause(0.3)
        take["deal"] = mended_svg(app.export_screenshot(title="xianhou kiosk"))


async def mediation(root: Path, size: tuple[int, int], language: Language, take: dict[str, str]) -> None:
    """Keep pictures of what a supervisor sees of a collision of one day: the query slips, both daily reports."""
    kiosk = Kiosk(root)
    kiosk.tell(StaffItem(person="401", name="孙丽", office="E", roles=(Role.SUPERVISOR,), badge="B401",
                         start_pin=kiosk.desk.staff.hashed(START_PIN)))  # fmt: skip
    kiosk.desk.people.set_pin("B401", START_PIN, "826357")
    duty = kiosk.duty()
    claims = {by: kiosk.stamped("张三", "13800000001", by=by).slip for by in (SALES, OTHER)}
    for by, text in ((SALES, "看过样板间，意向B级，周末带太太再来"), (OTHER, "电话回访，约了下午看房，A级")):
        kiosk.desk.reports.write(kiosk.log_in(by), claims[by], text, kiosk.desk.policy())
    kiosk.machine.run(5 * HOUR)
    kiosk.desk.deals.query(kiosk.log_in(OTHER), claims[OTHER], "W-1-000007")
    kiosk.desk.deals.query(kiosk.log_in(SALES), claims[SALES], claims[OTHER])
    kiosk.desk.people.close_duty(duty)
    app = kiosk.app(language)
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        await log_in(pilot, CLERK)
        await press(pilot, "1")
        await write(pilot, "B401")
        await press(pilot, "enter")
        await write(pilot, "826357")
        await press(pilot, "f9", "3")
        take["query-slips"] = mended_svg(app.export_screenshot(title="xianhou kiosk"))
        await press(pilot, "enter")
        take["query-slip"] = mended_svg(app.export_screenshot(title="xianhou kiosk"))


def paint(svg: str, path: Path) -> None:
    """Let chromium paint an SVG."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        sys.exit("chromium is not installed: apt install chromium fonts-noto-cjk")
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    width, height = (round(float(number)) for number in found.groups()) if found else (1200, 800)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(
            f"<meta charset='utf-8'><body style='margin:0;background:#10151A'>{svg}</body>", encoding="utf-8"
        )
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        size = f"--window-size={width},{height}"
        subprocess.run(  # noqa: S603 - a program of the machine, named above
            [*command, size, f"--screenshot={path}", page.as_uri()], check=True, capture_output=True
        )


def main(arguments: list[str]) -> None:
    """Make the README's pictures, or all of them in a folder."""
    folder = Path(arguments[0]) if arguments else HERE
    language: Language = "en" if "en" in arguments[1:] else "zh"
    for size in SIZES if arguments else SIZES[1:]:
        taken: dict[str, str] = {}
        with tempfile.TemporaryDirectory() as root:
            asyncio.run(walk(counter(Path(root) / "kiosk"), size, language, taken))
            asyncio.run(first_screen(Path(root) / "new", size, language, taken))
            asyncio.run(other_people(Path(root) / "other", size, language, taken))
            asyncio.run(mediation(Path(root) / "mediation", size, language, taken))
        for name, svg in taken.items():
            if arguments:
                folder.mkdir(parents=True, exist_ok=True)
                paint(svg, folder / f"{name}-{size[0]}.png")
            elif name in README:
                paint(svg, folder / f"{name}.png")


if __name__ == "__main__":
    main(sys.argv[1:])
