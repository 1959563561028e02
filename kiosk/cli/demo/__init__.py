"""`xianhou demo`: the way of a slip, on one server and two kiosks, with real processes and a small messy ledger."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared_rules.errors import InputError
from shared_rules.words import say

if TYPE_CHECKING:
    from kiosk.cli import Words

__all__ = ["demo"]


@click.command(help="演示：一台服务器、两台柜台机、一本杂乱的小台账，看一张确认单怎么走完。")
@click.option("--keep", is_flag=True, help="演完不关服务器，并说明怎样打开柜台和经理的网页。")
@click.option("--dir", "folder", type=click.Path(path_type=Path), help="数据放在哪个空目录；不写则用临时目录。")
@click.pass_obj
def demo(words: Words, *, keep: bool, folder: Path | None) -> None:
    """Play the story, show the table, say what to do next; without --keep nothing remains but a folder asked for."""
    from kiosk.cli.demo.ledger import read_ledger
    from kiosk.cli.demo.play import play

    if folder is not None and folder.exists() and any(folder.iterdir()):
        raise InputError(say("目录 {dir} 不是空的；请换一个", dir=str(folder)), field="dir")
    home = (folder or Path(tempfile.mkdtemp(prefix="xianhou-demo-"))).absolute()
    home.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    try:
        play(words, home, read_ledger(), keep=keep, seconds=lambda: time.monotonic() - started)
    finally:
        if folder is None and not keep:
            shutil.rmtree(home, ignore_errors=True)
