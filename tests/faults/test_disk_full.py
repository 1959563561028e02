"""A full or failing disk: not stamped, said so, nothing half-written, and stamping goes on once there is room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from kiosk.journal import Journal
from shared_rules.errors import UnavailableError
from shared_rules.facts import DutyClosed
from shared_rules.interval import DAY
from shared_rules.journal import RecordKind
from shared_rules.wire import encode_fact
from tests.faults.disk import Disk, Fault, connection
from tests.faults.power_cut import Marks, _leave, _place, begun
from tests.kiosk.machine import Machine
from tests.kiosk.places import slip

OPERATIONS = 40
"""More than a stamp needs; those beyond its last one let it through, and the test says so."""


@pytest.fixture
def desk() -> Iterator[tuple[Disk, Journal]]:
    """Return a journal that stands, and its disk.

    No checkpoint comes in between: SQLite passes over one that fails, but apsw reports it as the commit's error.
    """
    disk, mark, _, _, machine = begun()
    disk = disk.image()
    again = Machine(machine.true, boots=machine.boots, ran=machine.ran)
    again.reboot(10**7)
    journal = Journal.open(
        _place(), ticks=again, random=bytes, machine="m",
        connect=connection(disk), marks=Marks(disk, mark),
    )  # fmt: skip
    yield disk, journal
    disk.fault = Fault()
    _leave(disk, journal)


def strike(disk: Disk, kind: str, at: int) -> None:
    """Let the fault come at an operation from now on."""
    disk.operations, disk.fault = 0, Fault(at, kind)


def attempt(journal: Journal) -> str:
    """Stamp; return what the clerk is told where it fails, "" where it stands."""
    try:
        journal.append(slip(journal))
    except UnavailableError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("kind", ["full", "ioerr"])
def test_at_whatever_operation_the_disk_fails_a_stamp_is_whole_or_not_at_all(
    desk: tuple[Disk, Journal], kind: str
) -> None:
    """The sentence says "not stamped"; number, sequence and clock stand where they stood; the next stamp succeeds."""
    disk, journal = desk
    refused = 0
    for at in range(1, OPERATIONS):
        number, seq, clock = journal.next_slip_number(), journal.last_seq, journal.clock.state
        strike(disk, kind, at)
        said = attempt(journal)
        disk.fault = Fault()
        if said:
            refused += 1
            assert "没有盖章" in said
            assert (journal.next_slip_number(), journal.last_seq) == (number, seq)
            assert journal.clock.state == clock
            assert attempt(journal) == ""
        assert journal.last_seq > seq
        journal.verify()
    assert 2 < refused < OPERATIONS - 1, "some operations must refuse, and the last ones come after the stamp"
    assert len({event.fact.slip for event in journal.events() if hasattr(event.fact, "slip")}) == 3 + OPERATIONS - 1


def closed(journal: Journal) -> DutyClosed:
    """Return the closing of a window that promises a day without stamps."""
    return DutyClosed(clerk="K1", floor=journal.now().time.hi + DAY)


def closed_and_promised_apart(journal: Journal, fact: DutyClosed) -> None:
    """The sabotage: the promise follows in a transaction of its own."""
    with journal.pen.writing():
        journal.pen.add(RecordKind.FACT, encode_fact(fact), journal.pen.read())
    journal.promise_floor(fact.floor)


def promises_signed_and_not_kept(desk: tuple[Disk, Journal], close: Callable[[Journal, DutyClosed], object]) -> int:
    """Let the disk fail at each operation of a closing; count the floors that stand signed and bind nobody."""
    disk, journal = desk
    broken = 0
    for at in range(1, OPERATIONS):
        fact, seq = closed(journal), journal.last_seq
        strike(disk, "full", at)
        with suppress(UnavailableError):
            close(journal, fact)
        disk.fault = Fault()
        broken += journal.last_seq > seq and journal.floor < fact.floor
        if journal.floor >= fact.floor:
            break
    return broken


def test_what_a_closing_signs_is_promised_with_it_or_neither(desk: tuple[Disk, Journal]) -> None:
    """A floor in the log that the counter does not keep would make slips of the evening late."""
    assert promises_signed_and_not_kept(desk, Journal.append) == 0
    assert desk[1].floor > 0


def test_a_promise_in_a_transaction_of_its_own_is_caught(desk: tuple[Disk, Journal]) -> None:
    """The sabotage leaves a signed floor that binds nobody."""
    assert promises_signed_and_not_kept(desk, closed_and_promised_apart) > 0


def test_an_anchor_file_that_cannot_be_written_is_known_and_the_stamp_stands(desk: tuple[Disk, Journal]) -> None:
    """The commit is on the disk: the clerk is told, and doctor says that the anchor file lags."""
    disk, journal = desk
    for at in range(1, OPERATIONS):
        strike(disk, "full", at)
        try:
            journal.append(slip(journal))
        except UnavailableError:
            continue
        finally:
            disk.fault = Fault()
        if journal.pen.mark_lags:
            break
    assert journal.pen.mark_lags
    journal.append(slip(journal))
    assert not journal.pen.mark_lags


def test_a_disk_that_swallows_the_error_is_caught(desk: tuple[Disk, Journal], monkeypatch: pytest.MonkeyPatch) -> None:
    """The sabotage: a write that fails and says nothing leaves a journal that does not verify, or a record less."""
    disk, journal = desk
    monkeypatch.setattr(Disk, "operation", lambda self, **_: self.operations < 0)
    written = journal.append(slip(journal))
    monkeypatch.undo()
    _leave(disk, journal)
    left = disk.after_the_cut(1)
    again = Journal.open(
        _place(), ticks=Machine(), random=lambda size: bytes(range(size)), machine="m", connect=connection(left),
        marks=Marks(left, begun()[1]),
    )  # fmt: skip
    assert again.chain.hash_at(written.record.log.inc, written.seq) != written.record.digest()
    _leave(left, again)
