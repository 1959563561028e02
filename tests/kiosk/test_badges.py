"""A badge with check characters at the counter: a misread one is refused at once and is nobody's wrong PIN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from kiosk.counter import Form
from kiosk.screens.home import Home
from kiosk.screens.login import LogIn
from kiosk.screens.start import Start
from kiosk.widgets.slip_input import SlipInput
from shared_rules.badges import made
from shared_rules.errors import InputError
from tests.kiosk.counters import CLERK, OFFICE, PINS, SALES, Kiosk, come_in, opened, press, shown, write

if TYPE_CHECKING:
    from pathlib import Path

BADGE = made(482913)
WRONG = BADGE[:5] + BADGE[6] + BADGE[5] + BADGE[7:]
"""Two digits exchanged."""
AGAIN = "请再刷一次"


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    """Return a counter at 09:10 where the clerk has been given a made badge; the others have their old ones."""
    counter = Kiosk(tmp_path / "kiosk")
    rename(counter, CLERK, BADGE)
    return counter


def rename(kiosk: Kiosk, number: str, badge: str) -> None:
    """Let the server say that a person has this badge now."""
    kiosk.tell(msgspec.structs.replace(kiosk.desk.staff.items()[number], badge=badge))


def slips_of(badge: str) -> list[str]:
    """Return the badge with one character wrong, at each place, and with each two unlike neighbours exchanged."""
    wrong = [badge[:at] + ("7" if badge[at] != "7" else "1") + badge[at + 1 :] for at in range(len(badge))]
    pairs = [at for at in range(len(badge) - 1) if badge[at] != badge[at + 1]]
    return wrong + [badge[:at] + badge[at + 1] + badge[at] + badge[at + 2 :] for at in pairs]


def test_a_misread_badge_is_refused_at_every_verb_and_counts_as_no_wrong_try(kiosk: Kiosk) -> None:
    """Far more often than a PIN may be wrong; then the right badge opens, and nobody is locked."""
    people = kiosk.desk.people
    for text in slips_of(BADGE):
        with pytest.raises(InputError, match=AGAIN) as raised:
            people.open_duty(text, "000000")
        assert raised.value.field == "badge"
    assert kiosk.desk.journal.database.one("SELECT max(wrong) FROM pins") == (0,)
    duty = people.open_duty(BADGE.lower(), PINS[CLERK])
    pending = kiosk.desk.hand_in(kiosk.log_in(), Form(kind="paper"))
    for act in (
        lambda: people.log_in(WRONG, "000000"),
        lambda: people.unblock_with(WRONG, "000000", SALES),
        lambda: people.hand_over(duty, WRONG, papers="0", to=OFFICE, pin=PINS[OFFICE]),
        lambda: kiosk.desk.stamp(pending.id, WRONG),
    ):
        with pytest.raises(InputError, match=AGAIN):
            act()
    assert kiosk.desk.staff.locked() == ()


def test_an_old_badge_goes_on_working_also_one_that_looks_like_a_misread_new_one(kiosk: Kiosk) -> None:
    """What is somebody's badge is that badge; an unknown old one is called unknown, not misread."""
    old = made(100200)[:-1] + "0"
    rename(kiosk, SALES, old)
    kiosk.desk.people.open_duty(BADGE, PINS[CLERK])
    assert kiosk.desk.people.log_in(old, PINS[SALES]).number == SALES
    assert kiosk.desk.people.read_badge(old) == old
    with pytest.raises(InputError, match="没有这个工牌"):
        kiosk.desk.people.log_in("B999", PINS[SALES])
    with pytest.raises(InputError, match="没有这个工牌"):
        kiosk.desk.people.log_in(made(7), PINS[SALES])


async def test_a_misread_scan_is_refused_when_its_field_is_left_and_the_next_scan_takes_its_place(kiosk: Kiosk) -> None:
    """The focus stays with the PIN, whose digits nobody may read; a scan there finds its way to the badge's field."""
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await write(pilot, WRONG)
        await press(pilot, "enter")
        assert AGAIN in shown(app)
        pin, badge = (app.screen.query_one(f"#{name}", SlipInput) for name in ("pin", "badge"))
        assert app.focused is pin
        await write(pilot, PINS[CLERK][:2])
        await write(pilot, f";{BADGE}")
        await press(pilot, "enter")
        assert (badge.value, pin.value, app.focused) == (f";{BADGE}", PINS[CLERK][:2], pin)
        assert AGAIN not in shown(app)
        await write(pilot, PINS[CLERK][2:])
        await press(pilot, "f9")
        assert isinstance(app.screen, Home)


async def test_f9_on_a_misread_badge_goes_back_to_it_and_a_scan_replaces_it(kiosk: Kiosk) -> None:
    """Nothing has to be deleted first."""
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await come_in(pilot, WRONG, PINS[CLERK])
        assert isinstance(app.screen, Start)
        assert app.focused is app.screen.query_one("#badge")
        await come_in(pilot, BADGE, PINS[CLERK])
        assert isinstance(app.screen, Home)


async def test_a_misread_scan_opens_nothing_at_home_and_stamps_nothing(kiosk: Kiosk) -> None:
    """At home it is said; at the stamp the field is gone back to, before anybody presses F9."""
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await come_in(pilot, BADGE, PINS[CLERK])
        await write(pilot, WRONG)
        await press(pilot, "enter")
        assert isinstance(app.screen, Home)
        assert AGAIN in shown(app)
        await write(pilot, f"B{SALES}")
        await press(pilot, "enter")
        assert isinstance(app.screen, LogIn)
        await write(pilot, PINS[SALES])
        await press(pilot, "f9", "8")
        await write(pilot, WRONG)
        await press(pilot, "enter")
        assert app.focused is app.screen.query_one("#badge")
        assert AGAIN in shown(app)
        await write(pilot, BADGE)
        await press(pilot, "f9")
    assert len(kiosk.desk.entry_queue()) == 1
