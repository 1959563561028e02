"""`xianhou server run`: serve over HTTPS until told to stop; one JSON line on stdout says when it really listens."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket
import ssl
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
import uvicorn

from shared_rules.errors import UnavailableError
from shared_rules.words import say
from sync_server.app import create_app
from sync_server.cli.opening import folder_option
from sync_server.clock import ServerClock, SystemSource, source_of
from sync_server.config import load_config
from sync_server.pki import ensure_tls, load_keys
from sync_server.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.applications import Starlette

    from sync_server.config import Config
    from sync_server.pki import Keys

__all__ = ["run"]

_KEEP_ALIVE_SECONDS = 15
"""Above the 2 s after which our kiosks drop an idle connection, so that neither closes under the other's request."""
_STOP_SECONDS = 10


class _Server(uvicorn.Server):
    """Says when it listens, lets go of waiting feed requests before it stops, and ends a stop asked for with 0."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the address."""
        await super().startup(sockets)
        if self.started and sockets:
            host, port, *_ = sockets[0].getsockname()
            click.echo(json.dumps({"url": f"https://{f'[{host}]' if ':' in host else host}:{port}"}))

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGTERM and SIGINT as a wish to stop, not as a death to be repeated afterwards."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop."""
        application: Starlette = self.config.app  # type: ignore[assignment]
        application.state.service.bells.close()
        await super().shutdown(sockets)


@click.command(help="运行服务器；就绪后在标准输出打印一行 JSON。")
@folder_option
@click.option("--host", default="127.0.0.1", help="监听的地址。")
@click.option("--port", type=click.IntRange(0, 65535), default=8443, help="监听的端口；0 为任选。")
def run(folder: Path, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    config = load_config(folder)
    keys = load_keys(config.keys)
    listening = _listen(host, port)
    store = Store(config.database, keys.bodies)
    try:
        app = create_app(store, ServerClock(source_of(config)), config)
        _Server(_settings(app, config, keys)).run(sockets=[listening])
    finally:
        store.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends an answer at once (TCP_NODELAY) only where a socket says that it is TCP: else each waits 40 ms
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise UnavailableError(
            say("地址 {host} 的端口 {port} 用不了：{why}", host=host, port=port, why=error.strerror or "")
        ) from error
    return listening


def _settings(app: Starlette, config: Config, keys: Keys) -> uvicorn.Config:
    # certificates are judged by real clocks, also on a training server
    machine = SystemSource(error=None).wall()
    chain, secret = ensure_tls(config.keys, keys.authority, config.settings.hosts, now=machine)
    return uvicorn.Config(
        app, ssl_certfile=str(chain), ssl_keyfile=str(secret), ssl_version=ssl.PROTOCOL_TLS_SERVER,
        log_config=None, log_level=logging.WARNING, access_log=False, server_header=False, lifespan="on",
        timeout_keep_alive=_KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=_STOP_SECONDS,
    )  # fmt: skip
