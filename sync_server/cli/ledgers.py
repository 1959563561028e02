"""`xianhou import`: take in the ledger that an office has today."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared_rules.facts import Event, Grade, LogId
from shared_rules.interval import LATEST, exactly
from shared_rules.policy import Policies, shipped
from shared_rules.settlement import settle
from shared_rules.words import say
from sync_server.cli.speaking import ServerCommand
from sync_server.ledger.books import write_opening, write_rejected
from sync_server.ledger.columns import tables_of
from sync_server.ledger.headings import FIELDS
from sync_server.ledger.rows import facts_of
from sync_server.ledger.sheets import read_sheets
from sync_server.ledger_import import LedgerImport, Plan, Sight, book_of

if TYPE_CHECKING:
    from sync_server.cli.speaking import Speaker
    from sync_server.ledger.columns import Table
    from sync_server.people import StartLogin

__all__ = ["import_ledger"]

KINDS = {
    "slips": say("确认单"), "visits": say("来人来电表"), "deals": say("成交"), "results": say("季度业绩"),
    "staff": say("人员"),
}  # fmt: skip
_HELP = "导入门店现有的台账：确认单、来人来电、成交、业绩、人员；不写 --dir 只试算。"


@click.command("import", cls=ServerCommand, help=_HELP)
@click.argument("ledger", type=click.Path(path_type=Path))
@click.option("--map", "mapping", type=click.Path(path_type=Path), help="列名对照文件（TOML）。")
@click.option("--dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="服务器的数据目录。")
@click.option("--pool", default="", help="账本所属的楼盘，编号=名称。")
@click.option("--rejected", type=click.Path(path_type=Path), help="被拒的行写到此文件；默认在当前目录。")
@click.option("--opening", type=click.Path(path_type=Path), help="每位业务员的期初清单写到此文件；默认在当前目录。")
@click.option("--dry-run", is_flag=True, help="只看会导入什么，不写入。")
@click.option("--yes", is_flag=True, help="不再问，直接写入。")
@click.pass_obj
def import_ledger(
    words: Speaker, *, ledger: Path, mapping: Path | None, folder: Path | None, pool: str, rejected: Path | None,
    opening: Path | None, dry_run: bool, yes: bool,
) -> None:  # fmt: skip
    """Read, show, write, settle; a broken file changes nothing."""
    tables = tables_of(read_sheets(ledger), mapping)
    _show_columns(words, tables)
    beside = Path.cwd() / ledger.stem
    rejected = rejected or beside.with_name(beside.name + "-rejected.xlsx")
    opening = opening or beside.with_name(beside.name + "-opening.xlsx")
    if folder is None:
        _try_out(words, tables, pool, rejected)
        return
    from sync_server.cli.opening import opened

    with opened(folder) as service:
        importer = LedgerImport(service)
        plan = importer.plan(tables, pool)
        _show_plan(words, plan)
        if dry_run or not (yes or _agreed(words)):
            words.echo(say("没有写入"))
            return
        names = {number: name for number, name, _ in plan.staff} | service.names()
        with click.progressbar(length=len(plan.facts), label=words(say("写入"))) as bar:
            logins = importer.write(plan, bar.update)
        words.echo(say("正在判定"))
        importer.settle()
        if plan.facts:
            write_opening(opening, plan.facts, importer.ruling, names, words, days=importer.contest_days(plan))
    write_rejected(rejected, plan.rejected, tables, words)
    if plan.facts:
        words.echo(say("期初清单在 {path}：每位业务员一页，请业务员和确认人员签字", path=str(opening)))
    _show_end(words, plan, rejected, logins)


def _show_columns(words: Speaker, tables: tuple[Table, ...]) -> None:
    """Say what each column was taken for, and which ones nobody reads."""
    for table in tables:
        columns = "，".join(f"{_label(words, table, field)} ← {heading}" for field, heading in table.columns.items())
        words.echo(say("{sheet}（{kind}，{count} 行）：{columns}", sheet=table.sheet, kind=words(KINDS[table.kind]),
                       count=len(table.rows), columns=columns))  # fmt: skip
        unread = [str(cell) for cell in table.heading if str(cell).strip() and str(cell) not in table.columns.values()]
        if unread:
            words.echo(say("　没有用到的列：{columns}", columns="，".join(unread)))


def _label(words: Speaker, table: Table, field: str) -> str:
    """Return a field as its user calls it: by the commonest heading, in English by its name in a map file."""
    return FIELDS[table.kind][field][0].removeprefix("*") if words.language == "zh" else field


def _agreed(words: Speaker) -> bool:
    """Ask a person at a terminal; a script has decided already."""
    return not sys.stdin.isatty() or click.confirm(words(say("列和人员都认对了吗？写入")), default=False)


def _show_plan(words: Speaker, plan: Plan) -> None:
    if plan.offices:
        names = "、".join(f"{name}（{one}）" for one, name in plan.offices.items())
        words.echo(say("将新建售楼处：{names}", names=names))
    if plan.staff:
        words.echo(say("将新增人员 {count} 位", count=len(plan.staff)))
    words.echo(
        say("{rows} 行：将导入 {accepted}，以前导入过 {held}，被拒 {rejected}", rows=plan.rows, accepted=plan.accepted,
            held=plan.held, rejected=len(plan.rejected))
    )  # fmt: skip


def _show_end(words: Speaker, plan: Plan, rejected: Path, logins: dict[str, StartLogin]) -> None:
    for number, name, _ in plan.staff:
        words.echo(say("{number} {name} 工牌 {badge} 初始密码 {pin}", number=number, name=name,
                       badge=logins[number].badge, pin=logins[number].pin))  # fmt: skip
    words.echo(
        say("已导入 {accepted} 行，被拒 {rejected} 行，原因逐行写在 {path}", accepted=plan.accepted,
            rejected=len(plan.rejected), path=str(rejected))
    )  # fmt: skip


def _try_out(words: Speaker, tables: tuple[Table, ...], pool: str, rejected: Path) -> None:
    """Settle the ledger by itself, under the shipped regulation, and say what would hold."""
    plan = Plan((pool.partition("=")[0] or "pool", ""))
    book = book_of(tables, plan, {}, {}, Sight(LATEST, lambda _: shipped()))
    plan.facts, plan.rejected = facts_of(tables, book)
    plan.rows = sum(len(table.rows) for table in tables if table.kind != "staff")
    _show_plan(words, plan)
    events = [Event(exactly(one.at), LogId(0, 1), seq, one.fact, Grade.I) for seq, one in enumerate(plan.facts, 1)]
    register = settle(events, Policies.single(shipped()), max((one.at for one in plan.facts), default=0))
    found = Counter(ruling.decision.status.value for ruling in register.claims.values())
    statuses = "，".join(f"{name} {count}" for name, count in found.most_common())
    words.echo(say("按随附的制度试算：{found}", found=statuses))
    write_rejected(rejected, plan.rejected, tables, words)
    words.echo(say("没有写入服务器；被拒的行在 {path}", path=str(rejected)))
