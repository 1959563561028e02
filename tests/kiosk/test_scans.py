"""A badge scanned where no field waits for one: it opens, covers or is refused, and its digits press nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk.screens.home import Home
from kiosk.screens.lock import Lock
from kiosk.screens.login import LogIn
from kiosk.screens.start import Start
from kiosk.widgets.menu import Menu
from kiosk.widgets.slip_input import SlipInput
from tests.kiosk.counters import CLERK, OTHER, PINS, SALES, Kiosk, come_in, opened, press, shown, write

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    """Return a counter at 09:10."""
    return Kiosk(tmp_path / "kiosk")


async def log_in(pilot: Pilot[int], number: str) -> None:
    """Come in by the badge that was given out with a number."""
    await come_in(pilot, f"B{number}", PINS[number])


@pytest.mark.parametrize("prefix", ["", ";"])
async def test_a_badge_at_the_clerk_s_home_asks_its_owner_for_the_pin(kiosk: Kiosk, prefix: str) -> None:
    """The 1 of the badge opens no screen by itself; the badge stands in its field and only the PIN is missing."""
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await log_in(pilot, CLERK)
        await write(pilot, f"{prefix}B{SALES}")
        assert isinstance(app.screen, Home)
        await press(pilot, "enter")
        assert isinstance(app.screen, LogIn)
        assert app.focused is app.screen.query_one("#pin")
        await write(pilot, PINS[SALES])
        await press(pilot, "f9")
        assert "业务员 陈明" in shown(app)


async def test_another_badge_at_a_salesperson_s_home_covers_it_and_the_own_one_does_not(kiosk: Kiosk) -> None:
    """What is open belongs to whoever is logged in; an unknown badge is said."""
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await log_in(pilot, CLERK)
        await log_in(pilot, SALES)
        await write(pilot, f"B{SALES}")
        await press(pilot, "enter")
        assert "陈明 已经登录" in shown(app)
        await write(pilot, "B999")
        await press(pilot, "enter")
        assert "没有这个工牌" in shown(app)
        await write(pilot, f"B{OTHER}")
        await press(pilot, "enter")
        assert isinstance(app.screen, Lock)


async def test_escape_forgets_a_sign_that_was_typed_by_mistake(kiosk: Kiosk) -> None:
    """After it digits choose again."""
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await log_in(pilot, CLERK)
        await write(pilot, "x2")
        assert isinstance(app.screen, Home)
        await press(pilot, "escape")
        assert isinstance(app.screen, Home)
        assert app.screen.query_one(Menu).scan == ""
        await write(pilot, "1")
        assert isinstance(app.screen, LogIn)


async def test_a_badge_scanned_into_the_pin_s_field_leaves_the_pin_as_it_was(kiosk: Kiosk) -> None:
    """Nothing of it goes in, its Enter does nothing, it is said aloud; the digits typed after it count."""
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert isinstance(app.screen, Start)
        await write(pilot, f"B{CLERK}")
        await press(pilot, "enter")
        pin = app.screen.query_one("#pin", SlipInput)
        await write(pilot, "60")
        await write(pilot, f"B{SALES}")
        await press(pilot, "enter")
        assert (pin.value, app.focused) == ("60", pin)
        assert "工牌请刷在工牌那一栏" in shown(app)
        await write(pilot, "４135")
        assert pin.value == PINS[CLERK]
        await press(pilot, "f9")
        assert isinstance(app.screen, Home)
