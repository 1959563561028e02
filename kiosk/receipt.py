"""What a salesperson carries away: the receipt's 188 bytes as QR text, as terminal rows, and as plain lines.

The receipt is record, r, s (`shared_rules/evidence.py`). In base45 (RFC 9285) it is 282 characters of the QR's own
alphanumeric alphabet, and so fits version 10-M: 57 modules, 31 rows of half blocks with a border of two. It holds no
datum of a customer: the body is a salted commitment whose salt stays out of it.

Where the server has a public address, the code is a link to its page instead. Base45 has spaces and percent signs,
which no link keeps; the 188 bytes as one number of 453 digits stand behind the `#`, which a QR packs even closer
(1510 bits, base45 1551): version 11-M on paper, and 10-L on a screen, where nothing is torn or folded: 31 rows again.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from kiosk.clock import in_doubt
from shared_rules.errors import WireError
from shared_rules.evidence import RECEIPT_SIZE
from shared_rules.facts import Grade
from shared_rules.interval import SECOND, Interval, to_datetime
from shared_rules.journal import Record
from shared_rules.seals import SealBody
from shared_rules.words import Say, say

if TYPE_CHECKING:
    import segno

__all__ = [
    "QR_ROWS", "from_base45", "link", "modules", "qr_rows", "receipt_in", "receipt_lines", "seal_lines", "svg",
    "time_for_people",
    "to_base45",
]  # fmt: skip

QR_ROWS: Final = 31
"""Terminal rows that a receipt's QR needs, bare or as a link."""
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VERSION: Final = 10
_LONGEST_PAGE: Final = 80
"""Bytes of a link before its digits that 10-L has room for; the server takes no address of more than 59."""
_DIGITS: Final = 453
"""Decimal digits of the largest number of 188 bytes."""
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


def link(receipt: bytes, page: str) -> str:
    """Return the link to the page that checks receipts; what stands behind the # reaches no server by itself."""
    return f"{page}#{_digits(receipt)}"


def receipt_in(text: str) -> bytes:
    """Return the bytes of a scanned text, base45 or a link; WireError for a character or a number that it cannot hold.

    How many bytes there are is the caller's to check.
    """
    if "#" not in text:
        return from_base45(text)
    digits = text.partition("#")[2]
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()) or int(digits) >> 8 * RECEIPT_SIZE:
        raise WireError(say("链接 # 之后应为 {want} 位数字，请重新扫描", want=_DIGITS), field="receipt")
    return int(digits).to_bytes(RECEIPT_SIZE, "big")


def _digits(receipt: bytes) -> str:
    return f"{int.from_bytes(receipt, 'big'):0{_DIGITS}d}"


def qr_rows(receipt: bytes, page: str = "", *, light_ink: bool = False) -> tuple[str, ...]:
    """Return the QR of a receipt as 31 rows of 61 cells, two modules a cell one above the other.

    With a `page` it is the link to it. Ink draws the dark modules, as on paper
    or black on white; `light_ink` draws the light ones, for a dark terminal without colours. Raises WireError if it is
    not a receipt of 188 bytes.
    """
    inked = [[dark ^ int(light_ink) for dark in row] for row in _matrix(_code(receipt, page, "l" if page else "m"))]
    inked.append([int(light_ink)] * len(inked[0]))
    pairs = zip(inked[::2], inked[1::2], strict=True)
    return tuple("".join(_HALVES[above, below] for above, below in zip(*pair, strict=True)) for pair in pairs)


def modules(receipt: bytes, page: str = "") -> tuple[tuple[int, ...], ...]:
    """Return the QR of a receipt with its quiet border, row by row, 1 = dark; WireError if it is no receipt."""
    return _matrix(_code(receipt, page))


def _matrix(code: segno.QRCode) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(bool(dark)) for dark in row) for row in code.matrix_iter(border=_BORDER))


def svg(receipt: bytes, page: str = "") -> str:
    """Return the same as a picture for paper."""
    picture = io.BytesIO()
    _code(receipt, page).save(picture, kind="svg", border=_BORDER, xmldecl=False)
    return picture.getvalue().decode()


def _code(receipt: bytes, page: str, error: str = "m") -> segno.QRCode:
    if len(receipt) != RECEIPT_SIZE:
        raise WireError(say("凭证应为 {want} 字节，实为 {got}", want=RECEIPT_SIZE, got=len(receipt)), field="receipt")
    import segno  # noqa: PLC0415 - a tenth of the time that a counter takes to come up, and few acts draw a code

    if page:
        parts: Any = [f"{page}#", _digits(receipt)]  # a segment each, in the mode that fits; its annotation omits this
        version = _VERSION if error == "l" and len(page) < _LONGEST_PAGE else None
        return segno.make_qr(parts, version=version, error=error, boost_error=False)
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
        say("确认时间：{time}", time=time_for_people(record.time, record.grade)),
    )


def seal_lines(record: Record, seal: SealBody, *, office: str) -> tuple[Say, ...]:
    """Return the plain lines of a seal: what is held fast, how many slips that is, and that it may be photographed."""
    until = to_datetime(seal.end).strftime("%Y-%m-%d %H:%M") if seal.end else time_for_people(record.time, record.grade)
    return (
        say("{office} 封存码", office=office),
        say("{time} 以前盖的章已封存，不能再增减", time=until),
        say("上次封存以来盖了 {count} 份", count=seal.slips),
        say("封存时间：{time}", time=time_for_people(record.time, record.grade)),
        say("谁都可以拍下留存，以后可作证；二维码里没有客户资料"),
    )


def time_for_people(time: Interval, grade: Grade) -> Say | str:
    """Return the middle of a time to the second, or that the server has yet to say."""
    if in_doubt(time, grade):
        return say("待服务器核定（此机器需管理员处理）")
    middle = (time.lo + time.hi) // (2 * SECOND) * SECOND
    return to_datetime(middle).strftime("%Y-%m-%d %H:%M:%S")
