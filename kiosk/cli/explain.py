"""`xianhou explain`: replay one customer's history as a timeline, from a case file, without any server."""

from __future__ import annotations

from pathlib import Path

import click

from kiosk.cli import Words
from kiosk.cli.settle import cases_of
from shared_rules.caseevents import events_of
from shared_rules.casefacts import Slip
from shared_rules.errors import InputError
from shared_rules.interval import to_datetime
from shared_rules.timeline import Moment, timeline
from shared_rules.words import say

__all__ = ["explain"]


@click.command(help="按时间重放一位客户的来龙去脉：每一步发生了什么，结论因哪一条而变。")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--case", "case_id", default="", help="案例编号；文件只有一个案例时可不写。")
@click.option("--claim", default="", help="确认编号；不写则取该案例的第一份确认单。")
@click.pass_obj
def explain(words: Words, file: Path, case_id: str, claim: str) -> None:
    """Print the timeline of a claim's customer."""
    known = {case.id: case for case in cases_of(file)}
    if not case_id and len(known) == 1:
        case_id = next(iter(known))
    if case_id not in known:
        names = " ".join(known)
        raise InputError(say("请用 --case 写明案例编号：{names}", names=names), field="case")
    case = known[case_id]
    claims = [fact.claim for fact in case.facts if isinstance(fact, Slip)]
    claim = claim or (claims[0] if claims else "")
    if claim not in claims:
        raise InputError(say("请用 --claim 写明确认编号：{names}", names=" ".join(claims)), field="claim")
    click.echo(f"{case.id}  {case.title}  {claim}")
    for moment in timeline(events_of(case.facts), case.policies, claim, case.as_of):
        _tell(words, moment)


def _tell(words: Words, moment: Moment) -> None:
    told = words(moment.told) if moment.told is not None else words(say("有效期结束"))
    click.echo(f"\n{to_datetime(moment.at):%Y-%m-%d %H:%M}  {told}")
    for ruling in moment.claims:
        decision = ruling.decision
        who = f"{ruling.claim} ({ruling.salesperson})"
        click.echo(f"    {who}: {words(_STATUS[decision.status.value])}")
        for reason in decision.reasons:
            click.echo(f"        {reason.clause} {words(reason.sentence)}")
        for pending in decision.pending_on:
            words.echo(say("        暂定：{pending}", pending=pending))
    for act in moment.acts:
        click.echo(f"    {act.slip}: {words(_STATUS[act.decision.status.value])}")
        for reason in act.decision.reasons:
            click.echo(f"        {reason.clause} {words(reason.sentence)}")
    for deal in moment.deals:
        shares = " ".join(f"{person} {percent}%" for person, percent in deal.shares)
        click.echo(f"    {deal.deal}: {shares or words(_OWNERS.get(deal.owner, say('{who}', who=deal.owner)))}")
        for reason in deal.reasons:
            click.echo(f"        {reason.clause} {words(reason.sentence)}")


_OWNERS = {"manager": say("由销售经理判定"), "house": say("归公司"), "none": say("无人有权")}
_STATUS = {
    "upheld": say("有效"),
    "awaiting_entry": say("待录入"),
    "returned": say("退回"),
    "refused": say("拒收"),
    "void": say("自始无效"),
    "waiting_contract": say("等合同名称"),
    "with_manager": say("等销售经理判定"),
    "lapsed": say("已过期"),
    "withdrawn": say("已撤回"),
    "closed": say("已成交"),
    "late": say("迟到"),
}
