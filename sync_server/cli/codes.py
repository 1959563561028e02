"""`xianhou server enrol-code` and `server kiosk`: letting machines in, and seeing which ones there are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from shared_rules.errors import InputError
from shared_rules.interval import to_datetime
from shared_rules.words import say
from sync_server.cli.opening import folder_option, opened
from sync_server.cli.speaking import Speaker
from sync_server.store import journals, places

__all__ = ["enrol_code", "kiosk"]


@click.command("enrol-code", help="为一台新的登记机生成一次性登记码（10 分钟内有效）。")
@folder_option
@click.option("--office", default="", help="登记机所在的门店。")
@click.option("--kiosk", "number", type=int, default=0, help="让已吊销或丢了密钥的这台机重新登记一次；不写则登记新机。")
@click.option("--json", "as_json", is_flag=True, help="以一行 JSON 输出。")
@click.pass_obj
def enrol_code(words: Speaker, folder: Path, office: str, number: int, as_json: bool) -> None:
    """Make a one-time code."""
    if bool(office) == bool(number):
        raise InputError(say("请写 --office（登记新机）或 --kiosk（重新登记），二者写一个"), field="office")
    with opened(folder) as service:
        make = service.enrolment
        code = make.make_code_again(number, os.urandom) if number else make.make_code(office, os.urandom)
        fingerprint = service.keys.fingerprint
    if as_json:
        click.echo(json.dumps({"code": code, "fingerprint": fingerprint}))
        return
    words.echo(say("登记码：{code}（10 分钟内有效，只能用一次）", code=code))
    words.echo(say("根证书指纹：{fingerprint}", fingerprint=fingerprint))


@click.group(help="登记机。")
def kiosk() -> None:
    """Hold the commands about kiosks."""


@kiosk.command("list", help="列出登记机、核对码和最后联系的时间。")
@folder_option
@click.pass_obj
def list_kiosks(words: Speaker, folder: Path) -> None:
    """List the kiosks with what was last heard from each."""
    with opened(folder) as service, service.store.snapshot() as tx:
        states = journals.logs(tx)
        for item in places.kiosks(tx):
            own = [state for state in states if state.log.kiosk == item.kiosk and state.heard_at]
            heard = max((state.heard_at for state in own), default=0)
            last = to_datetime(heard).strftime("%Y-%m-%d %H:%M:%S") if heard else words("从未联系")
            state = words("已吊销") if item.revoked_at else ""
            click.echo("\t".join((str(item.kiosk), item.office, item.comparison, last, state)).rstrip())


@kiosk.command("revoke", help="立即吊销一台登记机：它此后送来的只作证据保存。")
@folder_option
@click.option("--kiosk", "number", type=int, required=True, help="登记机编号。")
@click.option("--reason", required=True, help="原因，记入日志。")
@click.pass_obj
def revoke(words: Speaker, folder: Path, number: int, reason: str) -> None:
    """Take a kiosk's certificate back."""
    with opened(folder) as service:
        service.enrolment.revoke(number, reason)
    words.echo(say("已吊销 {kiosk} 号机；要让它重新登记一次：xianhou server enrol-code --kiosk {kiosk}", kiosk=number))
