"""Request bodies, read within their limits: nothing that was sent, or that it unpacks to, is held beyond them."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from shared_rules.errors import InputError, WireError
from shared_rules.protocol import MAX_BATCH_BYTES
from shared_rules.words import say

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["TooLargeError", "read_body"]


class TooLargeError(InputError):
    """More than a request may hold."""


async def read_body(request: Request, most: int = MAX_BATCH_BYTES) -> bytes:
    """Return the body, decompressed, never holding more than `most` bytes of either; TooLargeError beyond."""
    coding = request.headers.get("content-encoding", "identity").lower()
    if coding not in ("identity", "gzip"):
        raise WireError(say("只接受 gzip 压缩的报文"), field="content-encoding")
    raw = bytearray()
    try:
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > most:
                raise TooLargeError(say("报文超过 {most} 字节", most=most), field="body")
    except ClientDisconnect as error:
        raise WireError(say("连接中断，报文没有收全"), field="body") from error
    return bytes(raw) if coding == "identity" else _unzip(bytes(raw), most)


def _unzip(raw: bytes, most: int) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    try:
        plain = inflater.decompress(raw, most + 1)
    except zlib.error as error:
        raise WireError(say("报文的 gzip 压缩已损坏"), field="body") from error
    if len(plain) > most:
        raise TooLargeError(say("报文超过 {most} 字节", most=most), field="body")
    if not inflater.eof or inflater.unused_data:
        raise WireError(say("报文的 gzip 压缩已损坏"), field="body")
    return plain
