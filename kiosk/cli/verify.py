"""`xianhou verify`: what a stranger was handed, checked against certificates that came to him another way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared_rules.errors import EvidenceError, InputError
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from kiosk.cli import Words
    from shared_rules.exhibits import Checked, Pin

__all__ = ["verify"]

_PEM = click.Path(path_type=Path, dir_okay=False)


@click.command(
    help="核对别人交来的证据：凭证（文件或二维码文字）、时间戳和它的记录、日志文件、正文，或装着它们的目录。"
    "只相信 --certificate 或 --ca 给出的证书。都成立时退出码为 0，有不成立的为 1，读不懂的为 2。"
)
@click.argument("given", metavar="PATH...", nargs=-1, required=True)
@click.option("--certificate", "certificates", type=_PEM, multiple=True, help="可信的柜台机证书（PEM），可写几次。")
@click.option("--ca", type=_PEM, help="可信的 CA 证书（PEM）：由它签发的柜台机证书都可信。")
@click.option("--json", "as_json", is_flag=True, help="每份证据输出一行 JSON。")
@click.pass_context
def verify(
    ctx: click.Context, given: tuple[str, ...], certificates: tuple[Path, ...], ca: Path | None, *, as_json: bool
) -> None:
    """Check everything that was given together, and tell of each whether it holds."""
    from kiosk.cli.handed import exhibit_of, files_of, is_certificate, read_file
    from shared_rules.exhibits import examine

    files = [one for argument in given for one in files_of(argument)]
    vouched = [(path.name, read_file(path)) for path in certificates]
    pins, answers = _pins(vouched, [one for one in files if is_certificate(one[1])], ca)
    exhibits = [exhibit_of(*one) for one in files if not is_certificate(one[1])]
    answers += examine(exhibits, pins)
    for answer in answers:
        _tell(ctx.obj, answer, as_json=as_json)
    if any(answer.refusal for answer in answers):
        ctx.exit(1)


def _pins(
    vouched: list[tuple[str, bytes]], found: list[tuple[str, bytes]], ca: Path | None
) -> tuple[list[Pin], list[Checked]]:
    """Return the certificates to believe, and what is to be said of each.

    Those among the exhibits are believed only if the CA that was given issued them.
    """
    from kiosk.cli.handed import certificate_in, read_file
    from shared_rules.exhibits import Checked, Kind, pin

    authority = certificate_in(read_file(ca)) if ca else None
    if not vouched and authority is None:
        raise InputError(say("请用 --certificate 或 --ca 给出可信的证书；证据里自带的证书不算"), field="certificate")
    pins: list[Pin] = []
    answers: list[Checked] = []
    for name, data in [*vouched, *(found if authority else [])]:
        certificate = certificate_in(data)
        try:
            if certificate != authority:
                pins.append(pin(certificate, authority))
            answers.append(Checked(name, Kind.CERTIFICATE, (_named(certificate),)))
        except EvidenceError as error:
            answers.append(Checked(name, Kind.CERTIFICATE, refusal=error.sentence, field=error.field))
    return pins, answers


def _named(certificate: Certificate) -> Say:
    return say("可信的证书：{name}", name=certificate.subject.rfc4514_string())


def _tell(words: Words, answer: Checked, *, as_json: bool) -> None:
    why = words(answer.refusal) if answer.refusal else ""
    lines = [words(line) for line in answer.lines]
    if as_json:
        told = {"name": answer.name, "kind": answer.kind, "holds": not why, "field": answer.field}
        told |= {"why": why, "says": lines}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    if why:
        words.echo(say("✗ {name} 不成立：{why}（字段 {field}）", name=answer.name, why=why, field=answer.field))
        return
    words.echo(say("✓ {name} 成立", name=answer.name))
    for line in lines:
        click.echo(f"  {line}")
