"""The one opener of the kiosk's database, and its one way to write: `transaction`.

WAL with synchronous=FULL and foreign keys, asserted at every open: a receipt is printed after COMMIT and must survive
a power cut. Each area of the kiosk has its tables in MIGRATIONS, one text per area and change, in order; a text that
was ever released is never edited, a change is a new text at the end.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import sqlite_utils
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from shared_rules.errors import EvidenceError, UnavailableError
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "MIGRATIONS",
    "SAFE_SQLITE",
    "Connect",
    "Database",
    "FullDiskError",
    "IntegrityError",
    "connect_to",
    "copy_to",
    "open_database",
    "savepoint",
    "snapshot",
    "sqlite_version",
    "transaction",
]

IntegrityError = sqlite3.IntegrityError
"""A constraint of a table was broken; callers turn it into a sentence of theirs."""
SAFE_SQLITE: Final = (3, 51, 3)
"""Older ones can corrupt a WAL database when two connections reset the WAL at once."""


class FullDiskError(UnavailableError):
    """The disk has no room for what was to be written; nothing was."""


_BUSY_SECONDS: Final = 5
_SYNCHRONOUS_FULL: Final = 2
_FAULTS: Final = (sqlite3.Error, UnicodeDecodeError)
"""What a damaged file raises: a flipped bit in a table's text makes SQLite's own message undecodable."""

_JOURNAL: Final = """
CREATE TABLE records (
    position INTEGER PRIMARY KEY,
    inc INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    record BLOB NOT NULL CHECK (length(record) = 124),
    signature BLOB NOT NULL CHECK (length(signature) = 64),
    UNIQUE (inc, seq)
) STRICT;
CREATE TABLE bodies (
    position INTEGER PRIMARY KEY REFERENCES records (position),
    sealed BLOB NOT NULL
) STRICT;
CREATE TABLE lives (
    inc INTEGER PRIMARY KEY,
    born INTEGER NOT NULL UNIQUE,
    acknowledged INTEGER NOT NULL DEFAULT 0,
    forked INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE slips (number TEXT PRIMARY KEY, position INTEGER NOT NULL REFERENCES records (position)) STRICT;
CREATE TABLE state (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
CREATE TRIGGER records_stand BEFORE UPDATE ON records BEGIN SELECT raise(ABORT, 'records are never changed'); END;
CREATE TRIGGER records_stay BEFORE DELETE ON records BEGIN SELECT raise(ABORT, 'records are never deleted'); END;
CREATE TRIGGER bodies_stand BEFORE UPDATE ON bodies BEGIN SELECT raise(ABORT, 'bodies are never changed'); END;
"""
_FEED: Final = """
CREATE TABLE feed_items (
    reading INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    sealed BLOB NOT NULL,
    signature BLOB NOT NULL,
    refused TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (reading, seq)
) STRICT;
CREATE TABLE feed_state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    reading INTEGER NOT NULL,
    cursor TEXT NOT NULL
) STRICT;
INSERT INTO feed_state VALUES (1, 1, '');
"""
_COUNTER: Final = """
CREATE TABLE staff (person TEXT PRIMARY KEY, badge TEXT NOT NULL, item BLOB NOT NULL) STRICT;
CREATE INDEX staff_badge ON staff (badge);
CREATE TABLE pins (person TEXT PRIMARY KEY, hash TEXT NOT NULL, wrong INTEGER NOT NULL) STRICT;
CREATE TABLE drafts (person TEXT NOT NULL, name TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (person, name)) STRICT;
CREATE TABLE pending (id INTEGER PRIMARY KEY AUTOINCREMENT, sealed BLOB NOT NULL) STRICT;
CREATE TABLE prints (
    kind TEXT NOT NULL, slip TEXT NOT NULL, copies INTEGER NOT NULL, PRIMARY KEY (kind, slip)
) STRICT;
CREATE TABLE heard (
    kind TEXT NOT NULL, subject TEXT NOT NULL, at INTEGER NOT NULL, item BLOB NOT NULL, PRIMARY KEY (kind, subject)
) STRICT;
"""
_PINS_BELONG_TO_A_START_PIN: Final = """
ALTER TABLE pins ADD COLUMN replaced TEXT NOT NULL DEFAULT '';
ALTER TABLE pins ADD COLUMN counted TEXT NOT NULL DEFAULT '';
"""
_ERASED: Final = """
CREATE TABLE erased (position INTEGER PRIMARY KEY REFERENCES records (position), redacted BLOB NOT NULL) STRICT;
"""
_TICKS: Final = """
CREATE TABLE ticks (
    person TEXT NOT NULL, notice TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (person, notice)
) STRICT;
"""
_PRINT_QUEUE: Final = """
CREATE TABLE print_queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    slip TEXT NOT NULL,
    copy INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    begun INTEGER NOT NULL DEFAULT 0
) STRICT;
"""
_TREE: Final = """
CREATE TABLE checkpoints (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    note TEXT NOT NULL,
    contradicts TEXT NOT NULL DEFAULT '',
    UNIQUE (note, contradicts)
) STRICT;
CREATE TABLE proofs (
    life INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    checkpoint INTEGER NOT NULL REFERENCES checkpoints (number),
    place INTEGER NOT NULL,
    path BLOB NOT NULL,
    PRIMARY KEY (life, seq, checkpoint)
) STRICT, WITHOUT ROWID;
CREATE INDEX proofs_checkpoint ON proofs (checkpoint);
CREATE TABLE proved (
    life INTEGER NOT NULL, origin TEXT NOT NULL, upto INTEGER NOT NULL, PRIMARY KEY (life, origin)
) STRICT, WITHOUT ROWID;
"""
Connect = Callable[["Path"], Any]
"""Makes a DB-API connection in autocommit mode."""
MIGRATIONS: tuple[tuple[str, str], ...] = (
    ("journal 1", _JOURNAL),
    ("feed 1", _FEED),
    ("counter 1", _COUNTER),
    ("counter 2", _PINS_BELONG_TO_A_START_PIN),
    ("journal 2", _ERASED),
    ("counter 3", _TICKS),
    ("counter 4", _PRINT_QUEUE),
    ("tree 1", _TREE),
)
"""Name and SQL, in the order in which they are applied; append here."""


class Database(sqlite_utils.Database):
    """A connection with the lock that its transactions take: threads of the kiosk wait for each other here."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self.writing = threading.RLock()

    def inside(self) -> bool:
        """Whether a transaction is open."""
        return bool(self.conn.in_transaction)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query; UnavailableError where the disk cannot be read."""
        try:
            with self.writing:
                return list(self.conn.execute(sql, values).fetchall())
        except _FAULTS as error:
            raise _unavailable(error) from error

    def one(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        """Return the first row of a query, or None."""
        return next(iter(self.rows(sql, *values)), None)

    def run(self, sql: str, *values: Any) -> Any:
        """Run a statement inside `transaction` and return its cursor."""
        assert self.inside(), "writes belong into transaction()"
        return self.conn.execute(sql, values)


def sqlite_version() -> tuple[int, ...]:
    """Return the version of the SQLite library in use."""
    return tuple(int(part) for part in sqlite3.sqlite_version.split("."))


def connect_to(path: Path) -> Any:
    """Return a connection to a file on this machine's disk."""
    # autocommit: the only BEGIN is ours
    return sqlite3.connect(str(path), timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def open_database(
    path: Path, migrations: tuple[tuple[str, str], ...] | None = None, connect: Connect = connect_to
) -> Database:
    """Open the database, made with mode 0600 if it is not there, and bring its tables up to date.

    `connect` is the disk: the power-cut simulator brings its own. Raises EvidenceError for a damaged file,
    UnavailableError where the disk does not allow safe writing.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise UnavailableError(say("数据库文件打不开：{why}；请检查磁盘和权限", why=error.strerror or "")) from error
    try:
        connection = connect(path)
    except _FAULTS as error:
        raise _unavailable(error) from error
    try:
        _make_safe(connection)
        database = Database(connection)
        _migrate(database, MIGRATIONS if migrations is None else migrations)
    except _FAULTS as error:
        connection.close()
        raise _unavailable(error) from error
    except BaseException:
        connection.close()
        raise
    return database


def _make_safe(connection: Any) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten, not only unlinked
    asked = ("journal_mode", "synchronous", "foreign_keys")
    state = tuple(connection.execute(f"PRAGMA {name}").fetchone()[0] for name in asked)
    if state != ("wal", _SYNCHRONOUS_FULL, 1):
        raise UnavailableError(say("数据库不在安全写入方式（WAL、FULL）；请把柜台机的目录放在本机磁盘上"))
    problem = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if problem != "ok":
        raise EvidenceError(say("数据库文件已损坏；请停用此目录、从备份恢复，盖章先用纸质应急本"))


def _migrate(database: Database, migrations: tuple[tuple[str, str], ...]) -> None:
    with transaction(database):
        database.run("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) STRICT")
        done = {name for (name,) in database.rows("SELECT name FROM migrations")}
        for name, text in migrations:
            if name not in done:
                _run_script(database, text)
                database.run("INSERT INTO migrations VALUES (?)", name)


def _run_script(database: Database, text: str) -> None:
    """Run a text of statements inside the open transaction; `executescript` would commit it first."""
    statement = ""
    for part in text.split(";"):
        statement += part + ";"
        if sqlite3.complete_statement(statement):
            if statement.strip(" \n;"):
                database.run(statement)
            statement = ""


def copy_to(db: Database, path: Path) -> None:
    """Write a consistent copy of the database, as it is at one moment, to a file that is not there."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # SQLite fills an empty file
        db.conn.execute("VACUUM INTO ?", (str(path),))
    except (OSError, *_FAULTS) as error:
        raise UnavailableError(say("备份写不进去：{why}", why=str(error))) from error


@contextmanager
def transaction(db: Database) -> Iterator[Database]:
    """Everything written inside is on the disk when the block ends, or nothing is; transactions do not nest.

    Raises UnavailableError where disk or database cannot do it now; a broken constraint is `IntegrityError`.
    """
    with db.writing:
        if db.inside():
            message = "transactions do not nest"
            raise RuntimeError(message)
        try:
            db.conn.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.conn.execute("COMMIT")
            except BaseException:
                if db.inside():
                    db.conn.execute("ROLLBACK")
                raise
        except sqlite3.IntegrityError:
            raise
        except sqlite3.Error as error:
            raise _unavailable(error) from error


@contextmanager
def snapshot(db: Database) -> Iterator[None]:
    """Read from one consistent state of the database, whatever another connection writes meanwhile.

    Inside a transaction of its own connection it adds nothing.
    """
    with db.writing:
        if db.inside():
            yield
            return
        db.rows("BEGIN")
        try:
            yield
        finally:
            if db.inside():
                db.rows("ROLLBACK")


@contextmanager
def savepoint(db: Database) -> Iterator[None]:
    """Inside a transaction: what is written in the block takes effect together, or none of it does."""
    db.run("SAVEPOINT part")
    try:
        yield
    except BaseException:
        # SQLite itself rolls back the whole transaction when the disk is full: then there is no savepoint any more
        if db.inside():
            db.run("ROLLBACK TO part")
            db.run("RELEASE part")
        raise
    db.run("RELEASE part")


def _unavailable(error: Exception) -> EvidenceError | UnavailableError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or isinstance(error, UnicodeDecodeError):
        return EvidenceError(say("数据库文件已损坏；请停用此目录、从备份恢复，盖章先用纸质应急本"))
    if code == sqlite3.SQLITE_FULL:
        return FullDiskError(say("没有盖章：磁盘已满，什么都没有写进去；请改用纸质应急本，并通知管理员清理磁盘"))
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return UnavailableError(say("没有盖章：数据库正被别的程序占用，什么都没有写进去；请再试一次"))
    return UnavailableError(
        say("没有盖章：磁盘读写出错（{why}），什么都没有写进去；请改用纸质应急本，并通知管理员", why=str(error))
    )
