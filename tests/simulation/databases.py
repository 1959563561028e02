"""A look at a database from outside, past the program that has it open: what is on the disk, and its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined] # the module the product uses

__all__ = ["files", "peep", "reader"]


def reader(path: Path) -> Any:
    """Return a connection of one's own, in autocommit: each query sees what is committed by then."""
    return sqlite3.connect(str(path), timeout=5, isolation_level=None)


def peep(path: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """Return the rows of a query over what is committed."""
    connection = reader(path)
    try:
        return list(connection.execute(sql, values))
    finally:
        connection.close()


def files(database: Path) -> list[Path]:
    """Return a database's files, without the index of its log, which is rebuilt."""
    return [path for path in (database, database.with_name(f"{database.name}-wal")) if path.exists()]
