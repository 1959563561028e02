"""`xianhou doctor`: one screen that says whether this kiosk is well, and for each red line what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kiosk.cli import Words

__all__ = ["doctor"]


@click.command(help="体检：磁盘、时钟、日志、上报、服务器与条文；有红项时退出码为 1。")
@click.option("--dir", "folder", type=click.Path(path_type=Path), required=True, help="柜台机的目录。")
@click.option("--json", "as_json", is_flag=True, help="以一行 JSON 输出。")
@click.pass_context
def doctor(ctx: click.Context, folder: Path, *, as_json: bool) -> None:
    """Examine an enrolled kiosk; nothing is changed."""
    from kiosk.checkup import examine
    from kiosk.config import Folder
    from kiosk.enrolment import load_keys
    from kiosk.sync import probe

    words: Words = ctx.obj
    place, lines = Folder(folder), []
    for one in examine(place, load_keys(place), probe):
        what, remedy = words(one.what), words(one.remedy) if one.remedy else ""
        lines.append({"red": one.red, "what": what, "remedy": remedy})
        if not as_json:
            _show(what, remedy)
    if as_json:
        click.echo(json.dumps(lines, ensure_ascii=False))
    if any(line["red"] for line in lines):
        ctx.exit(1)


def _show(what: str, remedy: str) -> None:
    click.secho(f"{'✗' if remedy else '✓'} {what}", fg="red" if remedy else None)
    if remedy:
        click.echo(f"  → {remedy}")
