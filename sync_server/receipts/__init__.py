"""The public page that checks a receipt in the browser: its parts, the public keys, and what takes a shown receipt.

The page needs no login, asks nothing of a person and sets no cookie. Saved as one file, keys inside, it checks without
any network.
"""

from __future__ import annotations

import time
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared_rules.errors import EvidenceError, InputError
from shared_rules.evidence import RECEIPT_SIZE
from sync_server.bodies import read_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_server.service import Service

__all__ = ["HEADERS", "ReceiptPages"]

HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
_PARTS: Final = {"page.css": "text/css", "words.js": "text/javascript", "check.js": "text/javascript",
                 "page.js": "text/javascript"}  # fmt: skip
_ALONE: Final = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"
"""What the page may do as a file: nothing but itself."""
_BURST: Final = 60
_A_SECOND: Final = 10.0
"""Receipts that are taken at once, and then a second, of everybody together: many more than are stamped."""


class _Allowance:
    """A bucket of tokens that fills evenly."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._left, self._at = float(_BURST), seconds()

    def take(self) -> bool:
        """Return whether one more may be taken now."""
        now = self._seconds()
        self._left, self._at = min(float(_BURST), self._left + (now - self._at) * _A_SECOND), now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class ReceiptPages:
    """The answers under /r/."""

    def __init__(self, service: Service, seconds: Callable[[], float] = time.monotonic) -> None:
        self._service = service
        self._allowance = _Allowance(seconds)
        folder = files(__name__) / "static"
        self._text = {name: (folder / name).read_text(encoding="utf-8") for name in ("page.html", *_PARTS)}

    async def page(self, _: Request) -> Response:
        """GET /r/."""
        return Response(self._text["page.html"], media_type="text/html")

    async def part(self, request: Request) -> Response:
        """GET /r/{name}: style and scripts."""
        name = request.path_params["name"]
        if name not in _PARTS:
            raise HTTPException(404)
        return Response(self._text[name], media_type=_PARTS[name])

    async def keys(self, _: Request) -> Response:
        """GET /r/keys.json: public keys and the digests of their certificates."""
        return Response(await self._keys(), media_type="application/json")

    async def saved(self, _: Request) -> Response:
        """GET /r/receipt.html: the page as one file, with the keys of now."""
        headers = {"content-disposition": 'attachment; filename="xianhou-receipt.html"'}
        return Response(alone(self._text, await self._keys()), media_type="text/html", headers=headers)

    async def _keys(self) -> bytes:
        return msgspec.json.encode(await run_in_threadpool(self._service.pockets.keys))

    async def seen(self, request: Request) -> Response:
        """POST /r/seen: the 188 bytes of a receipt."""
        if not self._allowance.take():
            return JSONResponse({"field": "rate"}, 429, {"retry-after": "5"})
        try:
            receipt = await read_body(request, RECEIPT_SIZE)
            found = await run_in_threadpool(self._service.pockets.seen, receipt)
        except (EvidenceError, InputError) as error:
            return JSONResponse({"field": error.field}, 400)
        return Response(msgspec.json.encode(found), media_type="application/json")


def alone(text: dict[str, str], keys: bytes) -> str:
    """Return the page with style, scripts and keys inside; it can ask nobody anything."""
    page = text["page.html"]
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_ALONE}">'
    page = page.replace("<title>", f"{policy}\n  <title>", 1)
    page = page.replace('<link rel="stylesheet" href="page.css">', f"<style>\n{text['page.css']}</style>")
    kept = keys.decode().replace("<", "\\u003c")
    page = page.replace("<script", f'<script type="application/json" id="kept">{kept}</script>\n  <script', 1)
    for name in ("words.js", "check.js", "page.js"):
        page = page.replace(f'<script src="{name}"></script>', f"<script>\n{text[name]}</script>")
    return page
