"""What doctor looks at: each finding is one line with its remedy. It changes nothing but a scratch file of its own."""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import shutil
import statistics
import time
from importlib.metadata import version as installed
from typing import TYPE_CHECKING, Final

from kiosk.ballast import Ballast
from kiosk.database import SAFE_SQLITE, sqlite_version
from kiosk.journal import Journal
from kiosk.mark import doubt, read_mark
from kiosk.practice import ticks_of
from kiosk.witness import Witness
from shared_rules import clauses
from shared_rules.checkup import Finding
from shared_rules.errors import UnavailableError, XianhouError
from shared_rules.facts import Grade
from shared_rules.interval import HOUR, SECOND, to_datetime
from shared_rules.protocol import ProblemType
from shared_rules.regulation import coded, not_yet_coded, regulation_digest
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kiosk.clock import Reading
    from kiosk.config import Folder, KioskConfig
    from kiosk.enrolment import Keys
    from shared_rules.protocol import Hello

__all__ = ["Finding", "examine"]

_SLOW_MS: Final = 200
_TRIES: Final = 9
_WIDE: Final = 60 * SECOND
_DARK_HOURS: Final = 24
_LEAST_FREE_MB: Final = 512
_REFUSED: Final[dict[str, Say]] = {
    ProblemType.REVOKED: say("服务器已吊销本机的证书，本机上报的不再算数"),
    ProblemType.UNKNOWN_LOG: say("服务器没有登记过本机，本机上报的它不收"),
    ProblemType.BAD_SIGNATURE: say("服务器不认本机的签名，本机上报的它不收"),
}
"""Kind of a problem -> what it says of this kiosk."""


def examine(folder: Folder, keys: Keys, probe: Callable[[KioskConfig], Hello]) -> Iterator[Finding]:
    """Yield the findings of an enrolled kiosk, also while its program runs."""
    config = keys.config
    yield Finding(
        say(
            "柜台机：{office} {kiosk} 号，服务器 {server}",
            office=config.office_name,
            kiosk=config.kiosk,
            server=config.server,
        )
    )
    if config.practice:
        yield Finding(say("【练习】时间取自练习时钟文件，不是真实时间"))
    yield _secrets(folder)
    yield _disk(folder.root)
    yield _space(folder)
    yield _versions()
    journal: Journal | None = None
    try:
        journal = Journal.look(folder, ticks=ticks_of(config), random=os.urandom)
        yield from _journal(journal)
        yield _witnessed(Witness(journal.database, keys))
    except XianhouError as error:
        yield Finding(error.sentence, say("请停用此目录并通知管理员；盖章先用纸质应急本"))
    finally:
        if journal is not None:
            journal.close()
    yield _server(config, probe)
    yield _regulation()


def _secrets(folder: Folder) -> Finding:
    loose = sorted(path.name for path in folder.keys.iterdir() if path.stat().st_mode & 0o077)
    if loose and os.name == "posix":
        return Finding(
            say("密钥文件别人也能读：{names}", names=" ".join(loose)), say("请运行 chmod 600 keys/* 并查明原因")
        )
    return Finding(say("密钥文件：只有本用户能读"))


def _disk(root: Path) -> Finding:
    scratch = root / ".doctor"
    try:
        milliseconds = round(statistics.median(_sync_once(scratch) for _ in range(_TRIES)) * 1000)
    except OSError as error:
        return Finding(say("磁盘写不进去：{why}", why=error.strerror or ""), say("请清理磁盘或检查权限；现在不能盖章"))
    finally:
        scratch.unlink(missing_ok=True)
    what = say("磁盘：一次落盘 {ms} 毫秒", ms=milliseconds)
    return Finding(what, say("磁盘太慢，盖章会等待；请换一块盘") if milliseconds > _SLOW_MS else None)


def _sync_once(path: Path) -> float:
    begin = time.perf_counter()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, bytes(4096))
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
    return time.perf_counter() - begin


def _space(folder: Folder) -> Finding:
    free = shutil.disk_usage(folder.root).free >> 20
    if Ballast(folder.ballast).used_up:
        return Finding(
            say("磁盘：还有 {free} MB，备用空间已经用掉", free=free), say("请清理磁盘；下次开柜台时会重新留出备用空间")
        )
    what = say("磁盘：还有 {free} MB（至少 {wanted} MB）", free=free, wanted=_LEAST_FREE_MB)
    return Finding(what, say("请清理磁盘；满了就不能盖章") if free < _LEAST_FREE_MB else None)


def _versions() -> Finding:
    found, wanted = (".".join(map(str, version)) for version in (sqlite_version(), SAFE_SQLITE))
    what = say(
        "版本：先后 {app}，Python {python}，SQLite {found}（至少 {wanted}）",
        app=installed("xianhou"), python=platform.python_version(), found=found, wanted=wanted,
    )  # fmt: skip
    bad = sqlite_version() < SAFE_SQLITE
    return Finding(what, say("旧版 SQLite 可能损坏数据库；请安装 pysqlite3 或升级系统") if bad else None)


def _journal(journal: Journal) -> Iterator[Finding]:
    if journal.log.inc == 0:
        yield Finding(say("日志：还没有开过；第一次打开柜台时建立"))
        return
    journal.verify()
    yield Finding(say("日志：{count} 条记录的链、签名和正文都成立", count=journal.last_seq))
    yield _mark(journal)
    now = journal.now()
    yield _clock(now)
    yield _anchored(journal)
    yield _outbox(journal, now)
    yield from _refused(journal)
    if journal.promise_is_void:
        yield Finding(
            say("封账承诺：时钟出错时承诺得太远，现在不能盖章"),
            say("请关掉柜台，运行 xianhou kiosk new-journal，并告诉管理员"),
        )


def _mark(journal: Journal) -> Finding:
    mark = read_mark(journal.folder.anchor)
    held = journal.chain.hash_at(journal.log.inc, mark.seq) if mark else None
    machine = mark.machine if mark else ""
    why = doubt(
        mark, inc=journal.log.inc, held=held, floor=journal.floor, slips=journal.slips, machine=machine
    )  # fmt: skip
    if why:
        return Finding(
            say("日志与 anchor 文件不符（{why}）", why=why),
            say("数据库可能是从备份恢复的；下次打开会自动换新日志，请告诉管理员"),
        )
    return Finding(say("anchor 文件与日志相符"))


def _clock(now: Reading) -> Finding:
    moment = to_datetime(now.time.lo).strftime("%Y-%m-%d %H:%M:%S")
    if now.grade is Grade.C:
        return Finding(
            say("时钟：等级 C，只知道不早于 {moment}", moment=moment),
            say("还没有与服务器对过时；可以盖章，但时间没有上限，请尽快接通网络"),
        )
    width = now.time.hi - now.time.lo
    what = say(
        "时钟：等级 {grade}，{moment}，误差不超过 {ms} 毫秒", grade=now.grade.name, moment=moment, ms=width // 1000
    )
    return Finding(what, say("很久没有与服务器对时；请接通网络") if width > _WIDE else None)


def _anchored(journal: Journal) -> Finding:
    last = journal.chain.last_anchor()
    moment = to_datetime(last.time.lo).strftime("%Y-%m-%d %H:%M:%S") if last else "—"
    return Finding(say("最近一次记下的对时：{moment}", moment=moment))


def _outbox(journal: Journal, now: Reading) -> Finding:
    oldest = journal.oldest_unsent
    hours = (now.time.lo - oldest.lo) // HOUR if oldest else 0
    what = say("待上报：{count} 条，最早一笔约 {hours} 小时前", count=journal.unsent, hours=max(0, hours))
    return Finding(what, say("超过一天没有上报；请接通网络，别店看不到这些单子") if hours >= _DARK_HOURS else None)


def _refused(journal: Journal) -> Iterator[Finding]:
    what = _REFUSED.get(journal.chain.refusal())
    if what is not None:
        yield Finding(
            what,
            say(
                "盖章照常，都留在本机；请管理员查明后为 {kiosk} 号机生成重新登记码，再在本机运行 xianhou enrol --again",
                kiosk=journal.log.kiosk,
            ),
        )


def _witnessed(witness: Witness) -> Finding:
    if witness.contradictions():
        return Finding(
            say("存证账本：服务器签过两份互相矛盾的账本，证据留在本机数据库里"),
            say("服务器上的记录被删改过，或恢复得不对；请保存本机目录的副本，请第三方查看"),
        )
    last = witness.checkpoint()
    return Finding(say("存证账本：服务器签过的都前后一致，最近一次共 {count} 条记录", count=last.size if last else 0))


def _server(config: KioskConfig, probe: Callable[[KioskConfig], Hello]) -> Finding:
    try:
        hello = probe(config)
    except UnavailableError as error:
        return Finding(error.sentence, say("请检查网线和服务器；盖章照常，联网后自动上报"))
    what = say("服务器：{server} 在线，版本 {version}", server=hello.server, version=hello.version)
    other = hello.version != installed("xianhou")
    return Finding(what, say("与本机版本不同；请把柜台机与服务器升级到同一版本，盖章照常") if other else None)


def _regulation() -> Finding:
    try:
        for module in pkgutil.iter_modules(clauses.__path__):
            importlib.import_module(f"{clauses.__name__}.{module.name}")
    except ValueError as error:
        return Finding(say("规则与条文不一致：{why}", why=str(error)), say("条文改过而规则没有重读；请勿使用此版本"))
    return Finding(
        say(
            "条文 {digest}：已编码 {coded} 条，未编码：{missing}",
            digest=regulation_digest(),
            coded=len(coded()),
            missing=" ".join(not_yet_coded()) or "—",
        )
    )
