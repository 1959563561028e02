"""`xianhou server erase`: take one customer's personal data away for good, after showing what would go."""

from __future__ import annotations

from pathlib import Path

import click

from shared_rules.words import say
from sync_server.cli.opening import folder_option, opened
from sync_server.cli.speaking import Speaker

__all__ = ["erase"]


@click.command(help="按客户删除个人信息：正文与盐永久删除，日志链与判定不变。不写 --yes 只列出会删除什么。")
@folder_option
@click.option("--claim", required=True, help="这位客户的任一份确认单号。")
@click.option("--reason", required=True, help="原因，记入日志。")
@click.option("--yes", is_flag=True, help="真的删除；不能撤销。")
@click.pass_obj
def erase(words: Speaker, folder: Path, claim: str, reason: str, *, yes: bool) -> None:
    """Show or do it."""
    with opened(folder) as service:
        plan = service.erasure.plan(claim)
        words.echo(
            say("{count} 条记录，涉及确认单：{claims}", count=len(plan.events), claims="、".join(plan.claims) or "—")
        )
        if not yes:
            words.echo(say("没有删除；确认无误后加 --yes。已有的备份里仍有这些内容，请按期删去"))
            return
        count = service.erasure.erase(plan, reason)
    words.echo(say("已删除 {count} 条记录的正文；各柜台机联网后同样删除。请重新启动服务器", count=count))
