"""The journal over real files: nothing half-written, nothing changed unseen, no old life continued on doubt."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kiosk.config import Folder
from kiosk.database import Database, open_database, transaction
from shared_rules.errors import EvidenceError, InputError, RefusedError, UnavailableError
from shared_rules.evidence import verify_record
from shared_rules.facts import DutyOpened, Grade
from shared_rules.interval import HOUR, OPEN, SECOND
from shared_rules.journal import Record, RecordKind, check_body
from shared_rules.protocol import Head
from shared_rules.timekeeping import AnchorBody
from shared_rules.wire import decode_canonical
from shared_rules.words import say
from tests.kiosk.machine import Machine
from tests.kiosk.places import Authority, opened, slip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk.journal import Journal

DUTY = DutyOpened(clerk="201", office="E")


@pytest.fixture
def authority() -> Authority:
    """Return a server reduced to its keys."""
    return Authority()


@pytest.fixture
def folder(authority: Authority, tmp_path: Path) -> Folder:
    """Return an enrolled kiosk."""
    return authority.enrol(tmp_path / "kiosk")


@pytest.fixture
def machine() -> Machine:
    """Return its machine."""
    return Machine()


@pytest.fixture
def journal(folder: Folder, machine: Machine) -> Iterator[Journal]:
    """Return its journal."""
    journal = opened(folder, machine)
    yield journal
    journal.close()


def open_files() -> set[Path]:
    """Return the files that this process holds open."""
    return {Path(one).resolve() for one in Path("/proc/self/fd").iterdir()}


def synchronise(journal: Journal, authority: Authority, machine: Machine) -> None:
    """Exchange one anchor with the server."""
    sent = machine.tick()
    machine.run(500)
    note = authority.note(machine)
    machine.run(500)
    journal.anchored(note, sent, machine.tick())


def kinds(journal: Journal) -> list[RecordKind]:
    """Return what the records of this life are."""
    return [Record.unpack(entry.record).kind for entry in journal.entries(0, 500, 1 << 20)]


def test_a_stamp_before_any_anchor_is_grade_c_with_an_open_end_and_signed(journal: Journal) -> None:
    """The first morning without a network is no reason not to stamp."""
    written = journal.append(slip(journal))
    assert (written.grade, written.time.hi, written.seq) == (Grade.C, OPEN, 2)
    verify_record(written.record, written.signature, journal.keys.signing.public_key(), journal.keys.certificate)
    assert kinds(journal) == [RecordKind.GENESIS, RecordKind.FACT]
    journal.verify()


def test_an_anchor_bounds_the_time_and_is_recorded_only_when_it_tells_something(
    journal: Journal, authority: Authority, machine: Machine
) -> None:
    """Heartbeats must not fill the journal with anchors."""
    for _ in range(5):
        synchronise(journal, authority, machine)
        machine.run(SECOND)
    assert kinds(journal).count(RecordKind.ANCHOR) == 1
    written = journal.append(slip(journal))
    assert written.grade is Grade.A
    assert written.time.lo <= machine.true <= written.time.hi
    body = decode_canonical(journal.entries(1, 1, 1)[0].body, AnchorBody)
    assert body.sent < body.received
    machine.run(HOUR)
    synchronise(journal, authority, machine)
    assert kinds(journal).count(RecordKind.ANCHOR) == 2


def test_an_anchor_of_another_server_is_not_believed(journal: Journal, machine: Machine) -> None:
    """Whoever could sign the time could back-date a slip."""
    stranger = Authority()
    stranger.server = stranger.ca.kiosk("stranger", secret=4242)
    with pytest.raises(EvidenceError):
        synchronise(journal, stranger, machine)
    assert journal.now().grade is Grade.C


def test_a_reboot_and_a_clock_set_back_stand_in_the_journal(
    folder: Folder, authority: Authority, machine: Machine
) -> None:
    """What the witnesses said is evidence too."""
    journal = opened(folder, machine)
    synchronise(journal, authority, machine)
    journal.close()
    machine.reboot(HOUR)
    again = opened(folder, machine)
    machine.wall_offset -= 22 * HOUR
    machine.run(SECOND)
    again.append(DUTY)
    assert kinds(again)[-3:] == [RecordKind.BOOT, RecordKind.CLOCK_EVENT, RecordKind.FACT]
    assert again.log == journal.log
    again.close()


def test_facts_come_back_decrypted_with_their_time_and_the_files_show_no_name(journal: Journal, folder: Folder) -> None:
    """Whoever takes the disk reads no customer off it."""
    fact = slip(journal, name="欧阳无忌", phone="13912345678")
    written = journal.append(fact)
    (event,) = journal.events()
    assert (event.fact, event.time, event.seq, event.log) == (fact, written.time, written.seq, journal.log)
    assert journal.event(written.seq) == event
    assert list(journal.events(after=written.position)) == []
    for path in folder.root.rglob("*"):
        if path.is_file():
            assert "欧阳无忌".encode() not in path.read_bytes()
            assert b"13912345678" not in path.read_bytes()
            assert path.stat().st_mode & 0o077 == 0, path.name


def test_entries_fit_their_records(journal: Journal) -> None:
    """What travels is what was signed."""
    journal.append(slip(journal))
    for entry in journal.entries(0, 500, 1 << 20):
        check_body(Record.unpack(entry.record), entry.salt, entry.body)
    assert len(journal.entries(0, 500, 1)) == 1
    assert len(journal.entries(0, 1, 1 << 20)) == 1


def test_slip_numbers_go_up_and_are_never_given_twice(journal: Journal) -> None:
    """The number is the claim's name for ever."""
    first = slip(journal)
    assert first.slip == "E-1-000001"
    journal.append(first)
    assert journal.next_slip_number() == "E-1-000002"
    with pytest.raises(InputError, match="E-1-000001"):
        journal.append(first)
    assert journal.next_slip_number() == "E-1-000002"


def test_a_failing_row_of_the_caller_leaves_nothing_behind(journal: Journal) -> None:
    """Record, number, clock and rows are one transaction or none."""
    before = (journal.last_seq, journal.next_slip_number(), journal.clock.state)

    def refuse(db: Database) -> None:
        db.run("UPDATE lives SET forked = 1")
        raise UnavailableError(say("磁盘"))

    with pytest.raises(UnavailableError):
        journal.append(slip(journal), with_writes=refuse)
    assert (journal.last_seq, journal.next_slip_number(), journal.clock.state) == before
    assert journal.unsent == 1
    assert journal.append(slip(journal)).seq == 2
    journal.verify()


def stamp_many(journal: Journal) -> None:
    """Stamp until something gives."""
    for _ in range(200):
        journal.append(slip(journal, name="长" * 2000))


def test_a_full_disk_means_not_stamped_and_says_so(journal: Journal) -> None:
    """A stamp that is not on the disk must not look like one."""
    pages = journal.database.one("PRAGMA page_count")
    assert pages is not None
    journal.database.conn.execute(f"PRAGMA max_page_count = {pages[0]}")
    with pytest.raises(UnavailableError, match="磁盘已满"):
        stamp_many(journal)
    journal.database.conn.execute("PRAGMA max_page_count = 1000000")
    last = journal.last_seq
    assert journal.append(DUTY).seq == last + 1
    journal.verify()


def test_records_refuse_to_be_changed_or_deleted(journal: Journal) -> None:
    """A program of ours that tried would fail at once."""
    for statement in ("UPDATE records SET seq = 9", "DELETE FROM records", "UPDATE bodies SET sealed = x'00'"):
        with pytest.raises(Exception, match="never"), transaction(journal.database):
            journal.database.run(statement)


@pytest.mark.parametrize(
    "sabotage",
    [
        "UPDATE records SET record = zeroblob(124) WHERE seq = 2",
        "UPDATE records SET hash = zeroblob(32) WHERE seq = 2",
        "DELETE FROM records WHERE seq = 2",
    ],
)
def test_tampering_is_found_at_the_next_start(folder: Folder, machine: Machine, sabotage: str) -> None:
    """Root on the kiosk can drop our triggers, but not mend the chain without the pockets' receipts noticing."""
    journal = opened(folder, machine)
    for _ in range(3):
        journal.append(DUTY)
    for trigger in ("records_stand", "records_stay"):
        journal.database.conn.execute(f"DROP TRIGGER {trigger}")
    journal.database.conn.execute("PRAGMA foreign_keys = OFF")
    journal.database.conn.execute(sabotage)
    journal.close()
    with pytest.raises(EvidenceError) as refused:
        opened(folder, machine)
    assert refused.tb is not None
    assert folder.database not in open_files()


def test_a_signature_or_body_that_was_touched_is_found_by_verify(journal: Journal) -> None:
    """Doctor and auditors walk the whole chain with the key."""
    journal.append(DUTY)
    journal.verify()
    db = journal.database.conn
    db.execute("DROP TRIGGER records_stand")
    db.execute("UPDATE records SET signature = zeroblob(64) WHERE seq = 2")
    with pytest.raises(EvidenceError):
        journal.verify()


def test_sealed_bodies_cannot_change_places(journal: Journal) -> None:
    """A body is bound to its record."""
    journal.append(slip(journal, name="甲"))
    journal.append(slip(journal, name="乙"))
    db = journal.database.conn
    db.execute("DROP TRIGGER bodies_stand")
    db.execute("UPDATE bodies SET sealed = (SELECT sealed FROM bodies WHERE position = 3) WHERE position = 2")
    with pytest.raises(EvidenceError):
        list(journal.events())


def test_an_erased_body_leaves_a_chain_that_holds(journal: Journal) -> None:
    """Erasing a person takes body and salt; the record stays."""
    written = journal.append(slip(journal))
    with transaction(journal.database):
        assert journal.chain.erase(journal.log.inc, written.seq, b"")
    journal.verify()
    assert list(journal.events()) == []


def test_a_restart_continues_the_same_life(folder: Folder, machine: Machine) -> None:
    """Nothing is in doubt after a clean stop, nor after a crash between commit and anchor file."""
    journal = opened(folder, machine)
    old = folder.anchor.read_bytes()
    journal.append(DUTY)
    journal.close()
    folder.anchor.write_bytes(old)
    again = opened(folder, machine)
    assert (again.log, again.last_seq) == (journal.log, 2)
    again.close()


def test_a_database_restored_from_a_backup_gets_a_new_life_that_names_its_parent(
    folder: Folder, machine: Machine, tmp_path: Path
) -> None:
    """The lost tail may be in somebody's pocket: its numbers are never used again."""
    journal = opened(folder, machine)
    journal.append(slip(journal))
    journal.close()
    shutil.copy(folder.database, tmp_path / "backup.db")
    journal = opened(folder, machine)
    journal.append(slip(journal))
    lost = journal.last_seq
    journal.close()
    for path in folder.root.glob("kiosk.db*"):
        path.unlink()
    shutil.copy(tmp_path / "backup.db", folder.database)
    again = opened(folder, machine)
    assert again.log != journal.log
    assert again.next_slip_number() == "E-1-000003"
    genesis = again.entries(0, 1, 1)[0].body.decode()
    assert f'"parent_inc":{journal.log.inc}' in genesis
    assert f'"parent_seq":{lost}' in genesis
    assert len(list(again.events())) == 1
    assert len(again.entries(0, 9, 1 << 20, journal.log)) == 2
    again.close()


@pytest.mark.parametrize("case", ["no anchor file", "other machine", "database lost"])
def test_on_doubt_a_new_life_begins_and_slip_numbers_jump_where_the_old_end_is_unknown(
    folder: Folder, machine: Machine, case: str
) -> None:
    """Two machines with one folder must not give one number to two slips."""
    journal = opened(folder, machine)
    journal.append(slip(journal))
    journal.close()
    if case == "no anchor file":
        folder.anchor.unlink()
    if case == "database lost":
        for path in folder.root.glob("kiosk.db*"):
            path.unlink()
    again = opened(folder, machine, "another" if case == "other machine" else "machine")
    assert again.log.inc != journal.log.inc
    number = int(again.next_slip_number().rpartition("-")[2])
    assert number == 2 if case == "database lost" else number > 10_000
    assert again.now().grade is Grade.C
    again.close()


def test_two_programs_never_write_one_journal(journal: Journal, folder: Folder, machine: Machine) -> None:
    """The second window is told to close."""
    with pytest.raises(UnavailableError, match="已经开着"):
        opened(folder, machine)


def test_the_floor_of_the_heads_never_falls_and_follows_the_clock(
    journal: Journal, authority: Authority, machine: Machine
) -> None:
    """Every head promises up to the lower bound of now."""
    synchronise(journal, authority, machine)
    floors = []
    for _ in range(3):
        head = decode_canonical(journal.head(cursor="").payload, Head)
        floors.append(head.floor)
        assert journal.floor == head.floor
        assert head.floor < journal.append(DUTY).time.lo
        machine.run(SECOND)
    assert floors == sorted(set(floors))


def test_nothing_is_stamped_before_the_promised_opening(
    journal: Journal, authority: Authority, machine: Machine
) -> None:
    """Closing up freezes the day: the promise is kept until the clock proves the opening."""
    synchronise(journal, authority, machine)
    journal.promise_floor(machine.true + HOUR)
    with pytest.raises(RefusedError, match="收工"):
        journal.append(DUTY)
    until = machine.true + HOUR
    assert decode_canonical(journal.head(cursor="").payload, Head).floor == journal.floor == until
    machine.run(HOUR + 10_000)
    assert journal.now().time.hi > until >= journal.now().time.lo
    with pytest.raises(RefusedError):
        journal.append(DUTY)
    machine.run(2 * SECOND)
    assert journal.append(DUTY).time.lo > journal.floor
    assert journal.promise_floor(0) == journal.floor


def test_only_an_acknowledgement_with_our_own_hash_counts_and_a_restored_server_lowers_it(journal: Journal) -> None:
    """Unsent is what the server did not prove to hold."""
    journal.append(DUTY)
    hashes = [Record.unpack(entry.record).digest().hex() for entry in journal.entries(0, 9, 1 << 20)]
    assert journal.unsent == 2
    with pytest.raises(EvidenceError):
        journal.acknowledge(3, hashes[0])
    with pytest.raises(EvidenceError):
        journal.acknowledge(9, hashes[1])
    assert journal.unsent == 2
    journal.acknowledge(3, hashes[1])
    assert (journal.unsent, journal.oldest_unsent, journal.acknowledged) == (0, None, 2)
    journal.acknowledge(2, hashes[0])
    assert (journal.unsent, journal.acknowledged) == (1, 1)
    assert journal.oldest_unsent is not None


def test_a_body_too_large_for_a_batch_is_refused_before_it_is_written(journal: Journal) -> None:
    """A record that cannot travel would hold up everything behind it."""
    with pytest.raises(InputError):
        journal.append(slip(journal, name="长" * 30_000))
    assert journal.last_seq == 1


def test_a_forked_life_is_set_aside_and_the_counter_goes_on(journal: Journal) -> None:
    """A copy of this machine exists: what comes from here on bears a name of its own."""
    old = journal.log
    journal.append(slip(journal))
    journal.forked(old)
    assert journal.log != old
    assert journal.unsent == 1
    assert int(journal.append(slip(journal)).record.log.inc) == journal.log.inc
    assert int(journal.next_slip_number().rpartition("-")[2]) > 10_000


def test_a_damaged_database_file_is_evidence_not_a_crash(folder: Folder, machine: Machine) -> None:
    """The remedy is a sentence, not a stack."""
    opened(folder, machine).close()
    folder.database.write_bytes(b"no database at all" * 100)
    with pytest.raises(EvidenceError):
        open_database(folder.database)
