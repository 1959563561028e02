"""The one opener: safe writing asserted, one transaction at a time, all or nothing."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from kiosk.database import MIGRATIONS, SAFE_SQLITE, open_database, sqlite_version, transaction
from shared_rules.errors import UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

TABLE = ("table 1", "CREATE TABLE t (x INTEGER); CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END;")


def test_every_open_asserts_wal_full_sync_and_foreign_keys_and_a_private_file(tmp_path: Path) -> None:
    """A stamp must survive a power cut, and nobody else may read the file."""
    db = open_database(tmp_path / "k.db")
    state = [db.one(f"PRAGMA {name}") for name in ("journal_mode", "synchronous", "foreign_keys")]
    assert state == [("wal",), (2,), (1,)]
    assert (tmp_path / "k.db").stat().st_mode & 0o777 == 0o600
    assert sqlite_version() >= SAFE_SQLITE
    db.close()


def test_migrations_run_once_and_new_ones_are_added(tmp_path: Path) -> None:
    """An old folder opens with a new release."""
    open_database(tmp_path / "k.db").close()
    for _ in range(2):
        db = open_database(tmp_path / "k.db", (*MIGRATIONS, TABLE))
        assert db.rows("SELECT name FROM migrations ORDER BY rowid")[-1] == ("table 1",)
        db.close()


def test_a_block_that_fails_leaves_nothing_and_the_next_one_works(tmp_path: Path) -> None:
    """All or nothing."""
    db = open_database(tmp_path / "k.db", (TABLE,))
    with pytest.raises(KeyError), transaction(db):  # noqa: PT012 - the block is what is tested
        db.run("INSERT INTO t VALUES (1)")
        raise KeyError
    with transaction(db):
        db.run("INSERT INTO t VALUES (2)")
    assert db.rows("SELECT x FROM t") == [(2,)]
    with transaction(db), pytest.raises(RuntimeError), transaction(db):
        pass
    db.close()


def test_a_database_held_by_another_program_says_not_stamped(tmp_path: Path) -> None:
    """Waiting for ever would look like a stamp in progress."""
    db = open_database(tmp_path / "k.db", (TABLE,))
    db.conn.execute("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(str(tmp_path / "k.db"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(UnavailableError, match="没有盖章"), transaction(db):
        pass
    other.close()
    db.close()


def test_a_folder_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    """No error of the system leaks."""
    with pytest.raises(UnavailableError):
        open_database(tmp_path / "none" / "k.db")


def test_threads_wait_for_each_other(tmp_path: Path) -> None:
    """The screen and the network share one connection."""
    db = open_database(tmp_path / "k.db", (TABLE,))

    def write() -> None:
        for _ in range(20):
            with transaction(db):
                db.run("INSERT INTO t VALUES (1)")

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert db.one("SELECT count(*) FROM t") == (60,)
    db.close()
