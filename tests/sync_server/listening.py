"""A server of a test on a real socket of the loopback: what is sent to it is parsed by a real HTTP server."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.applications import Starlette

__all__ = ["listening"]


@contextmanager
def listening(app: Starlette) -> Iterator[tuple[str, int]]:
    """Yield the address of a running server of this app; it stops at the end."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    host, port = listener.getsockname()
    try:
        yield host, port
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listener.close()
