"""The anchor file: it may lag by a power cut, it never leads, and without it nothing old is continued."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kiosk.config import Folder
from kiosk.mark import Mark, doubt, read_mark, write_mark
from shared_rules.facts import SlipStamped
from shared_rules.journal import ZERO_HASH
from tests.kiosk.machine import Machine
from tests.kiosk.places import Authority, opened, slip

HASH = bytes(range(32))
MARK = Mark(inc=5, seq=9, hash=HASH, floor=100, not_before=50, slips=3, machine="m")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return the folder of an enrolled kiosk."""
    return Authority().enrol(tmp_path / "kiosk")


def stamp(folder: Folder, *, times: int = 1) -> tuple[int, list[str]]:
    """Open, stamp, close; return the life and the numbers."""
    journal = opened(folder, Machine())
    numbers = []
    for _ in range(times):
        numbers.append(journal.next_slip_number())
        journal.append(slip(journal))
    inc = journal.log.inc
    journal.close()
    return inc, numbers


@pytest.mark.parametrize(
    ("mark", "held", "why"),
    [
        (MARK, HASH, ""),
        (None, HASH, "no_anchor"),
        (MARK, None, "behind"),
        (MARK, bytes(32), "other_history"),
        (Mark(inc=5, seq=9, hash=HASH, floor=101, not_before=50, slips=3, machine="m"), HASH, "behind"),
        (Mark(inc=5, seq=9, hash=HASH, floor=100, not_before=50, slips=4, machine="m"), HASH, "behind"),
        (Mark(inc=6, seq=9, hash=HASH, floor=100, not_before=50, slips=3, machine="m"), HASH, "behind"),
        (Mark(inc=5, seq=9, hash=HASH, floor=100, not_before=50, slips=3, machine="other"), HASH, "other_machine"),
        (Mark(inc=5, seq=0, hash=ZERO_HASH, floor=0, not_before=0, slips=0, machine="m"), ZERO_HASH, ""),
    ],
)
def test_each_doubt_has_its_name(mark: Mark | None, held: bytes | None, why: str) -> None:
    """Whatever the mark knows that the database does not is a reason not to go on."""
    assert doubt(mark, inc=5, held=held, floor=100, slips=3, machine="m") == why


def test_a_mark_comes_back_as_it_was_written_and_a_damaged_one_is_none(tmp_path: Path) -> None:
    """A mark that cannot be read counts as lost: a new life, not a crash."""
    path = tmp_path / "anchor"
    assert read_mark(path) is None
    write_mark(path, MARK)
    assert read_mark(path) == MARK
    path.write_bytes(path.read_bytes()[:30])
    assert read_mark(path) is None


def torn(path: Path, mark: Mark) -> set[Mark | None]:
    """Write a mark, cutting the power at every byte of it; return all that is read afterwards."""
    before = path.read_bytes()
    write_mark(path, mark)
    after = path.read_bytes()
    changed = [place for place, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    found = set()
    for cut in range(changed[0], changed[-1] + 2):
        path.write_bytes(after[:cut] + before[cut:])
        found.add(read_mark(path))
    return found


def test_a_cut_at_any_byte_leaves_the_new_mark_or_the_one_before(tmp_path: Path) -> None:
    """The two places are written in turn: the older one goes."""
    path = tmp_path / "anchor"
    write_mark(path, MARK)
    held = MARK
    for seq in (10, 11, 12):
        following = msgspec.structs.replace(MARK, seq=seq)
        assert torn(path, following) == {held, following}
        write_mark(path, following)
        held = following


def test_a_file_with_one_place_would_lose_its_mark_to_a_cut(tmp_path: Path) -> None:
    """The sabotage: a mark written over itself is no mark while it is half written."""
    path = tmp_path / "anchor"
    write_mark(path, MARK)
    whole = path.read_bytes()[:512]
    path.write_bytes(whole)
    assert read_mark(path) == MARK
    path.write_bytes(bytes(40) + whole[40:])
    assert read_mark(path) is None


def test_the_mark_of_an_earlier_release_is_read_and_replaced(tmp_path: Path) -> None:
    """It was the mark's JSON and nothing else."""
    path = tmp_path / "anchor"
    path.write_bytes(msgspec.json.encode(MARK))
    assert read_mark(path) == MARK
    write_mark(path, msgspec.structs.replace(MARK, seq=10))
    assert read_mark(path) == msgspec.structs.replace(MARK, seq=10)


def test_the_mark_follows_every_commit(folder: Folder) -> None:
    """Outside the database stands how far it came."""
    inc, _ = stamp(folder, times=3)
    mark = read_mark(folder.anchor)
    assert mark is not None
    assert (mark.inc, mark.slips) == (inc, 3)
    journal = opened(folder, Machine())
    assert journal.chain.hash_at(inc, mark.seq) == mark.hash
    journal.close()


def test_a_power_cut_between_commit_and_mark_is_no_doubt(folder: Folder) -> None:
    """A mark one record behind its database is ordinary; the life goes on, the number is not given again."""
    inc, _ = stamp(folder)
    behind = folder.anchor.read_bytes()
    stamp(folder)
    folder.anchor.write_bytes(behind)
    assert stamp(folder) == (inc, ["E-1-000003"])


def test_a_mark_that_cannot_be_written_does_not_undo_the_stamp(folder: Folder) -> None:
    """The stamp is on the disk; the lag is known to the operator's check."""
    journal = opened(folder, Machine())
    held = folder.anchor.read_bytes()
    folder.anchor.unlink()
    folder.anchor.mkdir()
    fact = slip(journal)
    journal.append(fact)
    assert journal.pen.mark_lags
    folder.anchor.rmdir()
    folder.anchor.write_bytes(held)
    journal.close()
    journal = opened(folder, Machine())
    assert [event.fact.slip for event in journal.events() if isinstance(event.fact, SlipStamped)] == [fact.slip]
    journal.close()


def test_a_mark_put_back_with_its_database_hides_the_rollback(folder: Folder) -> None:
    """Sabotage: this is why the mark belongs into no backup; then only the server can tell."""
    stamp(folder)
    database, mark = folder.database.read_bytes(), folder.anchor.read_bytes()
    inc, lost = stamp(folder)
    for file in folder.root.glob("kiosk.db*"):
        file.unlink()
    folder.database.write_bytes(database)
    folder.anchor.write_bytes(mark)
    assert stamp(folder) == (inc, lost)
