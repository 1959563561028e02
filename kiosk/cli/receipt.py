"""`xianhou receipt`: shows a receipt, checks it against a kiosk's certificate, writes it for the tools of others."""

from __future__ import annotations

from pathlib import Path

import click

from kiosk.cli import Words
from shared_rules.errors import EvidenceError, InputError, UnavailableError
from shared_rules.journal import RECORD_SIZE, Record
from shared_rules.words import Say, say

__all__ = ["receipt"]


@click.command(
    help="查看一张凭证；给出柜台机证书则核对签名。凭证可写成二维码文字，也可给文件（188 字节或二维码文字）。"
)
@click.argument("given", metavar="RECEIPT")
@click.option("--certificate", type=click.Path(path_type=Path), help="柜台机证书（PEM）；不写则只查看，不核对。")
@click.option("--token", type=click.Path(path_type=Path), help="把时间戳（RFC 3161）写入此文件；需要证书。")
@click.option("--record", type=click.Path(path_type=Path), help="把记录的 124 字节写入此文件，供 openssl ts 核对。")
@click.option("--qr", is_flag=True, help="同时显示二维码。")
@click.pass_obj
def receipt(
    words: Words, given: str, certificate: Path | None, token: Path | None, record: Path | None, *, qr: bool
) -> None:
    """Show, check and export one receipt; exit 0 if what was asked for holds, 2 with a sentence otherwise."""
    from kiosk.receipt import qr_rows

    data = _receipt_bytes(given)
    shown = Record.unpack(data[:RECORD_SIZE])
    if token is not None and certificate is None:
        raise InputError(say("写时间戳需要 --certificate 给出柜台机证书"), field="certificate")
    proved = _token_of(data, certificate) if certificate is not None else None
    for line in _lines(shown):
        words.echo(line)
    if qr:
        for row in qr_rows(data):
            click.secho(row, fg="black", bg="bright_white")
    if record is not None:
        _write(record, data[:RECORD_SIZE])
    if token is not None and proved is not None:
        _write(token, proved)
    words.echo(say("凭证成立：签名由此证书的柜台机作出") if proved else say("只作查看，未核对签名（没有给出证书）"))


def _receipt_bytes(given: str) -> bytes:
    """Return the 188 bytes of an argument: a file's name, or the text of the QR."""
    from kiosk.receipt import from_base45
    from shared_rules.evidence import RECEIPT_SIZE

    data = given.encode()
    if _is_file(given):
        data = _read(Path(given))
    if len(data) != RECEIPT_SIZE:
        try:
            text = data.decode("ascii").strip("\r\n\t")
        except UnicodeDecodeError as error:
            raise InputError(say("这不是凭证：既不是 188 字节，也不是二维码文字"), field="receipt") from error
        data = from_base45(text)
    if len(data) != RECEIPT_SIZE:
        sentence = say("凭证应为 {want} 字节，实为 {got}", want=RECEIPT_SIZE, got=len(data))
        raise InputError(sentence, field="receipt")
    return data


def _is_file(given: str) -> bool:
    try:
        return Path(given).is_file()
    except (OSError, ValueError):  # the text of a QR is longer than a file's name may be
        return False


def _token_of(data: bytes, certificate: Path) -> bytes:
    """Return the time stamp of a receipt that the certificate proves; raises EvidenceError if it does not."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import Encoding

    from shared_rules.evidence import certificate_digest, open_receipt
    from shared_rules.token import time_stamp_token

    try:
        signer = x509.load_pem_x509_certificate(_read(certificate))
        key = signer.public_key()
    except ValueError as error:
        raise InputError(say("证书文件不是 PEM 证书"), field="certificate") from error
    if not isinstance(key, EllipticCurvePublicKey):
        raise EvidenceError(say("密钥必须是 P-256"))
    record = open_receipt(data, key, certificate_digest(signer.public_bytes(Encoding.DER)))
    return time_stamp_token(record, data[RECORD_SIZE:], signer)


def _lines(record: Record) -> tuple[Say, ...]:
    from shared_rules.interval import OPEN, to_datetime

    def moment(instant: int) -> str:
        return to_datetime(instant).isoformat(sep=" ", timespec="milliseconds")

    latest = say("无上限（未与服务器对时）") if record.time.hi == OPEN else moment(record.time.hi)
    return (
        say(
            "日志：柜台机 {kiosk}，第 {inc} 本，第 {seq} 号", kiosk=record.log.kiosk, inc=record.log.inc, seq=record.seq
        ),
        say("时间不早于：{time}", time=moment(record.time.lo)),
        say("时间不晚于：{time}", time=latest),
        say("时间等级：{grade}", grade=record.grade.name),
        say("正文承诺：{body}", body=record.body.hex()),
        say("前一记录：{prev}", prev=record.prev.hex()),
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(say("读不出文件 {name}", name=path.name), field=path.name) from error


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise UnavailableError(say("写不了文件 {name}，请换一个位置", name=path.name)) from error
