"""`xianhou server enrol-code` and `server kiosk`: letting machines in, and seeing which ones there are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from shared_rules.interval import to_datetime
from shared_rules.words import say
from sync_server.cli.opening import folder_option, opened
from sync_server.cli.speaking import Speaker
from sync_server.store import journals, places

__all__ = ["enrol_code", "kiosk"]


@click.command("enrol-code", help="为一台新的登记机生成一次性登记码（10 分钟内有效）。")
@folder_option
@click.option("--office", required=True, help="登记机所在的门店。")
@click.option("--json", "as_json", is_flag=True, help="以一行 JSON 输出。")
@click.pass_obj
def enrol_code(words: Speaker, folder: Path, office: str, as_json: bool) -> None:
    """Make a one-time code."""
    with opened(folder) as service:
        code = service.enrolment.make_code(office, os.urandom)
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
            click.echo("\t".join((str(item.kiosk), item.office, item.comparison, last)))
