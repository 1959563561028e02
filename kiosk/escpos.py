"""Bytes for a receipt printer: ESC/POS with Chinese text in GB 18030, or the whole paper as a picture.

Commands as in Epson's ESC/POS reference: ESC @ (initialise), FS & (Chinese on), GS ! (size), GS v 0 (picture),
GS V (cut). The code is always a picture: half of the printers in use know no QR command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["picture", "text"]

_START: Final = b"\x1b@"
_CHINESE: Final = b"\x1c&"
_LARGE, _NORMAL = b"\x1d!\x11", b"\x1d!\x00"
_CENTRE, _LEFT = b"\x1ba\x01", b"\x1ba\x00"
_END: Final = b"\n\n\n\n\x1dVB\x00"
_PICTURE: Final = b"\x1dv0\x00"
_STRIPE: Final = 255
"""Rows of one picture command: cheap printers have room for no more."""


def text(lines: Sequence[str], modules: Sequence[Sequence[int]] = (), *, dots: int) -> bytes:
    """Return a paper as text, its first line large, and the code's modules (1 = dark) below."""
    head, *rest = lines
    body = b"".join(line.encode("gb18030") + b"\n" for line in rest)
    code = _CENTRE + _modules(modules, dots) + _LEFT if modules else b""
    return _START + _CHINESE + _LARGE + head.encode("gb18030") + b"\n" + _NORMAL + body + code + _END


def picture(height: int, rows: bytes, *, dots: int) -> bytes:
    """Return a paper as a picture; rows of dots, a bit a dot."""
    return _START + _stripes(height, rows, (dots + 7) // 8) + _END


def _modules(modules: Sequence[Sequence[int]], dots: int) -> bytes:
    scale = max(1, dots // len(modules[0]))
    width = (len(modules[0]) * scale + 7) // 8
    rows = b""
    for row in modules:
        bits = "".join(("1" if dark else "0") * scale for dark in row).ljust(width * 8, "0")
        rows += int(bits, 2).to_bytes(width, "big") * scale
    return _stripes(len(modules) * scale, rows, width)


def _stripes(height: int, rows: bytes, width: int) -> bytes:
    made = b""
    for top in range(0, height, _STRIPE):
        stripe = rows[top * width : (top + _STRIPE) * width]
        made += _PICTURE + width.to_bytes(2, "little") + (len(stripe) // width).to_bytes(2, "little") + stripe
    return made
