"""`xianhou server backup|restore`: a copy that was opened, and the way back."""

from __future__ import annotations

from pathlib import Path

import click

from shared_rules.words import say
from sync_server.backup import back_up
from sync_server.backup import restore as put_back
from sync_server.cli.opening import folder_option, opened
from sync_server.cli.speaking import Speaker
from sync_server.clock import ServerClock, source_of
from sync_server.config import load_config
from sync_server.pki import load_keys

__all__ = ["backup", "restore"]

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(help="备份数据库（服务器可照常运行），并打开核验；密钥不在其中，请另存 keys 目录。")
@folder_option
@click.option("--to", "to", required=True, type=_FILE, help="备份文件，不能已经存在。")
@click.pass_obj
def backup(words: Speaker, folder: Path, to: Path) -> None:
    """Back up, and say what is in it."""
    with opened(folder) as service:
        found = back_up(service.store, service.keys, to)
    words.echo(say("已备份到 {path}，打开核验过：{facts} 件事实，{logs} 本日志", path=str(to), facts=found.facts,
                   logs=len(found.journals)))  # fmt: skip


@click.command(help="从备份恢复到没有数据库的数据目录；此后各柜台机自动补报。")
@folder_option
@click.option("--from", "source", required=True, type=_FILE, help="备份文件。")
@click.pass_obj
def restore(words: Speaker, folder: Path, source: Path) -> None:
    """Restore."""
    config = load_config(folder)
    found = put_back(config, load_keys(config.keys), ServerClock(source_of(config)), source)
    words.echo(say("已恢复：{facts} 件事实。请启动服务器；备份以后的确认单由各柜台机自动补报", facts=found.facts))
