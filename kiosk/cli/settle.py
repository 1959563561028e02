"""`xianhou settle`: judge case files without any server (docs/cases.md)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from kiosk.cli import Words
from shared_rules.casefile import Case, read_cases
from shared_rules.casejudge import Judgement, judge
from shared_rules.errors import CaseFileError, PolicyError, XianhouError
from shared_rules.policy import Policy, load_policy, shipped
from shared_rules.words import say

__all__ = ["cases_of", "settle"]


@click.command(help="判案例文件：不需要服务器，给出结论、条款和理由。期望未满足时退出码为 1，文件有错时为 2。")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="每个案例输出一行 JSON。")
@click.option("--quiet", is_flag=True, help="只说未满足的期望和总数。")
@click.pass_obj
def settle(words: Words, files: tuple[Path, ...], *, as_json: bool, quiet: bool) -> None:
    """Judge every case of every file, then tell how many were met."""
    judgements = [judgement for path in files for judgement in map(judge, cases_of(path))]
    for judgement in judgements:
        if as_json:
            click.echo(json.dumps(judgement.answer, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
        elif not (quiet and judgement.met):
            _tell(words, judgement)
    met = sum(judgement.met for judgement in judgements)
    words.echo(say("{total} 个案例，{met} 个符合期望", total=len(judgements), met=met), err=as_json)
    if met < len(judgements):
        sys.exit(1)


def cases_of(path: Path) -> tuple[Case, ...]:
    """Return the cases of a file; raises CaseFileError naming it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseFileError(say("读不到案例文件 {name}", name=path.name), field="file") from error

    def policy(name: str) -> Policy:
        if not name.endswith(".toml"):
            return shipped(name)
        try:
            return load_policy((path.parent / name).read_text(encoding="utf-8"), name=Path(name).stem)
        except (OSError, UnicodeDecodeError) as error:
            raise PolicyError(say("读不到政策文件 {name}", name=name), field="policy") from error

    try:
        return read_cases(text, policy=policy)
    except XianhouError as error:
        raise CaseFileError(say("{name}：{why}", name=path.name, why=error.sentence), field="file") from error


def _tell(words: Words, judgement: Judgement) -> None:
    mark = say("符合") if judgement.met else say("不符")
    words.echo(say("{mark} {case}：{title}", mark=mark, case=judgement.case.id, title=judgement.case.title))
    for claim, ruling in judgement.register.claims.items():
        decision = ruling.decision
        click.echo(f"    {claim}  {decision.status}  {'、'.join(decision.because())}")
        for reason in decision.reasons:
            click.echo(f"        {reason.clause} {words(reason.sentence)}")
        for pending in decision.pending_on:
            words.echo(say("        暂定：{pending}", pending=pending))
    for slip, act in judgement.register.acts.items():
        click.echo(f"    {slip}  {act.decision.status}  {'、'.join(act.decision.because())}")
    for miss in judgement.misses:
        words.echo(say("    未满足：{miss}", miss=miss.sentence()))
