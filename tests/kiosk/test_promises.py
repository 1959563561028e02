"""A clock that once said 2099 makes no promise, and one that an older release made is given up by the operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from click.testing import CliRunner

from kiosk.cli import Words
from kiosk.cli.kiosk import kiosk as kiosk_command
from shared_rules.errors import RefusedError
from shared_rules.facts import DutyClosed, Grade
from shared_rules.interval import DAY, HOUR, SECOND, from_datetime, to_datetime
from shared_rules.journal import Record, RecordKind
from shared_rules.protocol import LONGEST_PROMISE, Head
from shared_rules.wire import decode_canonical
from tests.kiosk.counters import Kiosk
from tests.kiosk.machine import Machine
from tests.kiosk.places import Authority, opened, slip
from tests.kiosk.test_journal import synchronise

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kiosk.config import Folder
    from kiosk.journal import Journal

YEARS = 73 * 365 * DAY
FAR = from_datetime(to_datetime(0).replace(year=2099, month=1, day=5, hour=9))


@pytest.fixture
def authority() -> Authority:
    """Return a server reduced to its keys."""
    return Authority()


@pytest.fixture
def machine() -> Machine:
    """Return a machine whose time the test moves."""
    return Machine()


@pytest.fixture
def folder(authority: Authority, tmp_path: Path) -> Folder:
    """Return an enrolled kiosk."""
    return authority.enrol(tmp_path / "kiosk")


@pytest.fixture
def journal(folder: Folder, machine: Machine, authority: Authority) -> Iterator[Journal]:
    """Return its journal, synchronised."""
    journal = opened(folder, machine)
    synchronise(journal, authority, machine)
    yield journal
    journal.close()


def believing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the journal promise whatever it is told, as releases before this one did."""
    monkeypatch.setattr("kiosk.journal.latest_promise", lambda _: 2 * FAR)


def floor_of(journal: Journal) -> int:
    """Return what the journal's next head promises."""
    return decode_canonical(journal.head(cursor="").payload, Head).floor


@pytest.mark.parametrize("sabotaged", [False, True], ids=["as it is", "sabotage: no bound"])
def test_a_battery_clock_that_says_2099_promises_nothing_and_stamping_goes_on_once_the_server_is_heard(
    journal: Journal, authority: Authority, machine: Machine, monkeypatch: pytest.MonkeyPatch, *, sabotaged: bool
) -> None:
    """Without the bound the same clerk, the same day, leaves a kiosk that refuses every stamp for 73 years."""
    machine.reboot(HOUR, battery_error=YEARS)
    wrong = journal.now()
    assert wrong.grade is Grade.B
    with monkeypatch.context() as patch:
        if sabotaged:
            believing(patch)
        assert journal.may_promise(wrong.time.hi + 12 * HOUR) is sabotaged
        journal.promise_floor(wrong.time.hi + 12 * HOUR)
        assert (floor_of(journal) > machine.true + YEARS - DAY) is sabotaged
    machine.wall_offset = 0
    synchronise(journal, authority, machine)
    machine.run(30 * SECOND)
    if sabotaged:
        with pytest.raises(RefusedError, match="new-journal"):
            journal.append(slip(journal))
    else:
        assert journal.append(slip(journal)).time.lo <= machine.true


def test_the_longest_promise_is_the_one_that_the_server_takes(journal: Journal, machine: Machine) -> None:
    """A long holiday can be promised to the microsecond of the bound, and not a microsecond more."""
    proved = journal.now().time.lo
    before = journal.floor
    assert journal.promise_floor(proved + LONGEST_PROMISE + 1) == before
    assert journal.promise_floor(proved + LONGEST_PROMISE) == proved + LONGEST_PROMISE


def test_the_clerk_closes_up_whatever_the_clock_says_and_is_told_what_was_promised(tmp_path: Path) -> None:
    """The record of closing up says the promise that stands, not the one that was asked for."""
    kiosk = Kiosk(tmp_path / "k")
    try:
        assert kiosk.desk.people.close_duty(kiosk.duty(), until=FAR) == 0
        tomorrow = kiosk.machine.true + 12 * HOUR
        assert kiosk.desk.people.close_duty(kiosk.duty(), until=tomorrow) == tomorrow
        told = [event.fact.floor for event in kiosk.desk.journal.events() if isinstance(event.fact, DutyClosed)]
        assert told == [0, tomorrow]
    finally:
        kiosk.desk.close()


@pytest.fixture
def stuck(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> Journal:
    """Return a journal that an older release let promise 2099, after it had promised this evening."""
    with monkeypatch.context() as patch:
        believing(patch)
        patch.setattr("kiosk.journal.Journal._keep_promise", lambda *_: None)
        evening = journal.now().time.lo + HOUR
        for until in (evening, FAR):
            journal.append(DutyClosed(clerk="201", floor=until))
    return journal


def test_a_new_life_gives_up_what_a_wrong_clock_promised_and_keeps_what_was_promised_in_reason(
    stuck: Journal, machine: Machine
) -> None:
    """Recorded in its genesis with its parent; slip numbers go on, the clock stays as good as it was."""
    old, last = stuck.log, stuck.last_seq
    evening = min(event.fact.floor for event in stuck.events() if isinstance(event.fact, DutyClosed))
    assert stuck.promise_is_void
    assert stuck.void_promise() == FAR
    assert stuck.log != old
    genesis = stuck.chain.entry(stuck.log.inc, 1)
    assert genesis is not None
    told = msgspec.json.decode(genesis.body)
    assert (told["reason"], told["voided"], told["parent_inc"]) == ("promise_void", FAR, old.inc)
    assert told["parent_seq"] >= last
    assert Record.unpack(genesis.record).kind is RecordKind.GENESIS
    assert (stuck.floor, stuck.promise_is_void) == (evening, False)
    with pytest.raises(RefusedError, match="收工"):
        stuck.append(slip(stuck))
    machine.run(HOUR + SECOND)
    assert stuck.next_slip_number().endswith("-000001")
    assert stuck.append(slip(stuck)).grade is Grade.A
    stuck.verify()


def test_a_promise_in_reason_is_never_given_up(journal: Journal, machine: Machine) -> None:
    """An operator who wants to stamp before the opening is told no, and nothing is written."""
    journal.promise_floor(machine.true + 20 * DAY)
    log = journal.log
    with pytest.raises(RefusedError, match="须照承诺"):
        journal.void_promise()
    assert journal.log == log


def test_without_a_synchronised_clock_nobody_can_tell_that_a_promise_was_wrong(
    stuck: Journal, machine: Machine
) -> None:
    """After a reboot the battery clock may be the wrong one: first the network."""
    machine.reboot(HOUR)
    assert not stuck.promise_is_void
    with pytest.raises(RefusedError, match="对时"):
        stuck.void_promise()


def test_giving_up_survives_a_restart_and_a_power_cut_before_the_anchor_file_was_written(
    stuck: Journal, folder: Folder, machine: Machine, authority: Authority
) -> None:
    """With the old anchor file the remedy has to be repeated; the next life can be given up in the same way."""
    before = folder.anchor.read_bytes()
    stuck.void_promise()
    log = stuck.log
    stuck.close()
    again = opened(folder, machine)
    assert (again.log, again.promise_is_void) == (log, False)
    again.close()
    folder.anchor.write_bytes(before)
    again = opened(folder, machine)
    synchronise(again, authority, machine)
    assert again.log != log
    assert again.promise_is_void
    again.void_promise()
    machine.run(2 * HOUR)
    again.append(slip(again))
    again.close()


def test_the_command_begins_the_new_life_and_says_so_in_english(
    stuck: Journal, folder: Folder, monkeypatch: pytest.MonkeyPatch, machine: Machine
) -> None:
    """One line for the operator; asked again it refuses."""
    monkeypatch.setattr("kiosk.practice.ticks_of", lambda _: machine)
    monkeypatch.setattr("kiosk.journal.machine_id", lambda: "machine")
    stuck.close()
    result = CliRunner().invoke(kiosk_command, ["new-journal", "--dir", str(folder.root)], obj=Words("en"))
    assert (result.exit_code, "2099-01-05" in result.output, "alarmed" in result.output) == (0, True, True)
    again = CliRunner().invoke(kiosk_command, ["new-journal", "--dir", str(folder.root)], obj=Words("en"))
    assert isinstance(again.exception, RefusedError)
