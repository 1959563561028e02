"""Backups of a kiosk's database, each verified by opening it, and the way back.

Keys, settings and anchor file are not in a backup: keys are copied once, at enrolment, and the anchor file is what
finds out that a database is an old one. A restored kiosk begins a new life under slip numbers never given before, the
server is alarmed, and what it was told since the backup comes back from there (history.py).
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kiosk.chain import Chain
from kiosk.config import sync_path
from kiosk.database import copy_to, open_database
from kiosk.lock import Lock
from kiosk.sealing import Sealer
from shared_rules.errors import EvidenceError, InputError, UnavailableError
from shared_rules.words import say

if TYPE_CHECKING:
    from kiosk.config import Folder
    from kiosk.enrolment import Keys

__all__ = ["Backup", "back_up", "restore", "verify"]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was opened and found whole."""

    path: Path
    records: int
    unsent: int
    """Records in it that the server had not acknowledged: nowhere else but here and in the kiosk."""


def back_up(folder: Folder, keys: Keys, to: Path) -> Backup:
    """Copy the database of a kiosk, also of a running one, to a new file and open the copy.

    Nothing is left there if it is not whole. Raises InputError where the file is there already, UnavailableError,
    EvidenceError.
    """
    if to.exists():
        raise InputError(say("{path} 已经存在；备份不覆盖旧文件，请换一个名字", path=str(to)), field="to")
    making = to.with_name(to.name + ".making")
    making.unlink(missing_ok=True)
    try:
        database = open_database(folder.database)
        try:
            copy_to(database, making)
        finally:
            database.close()
        found = verify(making, keys)
        sync_path(making)
        making.rename(to)
        sync_path(to.parent)
    except OSError as error:
        raise UnavailableError(say("备份写不进去：{why}", why=error.strerror or "")) from error
    finally:
        making.unlink(missing_ok=True)
    return Backup(to, found.records, found.unsent)


def verify(path: Path, keys: Keys) -> Backup:
    """Open a copy of a backup: every page, every chain, signature and body; EvidenceError where it is not whole."""
    if not path.is_file():
        raise InputError(say("没有备份文件 {path}", path=str(path)), field="from")
    with TemporaryDirectory(prefix="xianhou-verify-") as folder:
        copy = Path(folder) / "copy.db"
        shutil.copyfile(path, copy)
        try:
            database = open_database(copy)
        except UnavailableError as error:
            raise EvidenceError(say("备份文件已损坏：{path}；请换更早的一份", path=str(path))) from error
        try:
            chain = Chain(database, Sealer(keys.data, os.urandom), keys.config.kiosk)
            chain.walk(keys.certificates)
            records = sum(chain.last(life.inc).seq for life in chain.lives())
            return Backup(path, records, chain.unsent())
        finally:
            database.close()


def restore(folder: Folder, keys: Keys, source: Path) -> tuple[Backup, Path | None]:
    """Put a verified backup in the place of the database, and return where the old one was set aside (None = none was).

    Raises UnavailableError while the counter is open, EvidenceError for a backup that is damaged or another kiosk's.
    """
    lock = Lock.take(folder.lock)
    try:
        found = verify(source, keys)
        making = folder.root / "restoring.db"
        shutil.copyfile(source, making)
        making.chmod(0o600)
        sync_path(making)
        aside = _set_aside(folder)
        making.rename(folder.database)
        sync_path(folder.root)
    except OSError as error:
        raise UnavailableError(say("恢复时写不进去：{why}", why=error.strerror or "")) from error
    finally:
        lock.release()
    return found, aside


def _set_aside(folder: Folder) -> Path | None:
    """Move the database and its write-ahead files into a folder of their own: it may still be wanted as evidence."""
    left = sorted(folder.root.glob(folder.database.name + "*"))
    if not left:
        return None
    number = 1
    while (aside := folder.root / f"set-aside-{number}").exists():
        number += 1
    aside.mkdir(mode=0o700)
    for path in left:
        path.rename(aside / path.name)
    sync_path(aside)
    return aside
