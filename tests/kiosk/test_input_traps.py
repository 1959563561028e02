"""The traps that show without a terminal; each fix beside the sabotage (Textual as it is) that must fail."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
import tracemalloc
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from rich.cells import cached_cell_len, cell_len
from textual import events
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.validation import Length
from textual.widgets import DataTable, Input, Static

from kiosk.input_traps.keyboard import OrderedKeys
from kiosk.input_traps.leaving import FieldWatch
from kiosk.input_traps.memory import forget_closed_widgets
from kiosk.input_traps.screenshot import mended_svg
from kiosk.input_traps.text import FieldKind, cut, mended, typed
from kiosk.input_traps.width import certain, is_narrow, uncertain
from kiosk.widgets.key_bar import KeyBar
from kiosk.widgets.page_table import Column, Listed, PageTable
from kiosk.widgets.rows import Body
from kiosk.widgets.slip_input import SlipInput, masked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget


class Bench(OrderedKeys):
    """An app that shows the widgets it is given on one screen."""

    def __init__(self, *widgets: Widget) -> None:
        super().__init__()
        self.widgets = widgets
        self.said: list[str] = []

    def compose(self) -> ComposeResult:
        yield from self.widgets

    def on_slip_input_cut(self, message: SlipInput.Cut) -> None:
        self.said.append(message.lost)


# --- 2: the footer -----------------------------------------------------------------------------------------------


class Opened(Screen[None]):
    """One screen with a bottom line of keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        (f"f{number}", f"act({number})", f"act {number}") for number in range(2, 9)
    ]

    def __init__(self, bar: Widget) -> None:
        super().__init__()
        self.bar = bar

    def compose(self) -> ComposeResult:
        yield SlipInput(id="field")
        yield self.bar

    def action_act(self, number: int) -> None:
        """Do nothing."""


async def growth(close: Callable[[], None], screens: int = 40) -> float:
    """Return how many KiB stay behind for each screen opened and closed."""
    async with Bench().run_test() as pilot:

        async def once() -> None:
            await pilot.app.push_screen(Opened(KeyBar(str)))
            await pilot.pause()
            await pilot.app.pop_screen()
            close()

        for _ in range(10):
            await once()
        gc.collect()
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(screens):
            await once()
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return (after - before) / 1024 / screens


async def test_a_closed_screen_leaves_nothing_behind() -> None:
    """Three hundred slips a day open three hundred screens; less than 5 KiB may stay behind for each."""
    assert await growth(forget_closed_widgets) < 5


def test_no_text_that_was_measured_is_kept() -> None:
    """A customer's number, typed digit by digit, is not kept for its width once the form is closed."""
    for digits in range(1, 12):
        cell_len("13812345678"[:digits])
    assert cached_cell_len.cache_info().currsize > 10
    forget_closed_widgets()
    assert cached_cell_len.cache_info().currsize == 0


async def test_textual_as_it_is_keeps_every_closed_screen() -> None:
    """Sabotage: without the emptied cache even the one-line bar's screens pile up."""
    assert await growth(lambda: None) > 20


async def test_the_key_bar_shows_the_keys_that_work_and_leaves_out_whole_what_does_not_fit() -> None:
    """At 40 columns some keys are missing, none is cut in two."""
    bar = KeyBar(str)
    async with Bench().run_test(size=(40, 10)) as pilot:
        await pilot.app.push_screen(Opened(bar))
        await pilot.pause()
        line = bar.render().plain
    assert "F3  act 3" in line
    assert "act 6" not in line
    assert cell_len(line) <= 40
    assert line.rstrip()[-1].isdigit()


# --- 3: the kitty keyboard -----------------------------------------------------------------------------------------


def test_why_the_kitty_keyboard_is_not_asked_for() -> None:
    """Textual's parser gives up after 32 characters: four Han characters arrive, five are shredded into keys."""
    program = (
        "import sys; from textual._xterm_parser import XTermParser\n"
        "for text in ('张三李四', '张三李四王'):\n"
        "    codes = ':'.join(str(ord(character)) for character in text)\n"
        "    keys = XTermParser().feed('\\x1b[0;;' + codes + 'u')\n"
        "    print(''.join(key.character or '' for key in keys) == text)\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "TEXTUAL_DISABLE_KITTY_KEY"}
    told = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True", "False"]


# --- 5: the terminal loses the focus --------------------------------------------------------------------------------


class Watching(Bench):
    """A form of two fields, one way or the other."""

    def __init__(self) -> None:
        super().__init__(Input(id="a", validators=[Length(1)], validate_on=["blur"]), Input(id="b"))
        self.left: list[str] = []
        self.fields = FieldWatch(lambda field: self.left.append(str(field.id)))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.fields.focused(event.widget, self)


async def test_a_field_is_left_when_a_person_moves_not_when_the_window_does() -> None:
    """The clerk looks at another window and comes back: no field was left; Tab leaves one."""
    app = Watching()
    async with app.run_test() as pilot:
        app.post_message(events.AppBlur())
        await pilot.pause()
        app.post_message(events.AppFocus())
        await pilot.pause()
        assert app.left == []
        await pilot.press("tab")
        await app.keys_settled()
        assert app.left == ["a"]


async def test_textual_as_it_is_marks_an_untouched_field_when_the_window_goes_away() -> None:
    """Sabotage: validating on blur marks the empty field wrong although nobody left it."""
    app = Watching()
    async with app.run_test() as pilot:
        app.post_message(events.AppBlur())
        await pilot.pause()
        assert app.query_one("#a").has_class("-invalid")


# --- 6: nothing is refused in silence -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "kind", "expected"),
    [
        ("１３８－００００－０００１", FieldKind.PHONE, "138-0000-0001"),  # full-width digits
        ("  +86 138 0000 0001\u3000", FieldKind.PHONE, "+86 138 0000 0001"),
        ("８９", FieldKind.NUMBER, "89"),
        ("\u3000张\u3000三 ", FieldKind.TEXT, "张 三"),  # one kind of space, none at the ends
        ("Ａ栋", FieldKind.TEXT, "Ａ栋"),  # a name's letters stay as typed
        (" 00 1 ", FieldKind.SECRET, " 00 1 "),  # a PIN is never touched
    ],
)
def test_a_field_is_mended_when_it_is_left(raw: str, kind: FieldKind, expected: str) -> None:
    """Phones and numbers are folded, texts only trimmed."""
    assert mended(raw, kind) == expected


def test_control_and_format_characters_never_get_in() -> None:
    """A scanner's carriage return, a zero-width joiner and a direction mark are not part of a name."""
    assert typed("张\x00三\u200b\u202e\r\n李") == "张三  李"
    assert cut("abcdef", 4) == ("abcd", "ef")


async def test_a_paste_that_is_too_long_goes_in_as_far_as_it_fits_and_the_rest_is_said() -> None:
    """Eleven of thirteen digits are taken and the two lost ones are reported."""
    field = SlipInput(FieldKind.PHONE, limit=11, id="phone")
    app = Bench(field)
    async with app.run_test() as pilot:
        app.post_message(events.Paste("1380000000123"))
        await pilot.pause()
        await app.keys_settled()
        assert field.value == "13800000001"
        assert app.said == ["23"]


async def test_textual_as_it_is_takes_nothing_of_a_long_paste_and_says_nothing() -> None:
    """Sabotage: the stock field stays empty."""
    field = Input(max_length=11, id="phone")
    app = Bench(field)
    async with app.run_test() as pilot:
        app.post_message(events.Paste("1380000000123"))
        await pilot.pause()
        assert field.value == ""


async def test_the_text_as_typed_is_kept_beside_the_mended_one() -> None:
    """What the salesperson really typed can be shown in a dispute over a typing error."""
    field = SlipInput(FieldKind.PHONE, id="phone")
    async with Bench(field).run_test():
        field.fill("１３８００００００００１")
        assert field.raw == "１３８００００００００１"
        assert field.value.isascii()


async def test_enter_goes_to_the_next_field_and_never_submits() -> None:
    """Scanners send Enter after each code."""
    first, second = SlipInput(id="one"), SlipInput(id="two")
    app = Bench(first, second)
    async with app.run_test() as pilot:
        await pilot.press("1", "enter", "2")
        await app.keys_settled()
        assert (first.value, second.value) == ("1", "2")


async def test_a_phone_is_masked_as_soon_as_its_field_is_left() -> None:
    """Colleagues stand behind: only the first three and last two digits stay readable."""
    phone, other = SlipInput(FieldKind.PHONE, id="phone"), SlipInput(id="other")
    app = Bench(phone, other)
    async with app.run_test() as pilot:
        await pilot.press(*"13800000017")
        await app.keys_settled()
        assert phone._value.plain == "13800000017"
        await pilot.press("tab")
        await app.keys_settled()
        assert phone._value.plain == "138******17"
    assert masked("12345") == "12345"


# --- 7: long lists --------------------------------------------------------------------------------------------------


class Counted:
    """A register of any length that counts what is read from it."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.read = 0

    def count(self) -> int:
        return self.length

    def rows(self, first: int, limit: int) -> Sequence[Sequence[str]]:
        self.read += limit
        return [(f"{row}", f"客户{row}", "") for row in range(first, min(first + limit, self.length))]


async def test_a_list_of_two_hundred_thousand_reads_only_what_it_shows() -> None:
    """Going to the end and back reads a few pages, not the register."""
    pages = Counted(200_000)
    table = PageTable([Column("number", 8), Column("customer")], pages)
    app = Bench(table)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("end", "home", "pagedown", "down")
        await app.keys_settled()
        assert table.cursor == 23
        assert pages.read <= 5 * 64


async def fill_time(widget: str, rows: int) -> float:
    """Return the seconds until a list of so many rows is on the screen."""
    table: Any = PageTable([Column("number"), Column("customer")], Counted(rows)) if widget == "ours" else DataTable()
    async with Bench(table).run_test(size=(80, 24)) as pilot:
        start = time.perf_counter()
        if widget == "ours":
            table.show(Counted(rows))
        else:
            table.add_columns("number", "customer")
            table.add_rows((f"{row}", f"客户{row}") for row in range(rows))
        await pilot.pause()
        return time.perf_counter() - start


async def test_ten_thousand_rows_cost_no_more_than_ten_while_textuals_table_blocks() -> None:
    """Sabotage beside the fix: DataTable takes many times as long for the same rows."""
    assert await fill_time("theirs", 10_000) > 4 * await fill_time("ours", 10_000)


async def test_a_narrow_list_drops_the_last_columns_and_says_where_text_is_cut() -> None:
    """The most important columns come first; cut text ends in two dots; wide characters are never halved."""
    table = PageTable(
        [Column("a", 6), Column("b"), Column("c", 30)], Listed([("123456789", "中文" * 20, "gone", "good")])
    )
    async with Bench(table).run_test(size=(30, 6)) as pilot:
        await pilot.pause()
        line = table.render_line(1).text
    assert line.startswith("1234..")
    assert "gone" not in line
    assert ".." in line[7:]
    assert cell_len(line) == 30


# --- 8: what overlaps and what takes Tab -----------------------------------------------------------------------------


@pytest.mark.parametrize(("body", "stops"), [(Body, 2), (VerticalScroll, 3)], ids=["mended", "sabotage"])
async def test_tab_does_not_stop_at_the_scroller(body: type[Widget], stops: int) -> None:
    """Two fields in a scroller are two stops; Textual's own scroller is a third one that takes the typed text."""
    app = Bench(body(SlipInput(id="one"), SlipInput(id="two")))
    async with app.run_test():
        assert len(app.screen.focus_chain) == stops


# --- 9: pictures ----------------------------------------------------------------------------------------------------


async def test_a_picture_gives_chinese_its_cells() -> None:
    """Every run is as long as its cells, and nothing is fetched from the network."""
    app = Bench(Static("客户 ab 确认单"))
    async with app.run_test(size=(30, 3)):
        stock = app.export_screenshot()
    mended_picture = mended_svg(stock)
    assert 'textLength="24.4"' in mended_picture  # one Han character: two cells of 12.2
    assert "客户&#160;ab&#160;确认单" in stock  # sabotage: stock keeps one run, 10 characters long, for 15 cells
    assert "客户" not in mended_picture
    assert "cdnjs" not in mended_picture
    assert "Noto Sans Mono CJK SC" in mended_picture


def test_punctuation_of_uncertain_width_is_replaced_and_letters_stay() -> None:
    """A terminal that draws `·` two cells wide must not shift the columns after it."""
    assert uncertain("已盖章·3…") == "·…"
    assert uncertain(certain("已盖章·3… “好”")) == ""
    assert is_narrow(1)
    assert not is_narrow(2)
