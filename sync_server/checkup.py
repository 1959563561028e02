"""What `xianhou server doctor` looks at: each finding is one line with its remedy. It writes a scratch file only."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import time
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from cryptography import x509

from shared_rules.checkup import Finding
from shared_rules.errors import UnavailableError, XianhouError
from shared_rules.interval import DAY, HOUR, day_of, to_datetime
from shared_rules.words import say
from sync_server.archive import active_logs
from sync_server.backup import kept, verify
from sync_server.chains import walk
from sync_server.clock import SystemSource
from sync_server.store import SAFE_SQLITE, journals, persons, places, sqlite_version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sync_server.clock import Reading
    from sync_server.service import Service
    from sync_server.store.journals import LogState
    from sync_server.store.places import Kiosk

__all__ = ["examine"]

_SLOW_MS: Final = 200
_TRIES: Final = 9
_LEAST_FREE_MB: Final = 1024
_CERTIFICATE_DAYS: Final = 60
"""Below the 90 days at which a start renews the TLS certificate: such a server was not restarted for long."""
_RECENT: Final = 7 * DAY
"""Alarms are never taken away; those of the last week are red."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the database says at one moment."""

    now: Reading
    states: tuple[LogState, ...]
    kiosks: tuple[Kiosk, ...]
    alarms: tuple[int, ...]
    """When each was raised."""
    quarantined: int


def examine(service: Service) -> Iterator[Finding]:
    """Yield the findings of a server's data folder, also while the server runs."""
    config = service.config
    yield Finding(say("服务器：{name}，目录 {dir}", name=config.settings.name, dir=str(config.folder)))
    yield _versions()
    yield _disk(config.folder)
    yield _space(config.folder)
    yield _pages(service)
    yield _chains(service)
    try:
        seen = _look(service)
    except XianhouError as error:
        yield Finding(error.sentence, say("请停服务器，用最近一份备份恢复：xianhou server restore"))
        return
    yield _backup(service, seen.now)
    yield _clock(seen.now)
    yield from _certificates(service)
    yield from _kiosks(seen)
    yield _alarms(seen)
    yield _quarantined(seen)


def _look(service: Service) -> _Seen:
    with service.store.snapshot() as tx:
        return _Seen(
            service.clock.read(service.log.highest(tx)), tuple(journals.logs(tx)), tuple(places.kiosks(tx)),
            tuple(alarm.at for alarm in persons.alarms(tx)), journals.quarantined(tx),
        )  # fmt: skip


def _versions() -> Finding:
    found, wanted = (".".join(map(str, one)) for one in (sqlite_version(), SAFE_SQLITE))
    what = say(
        "版本：先后 {app}，Python {python}，SQLite {found}（至少 {wanted}）",
        app=version("xianhou"), python=platform.python_version(), found=found, wanted=wanted,
    )  # fmt: skip
    bad = sqlite_version() < SAFE_SQLITE
    return Finding(what, say("旧版 SQLite 可能损坏数据库；请安装 pysqlite3 或升级系统") if bad else None)


def _disk(folder: Path) -> Finding:
    scratch = folder / ".doctor"
    try:
        milliseconds = round(statistics.median(_sync_once(scratch) for _ in range(_TRIES)) * 1000)
    except OSError as error:
        return Finding(
            say("磁盘写不进去：{why}", why=error.strerror or ""), say("请清理磁盘或检查权限；现在收不了上报")
        )
    finally:
        scratch.unlink(missing_ok=True)
    what = say("磁盘：一次落盘 {ms} 毫秒", ms=milliseconds)
    return Finding(what, say("磁盘太慢，各柜台机的上报会等待；请换一块盘") if milliseconds > _SLOW_MS else None)


def _sync_once(path: Path) -> float:
    begin = time.perf_counter()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, bytes(4096))
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
    return time.perf_counter() - begin


def _space(folder: Path) -> Finding:
    """A backup needs as much as the database; so much more must be free."""
    free = shutil.disk_usage(folder).free >> 20
    wanted = _LEAST_FREE_MB + 2 * (_size(folder / "server.db") >> 20)
    what = say("磁盘：还有 {free} MB（至少 {wanted} MB）", free=free, wanted=wanted)
    return Finding(what, say("请清理磁盘，或把旧备份移到别处") if free < wanted else None)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _pages(service: Service) -> Finding:
    try:
        service.store.check_pages()
    except UnavailableError as error:
        return Finding(error.sentence, say("请停服务器，用最近一份备份恢复：xianhou server restore"))
    return Finding(say("数据库：每一页都完好"))


def _chains(service: Service) -> Finding:
    try:
        count = walk(service.store)
    except XianhouError as error:
        return Finding(error.sentence, say("请停服务器，用最近一份备份恢复：xianhou server restore"))
    return Finding(say("日志：{count} 条记录的链都成立，正文都打得开", count=count))


def _backup(service: Service, now: Reading) -> Finding:
    """The newest daily backup, opened with the keys as a restore would."""
    if not service.config.settings.keep_backups:
        return Finding(say("每日备份：已关闭"), say("请在 config.toml 里把 keep_backups 设为 7"))
    newest = next(iter(kept(service.config.folder)), None)
    if newest is None:
        return Finding(say("每日备份：一份也没有"), say("服务器运行时每天自动备份；请启动服务器，并看有没有备份警报"))
    what = say("每日备份：最近一份 {name}，打得开", name=newest.name)
    try:
        verify(newest, service.keys)
        made = date.fromisoformat(newest.stem)
    except (XianhouError, ValueError) as error:
        broken = say("每日备份：最近一份 {name} 打不开（{why}）", name=newest.name, why=str(error))
        return Finding(broken, say("请删去它，运行 xianhou server backup，并检查磁盘"))
    old = made < day_of(now.now) - timedelta(days=1)
    return Finding(what, say("超过一天没有备份；请检查磁盘，并看有没有备份警报") if old else None)


def _clock(now: Reading) -> Finding:
    if not now.synchronised:
        return Finding(say("时钟：没有校准"), say("请校准系统时钟（chrony 或 ntpd）；在此以前各柜台机对不了时"))
    return Finding(say("时钟：已校准，误差不超过 {ms} 毫秒", ms=now.err // 1000))


def _certificates(service: Service) -> Iterator[Finding]:
    # certificates are judged by real clocks, also on a training server
    today = day_of(SystemSource(error=None).wall())
    for name in ("tls.pem", "server.pem", "ca.pem"):
        path = service.config.keys / name
        if not path.exists():
            yield Finding(say("证书 {name}：还没有，服务器第一次启动时生成", name=name))
            continue
        ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc.date()
        what = say("证书 {name}：到 {day} 为止", name=name, day=ends.isoformat())
        late = ends - today < timedelta(days=_CERTIFICATE_DAYS)
        remedy = say("请重新启动服务器，TLS 证书会自动换新；别的证书请联系我们") if late else None
        yield Finding(what, remedy)


def _kiosks(seen: _Seen) -> Iterator[Finding]:
    active = active_logs(seen.states)
    for kiosk in seen.kiosks:
        state = active.get(kiosk.kiosk)
        if kiosk.revoked_at:
            continue
        heard = state.heard_at if state else 0
        if seen.now.now - max(heard, kiosk.enrolled_at) >= DAY:
            hours = (seen.now.now - max(heard, kiosk.enrolled_at)) // HOUR
            yield Finding(
                say(
                    "{office} 的 {kiosk} 号机：{hours} 小时没有联系",
                    office=kiosk.office,
                    kiosk=kiosk.kiosk,
                    hours=hours,
                ),
                say("请检查那里的网络；停用的柜台机请吊销（xianhou server kiosk revoke）"),
            )
        elif state is not None and state.version not in ("", version("xianhou")):
            yield Finding(
                say("{office} 的 {kiosk} 号机：版本 {version}，与服务器不同", office=kiosk.office, kiosk=kiosk.kiosk,
                    version=state.version),
                say("请把柜台机与服务器升级到同一版本"),
            )  # fmt: skip
    counting = [kiosk for kiosk in seen.kiosks if not kiosk.revoked_at]
    frozen = sum(state.frozen for state in seen.states)
    yield Finding(
        say(
            "柜台机：在用 {count} 台，日志 {logs} 本，冻结 {frozen} 本",
            count=len(counting),
            logs=len(seen.states),
            frozen=frozen,
        ),
        say("有日志出现两个版本：请照警报查明是哪台机器被复制或恢复过") if frozen else None,
    )


def _alarms(seen: _Seen) -> Finding:
    recent = [at for at in seen.alarms if at > seen.now.now - _RECENT]
    last = to_datetime(max(seen.alarms)).strftime("%Y-%m-%d %H:%M") if seen.alarms else "—"
    what = say(
        "警报：七天内 {recent} 条，共 {count} 条，最近 {last}", recent=len(recent), count=len(seen.alarms), last=last
    )
    return Finding(what, say("请销售部经理在网页上逐条查看") if recent else None)


def _quarantined(seen: _Seen) -> Finding:
    what = say("无法采用的记录：{count} 条", count=seen.quarantined)
    return Finding(what, say("它们原样保存着；请升级服务器，或查明柜台机出了什么问题") if seen.quarantined else None)
