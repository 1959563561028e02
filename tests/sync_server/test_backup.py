"""A backup is worth what can be restored from it: each is opened when it is made and again before it is put back."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from shared_rules.errors import EvidenceError, InputError
from shared_rules.interval import DAY, HOUR
from sync_server.backup import back_up, restore, verify
from sync_server.backup import kept as kept_in
from sync_server.clock import ServerClock
from sync_server.intake import Gap, Pushed
from sync_server.log import epoch_of
from sync_server.store import journals, persons
from tests.sync_server.conftest import NINE, House, rebuilt

PHONE = "13800000001"


@pytest.fixture
def kept(town: House, tmp_path: Path) -> Path:
    """Return a backup of a town with a day's slips."""
    for number, kiosk in enumerate(town.kiosks):
        for seq in range(4):
            kiosk.stamp(NINE + seq, by="AB"[number], name=f"客{number}{seq}", phone=f"1390000{number}00{seq}")
        town.push(kiosk)
    town.settle(NINE + HOUR)
    back_up(town.store, town.service.keys, tmp_path / "kept.db")
    return tmp_path / "kept.db"


def put_back(town: House, kept: Path) -> House:
    """Lose the database and restore it."""
    town.store.close()
    town.config.database.unlink()
    restore(town.config, town.service.keys, ServerClock(town.source), kept)
    return rebuilt(town)


def test_a_backup_holds_every_journal_and_is_made_while_the_server_runs(town: House, kept: Path) -> None:
    """The last number of each journal is that of the running database."""
    with town.store.snapshot() as tx:
        held = {state.log: state.next - 1 for state in journals.logs(tx)}
    found = verify(kept, town.service.keys)
    assert found.journals == held
    assert found.facts == town.service.reconciler.archive.read().count
    assert kept.stat().st_mode & 0o077 == 0


def test_what_came_after_the_backup_is_sent_again_by_the_kiosks(town: House, kept: Path) -> None:
    """The answer to the first push names what is missing; then everything is there once, under a new epoch."""
    east = town.kiosks[0]
    later = east.stamp(NINE + HOUR, by="A", name="后来", phone=PHONE)
    town.push(east, len(east.entries) - 2)
    with town.store.snapshot() as tx:
        epoch = epoch_of(tx)
    again = put_back(town, kept)
    with again.store.snapshot() as tx:
        assert epoch_of(tx) != epoch
        assert any("恢复" in alarm.sentence.chinese() for alarm in persons.alarms(tx))
    gap = again.push(east, len(east.entries))
    assert isinstance(gap, (Gap, Pushed))
    assert isinstance(again.push(east), Pushed)
    again.settle(NINE + 3 * HOUR)
    assert again.rulings("east")[later][0] == "upheld"
    assert len(again.rulings("east", "west")) == 9


def test_the_servers_own_journal_goes_on_in_a_new_life_that_names_the_old_one(town: House, kept: Path) -> None:
    """The numbers it gave after the backup are not given again to something else."""
    again = put_back(town, kept)
    with again.store.snapshot() as tx:
        own = [state for state in journals.logs(tx) if state.log.kiosk == 0]
        newest = max(own, key=lambda state: state.first)
        (genesis,) = journals.entries_after(tx, newest.log, 0, most=1)
    assert len(own) == 2
    assert f'"parent_inc":{min(own, key=lambda one: one.first).log.inc}'.encode() in genesis.body


def test_a_backup_replaces_nothing_and_a_restore_neither(town: House, kept: Path, tmp_path: Path) -> None:
    """The field is named; what is there stays."""
    acts: list[tuple[Callable[[], object], str]] = [
        (lambda: back_up(town.store, town.service.keys, kept), "to"),
        (lambda: restore(town.config, town.service.keys, ServerClock(town.source), kept), "dir"),
        (lambda: verify(tmp_path / "none.db", town.service.keys), "from"),
    ]
    for act, field in acts:
        with pytest.raises(InputError) as refused:
            act()
        assert refused.value.field == field


@pytest.mark.parametrize("seed", range(12))
def test_a_backup_with_a_changed_byte_is_whole_in_what_it_says_or_refused(town: House, kept: Path, seed: int) -> None:
    """A flipped byte is noticed, unless it lies where nothing is: then every journal is there to its last record."""
    before = verify(kept, town.service.keys)
    data, chance = bytearray(kept.read_bytes()), random.Random(seed)
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    kept.write_bytes(data)
    try:
        found = verify(kept, town.service.keys)
    except EvidenceError:
        return
    assert (found.facts, found.journals) == (before.facts, before.journals)


def test_a_backup_cut_short_and_one_with_a_record_cut_out_are_refused(town: House, kept: Path, tmp_path: Path) -> None:
    """SQLite's own check sees the one, the walk along the chains the other; neither is put back."""
    short = tmp_path / "short.db"
    short.write_bytes(kept.read_bytes()[: kept.stat().st_size // 2])
    edited = tmp_path / "edited.db"
    edited.write_bytes(kept.read_bytes())
    with sqlite3.connect(edited) as connection:
        connection.execute("DELETE FROM bodies WHERE position = (SELECT max(position) - 3 FROM records)")
        connection.execute("DELETE FROM records WHERE position = (SELECT max(position) - 3 FROM records)")
    connection.close()
    town.store.close()
    town.config.database.unlink()
    for broken in (short, edited):
        with pytest.raises(EvidenceError):
            restore(town.config, town.service.keys, ServerClock(town.source), broken)
        assert not town.config.database.exists()


def test_each_day_gets_one_backup_and_the_oldest_go(town: House) -> None:
    """Seven are kept; asked again on the same day nothing is made."""
    for day in range(9):
        town.source.now = NINE + day * DAY
        town.service.back_up_daily()
        town.service.back_up_daily()
    names = [path.name for path in kept_in(town.config.folder)]
    assert len(names) == 7
    assert (names[0], names[-1]) == ("2026-03-10.db", "2026-03-04.db")
    assert verify(kept_in(town.config.folder)[0], town.service.keys).journals


def test_a_backup_that_cannot_be_written_is_alarmed_and_the_server_goes_on(town: House) -> None:
    """Somebody put a file where the folder should be."""
    (town.config.folder / "backups").write_text("x")
    town.service.back_up_daily()
    with town.store.snapshot() as tx:
        assert any("备份" in alarm.sentence.chinese() for alarm in persons.alarms(tx))
    assert isinstance(town.push(town.kiosks[0]), Pushed)


def test_a_check_that_opens_nothing_is_caught(town: House, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sabotage: a backup that nobody opened is put back, and the server stands still on it."""
    with sqlite3.connect(kept) as connection:
        connection.execute("DELETE FROM bodies WHERE position = (SELECT max(position) - 3 FROM records)")
        connection.execute("DELETE FROM records WHERE position = (SELECT max(position) - 3 FROM records)")
    connection.close()
    monkeypatch.setattr("sync_server.backup.verify", lambda *_: None)
    again = put_back(town, kept)
    with pytest.raises(EvidenceError):
        again.service.reconciler.run()
