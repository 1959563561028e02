"""The server's real application called in process: routing, decoding, verbs, problem documents; no socket, no thread.

A request runs to its end before the next begins, as one worker thread would serve it, so that a run is the same every
time. The one thing replaced is the hop into the thread pool.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from kiosk.exchange import Request, Response
from sync_server import api

__all__ = ["ask", "without_threads"]

T = TypeVar("T")


async def _here(verb: Callable[..., T], *arguments: Any) -> T:
    return verb(*arguments)


@contextmanager
def without_threads() -> Iterator[None]:
    """Let the endpoints call their verbs where they are."""
    kept = vars(api)["run_in_threadpool"]
    vars(api)["run_in_threadpool"] = _here
    try:
        yield
    finally:
        vars(api)["run_in_threadpool"] = kept


def ask(app: Any, request: Request) -> Response:
    """Return the application's answer to a request."""
    path, _, query = request.path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": request.method, "path": path,
        "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "scheme": "https",
        "headers": [(name.lower().encode(), value.encode()) for name, value in request.headers.items()],
        "server": ("server", 8443), "client": ("kiosk", 1), "state": {},
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    with without_threads():
        _to_the_end(app(scope, receive, send))
    headers = dict(sent[0]["headers"])
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Response(sent[0]["status"], headers.get(b"content-type", b"").decode(), body)


def _to_the_end(running: Awaitable[None]) -> None:
    steps = running.__await__()
    try:
        next(steps)
    except StopIteration:
        return
    message = "an endpoint waited for something: a simulated request must not"
    raise RuntimeError(message)
