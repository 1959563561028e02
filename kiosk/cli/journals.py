"""`xianhou kiosk new-journal|backup|restore|export-journal`: what the operator does to a kiosk's journal."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared_rules.errors import InputError
from shared_rules.interval import to_datetime
from shared_rules.words import say

if TYPE_CHECKING:
    from kiosk.cli import Words

__all__ = ["backup", "export_journal", "new_journal", "restore"]

_FILE = click.Path(path_type=Path, dir_okay=False)
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


@click.command(help="备份柜台机的数据库（柜台可照常营业），并打开核验；密钥不在其中，请另存 keys 目录。")
@_folder
@click.option("--to", "to", required=True, type=_FILE, help="备份文件，不能已经存在。")
@click.pass_obj
def backup(words: Words, folder: Path, to: Path) -> None:
    """Back up, and say what is in it."""
    from kiosk.backup import back_up
    from kiosk.config import Folder
    from kiosk.enrolment import load_keys

    place = Folder(folder)
    found = back_up(place, load_keys(place), to)
    words.echo(
        say(
            "已备份到 {path}，打开核验过：{records} 条记录，其中 {unsent} 条还没有上报",
            path=str(to), records=found.records, unsent=found.unsent,
        )
    )  # fmt: skip


@click.command(help="从备份恢复柜台机的数据库；先退出柜台程序。原数据库移到一旁，不删除。")
@_folder
@click.option("--from", "source", required=True, type=_FILE, help="备份文件。")
@click.pass_obj
def restore(words: Words, folder: Path, source: Path) -> None:
    """Restore; the kiosk begins a new journal when it is opened, and the server is alarmed."""
    from kiosk.backup import restore as put_back
    from kiosk.config import Folder
    from kiosk.enrolment import load_keys

    place = Folder(folder)
    found, aside = put_back(place, load_keys(place), source)
    words.echo(say("已恢复：{records} 条记录。开柜台后换用新日志，已上报过的自动从服务器取回", records=found.records))
    if aside is not None:
        words.echo(say("原来的数据库移到了 {path}", path=str(aside)))


@click.command(
    "export-journal",
    help="把全部记录和签名导出为日志文件，交给外面的审计人核对（xianhou verify）；里面没有任何人的资料。",
)
@_folder
@click.option("--to", "to", required=True, type=_FILE, help="日志文件，不能已经存在。")
@click.pass_obj
def export_journal(words: Words, folder: Path, to: Path) -> None:
    """Write the journal file, also while the counter is open."""
    from kiosk.config import Folder, load_config, write_private
    from kiosk.database import snapshot
    from kiosk.journal import Journal
    from kiosk.practice import ticks_of
    from shared_rules.evidence import RECEIPT_SIZE

    if to.exists():
        raise InputError(say("{path} 已经存在；不覆盖旧文件，请换一个名字", path=str(to)), field="to")
    place = Folder(folder)
    journal = Journal.look(place, ticks=ticks_of(load_config(place)), random=os.urandom)
    try:
        with snapshot(journal.database):
            data = b"".join(journal.chain.signed())
    finally:
        journal.close()
    write_private(to, data)
    count = len(data) // RECEIPT_SIZE
    words.echo(say("已导出 {count} 条记录到 {path}；请连同柜台机证书的来源一起交给审计人", count=count, path=str(to)))
