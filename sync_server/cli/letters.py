"""`xianhou server letter`: take in what a kiosk without a network wrote on a stick, and write the reply."""

from __future__ import annotations

from pathlib import Path

import click

from shared_rules.errors import UnavailableError
from shared_rules.words import say
from sync_server.cli.opening import folder_option, opened
from sync_server.cli.speaking import Speaker

__all__ = ["letter"]

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(help="收下断网柜台机写的信（U 盘），并写回信；服务器可照常运行，同一封信收两次无妨。")
@folder_option
@click.argument("source", metavar="LETTER", type=_FILE)
@click.option("--reply", required=True, type=_FILE, help="回信写到这个文件。")
@click.pass_obj
def letter(words: Speaker, folder: Path, source: Path, reply: Path) -> None:
    """Take a letter in."""
    try:
        data = source.read_bytes()
    except OSError as error:
        raise UnavailableError(say("读不到 {path}：{why}", path=str(source), why=error.strerror or "")) from error
    with opened(folder) as service:
        answered = service.letters.take(data)
    try:
        reply.write_bytes(answered.reply)
    except OSError as error:
        raise UnavailableError(say("写不进 {path}：{why}", path=str(reply), why=error.strerror or "")) from error
    words.echo(
        say(
            "已收下 {kiosk} 号机的 {records} 条记录；回信带 {items} 条消息",
            kiosk=answered.kiosk,
            records=answered.records,
            items=answered.items,
        )
    )
    words.echo(say("服务器稍后才判定：要带上新判定，过一会儿把同一封信再收一次"))
