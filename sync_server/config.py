"""The server's data folder: where each file lies, and the settings in `config.toml`. No other file names a path."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import msgspec

from shared_rules.errors import InputError, UnavailableError
from shared_rules.words import say

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ClockKind", "Config", "Settings", "load_config", "write_config"]

MAX_WAIT = 60
_LONGEST_ADDRESS = 56
"""Bytes of `public_url`: with more a receipt's code on paper would take QR version 12 instead of 11-M."""
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*[A-Za-z0-9._~-])?")


class ClockKind(StrEnum):
    """Whom the server believes about its own clock; where chrony or systemd-timesyncd runs, it is always asked."""

    KERNEL = "kernel"
    """Where neither runs: the kernel's own mark; without it the server gives no anchors."""
    STATED = "stated"
    """Where neither runs: the operator vouches for `clock_error_ms`."""
    PRACTICE = "practice"
    """A training server: the time stands in the file `practice-clock`, and the name says 【练习】 everywhere."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What `config.toml` may hold; a misspelt key is refused, not ignored."""

    name: str
    """Name of the server as people know it."""
    hosts: tuple[str, ...]
    """DNS names and IP addresses under which kiosks and browsers reach it; they stand in the TLS certificate."""
    language: Literal["zh", "en", ""] = ""
    """Language of the pages; "" = the browser's."""
    public_url: str = ""
    """Address on the open network, https://…, no slash at its end: receipts' codes become links to it; "" = none.

    Phones must believe its certificate, so that a front server with a public one stands there.
    """
    clock: ClockKind = ClockKind.STATED
    clock_error_ms: int = 50
    """Bound of the server clock's error, milliseconds; below 50 counts as 50."""
    wait_seconds: int = 25
    """Longest wait of a feed request, seconds."""
    settle_seconds: int = 20
    """How often lapses and finality are looked at when nothing else happens, seconds."""
    dark_hours: int = 24
    """An office not heard from for so long is a task of the sales manager's, hours."""
    keep_backups: int = 7
    """Daily backups kept in the data folder; 0 = none is made."""
    idle_minutes: int = 15
    """A console session ends after so long without a request."""
    session_hours: int = 12
    """A console session ends after so long in any case."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings together with the folder they were read from."""

    folder: Path
    settings: Settings

    @property
    def database(self) -> Path:
        """The one database."""
        return self.folder / "server.db"

    @property
    def keys(self) -> Path:
        """Folder of keys and certificates: never inside the database, and backed up apart from it."""
        return self.folder / "keys"

    @property
    def receipt_page(self) -> str:
        """Where on the open network receipts are checked, "" = nowhere."""
        return f"{self.settings.public_url}/r/" if self.settings.public_url else ""

    @property
    def practice_clock(self) -> Path:
        """Microseconds since the epoch, as text: what a training server takes for the time."""
        return self.folder / "practice-clock"


def load_config(folder: Path) -> Config:
    """Return the configuration of a data folder; InputError names the key that is wrong."""
    path = folder / "config.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise InputError(
            say("{dir} 不是服务器的数据目录；先运行 xianhou server init", dir=str(folder)), field="dir"
        ) from error
    except OSError as error:
        raise UnavailableError(say("读不到服务器的配置文件：{why}", why=error.strerror or "")) from error
    try:
        settings = msgspec.convert(tomllib.loads(text), Settings)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InputError(say("config.toml 有误：{why}", why=str(error)), field="config.toml") from error
    if not 0 < settings.wait_seconds <= MAX_WAIT:
        raise InputError(say("config.toml 的 wait_seconds 须在 1 至 {most} 之间", most=MAX_WAIT), field="wait_seconds")
    address = settings.public_url
    if address and (len(address) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(address)):
        raise InputError(
            say(
                "config.toml 的 public_url 应写成 https://主机，末尾不带斜线，最长 {most} 个字符", most=_LONGEST_ADDRESS
            ),
            field="public_url",
        )
    return Config(folder, settings)


def write_config(folder: Path, settings: Settings) -> Config:
    """Write `config.toml` of a new data folder and return the configuration."""
    lines = [
        f"name = {json.dumps(settings.name, ensure_ascii=False)}",
        f"hosts = {json.dumps(list(settings.hosts))}",
        f'language = "{settings.language}"',
        f'clock = "{settings.clock}"',
        f"clock_error_ms = {settings.clock_error_ms}",
        f"wait_seconds = {settings.wait_seconds}",
        f"settle_seconds = {settings.settle_seconds}",
    ]
    if settings.public_url:
        lines.append(f'public_url = "{settings.public_url}"')
    (folder / "config.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Config(folder, settings)
