"""Twenty screens as text at 80×24, with a frozen clock: whatever changes one of them is seen in review.

`XIANHOU_SNAPSHOTS=write pytest tests/kiosk/test_snapshots.py` writes them anew.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from shared_rules.interval import DAY, MINUTE
from tests.kiosk.counters import CLERK, OTHER, PINS, SALES, Kiosk, opened, press, shown, write

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from kiosk.app import KioskApp

FOLDER = Path(__file__).parent / "snapshots"
WRITES = os.environ.get("XIANHOU_SNAPSHOTS") == "write"
MOST = 25


async def log_in(pilot: Pilot[int], number: str) -> None:
    """Badge, PIN, F9."""
    await write(pilot, f"B{number}")
    await press(pilot, "enter")
    await write(pilot, PINS[number])
    await press(pilot, "f9")


async def clerk_s_screens(pilot: Pilot[int], app: KioskApp, found: dict[str, str]) -> None:
    """Open what the clerk opens."""
    for name, keys in {
        "home": (), "queue": ("2",), "second-look": ("enter",), "visits": ("escape", "escape", "4"),
        "rulings": ("escape", "6"), "returns": ("escape", "7"), "note": ("enter",), "all-keys": ("f12",),
        "closing": ("escape", "escape", "escape", "8"), "login": ("escape", "1"),
    }.items():  # fmt: skip
        await press(pilot, *keys)
        found[name] = shown(app)


async def salesperson_s_screens(pilot: Pilot[int], app: KioskApp, found: dict[str, str]) -> None:
    """Open what a salesperson opens, up to the stamp."""
    for name, keys in {
        "salesperson": (), "renewals": ("2",), "query": ("escape", "3"), "report": ("escape", "5"),
        "claims": ("escape", "6"), "claim": ("enter",), "slip": ("escape", "escape", "1"), "wrong": ("f9",),
    }.items():  # fmt: skip
        await press(pilot, *keys)
        found[name] = shown(app)
    await write(pilot, "王小明")
    await press(pilot, "tab", "tab", "tab")
    await write(pilot, "13800138000")
    await press(pilot, "f9")
    found["stamp"] = shown(app)
    await write(pilot, f"B{CLERK}")
    await press(pilot, "f9")
    found["done"] = shown(app)


async def screens(folder: Path) -> dict[str, str]:
    """Return name -> text of every screen of one day."""
    kiosk = Kiosk(folder / "kiosk")
    duty = kiosk.duty()
    kiosk.stamped("张三", "13800000001")
    kiosk.machine.run(DAY)
    kiosk.stamped("张三", "13800000001", by=OTHER)
    kiosk.desk.people.close_duty(duty)
    kiosk.machine.run(MINUTE)
    app, found = kiosk.app(), {}
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await app.keys_settled()
        found["start"] = shown(app)
        await log_in(pilot, CLERK)
        await clerk_s_screens(pilot, app, found)
        await log_in(pilot, SALES)
        await salesperson_s_screens(pilot, app, found)
    return found


async def test_every_screen_is_as_it_was_looked_at(tmp_path: Path) -> None:
    """A screen that changed is compared line by line; one that is new or gone is named."""
    found = await screens(tmp_path)
    assert len(found) <= MOST
    if WRITES:
        FOLDER.mkdir(exist_ok=True)
        for path in FOLDER.glob("*.txt"):
            path.unlink()
        for name, text in found.items():
            (FOLDER / f"{name}.txt").write_text(text + "\n", encoding="utf-8")
    kept = {path.stem: path.read_text(encoding="utf-8").rstrip("\n") for path in FOLDER.glob("*.txt")}
    assert set(found) == set(kept)
    for name, text in found.items():
        assert text.rstrip("\n") == kept[name], name


async def test_the_same_day_gives_the_same_screens(tmp_path: Path) -> None:
    """Nothing of the machine, its time zone or its random numbers is in a screen."""
    assert await screens(tmp_path / "a") == await screens(tmp_path / "b")
