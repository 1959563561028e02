"""`xianhou server doctor`: one screen that says whether the server is well, and for each red line what to do."""

from __future__ import annotations

import json
from pathlib import Path

import click

from sync_server.checkup import examine
from sync_server.cli.opening import folder_option, opened
from sync_server.cli.speaking import Speaker

__all__ = ["doctor"]


@click.command(help="体检：数据库、日志、备份、时钟、磁盘、证书、柜台机与警报；有红项时退出码为 1。")
@folder_option
@click.option("--json", "as_json", is_flag=True, help="以一行 JSON 输出。")
@click.pass_context
def doctor(ctx: click.Context, folder: Path, *, as_json: bool) -> None:
    """Examine a data folder, also while the server runs; nothing is changed."""
    words: Speaker = ctx.obj
    with opened(folder) as service:
        found = list(examine(service))
    lines = [(one.red, words(one.what), words(one.remedy) if one.remedy else "") for one in found]
    if as_json:
        names = ("red", "what", "remedy")
        click.echo(json.dumps([dict(zip(names, line, strict=True)) for line in lines], ensure_ascii=False))
    for red, what, remedy in () if as_json else lines:
        click.secho(f"{'✗' if red else '✓'} {what}", fg="red" if red else None)
        if remedy:
            click.echo(f"  → {remedy}")
    if any(red for red, _, _ in lines):
        ctx.exit(1)
