"""`xianhou letter write|read`: to the server and back on a USB stick, where there is no network."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared_rules.errors import UnavailableError
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk.cli import Words
    from kiosk.desk import Desk

__all__ = ["letter"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_folder = click.option("--dir", "folder", type=click.Path(path_type=Path), required=True, help="柜台机的目录。")


@click.group(help="没有网络时用 U 盘往来：写信给服务器，读回信；信只有收信一方打得开。先退出柜台程序。")
def letter() -> None:
    """Hold the two ways."""


@contextmanager
def _desk(folder: Path) -> Iterator[Desk]:
    from kiosk.config import Folder, load_config
    from kiosk.desk import Desk
    from kiosk.practice import ticks_of

    place = Folder(folder)
    desk = Desk.open(place, ticks=ticks_of(load_config(place)), random=os.urandom)
    try:
        yield desk
    finally:
        desk.close()


@letter.command(help="把未上报的全部记录写成一封信。")
@_folder
@click.option("--to", "to", required=True, type=_FILE, help="信写到这个文件。")
@click.option("--all", "whole", is_flag=True, help="连已上报的一起写（服务器从旧备份恢复后）。")
@click.pass_obj
def write(words: Words, folder: Path, to: Path, *, whole: bool) -> None:
    """Write a letter."""
    from kiosk.letters import write_letter

    with _desk(folder) as desk:
        data, records = write_letter(desk.journal, desk.feed, whole=whole)
    try:
        to.write_bytes(data)
    except OSError as error:
        raise UnavailableError(say("写不进 {path}：{why}", path=str(to), why=error.strerror or "")) from error
    words.echo(say("信已写好，含 {records} 条记录；请带到服务器上收下，再把回信带回来读", records=records))


@letter.command(help="读服务器的回信：已上报的记下，判定和消息生效。")
@_folder
@click.argument("source", metavar="REPLY", type=_FILE)
@click.pass_obj
def read(words: Words, folder: Path, source: Path) -> None:
    """Read a reply."""
    from kiosk.letters import take_reply

    try:
        data = source.read_bytes()
    except OSError as error:
        raise UnavailableError(say("读不到 {path}：{why}", path=str(source), why=error.strerror or "")) from error
    with _desk(folder) as desk:
        heard = take_reply(desk.journal, desk.feed, data)
        left = desk.journal.unsent
    words.echo(say("回信已读：{reported} 条记录算已上报，{items} 条新消息，{proofs} 份服务器存证；还有 {left} 条未上报",
                   reported=heard.reported, items=heard.items, proofs=heard.proofs, left=left))  # fmt: skip
