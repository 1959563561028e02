"""What a person hands to a command as proof: files of any of our kinds, folders of them, or the text of a QR."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from shared_rules.errors import InputError
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.x509 import Certificate

    from shared_rules.exhibits import Exhibit

__all__ = ["certificate_in", "exhibit_of", "files_of", "is_certificate", "read_file", "receipt_bytes"]

_PEM: Final = b"-----BEGIN CERTIFICATE-----"
_SHOWN: Final = 16
"""Characters of a QR's text that stand for its name."""


def files_of(given: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of what an argument stands for: the files of a folder, a file, or the text itself."""
    path = Path(given)
    try:
        found = sorted(one for one in path.iterdir() if one.is_file()) if path.is_dir() else []
        there = path.exists()
    except (OSError, ValueError):  # the text of a QR is longer than a file's name may be
        found, there = [], False
    if not there:
        yield given if len(given) <= _SHOWN else f"{given[:_SHOWN]}…", given.encode()
        return
    for one in found or [path]:
        yield one.name, read_file(one)


def exhibit_of(name: str, data: bytes) -> Exhibit:
    """Return what some bytes are; InputError for what is nothing of ours, WireError for a QR's text with a fault."""
    from shared_rules.exhibits import Exhibit, Kind, kind_of

    if data.startswith(b"SQLite format 3\0"):
        raise InputError(say("{name} 是数据库；请先用 xianhou kiosk export-journal 导出日志", name=name), field=name)
    kind = kind_of(data)
    if kind is not None:
        return Exhibit(name, kind, data)
    return Exhibit(name, Kind.RECEIPT, receipt_bytes(data))


def receipt_bytes(data: bytes) -> bytes:
    """Return the 188 bytes of a receipt, given as they are or as the text of the QR; raises InputError."""
    from kiosk.receipt import receipt_in
    from shared_rules.evidence import RECEIPT_SIZE

    if len(data) != RECEIPT_SIZE:
        try:
            text = data.decode("ascii").strip("\r\n\t")
        except UnicodeDecodeError as error:
            raise InputError(say("这不是凭证：既不是 188 字节，也不是二维码文字"), field="receipt") from error
        data = receipt_in(text)
    if len(data) != RECEIPT_SIZE:
        sentence = say("凭证应为 {want} 字节，实为 {got}", want=RECEIPT_SIZE, got=len(data))
        raise InputError(sentence, field="receipt")
    return data


def is_certificate(data: bytes) -> bool:
    """Return whether a file holds a certificate in PEM."""
    return _PEM in data


def certificate_in(data: bytes) -> Certificate:
    """Return the certificate of a PEM file; raises InputError."""
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(data)
    except ValueError as error:
        raise InputError(say("证书文件不是 PEM 证书"), field="certificate") from error


def read_file(path: Path) -> bytes:
    """Return a file's bytes; raises InputError naming it."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(say("读不出文件 {name}", name=path.name), field=path.name) from error
