"""`xianhou receipt list|show|export|check`: the receipts that a kiosk gave, and a receipt in somebody's hand."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from shared_rules.errors import InputError, UnavailableError
from shared_rules.journal import RECORD_SIZE, Record
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk.cli import Words
    from kiosk.journal import Journal

__all__ = ["receipt"]

_FILE: Final = click.Path(path_type=Path, dir_okay=False)
_folder = click.option("--dir", "folder", type=click.Path(path_type=Path), required=True, help="柜台机的目录。")
_qr = click.option("--qr", is_flag=True, help="同时显示二维码。")
OPENSSL: Final = "openssl ts -verify -data rec.bin -token_in -in rec.tst -CAfile ca.pem -untrusted kiosk.pem"


@click.group(help="客户确认凭证：列出柜台机给过的，看一张，导出它的证据；核对别人手里的一张。")
def receipt() -> None:
    """Hold the ways."""


@contextmanager
def _looking(folder: Path) -> Iterator[Journal]:
    from kiosk.config import Folder, load_config
    from kiosk.journal import Journal
    from kiosk.practice import ticks_of

    place = Folder(folder)
    journal = Journal.look(place, ticks=ticks_of(load_config(place)), random=os.urandom)
    try:
        yield journal
    finally:
        journal.close()


@receipt.command("list", help="列出这台柜台机给过凭证的单：单号、时间、业务员工号、时间等级；没有客户资料。")
@_folder
@click.option("--json", "as_json", is_flag=True, help="每张一行 JSON。")
@click.pass_obj
def list_(words: Words, folder: Path, *, as_json: bool) -> None:
    """List, while the counter may be open."""
    from kiosk.proofs import held
    from kiosk.receipt import time_for_people

    count = 0
    with _looking(folder) as journal:
        for one in held(journal):
            count += 1
            event = one.event
            if as_json:
                told = {"slip": one.slip, "salesperson": one.salesperson, "grade": event.grade.name,
                        "lo": event.time.lo, "hi": event.time.hi, "inc": event.log.inc, "seq": event.seq}  # fmt: skip
                click.echo(json.dumps(told))
            else:
                time = words(time_for_people(event.time, event.grade))
                click.echo(f"{one.slip}  {time}  {one.salesperson}  {event.grade.name}")
    if not as_json:
        words.echo(say("共 {count} 张", count=count))


@receipt.command(help="看一张凭证：单号、业务员工号、记录里的时间与编号；没有客户资料。")
@click.argument("slip")
@_folder
@_qr
@click.pass_obj
def show(words: Words, slip: str, folder: Path, *, qr: bool) -> None:
    """Show one."""
    from kiosk.proofs import proof_of
    from kiosk.register import OfficeRegister

    with _looking(folder) as journal:
        proof = proof_of(journal, slip)
        page = OfficeRegister(journal.database, journal.chain.read).receipt_page()
    words.echo(say("确认单号：{slip}", slip=slip))
    words.echo(say("业务员：{salesperson}", salesperson=proof.held.salesperson))
    _show(words, proof.receipt, qr=qr, page=page)


@receipt.command(help="把一张单的证据写进一个新目录，只有本用户能读：里面有客户资料，只交给持凭证的人。")
@click.argument("slip")
@_folder
@click.option("--out", required=True, type=click.Path(path_type=Path), help="新目录，不能已经存在。")
@click.pass_obj
def export(words: Words, slip: str, folder: Path, out: Path) -> None:
    """Export one."""
    from kiosk.proofs import proof_of, write_proof

    with _looking(folder) as journal:
        proof = proof_of(journal, slip)
        names = write_proof(proof, out)
    words.echo(say("已写入 {path}：{names}", path=str(out), names=" ".join(names)))
    if proof.erased:
        words.echo(say("这位客户的资料已经抹去，所以没有 body.json：时间仍可证明，内容谁也打不开了"))
    words.echo(say("在该目录里用 OpenSSL 核对：{command}", command=OPENSSL))


@receipt.command(
    help="查看一张凭证；给出柜台机证书则核对签名。凭证可写成二维码文字，也可给文件（188 字节或二维码文字）。"
)
@click.argument("given", metavar="RECEIPT")
@click.option("--certificate", type=_FILE, help="柜台机证书（PEM）；不写则只查看，不核对。")
@click.option("--token", type=_FILE, help="把时间戳（RFC 3161）写入此文件；需要证书。")
@click.option("--record", type=_FILE, help="把记录的 124 字节写入此文件，供 openssl ts 核对。")
@_qr
@click.pass_obj
def check(
    words: Words, given: str, certificate: Path | None, token: Path | None, record: Path | None, *, qr: bool
) -> None:
    """Show, check and convert one receipt; exit 0 if what was asked for holds, 2 with a sentence otherwise."""
    from kiosk.cli.handed import files_of, receipt_bytes

    data = receipt_bytes(next(files_of(given))[1])
    if token is not None and certificate is None:
        raise InputError(say("写时间戳需要 --certificate 给出柜台机证书"), field="certificate")
    proved = _token_of(data, certificate) if certificate is not None else None
    _show(words, data, qr=qr)
    if record is not None:
        _write(record, data[:RECORD_SIZE])
    if token is not None and proved is not None:
        _write(token, proved)
    words.echo(say("凭证成立：签名由此证书的柜台机作出") if proved else say("只作查看，未核对签名（没有给出证书）"))


def _token_of(data: bytes, certificate: Path) -> bytes:
    """Return the time stamp of a receipt that the certificate proves; raises EvidenceError if it does not."""
    from kiosk.cli.handed import certificate_in, read_file
    from shared_rules.evidence import open_receipt
    from shared_rules.exhibits import pin
    from shared_rules.token import time_stamp_token

    signer = pin(certificate_in(read_file(certificate)))
    record = open_receipt(data, signer.key, signer.digest)
    return time_stamp_token(record, data[RECORD_SIZE:], signer.certificate)


def _show(words: Words, data: bytes, *, qr: bool, page: str = "") -> None:
    from kiosk.receipt import qr_rows
    from shared_rules.exhibits import record_lines

    for line in record_lines(Record.unpack(data[:RECORD_SIZE])):
        words.echo(line)
    if qr:
        for row in qr_rows(data, page):
            click.secho(row, fg="black", bg="bright_white")


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise UnavailableError(say("写不了文件 {name}，请换一个位置", name=path.name)) from error
