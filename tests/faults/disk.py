"""A disk in memory that tells what was synced from what was only written, and whose power can be cut at any operation.

SQLite writes to it through a VFS of apsw's. At a cut each write since the last sync of its file is kept, dropped or
torn at sectors, whatever its order; a file that was never synced may be gone. All of it follows from one seed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Final

import apsw

from kiosk.database import sqlite3  # type: ignore[attr-defined]

__all__ = ["Disk", "Fault", "PowerCutError", "connection"]

_SECTOR: Final = 512
_NAME: Final = "xianhou-disk"


class PowerCutError(BaseException):
    """The power is gone: nobody catches this and goes on."""


@dataclass
class _File:
    """What the program sees, what survives, and the writes between the two."""

    now: bytearray = field(default_factory=bytearray)
    durable: bytes | None = None
    """None = the file's very existence was never synced."""
    waiting: list[tuple[int, bytes | None]] = field(default_factory=list)
    """Writes since the last sync: (offset, bytes); a truncation is (size, None)."""


@dataclass
class Fault:
    """What goes wrong and at which operation, counted from one; kind `cut`, `full` or `ioerr`."""

    at: int = 0
    kind: str = "cut"


@dataclass
class Disk:
    """Files by name; `lies` = a sync that does nothing."""

    files: dict[str, _File] = field(default_factory=dict)
    fault: Fault = field(default_factory=Fault)
    lies: bool = False
    operations: int = 0
    dead: bool = False
    """The power went while a program ran: whatever it still tries fails."""
    gone: bool = False
    """The program is no more: what its remains do when they are cleared away reaches nothing."""
    connections: list[_Connection] = field(default_factory=list)

    def operation(self, *, writes: bool = True) -> bool:
        """Count an operation and return whether it reaches the disk; at the chosen one the fault strikes."""
        if self.gone:
            return False
        if self.dead:
            raise PowerCutError
        self.operations += 1
        if self.fault.at == 0 or self.operations < self.fault.at:
            return True
        if self.fault.kind == "cut":
            self.dead = True
            raise PowerCutError
        if self.fault.kind == "full" and writes:
            raise apsw.FullError
        if self.fault.kind == "ioerr" and self.operations == self.fault.at:
            raise apsw.IOError
        return True

    def leave(self) -> None:
        """Clear away the program that used this disk: no farewell of its reaches it."""
        self.gone = True
        while self.connections:
            self.connections.pop().close()
        _VFS.disks.pop(str(id(self)), None)

    def after_the_cut(self, seed: int) -> Disk:
        """Return what a machine finds that is switched on again."""
        chance, left = random.Random(seed), Disk(lies=self.lies)
        for name, file in sorted(self.files.items()):
            survived = _survivor(file, chance)
            if survived is not None:
                left.files[name] = _File(bytearray(survived), survived)
        return left

    def image(self) -> Disk:
        """Return a copy of what survives, whole: as after a shutdown in peace."""
        return Disk({name: _File(bytearray(one.now), bytes(one.now)) for name, one in self.files.items()})


def _survivor(file: _File, chance: random.Random) -> bytes | None:
    if file.durable is None and chance.random() < 0.5:
        return None
    content = bytearray(file.durable or b"")
    for offset, data in file.waiting:
        fate = chance.random()
        if fate < 0.35:
            continue
        if data is None:
            del content[offset:]
            continue
        _write(content, offset, data if fate < 0.7 else data[: _SECTOR * chance.randrange(1 + len(data) // _SECTOR)])
    return bytes(content)


def _write(content: bytearray, offset: int, data: bytes) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


class _Handle:
    """An open file, as SQLite asks for it."""

    def __init__(self, disk: Disk, name: str) -> None:
        self.disk = disk
        self.file = disk.files.setdefault(name, _File())

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        return bytes(self.file.now[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        if self.disk.operation():
            _write(self.file.now, offset, data)
            self.file.waiting.append((offset, bytes(data)))

    def xTruncate(self, size: int) -> None:  # noqa: N802
        if self.disk.operation():
            del self.file.now[size:]
            self.file.waiting.append((size, None))

    def xSync(self, _flags: int) -> None:  # noqa: N802
        if self.disk.operation(writes=False) and not self.disk.lies:
            self.file.durable = bytes(self.file.now)
            self.file.waiting.clear()

    def xFileSize(self) -> int:  # noqa: N802
        return len(self.file.now)

    def xLock(self, _level: int) -> None:  # noqa: N802
        return

    def xUnlock(self, _level: int) -> None:  # noqa: N802
        return

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xFileControl(self, _op: int, _ptr: int) -> bool:  # noqa: N802
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return _SECTOR

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return 0

    def xClose(self) -> None:  # noqa: N802
        return


class _Vfs(apsw.VFS):
    """One for the process; which disk it means is said in the file's name."""

    def __init__(self) -> None:
        self.disks: dict[str, Disk] = {}
        super().__init__(_NAME, "")

    def _find(self, name: str) -> tuple[Disk, str]:
        number, _, file = name.lstrip("/").partition("/")
        return self.disks[number], file

    def xFullPathname(self, name: str) -> str:  # noqa: N802
        return name

    def xOpen(self, name: str | apsw.URIFilename | None, _flags: list[int]) -> Any:  # noqa: N802
        assert name is not None, "a temporary file: the journal uses none"
        disk, file = self._find(name if isinstance(name, str) else name.filename())
        if disk.dead and not disk.gone:
            raise PowerCutError
        return _Handle(disk, file)

    def xDelete(self, name: str, _sync: bool) -> None:  # noqa: N802
        disk, file = self._find(name)
        if disk.operation():
            disk.files.pop(file, None)

    def xAccess(self, name: str, _flags: int) -> bool:  # noqa: N802
        disk, file = self._find(name)
        return file in disk.files


_VFS: Final = _Vfs()


class _Cursor:
    def __init__(self, connection: apsw.Connection, rows: list[tuple[Any, ...]]) -> None:
        self.lastrowid = connection.last_insert_rowid()
        self.rowcount = connection.changes()
        self._rows = rows

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop(0) if self._rows else None


class _Connection:
    """What the journal knows of a connection; errors are those of the module that it runs with elsewhere."""

    def __init__(self, number: str, disk: Disk, path: str) -> None:
        _VFS.disks[number] = disk
        self._disk = disk
        self._apsw = apsw.Connection(f"/{number}/{path}", vfs=_NAME)
        disk.connections.append(self)

    @property
    def in_transaction(self) -> bool:
        return bool(self._apsw.in_transaction)

    def execute(self, sql: str, values: Any = ()) -> _Cursor:
        try:
            return _Cursor(self._apsw, list(self._apsw.execute(sql, tuple(values))))
        except apsw.Error as error:
            if self._disk.dead:
                raise PowerCutError from error
            raise _error(error) from error

    def close(self) -> None:
        self._apsw.close(True)  # noqa: FBT003 - apsw takes it by position


def _error(error: apsw.Error) -> Exception:
    kind = sqlite3.IntegrityError if isinstance(error, apsw.ConstraintError) else sqlite3.OperationalError
    same: Exception = kind(str(error))
    same.sqlite_errorcode = getattr(error, "extendedresult", getattr(error, "result", 1))  # type: ignore[attr-defined]
    return same


def connection(disk: Disk, *, pages: int = 1000, synchronous: str = "") -> Any:
    """Return `connect` for the journal: in WAL without shared memory, checkpoint after so many pages.

    `synchronous` is the sabotage: it is set again whenever the journal has asserted its own.
    """
    number = str(id(disk))

    def connect(path: Any) -> Any:
        made = _Connection(number, disk, path.name)
        made.execute("PRAGMA locking_mode = EXCLUSIVE")
        made.execute(f"PRAGMA wal_autocheckpoint = {pages}")
        if synchronous:
            return _Careless(made, synchronous)
        return made

    return connect


class _Careless:
    """The sabotage: says FULL when asked and syncs as told otherwise."""

    def __init__(self, real: _Connection, synchronous: str) -> None:
        self._real = real
        self._synchronous = synchronous

    @property
    def in_transaction(self) -> bool:
        return self._real.in_transaction

    def execute(self, sql: str, values: Any = ()) -> _Cursor:
        if sql == "PRAGMA synchronous":
            answer = self._real.execute(sql, values)
            self._real.execute(f"PRAGMA synchronous = {self._synchronous}")
            return answer
        return self._real.execute(sql, values)

    def close(self) -> None:
        self._real.close()
