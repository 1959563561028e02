"""`xianhou doctor`: one screen that says whether this kiosk is well, and for each red line what to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kiosk.cli import Words

__all__ = ["doctor"]


@click.command(help="体检：磁盘、时钟、日志、上报、服务器与条文；有红项时退出码为 1。")
@click.option("--dir", "folder", type=click.Path(path_type=Path), required=True, help="柜台机的目录。")
@click.pass_context
def doctor(ctx: click.Context, folder: Path) -> None:
    """Examine an enrolled kiosk; nothing is changed."""
    from kiosk.checkup import examine
    from kiosk.config import Folder
    from kiosk.enrolment import load_keys
    from kiosk.sync import probe

    words: Words = ctx.obj
    red = False
    place = Folder(folder)
    for finding in examine(place, load_keys(place), probe):
        red = red or finding.red
        click.secho(f"{'✗' if finding.red else '✓'} {words(finding.what)}", fg="red" if finding.red else None)
        if finding.remedy is not None:
            click.echo(f"  → {words(finding.remedy)}")
    if red:
        ctx.exit(1)
