"""`xianhou server find-slips`: a company leader asks which slips may name a customer (五)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared_rules.facts import CustomerKind, SlipContent
from shared_rules.words import say
from sync_server.cli.opening import folder_option, opened
from sync_server.cli.visiting import logged_in, password_of, password_option

if TYPE_CHECKING:
    from sync_server.cli.speaking import Speaker

__all__ = ["find_slips"]


@click.command("find-slips", help="公司领导查找哪些确认单可能是同一位客户（五）：只给单号，批准查看时要用。")
@folder_option
@click.option("--leader", required=True, help="查找人的工号；须输入本人的网页密码。")
@click.option("--pool", required=True, help="楼盘的代号。")
@click.option("--name", default="", help="客户姓名；单位客户写联系人。")
@click.option("--unit", default="", help="单位名称；写了就按单位查找。")
@click.option("--phone", "phones", multiple=True, help="电话或微信号，可以写几次。")
@password_option
@click.option("--json", "as_json", is_flag=True, help="以一行 JSON 输出。")
@click.pass_obj
def find_slips(
    words: Speaker, *, folder: Path, leader: str, pool: str, name: str, unit: str, phones: tuple[str, ...],
    password_stdin: bool, as_json: bool,
) -> None:  # fmt: skip
    """Log the leader in, search, log out."""
    if unit:
        content = SlipContent(kind=CustomerKind.COMPANY, company=unit, contact=name, phones=phones)
    else:
        content = SlipContent(names=(name,) if name else (), phones=phones)
    password = password_of(words, from_stdin=password_stdin)
    with opened(folder) as service, logged_in(service, leader, password) as visitor:
        found = service.searches.find(visitor, pool, content)
    if as_json:
        rows = [{"claim": one.claim, "same": one.same, "alike": one.alike.chinese()} for one in found]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for one in found:
        sure = say("同一位客户") if one.same else say("须由人核对")
        words.echo(say("{claim}  {sure}（{alike}）", claim=one.claim, sure=sure, alike=one.alike))
    words.echo(say("共 {count} 份；要看其中一份，请用 approve-look 批准", count=len(found)) if found
               else say("没有找到；写法相差太多的，请换一种写法再查"))  # fmt: skip
