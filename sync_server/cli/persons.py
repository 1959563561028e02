"""`xianhou server person`: people, their roles, badges and start PINs, and console passwords."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from shared_rules.errors import InputError
from shared_rules.facts import Role
from shared_rules.words import say
from sync_server.cli.opening import folder_option, opened
from sync_server.cli.speaking import Speaker
from sync_server.store import persons

__all__ = ["person"]

_ROLES = [role.value for role in Role]
_prompt = click.option("--password-prompt", is_flag=True, help="提示输入网页密码。")
_stdin = click.option("--password-stdin", is_flag=True, help="从标准输入读网页密码。")


def _password(words: Speaker, *, prompt: bool, stdin: bool) -> str:
    if prompt:
        asked: str = click.prompt(words("网页密码"), hide_input=True, confirmation_prompt=words("再输入一次"))
        return asked
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return ""


@click.group(help="人员。")
def person() -> None:
    """Hold the commands about people."""


@person.command("add", help="增加或更改人员；初始密码只显示一次。")
@folder_option
@click.option("--number", required=True, help="工号。")
@click.option("--name", required=True, help="姓名。")
@click.option("--office", default="", help="所属门店；全公司的岗位不写。")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(_ROLES), help="岗位，可写多个。")
@click.option("--badge", default="", help="已在使用的工牌号；不写则沿用原来的，没有就生成带校验位的新工牌。")
@click.option("--new-badge", is_flag=True, help="换发新工牌，原来的作废。")
@click.option("--pin", default="", help="初始密码，6 位数字；不写则随机生成。")
@click.option("--json", "as_json", is_flag=True, help="以一行 JSON 输出。")
@_prompt
@_stdin
@click.pass_obj
def add_person(
    words: Speaker, *, folder: Path, number: str, name: str, office: str, roles: tuple[str, ...], badge: str,
    new_badge: bool, pin: str, as_json: bool, password_prompt: bool, password_stdin: bool,
) -> None:  # fmt: skip
    """Add or change a person."""
    password = _password(words, prompt=password_prompt, stdin=password_stdin)
    with opened(folder) as service:
        start = service.people.add_person(
            number, name, office=office, roles=[Role(role) for role in roles], badge=badge, new_badge=new_badge,
            pin=pin, password=password,
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps({"number": number, "badge": start.badge, "pin": start.pin}))
    else:
        words.echo(say(
            "{name}（{number}）工牌 {badge}，初始密码 {pin}，只显示这一次，首次登录时更换", name=name, number=number,
            badge=start.badge, pin=start.pin,
        ))  # fmt: skip


@person.command("password", help="设置或更换网页密码。")
@folder_option
@click.option("--number", required=True, help="工号。")
@_stdin
@click.pass_obj
def set_password(words: Speaker, *, folder: Path, number: str, password_stdin: bool) -> None:
    """Set a console password."""
    password = _password(words, prompt=not password_stdin, stdin=password_stdin)
    if not password:
        raise InputError(say("密码是空的"), field="password")
    with opened(folder) as service:
        service.people.set_password(number, password)
    words.echo(say("{number} 的网页密码已更换", number=number))


@person.command("list", help="列出人员。")
@folder_option
def list_persons(folder: Path) -> None:
    """List everybody, without secrets."""
    with opened(folder) as service, service.store.snapshot() as tx:
        for item in persons.persons(tx):
            click.echo("\t".join((item.person, item.name, item.office or "*", ",".join(item.roles), item.badge)))
