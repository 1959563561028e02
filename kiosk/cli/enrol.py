"""`xianhou enrol`: make this folder a kiosk of a server; the operator reads code and fingerprint off its screen."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared_rules.words import say

if TYPE_CHECKING:
    from kiosk.cli import Words

__all__ = ["enrol"]


@click.command(help="登记一台柜台机：向服务器领取编号与证书。")
@click.option("--dir", "folder", type=click.Path(path_type=Path), required=True, help="柜台机的目录。")
@click.option("--server", required=True, help="服务器地址，https://主机:端口。")
@click.option("--code", required=True, help="服务器生成的一次性登记码。")
@click.option("--fingerprint", required=True, help="服务器屏幕上的证书指纹（64 位十六进制数）。")
@click.option("--again", is_flag=True, help="已登记过的柜台机换一张新证书（吊销后找回）；登记码须由管理员为它生成。")
@click.option("--practice-clock", type=click.Path(path_type=Path), help="练习用：以此文件里的时间为准。")
@click.pass_obj
def enrol(
    words: Words, *, folder: Path, server: str, code: str, fingerprint: str, again: bool, practice_clock: Path | None
) -> None:
    """Enrol, and show the six digits that the server's screen must show too."""
    from kiosk.config import Folder, Settings
    from kiosk.enrolment import server_address
    from kiosk.sync import enrol_over_https

    clock = str(practice_clock.absolute()) if practice_clock else ""
    settings = Settings(server=server_address(server), practice_clock=clock)
    config = enrol_over_https(
        Folder(folder), code=code, fingerprint=fingerprint, settings=settings, random=os.urandom, again=again
    )
    words.echo(
        say(
            "已登记为 {office} 的 {kiosk} 号机。核对码 {digits}：应与服务器屏幕一致，不一致请立即停用并通知管理员。",
            office=config.office_name,
            kiosk=config.kiosk,
            digits=config.place.comparison,
        )
    )
