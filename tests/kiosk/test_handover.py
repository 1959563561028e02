"""交接班: the window goes from one clerk to the next on the spot, with the paper counted and both badges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk.screens.handover import HandOver
from kiosk.screens.home import Home
from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import DutyClosed, DutyOpened
from tests.kiosk.counters import CLERK, OFFICE, PINS, SALES, Kiosk, opened, press, shown, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    """Return a counter at 09:10 with one paper slip that awaits entry."""
    kiosk = Kiosk(tmp_path / "kiosk")
    duty = kiosk.duty()
    kiosk.stamped("", "", kind="paper")
    kiosk.desk.people.close_duty(duty)
    return kiosk


def duties(kiosk: Kiosk) -> list[DutyOpened | DutyClosed]:
    """Return how the window went from hand to hand."""
    return [event.fact for event in kiosk.desk.journal.events() if isinstance(event.fact, DutyOpened | DutyClosed)]


async def test_the_window_changes_hands_with_the_paper_counted_and_both_badges(kiosk: Kiosk) -> None:
    """A count that does not fit is asked again; then the next clerk's name stands on top, with one record each."""
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await write(pilot, f"B{CLERK}")
        await press(pilot, "enter")
        await write(pilot, PINS[CLERK])
        await press(pilot, "f9", "8", "4")
        assert isinstance(app.screen, HandOver)
        assert "待录入 1 份" in shown(app)
        await write(pilot, "0")
        await press(pilot, "enter", "enter")
        await write(pilot, f"B{CLERK}")
        await press(pilot, "enter")
        await write(pilot, f"B{OFFICE}")
        await press(pilot, "enter")
        await write(pilot, PINS[OFFICE])
        await press(pilot, "f9")
        assert "机器记着" in shown(app)
        await press(pilot, "backspace")
        await write(pilot, "1")
        await press(pilot, "f9")
        assert isinstance(app.screen, Home)
        assert "窗口 赵强" in shown(app)
    closed, taken = duties(kiosk)[-2:]
    assert closed == DutyClosed(clerk=CLERK, taken_by=OFFICE, papers=1)
    assert taken == DutyOpened(clerk=OFFICE, office="E")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"badge": f"B{OFFICE}"}, "badge"), ({"papers": "两份"}, "papers"), ({"papers": "2"}, "papers"),
        ({"to": "B999"}, "to"), ({"to": CLERK, "pin": PINS[CLERK]}, "to"), ({"pin": "000000"}, "pin"),
    ],
)  # fmt: skip
def test_a_wrong_hand_over_names_its_field_and_the_window_stays(
    kiosk: Kiosk, change: dict[str, str], field: str
) -> None:
    """Nothing is half handed over."""
    duty = kiosk.duty()
    given = {"badge": f"B{CLERK}", "papers": "1", "to": f"B{OFFICE}", "pin": PINS[OFFICE]} | change
    with pytest.raises(InputError) as caught:
        kiosk.desk.people.hand_over(duty, given.pop("badge"), **given)
    assert caught.value.field == field
    assert kiosk.desk.people.duty == duty


def test_only_who_may_stamp_takes_the_window_over(kiosk: Kiosk) -> None:
    """A salesperson cannot, and a difference that was explained stands in the record."""
    duty = kiosk.duty()
    with pytest.raises(RefusedError):
        kiosk.desk.people.hand_over(duty, f"B{CLERK}", papers="1", to=f"B{SALES}", pin=PINS[SALES])
    kiosk.desk.people.hand_over(duty, f"B{CLERK}", papers="0", to=f"B{OFFICE}", pin=PINS[OFFICE], remark="一份在经理处")
    closed = duties(kiosk)[-2]
    assert closed == DutyClosed(clerk=CLERK, taken_by=OFFICE, remark="一份在经理处")
