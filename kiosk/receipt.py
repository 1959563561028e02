"""What a salesperson carries away: the receipt's 188 bytes as QR text, as terminal rows, and as plain lines.

The receipt is record, r, s (`shared_rules/evidence.py`). In base45 (RFC 9285) it is 282 characters of the QR's own
alphanumeric alphabet, and so fits version 10-M: 57 modules, 31 rows of half blocks with a border of two. It holds no
datum of a customer: the body is a salted commitment whose salt stays out of it.
"""

from __future__ import annotations

import io
from typing import Final

import segno

from shared_rules.errors import WireError
from shared_rules.evidence import RECEIPT_SIZE
from shared_rules.facts import Grade
from shared_rules.interval import SECOND, to_datetime
from shared_rules.journal import Record
from shared_rules.words import Say, say

__all__ = ["QR_ROWS", "from_base45", "modules", "qr_rows", "receipt_lines", "svg", "to_base45"]

QR_ROWS: Final = 31
"""Terminal rows that a receipt's QR needs."""
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VERSION: Final = 10
_BORDER: Final = 2
_HALVES: Final = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


def to_base45(data: bytes) -> str:
    """Return bytes as base45: two bytes are three characters, a last single byte is two, low digit first."""
    text = []
    for start in range(0, len(data), 2):
        pair = data[start : start + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            text.append(_ALPHABET[digit])
    return "".join(text)


def from_base45(text: str) -> bytes:
    """Return the bytes of base45 text; raises WireError for a character, a length or a value it does not have."""
    data = bytearray()
    for start in range(0, len(text), 3):
        digits = [_ALPHABET.find(character) for character in text[start : start + 3]]
        number = sum(digit * 45**place for place, digit in enumerate(digits))
        size = len(digits) - 1
        if -1 in digits or size == 0 or number >= 256**size:
            raise WireError(say("凭证文字第 {place} 个字符附近有误，请重新扫描", place=start + 1), field="receipt")
        data += number.to_bytes(size, "big")
    return bytes(data)


def qr_rows(receipt: bytes, *, light_ink: bool = False) -> tuple[str, ...]:
    """Return the QR of a receipt as 31 rows of 61 cells, two modules a cell one above the other.

    Ink draws the dark modules, as on paper or black on white; `light_ink` draws the light ones, for a dark terminal
    without colours. Raises WireError if it is not a receipt of 188 bytes.
    """
    inked = [[dark ^ int(light_ink) for dark in row] for row in modules(receipt)]
    inked.append([int(light_ink)] * len(inked[0]))
    pairs = zip(inked[::2], inked[1::2], strict=True)
    return tuple("".join(_HALVES[above, below] for above, below in zip(*pair, strict=True)) for pair in pairs)


def modules(receipt: bytes) -> tuple[tuple[int, ...], ...]:
    """Return the QR of a receipt with its quiet border, row by row, 1 = dark; WireError if it is no receipt."""
    code = _code(receipt)
    return tuple(tuple(int(bool(dark)) for dark in row) for row in code.matrix_iter(border=_BORDER))


def svg(receipt: bytes) -> str:
    """Return the same as a picture for paper."""
    picture = io.BytesIO()
    _code(receipt).save(picture, kind="svg", border=_BORDER, xmldecl=False)
    return picture.getvalue().decode()


def _code(receipt: bytes) -> segno.QRCode:
    if len(receipt) != RECEIPT_SIZE:
        raise WireError(say("凭证应为 {want} 字节，实为 {got}", want=RECEIPT_SIZE, got=len(receipt)), field="receipt")
    return segno.make_qr(to_base45(receipt), version=_VERSION, error="m", mode="alphanumeric", boost_error=False)


def receipt_lines(record: Record, *, office: str, slip: str, salesperson: str, clerk: str) -> tuple[Say, ...]:
    """Return the plain lines of a receipt: number, both people, the time as a person reads it, and nothing more.

    Doubt about the time stands in the QR and in the case, not here; without any known time the line says so.
    """
    return (
        say("{office} 客户确认凭证", office=office),
        say("确认单号：{slip}", slip=slip),
        say("业务员：{salesperson}", salesperson=salesperson),
        say("确认人员：{clerk}", clerk=clerk),
        say("确认时间：{time}", time=_time_for_people(record)),
    )


def _time_for_people(record: Record) -> Say | str:
    if record.grade is Grade.C:
        return say("待服务器核定（此机器需管理员处理）")
    middle = (record.time.lo + record.time.hi) // (2 * SECOND) * SECOND
    return to_datetime(middle).strftime("%Y-%m-%d %H:%M:%S")
