"""Keys can be moved, all of them are explained, and the language turns at once without losing what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kiosk.app import KioskApp, Opened
from kiosk.config import load_config
from kiosk.keys import KEYS, moved_keys, renamed
from kiosk.screens.base import CounterScreen
from kiosk.screens.home import Home
from kiosk.screens.queue import Queue
from kiosk.screens.slip import HandIn
from kiosk.screens.start import Start
from kiosk.widgets.page_table import PageTable
from kiosk.widgets.slip_input import SlipInput
from shared_rules.errors import InputError
from tests.kiosk.counters import CLERK, PINS, SALES, Kiosk, press, shown, write

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    """Return a counter at 09:10."""
    return Kiosk(tmp_path / "kiosk")


async def log_in(pilot: Pilot[int], number: str, save: str = "f9") -> None:
    """Badge, PIN, save."""
    await write(pilot, f"B{number}")
    await press(pilot, "enter")
    await write(pilot, PINS[number])
    await press(pilot, save)


# --- moving keys


async def test_a_moved_key_works_in_its_new_place_and_every_sentence_names_it_there(kiosk: Kiosk) -> None:
    """Save on F10, reprint on F9: the old place no longer saves, and nobody is told to press it."""
    keys = moved_keys({"save": "f10", "reprint": "f9"})
    app = KioskApp(lambda: Opened(kiosk.desk), keys=keys)
    async with app.run_test(size=(80, 24)) as pilot:
        while not isinstance(app.screen, Start):
            await pilot.pause()
        await app.keys_settled()
        assert "按 F10 开窗" in shown(app)
        assert "F9" not in shown(app)
        await log_in(pilot, CLERK, "f9")
        assert not isinstance(app.screen, Home)
        await press(pilot, "f10")
        assert isinstance(app.screen, Home)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"svae": "f9"}, "keys.svae"),
        ({"save": "f11"}, "keys.save"),
        ({"save": "s"}, "keys.save"),
        ({"save": "enter"}, "keys.save"),
        ({"save": "f10"}, "keys.reprint"),
    ],
)
def test_a_key_that_cannot_be_moved_there_is_refused_by_its_name(wanted: dict[str, str], field: str) -> None:
    """A misspelt name, a key that terminals or scanners need, two names on one key."""
    with pytest.raises(InputError) as caught:
        moved_keys(wanted)
    assert caught.value.field == field


def test_the_kiosk_s_file_moves_keys_and_a_wrong_one_stops_the_start(kiosk: Kiosk) -> None:
    """`[keys]` of kiosk.toml, checked before the counter opens."""
    path = kiosk.folder.settings
    text = path.read_text(encoding="utf-8")
    path.write_text(text + '[keys]\nsave = "f10"\nreprint = "f9"\n', encoding="utf-8")
    assert load_config(kiosk.folder).settings.keys == {"save": "f10", "reprint": "f9"}
    path.write_text(text + '[keys]\nsave = "f11"\n', encoding="utf-8")
    with pytest.raises(InputError, match="f11"):
        load_config(kiosk.folder)


def test_only_function_keys_that_were_moved_change_in_a_sentence() -> None:
    """Slip numbers and other keys stay as they are."""
    keys = moved_keys({"save": "f10", "reprint": "f9"})
    assert renamed("按 F9 保存，F10 补打，F1 帮助，AF9，F99", keys) == "按 F10 保存，F9 补打，F1 帮助，AF9，F99"
    assert renamed("按 F9", KEYS) == "按 F9"


# --- all keys


def bindings(screen: CounterScreen[Any]) -> set[str]:
    """Return the words of every key that works on a screen now, but for what Textual brings to edit and to scroll."""
    words = {one.binding.description for one in screen.active_bindings.values()}
    return {one for one in words if one == "English" or not one.isascii() or not one}


async def test_every_key_of_every_screen_is_explained(kiosk: Kiosk) -> None:
    """F12 lists what the bottom line has no room for, and what each field wants."""
    kiosk.duty()
    kiosk.stamped("张三", "13800000001")
    kiosk.desk.people.close_duty(kiosk.desk.people.duty)  # type: ignore[arg-type]
    app = kiosk.app()
    looked: list[str] = []
    async with app.run_test(size=(120, 60)) as pilot:
        await pilot.pause(0.3)

        async def look(*keys: str) -> None:
            await press(pilot, *keys)
            screen = app.screen
            assert isinstance(screen, CounterScreen)
            words = bindings(screen)
            assert words
            assert "" not in words, screen
            await press(pilot, "f12")
            listed = shown(app)
            assert [one for one in words if app.speak(one) not in listed] == [], screen
            looked.append(type(screen).__name__)
            await press(pilot, "escape")

        await look()
        await log_in(pilot, CLERK)
        await look()
        for digit in "2457":
            await look(digit)
            await press(pilot, "escape")
        await press(pilot, "1")
        await log_in(pilot, SALES)
        await look()
        for digit in "1234567":
            await look(digit)
            await press(pilot, "escape")
        await look("6", "enter")
    assert len(set(looked)) >= 12, looked


async def test_all_keys_say_what_the_fields_want(kiosk: Kiosk) -> None:
    """The form's fields are listed by their labels with their help."""
    app = kiosk.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        await log_in(pilot, CLERK)
        await press(pilot, "1")
        await log_in(pilot, SALES)
        await press(pilot, "1", "f12")
        assert "手机、座机或微信号" in shown(app)


# --- the other language


async def test_the_language_turns_at_once_and_nothing_typed_is_lost(kiosk: Kiosk) -> None:
    """In the middle of a slip: texts, choice, place and draft stay; screens below turn when one comes back."""
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        await log_in(pilot, CLERK)
        await press(pilot, "1")
        await log_in(pilot, SALES)
        await press(pilot, "1", "right", "left", "tab")
        await write(pilot, "王小明")
        await press(pilot, "f7")
        text = shown(app)
        assert "王小明" in text
        assert "Hand in" in text
        assert "交单" not in text
        assert app.focused is not None
        assert app.focused.id == "name"
        assert isinstance(app.screen, HandIn)
        assert app.screen.touched
        await write(pilot, "二")
        assert app.screen.query_one("#name", SlipInput).value == "王小明二"
        await press(pilot, "escape", "2")
        assert isinstance(app.screen, Home)
        assert "Hand in" in shown(app)
        await press(pilot, "f7")
        assert "递交确认单" in shown(app)
        session = app.person
        assert session is not None
        assert [draft.values["name"] for draft in kiosk.desk.drafts.of(session.number)] == ["王小明二"]


async def test_turning_the_language_prints_no_second_receipt(kiosk: Kiosk) -> None:
    """The screen after a stamp is laid out anew, not done anew."""
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        await log_in(pilot, CLERK)
        await press(pilot, "1")
        await log_in(pilot, SALES)
        await press(pilot, "1", "tab")
        await write(pilot, "王小明")
        await press(pilot, "tab", "tab", "tab")
        await write(pilot, "13800138000")
        await press(pilot, "f9")
        await write(pilot, f"B{CLERK}")
        await press(pilot, "f9")
        slip = kiosk.desk.my_claims_of(SALES)[0].slip
        assert kiosk.desk.printing.copies("receipt", slip) == 1
        await press(pilot, "f7")
        assert "on the disk" in shown(app)
        assert kiosk.desk.printing.copies("receipt", slip) == 1


# --- finding


async def test_a_list_is_searched_by_a_part_of_a_name_and_goes_on_to_the_next(kiosk: Kiosk) -> None:
    """F3, two characters, F9; once more for the next line; what is nowhere is said."""
    kiosk.duty()
    for number, name in enumerate(("张三", "李四", "张三丰", "王五")):
        kiosk.stamped(name, f"1380000000{number}")
    kiosk.desk.people.close_duty(kiosk.desk.people.duty)  # type: ignore[arg-type]
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        await log_in(pilot, CLERK)
        await press(pilot, "2", "f3")
        await write(pilot, "张三")
        await press(pilot, "f9")
        table = app.screen.query_one(PageTable)
        assert isinstance(app.screen, Queue)
        assert table.cursor == 2
        await press(pilot, "f3", "f9")
        assert table.cursor == 0
        await press(pilot, "f3", "f8")
        await press(pilot, *["backspace"] * 2)
        await write(pilot, "赵")
        await press(pilot, "f9")
        assert "没有一行里有 赵" in shown(app)
