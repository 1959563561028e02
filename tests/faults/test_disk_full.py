"""A full or failing disk: not stamped, said so, nothing half-written, and stamping goes on once there is room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kiosk.journal import Journal
from shared_rules.errors import UnavailableError
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
