"""`xianhou server office|policy|closed-days`: places, the rules in force there, and declared closures."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from shared_rules.data import policy_names, policy_text
from shared_rules.errors import InputError
from shared_rules.words import say
from sync_server.cli.opening import folder_option, opened
from sync_server.cli.speaking import Speaker
from sync_server.store import places

__all__ = ["closed_days", "office", "policy"]

_DAY = click.DateTime(["%Y-%m-%d"])


def _policy_text(named: str) -> tuple[str, str]:
    if named in policy_names():
        return named, policy_text(named)
    path = Path(named)
    try:
        return path.stem, path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            say(
                "没有名为 {name} 的制度数据，也没有这个文件；自带的有：{known}",
                name=named,
                known=", ".join(policy_names()),
            ),
            field="policy",
        ) from error


def _pair(text: str) -> tuple[str, str]:
    pool, _, name = text.partition("=")
    return pool, name


@click.group(help="门店。")
def office() -> None:
    """Hold the commands about offices."""


@office.command("add", help="增加门店。")
@folder_option
@click.argument("office_id", metavar="ID")
@click.option("--name", required=True, help="门店名称。")
@click.option("--pool", "pools", multiple=True, required=True, help="销售的楼盘，编号=名称，可写多个。")
@click.option("--policy", "named", default="default", help="新楼盘适用的制度数据：自带的名称，或文件。")
@click.pass_obj
def add_office(words: Speaker, *, folder: Path, office_id: str, name: str, pools: tuple[str, ...], named: str) -> None:
    """Add an office."""
    with opened(folder) as service:
        service.people.add_office(office_id, name, dict(map(_pair, pools)), policy=_policy_text(named))
    words.echo(say("已增加门店 {office} {name}", office=office_id, name=name))


@office.command("list", help="列出门店。")
@folder_option
def list_offices(folder: Path) -> None:
    """List the offices."""
    with opened(folder) as service, service.store.snapshot() as tx:
        for item in places.offices(tx):
            pools = " ".join(f"{pool}={name}" for pool, name in item.pools.items())
            click.echo(f"{item.office}\t{item.name}\t{pools}")


@click.group(help="楼盘适用的制度数据。")
def policy() -> None:
    """Hold the commands about policies."""


@policy.command("set", help="规定某楼盘自某日起适用的制度数据。")
@folder_option
@click.option("--pool", required=True, help="楼盘编号。")
@click.option("--policy", "named", required=True, help="自带的名称，或文件。")
@click.option("--from", "start", required=True, type=_DAY, help="开始适用的日期。")
@click.pass_obj
def set_policy(words: Speaker, folder: Path, pool: str, named: str, start: datetime) -> None:
    """Put a policy in force."""
    with opened(folder) as service:
        held = service.people.set_policy(pool, start.date(), *_policy_text(named))
    words.echo(say("楼盘 {pool} 自 {day} 起适用 {policy}", pool=pool, day=start.date().isoformat(), policy=held))


@click.command("closed-days", help="事先公布停业的日子（一.1）。")
@folder_option
@click.option("--from", "first", required=True, type=_DAY, help="第一天。")
@click.option("--to", "last", type=_DAY, help="最后一天；不写则只有一天。")
@click.option("--office", "where", default="", help="门店编号；不写则全部门店。")
@click.pass_obj
def closed_days(words: Speaker, folder: Path, first: datetime, last: datetime | None, where: str) -> None:
    """Declare closed days."""
    begin, end = first.date(), (last or first).date()
    with opened(folder) as service:
        service.people.declare_closed(begin, end, office=where)
    words.echo(say("已公布停业：{first} 至 {last}", first=_iso(begin), last=_iso(end)))


def _iso(day: date) -> str:
    return day.isoformat()
