"""`xianhou kiosk new-journal`: what the operator does to a kiosk's journal while its counter is closed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared_rules.interval import to_datetime
from shared_rules.words import say

if TYPE_CHECKING:
    from kiosk.cli import Words

__all__ = ["new_journal"]

_folder = click.option("--dir", "folder", type=click.Path(path_type=Path), required=True, help="柜台机的目录。")


@click.command("new-journal", help="时钟出错时承诺了太远的封账时刻、因而不能盖章的柜台机：换一本新日志，服务器会报警。")
@_folder
@click.pass_obj
def new_journal(words: Words, folder: Path) -> None:
    """Begin a new life of the journal; refused where the promise is one to be kept."""
    from kiosk.config import Folder, load_config
    from kiosk.journal import Journal
    from kiosk.practice import ticks_of

    place = Folder(folder)
    journal = Journal.open(place, ticks=ticks_of(load_config(place)), random=os.urandom)
    try:
        voided = journal.void_promise()
    finally:
        journal.close()
    day = to_datetime(voided).strftime("%Y-%m-%d")
    words.echo(
        say("已换新日志（{log}），作废了 {day} 以前不盖章的承诺；联网后服务器会报警", log=journal.log.inc, day=day)
    )
