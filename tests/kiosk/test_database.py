"""The kiosk's database: safe or not at all, whole transactions or none."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from kiosk import database
from kiosk.database import SAFE_SQLITE, IntegrityError, open_database, sqlite_version, transaction
from shared_rules.errors import EvidenceError, UnavailableError

TABLE = (("t 1", "CREATE TABLE t (x INTEGER PRIMARY KEY, y TEXT NOT NULL) STRICT;"),)


def test_every_connection_writes_ahead_waits_for_the_disk_and_keeps_references(tmp_path: Path) -> None:
    """WAL, synchronous FULL and foreign keys stand on a fresh database and on one that is opened again."""
    for _ in range(2):
        db = open_database(tmp_path / "k.db", TABLE)
        state = [db.rows(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous", "foreign_keys")]
        assert state == ["wal", 2, 1]
        db.close()


def test_nobody_else_may_read_the_file(tmp_path: Path) -> None:
    """The database and its write-ahead files have mode 0600, also where the file lay open before."""
    path = tmp_path / "k.db"
    path.touch(mode=0o644)
    db = open_database(path, TABLE)
    with transaction(db):
        db.run("INSERT INTO t VALUES (1, 'a')")
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_a_disk_that_cannot_write_ahead_is_refused() -> None:
    """A database that lies in memory cannot be in WAL mode: the sentence says where to put the folder."""
    connection = sqlite3.connect(":memory:")
    with pytest.raises(UnavailableError, match="本机磁盘"):
        database._make_safe(connection)
    connection.close()


def test_migrations_run_once_and_new_ones_are_added(tmp_path: Path) -> None:
    """A released text is applied once; a later release adds its own and keeps the rows."""
    db = open_database(tmp_path / "k.db", TABLE)
    with transaction(db):
        db.run("INSERT INTO t VALUES (1, 'a')")
    db.close()
    more = (*TABLE, ("t 2", "ALTER TABLE t ADD COLUMN z TEXT NOT NULL DEFAULT '';"))
    for _ in range(2):
        db = open_database(tmp_path / "k.db", more)
        assert db.rows("SELECT * FROM t") == [(1, "a", "")]
        db.close()


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    """A text whose second statement fails does not leave its first one done."""
    broken = (("b 1", "CREATE TABLE half (x INTEGER); CREATE TABLE half (x INTEGER);"),)
    with pytest.raises(UnavailableError):
        open_database(tmp_path / "k.db", broken)
    db = open_database(tmp_path / "k.db", TABLE)
    assert db.rows("SELECT name FROM sqlite_schema WHERE name = 'half'") == []


def test_a_block_that_fails_writes_nothing(tmp_path: Path) -> None:
    """Everything inside a transaction is written, or nothing is; the error is the block's own."""
    db = open_database(tmp_path / "k.db", TABLE)

    def fail() -> None:
        with transaction(db):
            db.run("INSERT INTO t VALUES (1, 'a')")
            _ = 1 // 0

    with pytest.raises(ZeroDivisionError):
        fail()
    assert db.rows("SELECT * FROM t") == []
    with transaction(db):
        db.run("INSERT INTO t VALUES (2, 'b')")
    assert db.rows("SELECT x FROM t") == [(2,)]


def test_a_broken_constraint_is_the_callers_to_word(tmp_path: Path) -> None:
    """A duplicate key leaves as IntegrityError, so that the caller can name the field."""
    db = open_database(tmp_path / "k.db", TABLE)
    with transaction(db):
        db.run("INSERT INTO t VALUES (1, 'a')")
    with pytest.raises(IntegrityError), transaction(db):
        db.run("INSERT INTO t VALUES (1, 'b')")
    assert db.rows("SELECT y FROM t") == [("a",)]


def test_transactions_do_not_nest(tmp_path: Path) -> None:
    """An inner transaction would commit the outer one's half: it is a mistake of the program."""
    db = open_database(tmp_path / "k.db", TABLE)
    with pytest.raises(RuntimeError), transaction(db), transaction(db):
        pass


def test_a_full_disk_means_not_stamped(tmp_path: Path) -> None:
    """SQLITE_FULL becomes a sentence that names the paper book, and nothing is half-written."""
    db = open_database(tmp_path / "k.db", TABLE)
    pages = db.rows("PRAGMA page_count")[0][0]
    db.rows(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        with transaction(db):
            for number in range(1000):
                db.run("INSERT INTO t VALUES (?, ?)", number, "x" * 1000)

    with pytest.raises(UnavailableError, match=r"没有盖章：磁盘已满.*纸质应急本"):
        fill()
    assert db.rows("SELECT count(*) FROM t") == [(0,)]
    db.rows("PRAGMA max_page_count = 1000000")
    with transaction(db):
        db.run("INSERT INTO t VALUES (1, 'a')")
    assert db.rows("SELECT count(*) FROM t") == [(1,)]


def test_a_database_held_by_another_program_is_said_so(tmp_path: Path) -> None:
    """A lock that does not end becomes a sentence; the counter may try again."""
    db = open_database(tmp_path / "k.db", TABLE)
    db.rows("PRAGMA busy_timeout = 1")
    other = open_database(tmp_path / "k.db", TABLE)
    other.conn.execute("BEGIN IMMEDIATE")
    with pytest.raises(UnavailableError, match="被别的程序占用"), transaction(db):
        pass
    other.conn.execute("ROLLBACK")
    with transaction(db):
        db.run("INSERT INTO t VALUES (1, 'a')")


def test_a_damaged_file_is_refused_with_the_remedy(tmp_path: Path) -> None:
    """Bytes that are no database, and a database with a torn page, are not worked on."""
    path = tmp_path / "k.db"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(EvidenceError, match="从备份恢复"):
        open_database(path, TABLE)
    path.unlink()
    db = open_database(path, TABLE)
    with transaction(db):
        for number in range(500):
            db.run("INSERT INTO t VALUES (?, ?)", number, "x" * 500)
    db.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    data = bytearray(path.read_bytes())
    data[3 * 4096 : 4 * 4096] = b"\xff" * 4096
    path.write_bytes(data)
    with pytest.raises(EvidenceError, match="从备份恢复"):
        open_database(path, TABLE)


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    """Where no file can be made, the sentence names disk and rights."""
    with pytest.raises(UnavailableError, match="请检查磁盘和权限"):
        open_database(tmp_path / "missing" / "k.db", TABLE)


def test_threads_wait_for_each_other(tmp_path: Path) -> None:
    """Four threads count one number up together and no count is lost."""
    db = open_database(tmp_path / "k.db", TABLE)
    with transaction(db):
        db.run("INSERT INTO t VALUES (0, '0')")

    def count() -> None:
        for _ in range(25):
            with transaction(db):
                number = int(db.rows("SELECT y FROM t")[0][0])
                db.run("UPDATE t SET y = ?", str(number + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert db.rows("SELECT y FROM t") == [("100",)]


def test_another_connection_sees_only_whole_transactions(tmp_path: Path) -> None:
    """What is not committed is not there for anybody else; sabotage: a write outside of any transaction is refused."""
    db, other = (open_database(tmp_path / "k.db", TABLE) for _ in range(2))
    with transaction(db):
        db.run("INSERT INTO t VALUES (1, 'a')")
        assert other.rows("SELECT * FROM t") == []
    assert other.rows("SELECT x FROM t") == [(1,)]
    with pytest.raises(AssertionError):
        db.run("INSERT INTO t VALUES (2, 'b')")


def test_the_library_in_use_is_past_the_wal_corruption() -> None:
    """Debian's own SQLite is not: pysqlite3 must be the one that is loaded."""
    assert sqlite_version() >= SAFE_SQLITE
