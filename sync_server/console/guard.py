"""What protects the pages in the browser: the cross-site rule for every act, and the headers of every answer.

The rule is the one of modern browsers: `Sec-Fetch-Site` says where a request came from; browsers that do not send it
send `Origin` with every form, which must be this host. A request that says neither comes from no browser's form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HEADERS", "ConsoleGuard", "same_site"]

_SAFE: Final = ("GET", "HEAD")
HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}


def same_site(headers: Headers) -> bool:
    """Return whether a request that changes something comes from one of our own pages."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc == headers.get("host", "")


class ConsoleGuard:
    """Wraps pages; `headers` are put on every answer that does not say otherwise itself."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] = HEADERS) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse acts from other sites, and put the headers on everything else."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["method"] not in _SAFE and not same_site(Headers(scope=scope)):
            refusal = PlainTextResponse("cross-site request refused", 403)
            await refusal(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)
