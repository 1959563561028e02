"""`xianhou server approve-look`: a company leader lets one person look once at one customer (五)."""

from __future__ import annotations

import json
from pathlib import Path

import click

from shared_rules.words import say
from sync_server.cli.opening import folder_option, opened
from sync_server.cli.speaking import Speaker
from sync_server.cli.visiting import logged_in, password_of, password_option
from sync_server.looks import LONGEST_HOURS

__all__ = ["approve_look"]


@click.command("approve-look", help="公司领导批准一个人查看一位客户一次（五）；报表凭批准号不遮盖这位客户。")
@folder_option
@click.option("--leader", required=True, help="批准人的工号；须输入本人的网页密码。")
@click.option("--for", "requester", required=True, help="谁可以查看（工号），不能是批准人自己。")
@click.option("--claim", required=True, help="这位客户的确认单号（第一份）。")
@click.option("--purpose", required=True, help="用途，记入日志。")
@click.option("--hours", type=int, default=LONGEST_HOURS, show_default=True, help="几小时内有效。")
@password_option
@click.option("--json", "as_json", is_flag=True, help="以一行 JSON 输出。")
@click.pass_obj
def approve_look(
    words: Speaker, *, folder: Path, leader: str, requester: str, claim: str, purpose: str, hours: int,
    password_stdin: bool, as_json: bool,
) -> None:  # fmt: skip
    """Log the leader in, take the approval down, log out."""
    password = password_of(words, from_stdin=password_stdin)
    with opened(folder) as service, logged_in(service, leader, password) as visitor:
        number = service.looks.approve(visitor, requester, claim, purpose=purpose, hours=hours)
    if as_json:
        click.echo(json.dumps({"approval": number, "for": requester, "claim": claim, "hours": hours}))
    else:
        words.echo(say("批准号：{number}（{hours} 小时内有效，只能用一次，只给 {person}）", number=number, hours=hours,
                       person=requester))  # fmt: skip
