"""What every server command starts with: the data folder, opened as a service."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync_server.clock import ServerClock, source_of
from sync_server.config import load_config
from sync_server.pki import load_keys
from sync_server.service import Service
from sync_server.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["folder_option", "opened"]


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
