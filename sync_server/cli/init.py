"""`xianhou server init`: make a data folder with its keys, its database and its own journal."""

from __future__ import annotations

import ipaddress
import json
import os
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared_rules.errors import InputError, UnavailableError
from shared_rules.words import say
from sync_server.cli.demo_people import add_demo_people
from sync_server.cli.opening import folder_option, opened
from sync_server.cli.speaking import Speaker
from sync_server.clock import ServerClock, SystemSource, source_of
from sync_server.config import ClockKind, Config, Settings, write_config
from sync_server.log import ServerLog
from sync_server.pki import Keys, make_keys
from sync_server.store import Store
from sync_server.time_services import kernel_error

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["init"]

_PRACTICE_BEGINS = 946_684_800_000_000
"""2000-01-01: a server's time never goes back, so a training clock starts before any day to be practised."""
_CLOCKS = ["auto", *(kind.value for kind in ClockKind)]


@click.command(help="建立新的服务器数据目录：密钥、证书、数据库。")
@folder_option
@click.option("--name", required=True, help="服务器的名称，登记机和网页上显示。")
@click.option("--host-name", "hosts", multiple=True, help="登记机和浏览器访问用的域名或 IP，可写多个；不写则为本机。")
@click.option("--clock", type=click.Choice(_CLOCKS), default="auto", help="时钟由谁担保：系统、管理员，或练习用。")
@click.option("--clock-error-ms", type=click.IntRange(50, 60_000), default=50, help="时钟误差上限，毫秒。")
@click.option("--lang-pages", type=click.Choice(["zh", "en"]), help="网页语言；不写则随浏览器。")
@click.option("--demo-people", is_flag=True, help="同时建立两家示范门店和人员，以一行 JSON 输出工牌和初始密码。")
@click.pass_obj
def init(
    words: Speaker,
    *,
    folder: Path,
    name: str,
    hosts: Sequence[str],
    clock: str,
    clock_error_ms: int,
    lang_pages: str | None,
    demo_people: bool,
) -> None:
    """Make everything in a folder beside the wanted one, then rename it: a failed set-up leaves nothing behind."""
    if folder.exists() and any(folder.iterdir()):
        raise InputError(say("{dir} 不是空目录；请换一个目录", dir=str(folder)), field="dir")
    kind = _clock(clock)
    settings = Settings(
        name=_practice_name(words, name, kind), hosts=tuple(hosts) or _own_names(), clock=kind,
        clock_error_ms=clock_error_ms, language="en" if lang_pages == "en" else "zh" if lang_pages else "",
    )  # fmt: skip
    for host in settings.hosts:
        _check_host(host)
    keys = _make(folder, settings)
    if demo_people:
        with opened(folder) as service:
            click.echo(json.dumps({"people": add_demo_people(service.people)}, ensure_ascii=False))
    words.echo(say("服务器已建立：{name}", name=settings.name))
    words.echo(say("根证书指纹（登记机登记时核对）：{fingerprint}", fingerprint=keys.fingerprint))
    if kind is ClockKind.STATED:
        words.echo(
            say("时钟误差按 {ms} 毫秒计，由管理员担保；本机若已自动对时，请把 clock 改为 kernel", ms=clock_error_ms)
        )


def _make(folder: Path, settings: Settings) -> Keys:
    making = folder.with_name(folder.name + ".making")
    machine = SystemSource(error=None).wall()
    try:
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700, parents=True)
        config = write_config(making, settings)
        if settings.clock is ClockKind.PRACTICE:
            config.practice_clock.write_text(str(_PRACTICE_BEGINS), encoding="ascii")
        keys = make_keys(config.keys, settings.name, now=machine, random=os.urandom)
        _begin(config, keys)
        if folder.exists():
            folder.rmdir()
        making.rename(folder)
    except OSError as error:
        raise UnavailableError(say("数据目录建不起来：{why}", why=error.strerror or "")) from error
    return keys


def _begin(config: Config, keys: Keys) -> None:
    store = Store(config.database, keys.bodies)
    with store.transaction() as tx:
        ServerLog(keys.server, ServerClock(source_of(config))).begin(tx, server=config.settings.name)
    store.close()


def _clock(asked: str) -> ClockKind:
    if asked != "auto":
        return ClockKind(asked)
    return ClockKind.STATED if kernel_error() is None else ClockKind.KERNEL


def _practice_name(words: Speaker, name: str, kind: ClockKind) -> str:
    return words(say("【练习】{name}", name=name)) if kind is ClockKind.PRACTICE else name


def _own_names() -> tuple[str, ...]:
    host = socket.gethostname()
    return ("localhost", "127.0.0.1", *([host] if host.isascii() and host != "localhost" else []))


def _check_host(host: str) -> None:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        labels = host.split(".")
        if not host.isascii() or not all(label.replace("-", "a").isalnum() for label in labels):
            raise InputError(say("{host} 既不是域名也不是 IP 地址", host=host), field="host-name") from None
