"""A kiosk's backup is worth what can be restored from it: opened when it is made and again before it is put back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from kiosk import backup
from kiosk.backup import back_up, restore, verify
from kiosk.cli import Words
from kiosk.cli.kiosk import kiosk as command
from kiosk.enrolment import load_keys
from shared_rules.errors import EvidenceError, InputError, UnavailableError
from shared_rules.facts import SlipStamped
from tests.kiosk.machine import Machine
from tests.kiosk.places import Authority, opened, slip

if TYPE_CHECKING:
    from pathlib import Path

    from kiosk.config import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return the folder of a kiosk that stamped three slips, closed."""
    folder = Authority().enrol(tmp_path / "kiosk")
    journal = opened(folder, Machine())
    for index in range(3):
        journal.append(slip(journal, f"客户{index}"))
    journal.close()
    return folder


def numbers(folder: Folder) -> list[str]:
    """Return the slips that the journal knows."""
    journal = opened(folder, Machine())
    try:
        return [event.fact.slip for event in journal.events() if isinstance(event.fact, SlipStamped)]
    finally:
        journal.close()


def test_a_backup_is_made_while_the_counter_is_open_and_holds_what_it_stamped(folder: Folder, tmp_path: Path) -> None:
    """Whole by itself, readable by its owner alone, and it says what exists nowhere else."""
    journal = opened(folder, Machine())
    journal.append(slip(journal, "此刻"))
    found = back_up(folder, load_keys(folder), tmp_path / "kept.db")
    journal.close()
    assert found.records == found.unsent == 5  # the first record, and four slips
    assert verify(tmp_path / "kept.db", load_keys(folder)) == found
    assert (tmp_path / "kept.db").stat().st_mode & 0o077 == 0


def test_a_restored_kiosk_begins_a_new_life_and_gives_no_number_twice(folder: Folder, tmp_path: Path) -> None:
    """What was stamped after the backup is in the database that was set aside; its numbers stay spent."""
    back_up(folder, load_keys(folder), tmp_path / "kept.db")
    journal = opened(folder, Machine())
    old, later = journal.log, journal.append(slip(journal, "后来"))
    journal.close()
    found, aside = restore(folder, load_keys(folder), tmp_path / "kept.db")
    assert aside is not None
    assert (aside / "kiosk.db").exists()
    journal = opened(folder, Machine())
    assert journal.log != old
    assert journal.slips == 4
    assert found.records < later.seq
    journal.verify()
    journal.close()
    assert len(numbers(folder)) == 3


def test_a_lost_database_is_put_back(folder: Folder, tmp_path: Path) -> None:
    """There is nothing to set aside then."""
    back_up(folder, load_keys(folder), tmp_path / "kept.db")
    for path in folder.root.glob("kiosk.db*"):
        path.unlink()
    assert restore(folder, load_keys(folder), tmp_path / "kept.db")[1] is None
    assert len(numbers(folder)) == 3


def damaged(kept: Path) -> None:
    """Change a byte in the middle of the file."""
    data = bytearray(kept.read_bytes())
    data[len(data) // 2] ^= 0x40
    kept.write_bytes(data)


def test_a_damaged_backup_is_never_put_in_the_place_of_a_database(folder: Folder, tmp_path: Path) -> None:
    """Whatever byte it was: the database that is there stays."""
    back_up(folder, load_keys(folder), tmp_path / "kept.db")
    before = numbers(folder)
    (tmp_path / "kept.db").write_bytes(b"no database at all")
    with pytest.raises(EvidenceError):
        restore(folder, load_keys(folder), tmp_path / "kept.db")
    assert numbers(folder) == before
    assert list(folder.root.glob("set-aside-*")) == []


def test_another_kiosks_backup_is_refused(folder: Folder, tmp_path: Path) -> None:
    """Neither its key nor its data key are here."""
    other = Authority().enrol(tmp_path / "other")
    opened(other, Machine()).close()
    back_up(other, load_keys(other), tmp_path / "theirs.db")
    with pytest.raises(EvidenceError):
        restore(folder, load_keys(folder), tmp_path / "theirs.db")
    assert len(numbers(folder)) == 3


def test_while_the_counter_is_open_nothing_is_restored(folder: Folder, tmp_path: Path) -> None:
    """Two programs on one journal would give it two histories."""
    back_up(folder, load_keys(folder), tmp_path / "kept.db")
    journal = opened(folder, Machine())
    with pytest.raises(UnavailableError):
        restore(folder, load_keys(folder), tmp_path / "kept.db")
    journal.close()


def test_a_backup_overwrites_nothing_and_leaves_nothing_half_made(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of the same name may be the only good one."""
    (tmp_path / "kept.db").write_bytes(b"the only good one")
    with pytest.raises(InputError, match="已经存在"):
        back_up(folder, load_keys(folder), tmp_path / "kept.db")
    monkeypatch.setattr(backup, "verify", lambda *_: (_ for _ in ()).throw(EvidenceError.__new__(EvidenceError)))
    with pytest.raises(EvidenceError):
        back_up(folder, load_keys(folder), tmp_path / "new.db")
    assert not list(tmp_path.glob("new.db*"))
    with pytest.raises(UnavailableError):
        back_up(folder, load_keys(folder), tmp_path / "no folder" / "new.db")


def test_the_two_commands_say_what_is_in_the_backup_and_where_the_old_one_went(folder: Folder, tmp_path: Path) -> None:
    """In the operator's words, in both languages."""
    kept = tmp_path / "kept.db"
    where = ["--dir", str(folder.root)]
    made = CliRunner().invoke(command, ["backup", *where, "--to", str(kept)], obj=Words("zh"))
    assert made.exit_code == 0, made.output
    assert "4 条还没有上报" in made.output
    back = CliRunner().invoke(command, ["restore", *where, "--from", str(kept)], obj=Words("en"))
    assert back.exit_code == 0, back.output
    assert "set-aside-1" in back.output
    lost = CliRunner().invoke(command, ["restore", *where, "--from", str(tmp_path / "none.db")], obj=Words("zh"))
    assert "没有备份文件" in str(lost.exception)
