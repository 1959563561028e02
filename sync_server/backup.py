"""Backups of the server's database, each verified by opening it, and the way back.

Keys and settings are not in a backup: they are copied once, when the server is set up, and kept apart. A restored one
knows less than its kiosks do; it takes a new epoch and a new life for its own journal, so that every kiosk reads the
feed again from the start and sends again what the server misses. Nothing that a kiosk holds is lost by a restore.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from shared_rules.errors import EvidenceError, InputError, UnavailableError, XianhouError
from shared_rules.facts import LogId
from shared_rules.interval import day_of
from shared_rules.words import say
from sync_server.archive import Archive
from sync_server.log import ServerLog
from sync_server.store import Store, journals, persons

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync_server.clock import ServerClock
    from sync_server.config import Config
    from sync_server.pki import Keys

__all__ = ["BACKUPS", "Backup", "back_up", "daily", "kept", "restore", "verify"]

BACKUPS: Final = "backups"
"""Folder of the server's own daily backups, inside its data folder: copy it to another machine."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was opened and found whole: how many facts, and the last number of each journal."""

    path: Path
    facts: int
    journals: dict[LogId, int]


def back_up(store: Store, keys: Keys, to: Path) -> Backup:
    """Copy the running server's database to a new file and open the copy; nothing is left there if it is not whole.

    Raises InputError where the file is there already, UnavailableError, EvidenceError.
    """
    if to.exists():
        raise InputError(say("{path} 已经存在；备份不覆盖旧文件，请换一个名字", path=str(to)), field="to")
    making = to.with_name(to.name + ".making")
    making.unlink(missing_ok=True)
    try:
        store.copy_to(making)
        _synced(making)
        found = verify(making, keys)
        making.rename(to)
        _synced(to.parent)
    except OSError as error:
        raise UnavailableError(say("备份写不进去：{why}", why=error.strerror or "")) from error
    finally:
        making.unlink(missing_ok=True)
    return Backup(to, found.facts, found.journals)


def verify(path: Path, keys: Keys) -> Backup:
    """Open a copy of a backup: every page, every chain, every body; EvidenceError where anything is not whole."""
    with _opened_copy(path, keys) as store:
        store.check_pages()
        contents = Archive(store).read()
        held = {state.log: state.next - 1 for state in contents.logs}
    return Backup(path, contents.count, held)


@contextmanager
def _opened_copy(path: Path, keys: Keys) -> Iterator[Store]:
    """Open a copy, so that looking changes nothing; closed in the end."""
    if not path.is_file():
        raise InputError(say("没有备份文件 {path}", path=str(path)), field="from")
    with TemporaryDirectory(prefix="xianhou-verify-") as folder:
        copy = Path(folder) / "copy.db"
        shutil.copyfile(path, copy)
        copy.chmod(0o600)
        try:
            store = Store(copy, keys.bodies)
        except UnavailableError as error:
            raise EvidenceError(say("备份文件已损坏：{path}；请换更早的一份", path=str(path))) from error
        try:
            yield store
        except UnavailableError as error:
            raise EvidenceError(say("备份文件已损坏：{path}；请换更早的一份", path=str(path))) from error
        finally:
            store.close()


def restore(config: Config, keys: Keys, clock: ServerClock, source: Path) -> Backup:
    """Put a verified backup in the place of a database that is not there; the kiosks make up for the rest.

    Raises InputError where there is still a database, EvidenceError for a backup that is not whole.
    """
    if config.database.exists():
        raise InputError(
            say("{path} 还在；请先停服务器，把旧数据库移到别处，再恢复", path=str(config.database)), field="dir"
        )
    found = verify(source, keys)
    making = config.database.with_name(config.database.name + ".making")
    try:
        shutil.copyfile(source, making)
        making.chmod(0o600)
        _begin_again(making, keys, clock, config.settings.name)
        _synced(making)
        making.rename(config.database)
        _synced(config.folder)
    except OSError as error:
        raise UnavailableError(say("恢复时写不进去：{why}", why=error.strerror or "")) from error
    finally:
        for left in making.parent.glob(making.name + "*"):
            left.unlink()
    return found


def _begin_again(path: Path, keys: Keys, clock: ServerClock, name: str) -> None:
    store, log = Store(path, keys.bodies), ServerLog(keys.server, clock)
    try:
        with store.transaction() as tx:
            before = max((one for one in journals.logs(tx) if one.log.kiosk == 0), key=lambda one: one.first)
            log.begin(tx, server=name, parent=before.log, after=before.next - 1, digest=before.hash)
            sentence = say("服务器已从备份恢复：各柜台机会重新读取、补报；备份以后在服务器上的判定和登记需要重做")
            persons.add_alarm(tx, f"restored {before.log.inc} {before.next}", sentence, at=log.signed_now(tx).now)
    finally:
        store.close()


def daily(store: Store, log: ServerLog, config: Config, keys: Keys) -> Backup | None:
    """Make the day's backup in the data folder unless it is there, and let go of the oldest; None = nothing to do.

    A backup that fails is alarmed and tried again at the next call; the server goes on.
    """
    with store.transaction() as tx:
        now = log.signed_now(tx).now
    target = config.folder / BACKUPS / f"{day_of(now).isoformat()}.db"
    if not config.settings.keep_backups or target.exists():
        return None
    try:
        target.parent.mkdir(mode=0o700, exist_ok=True)
        made = back_up(store, keys, target)
        for old in kept(config.folder)[config.settings.keep_backups :]:
            old.unlink()
    except (OSError, XianhouError) as error:
        sentence = say("每日备份没有成功（{why}）：请检查磁盘", why=str(error))
        with store.transaction() as tx:
            persons.add_alarm(tx, f"backup {target.stem}", sentence, at=now)
        return None
    return made


def kept(folder: Path) -> list[Path]:
    """Return the daily backups of a data folder, the newest first."""
    return sorted((folder / BACKUPS).glob("*.db"), reverse=True)


def _synced(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
