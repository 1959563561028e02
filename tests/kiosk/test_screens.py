"""Every screen over a real desk, at 80×24 and 120×36, in both languages: what stands there and what a refusal says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from kiosk.screens.entry import SecondLook
from kiosk.screens.form import SlipScreen
from kiosk.screens.home import Home
from kiosk.screens.lock import Lock
from kiosk.screens.queue import Queue
from kiosk.screens.returns import Returns
from kiosk.screens.stamp import StampScreen
from kiosk.screens.start import Start
from kiosk.widgets.choice import Choice
from shared_rules.facts import SlipStamped
from shared_rules.interval import DAY, HOUR, MINUTE
from tests.kiosk.counters import CLERK, OTHER, PINS, SALES, START_PIN, Kiosk, press, shown, write

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from kiosk.app import KioskApp
    from shared_rules.words import Language

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
HAN = re.compile(r"[\u3400-\u9fff]")
ASCII_WORD = re.compile(r"[A-Za-z]{2,}")
KEY_NAMES = {"Esc", "Enter", "Tab", "English"}
"""What a Chinese keyboard has printed on its keys, and the label of the language key, written for who reads it."""


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    """Return a counter at 09:10 whose people have set their PINs."""
    return Kiosk(tmp_path / "kiosk")


async def log_in(pilot: Pilot[int], number: str, pin: str = "") -> None:
    """Badge, Enter, PIN, F9."""
    await write(pilot, f"B{number}")
    await press(pilot, "enter")
    await write(pilot, pin or PINS[number])
    await press(pilot, "f9")


async def at_the_form(pilot: Pilot[int]) -> None:
    """The clerk opens, the salesperson comes, the form is open."""
    await log_in(pilot, CLERK)
    await press(pilot, "1")
    await log_in(pilot, SALES)
    await press(pilot, "1")


async def fill(pilot: Pilot[int], name: str, phone: str) -> None:
    """Fill name and phone of a personal slip."""
    await press(pilot, "enter")
    await write(pilot, name)
    await press(pilot, "enter", "enter", "enter")
    await write(pilot, phone)


def stamped(kiosk: Kiosk) -> list[SlipStamped]:
    """Return the slips in the journal."""
    return [event.fact for event in kiosk.desk.journal.events() if isinstance(event.fact, SlipStamped)]


def beside(app: KioskApp, label: str) -> str:
    """Return the line that a label begins."""
    return next(line for line in shown(app).splitlines() if line.strip().startswith(label))


# --- the way of a slip through the screens


@SIZES
async def test_a_slip_goes_through_the_screens_to_its_second_look(kiosk: Kiosk, size: tuple[int, int]) -> None:
    """Hand in, stamp, next one, the queue: each screen says where one is, and every line fits."""
    app = kiosk.app()
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.2)
        assert isinstance(app.screen, Start)
        await at_the_form(pilot)
        await fill(pilot, "王小明", "138 0013 8000")
        await press(pilot, "f9")
        assert isinstance(app.screen, StampScreen)
        assert "王小明" in shown(app)
        assert "138 0013 8000" in shown(app)
        await write(pilot, f"B{CLERK}")
        await press(pilot, "enter")  # what a scanner sends after the badge
        assert stamped(kiosk) == []
        await press(pilot, "f9")
        assert "本店已查，全公司待上报" in shown(app)
        await press(pilot, "f9", "9", "2")
        assert isinstance(app.screen, Queue)
        await press(pilot, "enter")
        assert isinstance(app.screen, SecondLook)
        await press(pilot, "f9")
        assert isinstance(app.screen, Queue)
        assert "都录入了" in shown(app)
        assert all(cell_len(line) <= size[0] for line in shown(app).splitlines())
    assert [fact.salesperson for fact in stamped(kiosk)] == [SALES]
    assert not kiosk.desk.entry_queue()


async def test_a_return_is_shown_by_the_clerk_and_signed_by_its_salesperson(kiosk: Kiosk) -> None:
    """The note gives clause and sentence, never the holder."""
    duty = kiosk.duty()
    kiosk.stamped("张三", "13800000001")
    kiosk.machine.run(DAY)
    kiosk.stamped("张三", "13800000001", by=OTHER)
    kiosk.desk.people.close_duty(duty)
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        await log_in(pilot, CLERK)
        await press(pilot, "7", "enter")
        assert "二.2.1" in shown(app)
        assert "陈明" not in shown(app)
        await press(pilot, "f9", "escape", "1")
        await log_in(pilot, OTHER)
        await press(pilot, "7")
        assert isinstance(app.screen, Returns)
        await press(pilot, "enter", "f9")
        assert "没有要退的单" in shown(app)
    assert kiosk.desk.returns.rows() == ()


# --- bad input: the sentence stands beside its field


@SIZES
async def test_a_wrong_pin_is_said_beside_the_pin_and_the_field_is_emptied(kiosk: Kiosk, size: tuple[int, int]) -> None:
    """With how many tries are left."""
    app = kiosk.app()
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.2)
        await log_in(pilot, CLERK, "000000")
        assert "还可以再试 4 次" in beside(app, "密码")
        assert isinstance(app.screen, Start)
        await write(pilot, PINS[CLERK])
        await press(pilot, "f9")
        assert isinstance(app.screen, Home)


@SIZES
@pytest.mark.parametrize(
    ("keys", "label", "says"),
    [
        (["enter", "张三"], "电话", "联系方式"),
        (["enter", "enter", "enter", "enter", "13800000001"], "客户姓名", "客户名称"),
        (["right", "enter", "甲公司", "enter", "enter", "enter", "enter", "021-5555"], "联系人", "联系人"),
        (["right", "enter", "enter", "enter", "enter", "王五", "enter", "021-5555"], "单位全称", "单位"),
    ],
    ids=["no contact", "no name", "no contact person", "no company name"],
)
async def test_what_is_missing_is_said_beside_its_field_and_nothing_is_handed_in(
    kiosk: Kiosk, size: tuple[int, int], keys: list[str], label: str, says: str
) -> None:
    """F9 goes to the first field that cannot be taken; what was typed stays."""
    app = kiosk.app()
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.2)
        await at_the_form(pilot)
        for key in keys:
            await (press(pilot, key) if key in ("enter", "right") else write(pilot, key))
        await press(pilot, "f9")
        assert isinstance(app.screen, SlipScreen)
        assert says in beside(app, label)
        typed = [key for key in keys if key not in ("enter", "right") and "0" not in key and "1" not in key]
        assert all(text in shown(app) for text in typed)
    assert kiosk.desk.pending() == ()


@SIZES
async def test_outside_the_hours_the_form_says_so_and_keeps_what_was_typed(kiosk: Kiosk, size: tuple[int, int]) -> None:
    """The next window is named; the form stays as a draft."""
    kiosk.machine.run(2 * HOUR)
    app = kiosk.app()
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.2)
        await at_the_form(pilot)
        assert "16:00" in shown(app)
        await fill(pilot, "王小明", "13800138000")
        await press(pilot, "f9")
        assert "下一个时段 03-02 16:00" in shown(app)
        assert "王小明" in shown(app)
    assert kiosk.desk.pending() == ()
    assert kiosk.desk.drafts.of(SALES)[0].values["name"] == "王小明"


async def test_another_badge_does_not_stamp_and_is_named(kiosk: Kiosk) -> None:
    """The clerk who opened the window is asked for by name."""
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        await at_the_form(pilot)
        await fill(pilot, "王小明", "13800138000")
        await press(pilot, "f9")
        await write(pilot, f"B{SALES}")
        await press(pilot, "f9")
        assert "王芳" in beside(app, "工牌")
        assert stamped(kiosk) == []
        await press(pilot, "f8")
        assert isinstance(app.screen, SlipScreen)
        assert "王小明" in shown(app)
    assert kiosk.desk.pending() == ()


# --- people come and go


async def test_the_first_login_asks_for_an_own_pin_twice(tmp_path: Path) -> None:
    """Two that differ are refused beside the field; then the login goes on by itself."""
    kiosk = Kiosk(tmp_path / "kiosk", pins_set=False)
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        await log_in(pilot, CLERK, START_PIN)
        await write(pilot, "604135")
        await press(pilot, "enter")
        await write(pilot, "604136")
        await press(pilot, "f9")
        assert "两遍不一样" in beside(app, "再输一遍")
        await write(pilot, "604135")
        await press(pilot, "f9")
        assert isinstance(app.screen, Home)


async def test_a_counter_left_alone_covers_itself_and_keeps_the_form(kiosk: Kiosk) -> None:
    """After a minute nothing of the customer is seen; the own PIN brings the form back."""
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        await at_the_form(pilot)
        await press(pilot, "enter")
        await write(pilot, "王小明")
        kiosk.seconds += 61.0
        app._look()
        await pilot.pause()
        assert isinstance(app.screen, Lock)
        assert "王小明" not in shown(app)
        assert kiosk.desk.drafts.of(SALES)[0].values["name"] == "王小明"
        await write(pilot, PINS[SALES])
        await press(pilot, "f9")
        assert "王小明" in shown(app)


async def test_the_clerk_may_end_a_covered_salespersons_work(kiosk: Kiosk) -> None:
    """F4: the salesperson is out, the draft stays, the clerk's own PIN is asked for."""
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        await at_the_form(pilot)
        await press(pilot, "enter")
        await write(pilot, "王小明")
        await press(pilot, "f2", "f4")
        await pilot.pause(0.2)
        assert isinstance(app.screen, Lock)
        await write(pilot, PINS[CLERK])
        await press(pilot, "f9")
        assert isinstance(app.screen, Home)
        assert app.person is None
        await press(pilot, "1")
        await log_in(pilot, SALES)
        assert "有一张没交的单" in shown(app)


# --- words


async def seen(kiosk: Kiosk, language: Language) -> dict[str, str]:
    """Walk through the screens and return what each shows, with F1's help on it."""
    duty = kiosk.duty()
    kiosk.stamped("张三", "13800000001")
    kiosk.machine.run(DAY)
    kiosk.stamped("张三", "13800000001", by=OTHER)
    kiosk.desk.people.close_duty(duty)
    kiosk.machine.run(MINUTE)
    app, found = kiosk.app(language), {}
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause(0.2)

        async def keep(name: str, *keys: str) -> None:
            await press(pilot, *keys)
            before = shown(app)
            await press(pilot, "f1")
            found[name] = before + "\n" + shown(app)

        await keep("start")
        await press(pilot, "f8")
        await log_in(pilot, CLERK)
        await keep("home")
        await keep("queue", "2")
        await keep("second look", "enter")
        await keep("returns", "escape", "escape", "7")
        await keep("note", "enter")
        await keep("log in", "escape", "escape", "1")
        await log_in(pilot, SALES)
        await keep("salesperson")
        await keep("claims", "6")
        await keep("claim", "enter")
        await keep("form", "escape", "escape", "1")
        await fill(pilot, "王小明", "13800138000")
        await keep("stamp", "f9")
        await write(pilot, f"B{CLERK}")
        await keep("done", "f9")
        await keep("lock", "f2")
    assert len(set(found.values())) == len(found) == 14
    return found


async def test_no_english_leaks_into_the_chinese_screens(kiosk: Kiosk) -> None:
    """A word in Latin letters is a key's name, a number of a slip or a badge; anything else was left untranslated."""
    for name, text in (await seen(kiosk, "zh")).items():
        words = {word for word in ASCII_WORD.findall(text) if word not in KEY_NAMES}
        assert words == set(), name


async def test_no_chinese_stays_on_the_english_screens(kiosk: Kiosk) -> None:
    """Only people's own names and the regulation's clause numbers are written in Han characters."""
    data = re.compile("中文|张三|王小明|陈明|李娜|王芳|赵强|东店|滨江|住宅|[一二三四五六](?=\\.|\\b)")
    for name, text in (await seen(kiosk, "en")).items():
        assert HAN.findall(data.sub("", text)) == [], name


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_option_of_a_choice_fits_on_eighty_columns(kiosk: Kiosk, language: Language) -> None:
    """An option that is cut off cannot be seen before it is chosen."""
    app = kiosk.app(language)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        await at_the_form(pilot)
        text = shown(app)
        choices = app.screen.query(Choice)
        assert len(choices) == 3
        for choice in choices:
            assert all(app.speak(words) in text for _, words in choice.options)
