"""`xianhou report`: what became of the slips, as a table, a workbook and a picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared_rules.errors import InputError
from shared_rules.words import say
from sync_server.cli.opening import folder_option, opened
from sync_server.cli.speaking import ServerCommand, Speaker
from sync_server.report import By, Wanted

if TYPE_CHECKING:
    from datetime import date, datetime

    from sync_server.report import Report

__all__ = ["report"]

_DAY = click.DateTime(["%Y-%m-%d"])
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(cls=ServerCommand, help="报表：按业务员、门店、判定结果统计确认单，附依据的条款；客户信息一律遮盖。")
@folder_option
@click.option("--pool", default="", help="只统计这个楼盘。")
@click.option("--from", "first", type=_DAY, metavar="DAY", help="从这一天盖章的起（2026-03-02）。")
@click.option("--to", "last", type=_DAY, metavar="DAY", help="到这一天盖章的止。")
@click.option("--by", type=click.Choice([by.value for by in By]), help="只要这一种；不写则三种都要。")
@click.option("--slips", is_flag=True, help="逐份列出确认单，客户姓名和电话遮盖。")
@click.option("--approval", default="", metavar="ID", help="公司领导的批准号：其中一位客户不遮盖，只能用一次。")
@click.option("--as", "person", default="", metavar="PERSON", help="谁在查（工号），记入查阅记录。")
@click.option("--xlsx", type=_FILE, help="另写成表格文件。")
@click.option("--chart", type=_FILE, help="另画成图（.png 或 .svg）。")
@click.option("--json", "as_json", is_flag=True, help="以一行 JSON 输出。")
@click.pass_obj
def report(
    words: Speaker, *, folder: Path, pool: str, first: datetime | None, last: datetime | None, by: str | None,
    slips: bool, approval: str, person: str, xlsx: Path | None, chart: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Make the report, then write it wherever it was wanted; the leave of a leader is used up only by a whole one."""
    _check(xlsx, chart)
    wanted = Wanted(pool, _date(first), _date(last), slips=slips or bool(approval), person=person, approval=approval)
    with opened(folder) as service:
        made = service.reports.make(wanted)
    bys = (By(by),) if by else tuple(By)
    if xlsx is not None:
        from sync_server.report_book import write_book

        write_book(xlsx, made, bys, words.language)
    if chart is not None:
        from sync_server.report_chart import write_chart

        write_chart(chart, made, bys, words.language)
    if as_json:
        from sync_server.report_data import as_data

        click.echo(json.dumps(as_data(made, bys), ensure_ascii=False))
    else:
        _show(words, made, bys)
    for path in (xlsx, chart):
        if path is not None:
            words.echo(say("已写入 {path}", path=str(path)), err=True)


def _date(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _check(xlsx: Path | None, chart: Path | None) -> None:
    """Refuse a file that cannot be written before anything is read, let alone a leave used up."""
    if chart is not None:
        from sync_server.report_chart import format_of

        format_of(chart)
    for path, option in ((xlsx, "xlsx"), (chart, "chart")):
        if path is not None and not path.resolve().parent.is_dir():
            raise InputError(say("没有文件夹 {path}", path=str(path.resolve().parent)), field=option)


def _show(words: Speaker, made: Report, bys: tuple[By, ...]) -> None:
    from sync_server.report_columns import NOTES, TITLES, about
    from sync_server.report_table import clause_lines, group_lines, slip_lines

    click.secho(about(made, words.language), bold=True)
    if not made.lines:
        words.echo(say("没有确认单"))
        return
    for by in bys:
        tables = [(TITLES[by], group_lines(made, by, words.language))]
        if by is By.OUTCOME:
            tables.append(("条款", clause_lines(made, words.language)))
        for title, lines in tables:
            click.secho(f"\n{words(title)}", bold=True)
            click.echo("\n".join(lines))
    if made.wanted.slips:
        click.secho(f"\n{words('确认单')}", bold=True)
        click.echo("\n".join(slip_lines(made, words.language)))
    if made.look is not None:
        who = made.names.people.get(made.look.by, made.look.by)
        seen = say("{claim} 的客户未遮盖：凭 {who} 的批准，用途：{purpose}", claim=made.look.claim, who=who,
                   purpose=made.look.purpose)  # fmt: skip
        click.echo()
        words.echo(seen)
    click.echo()
    for note in NOTES:
        words.echo(note)
