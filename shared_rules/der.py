"""Writes the few DER shapes of a time stamp (X.690); there is no reader here, and nothing of ours ever parses DER.

A verifier that re-derives the signed bytes has no parser to attack. Every function returns finished bytes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

__all__ = ["integer", "object_id", "octets", "sequence", "set_of", "tagged", "utc_second"]

_INTEGER: Final = 0x02
_OCTET_STRING: Final = 0x04
_OBJECT_IDENTIFIER: Final = 0x06
_GENERALIZED_TIME: Final = 0x18
_SEQUENCE: Final = 0x30
_SET: Final = 0x31
_SHORT: Final = 0x80


def tagged(tag: int, *content: bytes) -> bytes:
    """Return tag, definite length and the contents one after another (X.690 8.1, 10.1)."""
    body = b"".join(content)
    if len(body) < _SHORT:
        return bytes((tag, len(body))) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT | len(size))) + size + body


def integer(value: int, tag: int = _INTEGER) -> bytes:
    """Return a non-negative INTEGER in the fewest bytes, with a leading zero where the first bit is set (8.3)."""
    return tagged(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def object_id(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER; arcs of any size, as 2.25.UUID needs them (8.19)."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return tagged(_OBJECT_IDENTIFIER, *(_base_128(arc) for arc in (40 * first + second, *rest)))


def _base_128(arc: int) -> bytes:
    digits = [arc & 0x7F]
    while arc := arc >> 7:
        digits.append(_SHORT | arc & 0x7F)
    return bytes(reversed(digits))


def octets(content: bytes) -> bytes:
    """Return an OCTET STRING."""
    return tagged(_OCTET_STRING, content)


def sequence(*items: bytes) -> bytes:
    """Return a SEQUENCE of finished items."""
    return tagged(_SEQUENCE, *items)


def set_of(*items: bytes, tag: int = _SET) -> bytes:
    """Return a SET OF, its items in ascending order of their encodings (11.6)."""
    return tagged(tag, *sorted(items))


def utc_second(moment: datetime) -> bytes:
    """Return a GeneralizedTime of whole seconds in UTC (RFC 3161 2.4.2); years 1000 to 9999."""
    return tagged(_GENERALIZED_TIME, moment.strftime("%Y%m%d%H%M%SZ").encode("ascii"))
