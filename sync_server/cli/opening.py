"""What every server command starts with: the data folder opened as a service, and the user's words."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from sync_server.clock import ServerClock, source_of
from sync_server.config import load_config
from sync_server.pki import load_keys
from sync_server.service import Service
from sync_server.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared_rules.words import Say

__all__ = ["Speaker", "folder_option", "opened"]


class Speaker(Protocol):
    """What stands in `ctx.obj`: it speaks the user's language."""

    def __call__(self, sentence: Say | str) -> str:
        """Return the sentence in the user's language."""

    def echo(self, sentence: Say | str, *, err: bool = False) -> None:
        """Print one sentence on its own line."""


folder_option = click.option(
    "--dir", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="服务器的数据目录。"
)


@contextmanager
def opened(folder: Path) -> Iterator[Service]:
    """Open the data folder of a server, also while the server runs."""
    config = load_config(folder)
    store = Store(config.database, load_keys(config.keys).bodies)
    try:
        yield Service(store, ServerClock(source_of(config)), config)
    finally:
        store.close()
