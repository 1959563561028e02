"""The traps that Pilot hides, through a real pty: each fix, and the sabotage (Textual as it is) that must fail."""

from __future__ import annotations

import signal

import pytest

from tests.terminal.pty_screen import Terminal

MENDED = ["-m", "tests.terminal.trap_apps", "mended"]
STOCK = ["-m", "tests.terminal.trap_apps", "stock"]
F2, F3, F4, F9 = "\x1bOQ", "\x1bOR", "\x1bOS", "\x1b[20~"


def said_after(arguments: list[str], burst: str) -> str:
    """Return what the form says stands in its fields after one burst of keys on the start screen."""
    with Terminal(arguments) as terminal:
        terminal.see("START")
        terminal.pump(0.3)
        terminal.type(burst)
        terminal.pump(1.0)
        terminal.type(F9)
        terminal.see("SAID")
        return next(line for line in terminal.lines if "SAID" in line).strip()


BURST = F2 + "张三丰与家人\t13800000001"


def test_a_burst_of_name_tab_phone_lands_in_the_right_fields() -> None:
    """A scanner's burst that opens a screen, fills a field, tabs and fills the next loses nothing."""
    assert said_after(MENDED, BURST) == "SAID name=张三丰与家人 phone=13800000001."


def test_textual_as_it_is_misplaces_the_same_burst() -> None:
    """Sabotage: without the queue the same burst goes astray; if Textual mends this, the fix can go."""
    assert said_after(STOCK, BURST) != "SAID name=张三丰与家人 phone=13800000001."


def test_a_burst_that_says_everything_keeps_its_order_to_the_last_key() -> None:
    """Function keys in the same burst act on what was typed before them."""
    with Terminal(MENDED) as terminal:
        terminal.see("START")
        terminal.type(BURST + F9)
        terminal.see("SAID name=张三丰与家人 phone=13800000001.")


def test_a_paste_keeps_its_place_among_the_keys() -> None:
    """A pasted phone between two keys goes where the keys before it led."""
    with Terminal(MENDED) as terminal:
        terminal.see("START")
        terminal.type(F2 + "王\t\x1b[200~139\x1b[201~00" + F9)
        terminal.see("SAID name=王 phone=13900.")


@pytest.mark.parametrize(("arguments", "asked"), [(MENDED, False), (STOCK, True)], ids=["mended", "sabotage"])
def test_the_kitty_keyboard_is_never_asked_for(arguments: list[str], asked: bool) -> None:
    """A terminal that reports all keys shreds an input method's commit of five Han characters."""
    with Terminal(arguments, environment={"TEXTUAL_DISABLE_KITTY_KEY": ""}) as terminal:
        terminal.see("START")
        terminal.pump(0.2)
        assert (b"\x1b[>25u" in terminal.output) is asked


def caret(arguments: list[str]) -> tuple[int, int]:
    """Return where the terminal's cursor stands when the form has opened."""
    with Terminal(arguments) as terminal:
        terminal.see("START")
        terminal.pump(0.3)
        terminal.type(F2)
        terminal.see("FORM")
        terminal.pump(0.5)
        return terminal.screen.cursor.x, terminal.screen.cursor.y


def test_the_terminal_cursor_stands_in_the_first_field_of_a_new_screen() -> None:
    """An input method opens its candidates at the cursor; the name field's text starts in column 3, row 2."""
    x, y = caret(MENDED)
    assert y == 2
    assert 3 <= x <= 4


def test_textual_as_it_is_leaves_the_cursor_elsewhere() -> None:
    """Sabotage: without the fix the first candidate window opens in the wrong place."""
    assert caret(STOCK)[1] != 2


@pytest.mark.parametrize("arguments", [MENDED, STOCK], ids=["mended", "sabotage"])
def test_a_crash_shows_a_number_and_no_customer(arguments: list[str]) -> None:
    """Textual prints local variables; the counter prints an error number."""
    with Terminal(arguments) as terminal:
        terminal.see("START")
        terminal.pump(0.2)
        terminal.type(F4)
        assert terminal.end() == 1
        leaked = b"13800000001" in terminal.output
        assert leaked is (arguments is STOCK)
        if arguments is MENDED:
            assert b"ERROR NUMBER 42" in terminal.output


@pytest.mark.parametrize("arguments", [MENDED, STOCK], ids=["mended", "sabotage"])
def test_a_signal_to_end_gives_the_terminal_back(arguments: list[str]) -> None:
    """SIGTERM leaves the alternate screen, shows the cursor and puts the line settings back."""
    with Terminal(arguments) as terminal:
        terminal.see("START")
        terminal.pump(0.2)
        terminal.process.send_signal(signal.SIGTERM)
        terminal.end()
        restored = b"\x1b[?1049l" in terminal.output and terminal.settings()[3] == terminal.before[3]
        assert restored is (arguments is MENDED)


# --- input method, paste, window


def fields(arguments: list[str], *, environment: dict[str, str] | None = None) -> Terminal:
    """Open the two fields."""
    terminal = Terminal(arguments, environment=environment)
    terminal.see("START")
    terminal.pump(0.3)
    terminal.type(F3)
    terminal.see("FIELDS")
    terminal.pump(0.5)
    return terminal


def committed(terminal: Terminal, text: str) -> None:
    """Commit a text as an input method does: by a terminal that honours the kitty request as one key with its text."""
    asked = b"\x1b[>25u" in terminal.output
    codes = ":".join(str(ord(character)) for character in text)
    terminal.type(f"\x1b[0;;{codes}u" if asked else text)


@pytest.mark.parametrize("arguments", [MENDED, STOCK], ids=["mended", "sabotage"])
def test_six_han_characters_committed_at_once_all_arrive(arguments: list[str]) -> None:
    """A unit's name goes in whole; with the kitty keyboard asked for it does not."""
    with fields(arguments, environment={"TEXTUAL_DISABLE_KITTY_KEY": ""}) as terminal:
        committed(terminal, "滨江置业公司")
        terminal.pump(0.5)
        terminal.type(F9)
        terminal.see("SAID")
        whole = "SAID 6 滨江置业公司." in terminal.text
        assert whole is (arguments is MENDED), terminal.text


@pytest.mark.parametrize("arguments", [MENDED, STOCK], ids=["mended", "sabotage"])
def test_a_paste_of_two_hundred_characters_is_cut_aloud(arguments: list[str]) -> None:
    """What fits goes in and the rest is said; Textual's own field takes part of it or nothing, in silence."""
    with fields(arguments) as terminal:
        terminal.paste("张" * 200)
        terminal.pump(0.7)
        terminal.type(F9)
        terminal.see("SAID")
        said = "SAID 60 张张张张张张张张." in terminal.text and "CUT 140" in terminal.text
        assert said is (arguments is MENDED), terminal.text


@pytest.mark.parametrize("arguments", [MENDED, STOCK], ids=["mended", "sabotage"])
def test_a_terminal_that_loses_the_focus_leaves_no_field(arguments: list[str]) -> None:
    """Somebody looks into another window: the untouched field is not called wrong."""
    with fields(arguments) as terminal:
        terminal.type("\x1b[O")
        terminal.pump(0.7)
        called_wrong = "EMPTY name" in terminal.text
        assert called_wrong is (arguments is STOCK), terminal.text
        terminal.type("\x1b[I")
        terminal.pump(0.3)
        terminal.type(f"王{F9}")
        terminal.see("SAID 1 王.")


@pytest.mark.parametrize("arguments", [MENDED, STOCK], ids=["mended", "sabotage"])
def test_a_window_of_another_size_keeps_the_cursor_in_the_field(arguments: list[str]) -> None:
    """The input method's candidates open beside the field also after the window has grown and the field has moved."""
    with fields(arguments) as terminal:
        terminal.type("王小明")
        terminal.see("王小明")
        terminal.resize(120, 36)
        terminal.see(lambda grown: any("王小明" in line for line in grown.lines[13:]))
        terminal.pump(1.0)
        row = next(number for number, line in enumerate(terminal.lines) if "王小明" in line)
        assert row > 12
        assert (terminal.screen.cursor.y == row) is (arguments is MENDED), (terminal.screen.cursor.y, terminal.text)
