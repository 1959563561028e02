"""The one opener of the server's database, and its one way to write: `Store.transaction`.

WAL with synchronous=FULL, asserted on every connection at every open: an acknowledgement is given after COMMIT and
must survive a power cut. Writers wait for each other at a lock of this process and at BEGIN IMMEDIATE (the command line
is another process). Connections belong to threads.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlite_utils
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined] # the module it found: pysqlite3 first

from shared_rules.errors import UnavailableError
from shared_rules.words import say
from sync_server.store.migrations import MIGRATIONS
from sync_server.store.sealing import Sealer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["SAFE_SQLITE", "Store", "Transaction", "sqlite_version"]

_BUSY_SECONDS: Final = 20
_FAULTS: Final = (sqlite3.Error, UnicodeDecodeError)
"""What a damaged file raises: a flipped bit in a table's text makes SQLite's own message undecodable."""
_SAFE: Final = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
"""What every connection must say of itself; synchronous 2 is FULL."""


SAFE_SQLITE: Final = (3, 51, 3)
"""Older ones can corrupt a WAL database when two connections reset the WAL at once."""


def sqlite_version() -> tuple[int, ...]:
    """Return the version of the SQLite library in use."""
    return tuple(int(part) for part in sqlite3.sqlite_version.split("."))


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a store function works in: one transaction of one connection."""

    db: sqlite_utils.Database
    sealer: Sealer

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Return the rows of a query as dicts."""
        return list(self.db.query(sql, list(values)))

    def one(self, sql: str, *values: Any) -> dict[str, Any] | None:
        """Return the first row of a query, or None."""
        return next(iter(self.rows(sql, *values)), None)

    def run(self, sql: str, *values: Any) -> int:
        """Run a statement and return how many rows it changed."""
        return int(self.db.execute(sql, list(values)).rowcount)

    def insert(self, table: str, **values: Any) -> int:
        """Insert a row and return its rowid."""
        columns = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" * len(values))
        cursor = self.db.execute(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', list(values.values()))  # noqa: S608
        return int(cursor.lastrowid or 0)


def _make_safe(connection: Any) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten, not only unlinked
    state = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _SAFE}
    if state != _SAFE:
        raise UnavailableError(say("数据库不在安全写入方式（WAL、FULL）；请换本机磁盘上的数据目录"))


class Store:
    """The server's database file."""

    def __init__(self, path: Path, body_key: bytes) -> None:
        self._path = path
        self._sealer = Sealer(body_key)
        self._writing = threading.Lock()
        self._local = threading.local()
        self._opened: list[sqlite_utils.Database] = []
        self._idle = threading.Condition()
        self._active = 0
        self._closed = False
        try:
            MIGRATIONS.apply(self._connection())
        except _FAULTS as error:
            raise UnavailableError(say("数据库打不开：{why}", why=str(error))) from error

    def _connection(self) -> sqlite_utils.Database:
        held: sqlite_utils.Database | None = getattr(self._local, "db", None)
        if held is None:
            held = self._open()
            self._local.db = held
            with self._idle:
                self._opened.append(held)
        return held

    def _open(self) -> sqlite_utils.Database:
        # autocommit: the only BEGIN is ours; other threads only ever close a connection that is not theirs
        connection = sqlite3.connect(
            str(self._path), timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            _make_safe(connection)
        except BaseException:
            connection.close()
            raise
        return sqlite_utils.Database(connection)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Everything written inside is on the disk when the block ends, or nothing is.

        Raises UnavailableError where the disk or the database cannot do it now.
        """
        with self._writing:
            yield from self._block("BEGIN IMMEDIATE")

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        """Read from one consistent state of the database."""
        yield from self._block("BEGIN")

    def _block(self, begin: str) -> Iterator[Transaction]:
        with self._in_use():
            yield from self._transaction(begin)

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        """Keep `close` waiting: a connection that is closed under its thread takes the process with it."""
        with self._idle:
            if self._closed:
                raise UnavailableError(say("服务器正在停止；请稍后再试"))
            self._active += 1
        try:
            yield
        finally:
            with self._idle:
                self._active -= 1
                self._idle.notify_all()

    def _transaction(self, begin: str) -> Iterator[Transaction]:
        try:
            db = self._connection()
            db.conn.execute(begin)
            try:
                yield Transaction(db, self._sealer)
                db.conn.execute("COMMIT")
            except BaseException:
                if db.conn.in_transaction:
                    db.conn.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise UnavailableError(say("数据库此刻不能读写：{why}；什么都没有写进去", why=str(error))) from error

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy of the database, as it is at one moment, to a file that is not there."""
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # SQLite fills an empty file
            with self._in_use():
                self._connection().conn.execute("VACUUM INTO ?", (str(path),))
        except (OSError, *_FAULTS) as error:
            raise UnavailableError(say("备份写不进去：{why}", why=str(error))) from error

    def check_pages(self, *, quick: bool = False) -> None:
        """Look at every page of the file (`quick`: indices not compared); UnavailableError names what is wrong."""
        check = "quick_check" if quick else "integrity_check"
        try:
            with self._in_use():
                found = self._connection().conn.execute(f"PRAGMA {check}(1)").fetchone()[0]
        except _FAULTS as error:
            raise UnavailableError(say("数据库打不开：{why}", why=str(error))) from error
        if found != "ok":
            raise UnavailableError(say("数据库打不开：{why}", why=str(found)))

    def forget(self) -> None:
        """Move what was written into the database and cut the write-ahead log, so that deleted bytes are nowhere."""
        try:
            with self._in_use():
                self._connection().conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except _FAULTS as error:
            raise UnavailableError(say("数据库打不开：{why}", why=str(error))) from error

    def close(self) -> None:
        """Let nothing new begin, wait for what runs in other threads, then close every connection."""
        with self._idle:
            self._closed = True
            self._idle.wait_for(lambda: self._active == 0, timeout=_BUSY_SECONDS)
            # a connection that is still in use belongs to its thread: the process ends with it
            while self._opened and self._active == 0:
                self._opened.pop().close()
