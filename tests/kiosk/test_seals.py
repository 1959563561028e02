"""封存: a seal at the end of each hand-in window and at closing up, once, whatever happens in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk.app import SEAL_IDLE
from kiosk.desk import Desk
from kiosk.screens.home import Home
from kiosk.screens.seal import Seal
from kiosk.screens.start import Start
from kiosk.words import LEXICON
from shared_rules.errors import RefusedError, UnavailableError
from shared_rules.evidence import open_receipt
from shared_rules.facts import Grade
from shared_rules.interval import DAY, HOUR, MINUTE, SECOND
from shared_rules.journal import Record, RecordKind
from shared_rules.seals import SealBody
from shared_rules.wire import decode_canonical
from tests.kiosk.counters import CLERK, PINS, Kiosk, press, shown, write
from tests.kiosk.places import slip
from tests.stamps import NINE_TEN

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from kiosk.app import KioskApp

TEN = NINE_TEN + 50 * MINUTE
FIVE = NINE_TEN + 7 * HOUR + 50 * MINUTE


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    """Return a counter at 09:10 with its window open and two slips stamped."""
    kiosk = Kiosk(tmp_path / "kiosk")
    kiosk.duty()
    kiosk.stamped("张三", "13800000001")
    kiosk.stamped("李四", "13800000002")
    return kiosk


def seals(kiosk: Kiosk) -> list[tuple[Record, SealBody]]:
    """Return every seal in the journal with its body."""
    journal = kiosk.desk.journal
    entries = journal.entries(0, 10_000, 1 << 30)
    pairs = [(Record.unpack(entry.record), entry) for entry in entries]
    return [(record, decode_canonical(entry.body, SealBody)) for record, entry in pairs if record.kind == 5]


def reopened(kiosk: Kiosk) -> None:
    """End the program and start it again."""
    kiosk.desk.close()
    kiosk.open()


def test_the_end_of_a_window_is_sealed_once(kiosk: Kiosk) -> None:
    """Not before it is over for certain, then once, however often somebody looks."""
    assert kiosk.desk.seals.work("zh") is None
    kiosk.machine.true, kiosk.machine.ran = TEN, kiosk.machine.ran + TEN - NINE_TEN
    assert kiosk.desk.journal.now().time.lo < TEN
    assert kiosk.desk.seals.work("zh") is None
    kiosk.machine.run(2 * SECOND)
    sealed = kiosk.desk.seals.work("zh")
    assert sealed is not None
    assert (sealed.end, sealed.slips) == (TEN, 2)
    kiosk.machine.run(HOUR)
    assert kiosk.desk.seals.work("zh") is None
    assert [(body.end, body.slips) for _, body in seals(kiosk)] == [(TEN, 2)]


def test_a_seal_carries_the_promise_to_stamp_nothing_earlier(kiosk: Kiosk) -> None:
    """The floor is in the signed body, counts from now on, and lies at or behind the window's end."""
    kiosk.machine.run(51 * MINUTE)
    kiosk.desk.seals.work("zh")
    ((record, body),) = seals(kiosk)
    assert TEN <= body.floor < record.time.lo + SECOND
    assert kiosk.desk.journal.floor == body.floor
    assert kiosk.desk.journal.pen.marks.read().floor == body.floor  # type: ignore[union-attr]


def test_a_seal_is_a_receipt_that_anybody_can_check(kiosk: Kiosk) -> None:
    """188 bytes under the kiosk's certificate, and not a word of a customer in its text."""
    kiosk.machine.run(51 * MINUTE)
    sealed = kiosk.desk.seals.work("zh")
    assert sealed is not None
    keys = kiosk.desk.journal.keys
    record = open_receipt(sealed.receipt, keys.signing.public_key(), keys.certificate)
    assert record.kind is RecordKind.SEAL
    assert record.prev == kiosk.desk.journal.chain.hash_at(record.log.inc, record.seq - 1)
    text = "\n".join(LEXICON.text(line, "zh") for line in sealed.lines)
    assert "10:00 以前盖的章已封存" in text
    assert not any(word in text for word in ("张三", "1380000", "封账", "floor", "anchor"))


def test_a_window_that_ended_while_the_counter_was_off_is_sealed_when_it_runs_again(kiosk: Kiosk) -> None:
    """One seal for the last of them: it covers the ones before."""
    kiosk.desk.close()
    kiosk.machine.reboot(2 * DAY)
    kiosk.open()
    kiosk.desk.journal.anchored(kiosk.authority.note(kiosk.machine), kiosk.machine.tick(), kiosk.machine.tick())
    sealed = kiosk.desk.seals.work("zh")
    assert sealed is not None
    assert sealed.end == FIVE + DAY
    assert kiosk.desk.seals.work("zh") is None
    assert len(seals(kiosk)) == 1


def test_a_new_kiosk_seals_no_window_that_ended_before_it_was_born(tmp_path: Path) -> None:
    """Nothing of it can be in there."""
    kiosk = Kiosk(tmp_path / "kiosk")
    assert kiosk.desk.seals.work("zh") is None
    assert kiosk.desk.seals.last() is None


def test_a_seal_survives_a_restart_and_is_not_made_again(kiosk: Kiosk) -> None:
    """What was sealed stands in the journal's own state, written with the record."""
    kiosk.machine.run(51 * MINUTE)
    made = kiosk.desk.seals.work("zh")
    reopened(kiosk)
    assert kiosk.desk.seals.work("zh") is None
    assert kiosk.desk.seals.last() == made


def test_a_seal_that_was_written_but_not_printed_is_printed_after_the_restart(kiosk: Kiosk) -> None:
    """A power cut between the two loses the paper only until somebody looks."""
    kiosk.machine.run(51 * MINUTE)
    kiosk.desk.journal.seal(TEN)
    reopened(kiosk)
    assert kiosk.desk.seals.work("zh") is None
    last = kiosk.desk.seals.last()
    assert last is not None
    assert kiosk.desk.printing.copies("seal", last.name) == 1
    assert list((kiosk.root / "spool").glob("*seal*"))


def test_a_disk_that_takes_nothing_seals_nothing_and_the_next_look_does(kiosk: Kiosk) -> None:
    """Nothing half done: no record, no floor, no mark that it was sealed."""
    kiosk.machine.run(51 * MINUTE)
    floor, connection = kiosk.desk.journal.floor, kiosk.desk.journal.database.conn
    connection.execute("PRAGMA query_only = ON")
    with pytest.raises(UnavailableError):
        kiosk.desk.seals.work("zh")
    connection.execute("PRAGMA query_only = OFF")
    assert (seals(kiosk), kiosk.desk.journal.floor) == ([], floor)
    assert kiosk.desk.seals.work("zh") is not None


def test_closing_up_seals_the_day_with_the_promise_to_the_next_opening(kiosk: Kiosk) -> None:
    """The last stamps of an evening wait for no window; a handover promises nothing and seals nothing."""
    until = NINE_TEN + 23 * HOUR
    assert kiosk.desk.people.close_duty(kiosk.desk.people.duty) == 0  # type: ignore[arg-type]
    assert seals(kiosk) == []
    assert kiosk.desk.people.close_duty(kiosk.duty(), until=until) == until
    ((_, body),) = seals(kiosk)
    assert (body.end, body.floor, body.slips) == (0, until, 2)
    with pytest.raises(RefusedError):
        kiosk.desk.journal.append(slip(kiosk.desk.journal))


def test_without_a_known_time_a_window_is_sealed_when_it_is_over_for_certain(tmp_path: Path) -> None:
    """Grade C promises only what the server once proved, and its seal says what its stamps say."""
    kiosk = Kiosk(tmp_path / "kiosk", anchored=False)
    kiosk.machine.run(52 * MINUTE)
    sealed = kiosk.desk.seals.work("zh")
    ((record, body),) = seals(kiosk)
    assert record.grade is Grade.C
    assert body.floor < TEN
    assert sealed is not None
    assert any("待服务器核定" in LEXICON.text(line, "zh") for line in sealed.lines)


def test_the_journal_with_seals_is_whole(kiosk: Kiosk) -> None:
    """Chain, signatures and bodies; and the facts are what they were."""
    before = list(kiosk.desk.journal.events())
    kiosk.machine.run(51 * MINUTE)
    kiosk.desk.seals.work("zh")
    kiosk.desk.journal.verify()
    assert list(kiosk.desk.journal.events()) == before


# --- on the screens


async def came_up(app: KioskApp, pilot: Pilot[int]) -> None:
    """Wait until the counter is open."""
    while not isinstance(app.screen, Start):
        await pilot.pause()
    await app.keys_settled()


async def at_the_home_a_window_ends(kiosk: Kiosk, app: KioskApp, pilot: Pilot[int]) -> None:
    """Open the clerk's home, and let the hand-in window end while nobody touches a key."""
    await came_up(app, pilot)
    app.push_screen(Home())
    await pilot.pause()
    kiosk.machine.run(51 * MINUTE)
    kiosk.seconds += SEAL_IDLE


async def test_the_home_shows_the_code_when_a_window_ends(kiosk: Kiosk) -> None:
    """Any of Enter, F9 and Esc goes back; F10 shows it again, F10 there prints another."""
    app = kiosk.app()
    async with app.run_test(size=(120, 36)) as pilot:
        await at_the_home_a_window_ends(kiosk, app, pilot)
        app._seal_when_due()
        await pilot.pause()
        assert isinstance(app.screen, Seal)
        assert "10:00 以前盖的章已封存" in shown(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, Home)
        await press(pilot, "f10")
        assert isinstance(app.screen, Seal)
        await press(pilot, "f10")
        last = kiosk.desk.seals.last()
        assert last is not None
        assert kiosk.desk.printing.copies("seal", last.name) == 2


async def test_a_salesperson_at_work_is_not_interrupted(kiosk: Kiosk) -> None:
    """The line above the keys says it; the screen stays."""
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await at_the_home_a_window_ends(kiosk, app, pilot)
        app.person = kiosk.log_in()
        app._seal_when_due()
        await pilot.pause()
        assert isinstance(app.screen, Home)
        assert "已封存" in shown(app)


async def test_a_clerk_in_the_middle_of_typing_is_not_interrupted(kiosk: Kiosk) -> None:
    """A key meant for the home must not land on a screen that came up by itself; the line says it instead."""
    app = kiosk.app()
    async with app.run_test(size=(120, 36)) as pilot:
        await at_the_home_a_window_ends(kiosk, app, pilot)
        await press(pilot, "down")
        app._seal_when_due()
        await pilot.pause()
        assert isinstance(app.screen, Home)
        assert "已封存" in shown(app)


async def test_before_the_first_seal_there_is_none_to_show(tmp_path: Path) -> None:
    """F10 at the closed window says so."""
    kiosk = Kiosk(tmp_path / "kiosk")
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await came_up(app, pilot)
        await press(pilot, "f10")
        assert "还没有封存码" in shown(app)


async def test_closing_up_shows_the_code_over_the_closed_window(tmp_path: Path) -> None:
    """The last thing that the clerk sees of the day; Esc leaves the window closed."""
    kiosk = Kiosk(tmp_path / "kiosk")
    app = kiosk.app()
    async with app.run_test(size=(120, 36)) as pilot:
        await came_up(app, pilot)
        await write(pilot, f"B{CLERK}")
        await press(pilot, "enter")
        await write(pilot, PINS[CLERK])
        await press(pilot, "f9", "8", "3")
        assert isinstance(app.screen, Seal)
        await press(pilot, "escape")
        assert isinstance(app.screen, Start)


def test_a_desk_knows_its_seals(kiosk: Kiosk) -> None:
    """The verbs are there for scripts and the line-by-line counter, too."""
    assert isinstance(kiosk.desk, Desk)
    assert kiosk.desk.seals.last() is None
