"""The kiosk's folder: where each file lies, and what it was told once. No other file names a path.

The folder holds `kiosk.db` (journal and everything that grows), `keys/` (never inside the database and never in its
backups), `kiosk.toml` (server and language), `enrolment.json` (what the server answered, kept as it came) and `anchor`
(where the journal stood last: outside the database, so that a database restored from a backup is noticed).
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from kiosk.devices import check_device
from kiosk.keys import moved_keys
from shared_rules.errors import InputError, UnavailableError
from shared_rules.protocol import EnrolAnswer
from shared_rules.words import say

__all__ = ["Folder", "KioskConfig", "PrinterSettings", "Settings", "load_config", "write_private", "write_settings"]

_MACHINE: Final = Path("/etc/machine-id")


@dataclass(frozen=True, slots=True)
class Folder:
    """The paths of one kiosk."""

    root: Path

    @property
    def database(self) -> Path:
        """The one database."""
        return self.root / "kiosk.db"

    @property
    def keys(self) -> Path:
        """Folder of secrets, mode 0700."""
        return self.root / "keys"

    @property
    def signing_key(self) -> Path:
        """The P-256 key that signs the journal; made here, never leaves."""
        return self.keys / "kiosk.key"

    @property
    def other_signing_key(self) -> Path:
        """Where the key of another enrolment lies: the two take turns, so that the old one works until the new does."""
        return self.keys / "kiosk-2.key"

    @property
    def data_key(self) -> Path:
        """AES-256 key of personal data at rest."""
        return self.keys / "data.key"

    @property
    def pepper(self) -> Path:
        """Mixed into every PIN hash of this kiosk."""
        return self.keys / "pepper"

    @property
    def settings(self) -> Path:
        """`kiosk.toml`."""
        return self.root / "kiosk.toml"

    @property
    def enrolment(self) -> Path:
        """The server's answer at enrolment, JSON of `EnrolAnswer`."""
        return self.root / "enrolment.json"

    @property
    def anchor(self) -> Path:
        """Where the journal stood last; never put it into a backup of the database."""
        return self.root / "anchor"

    @property
    def ballast(self) -> Path:
        """Room for a full disk."""
        return self.root / "ballast"

    @property
    def lock(self) -> Path:
        """Held by the one running kiosk program."""
        return self.root / "lock"

    @property
    def spool(self) -> Path:
        """What is to be printed."""
        return self.root / "spool"

    @property
    def log(self) -> Path:
        """What the program tells its operator; holds no personal data."""
        return self.root / "log"


class PrinterSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[printer]` of kiosk.toml."""

    profile: Literal["text", "gb18030", "raster", "pdf", "none"] = "text"
    """`gb18030`: a receipt printer with Chinese of its own; `raster`: one without; `text`: files to look at."""
    device: str = ""
    """`/dev/usb/lp0`, `tcp:192.168.1.50:9100`, `lp:queue`; "" = files in the spool folder."""
    dots: Annotated[int, msgspec.Meta(ge=200, le=1200)] = 576
    """Dots across the paper: 384 for 58 mm, 576 for 80 mm."""
    fonts: str = ""
    """Folder with fonts beside the machine's own."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What `kiosk.toml` may hold; a misspelt key is refused, not ignored."""

    server: str
    """Address of the server, https://…"""
    language: Literal["zh", "en", ""] = ""
    """Language of the screens; "" = the machine's."""
    keys: dict[str, str] = {}
    """Name of a key's function -> key (`save = "f10"`); the names stand in keys.py."""
    printer: PrinterSettings = PrinterSettings()
    practice: bool = False
    """A practice counter: no server, nothing of it counts."""
    practice_clock: str = ""
    """A training kiosk: file of microseconds since the epoch that stands for the time; "" = the machine's clocks."""


@dataclass(frozen=True, slots=True)
class KioskConfig:
    """Settings and place of an enrolled kiosk."""

    folder: Folder
    settings: Settings
    place: EnrolAnswer

    @property
    def server(self) -> str:
        """Address of the server."""
        return self.settings.server

    @property
    def kiosk(self) -> int:
        """Number of this kiosk."""
        return self.place.kiosk

    @property
    def office(self) -> str:
        """Office id, the first part of every slip number."""
        return self.place.office

    @property
    def office_name(self) -> str:
        """Name of the office as people know it."""
        return self.place.office_name

    @property
    def pools(self) -> dict[str, str]:
        """Pool id -> name."""
        return self.place.pools

    @property
    def language(self) -> Literal["zh", "en", ""]:
        """Language of the screens; "" = the machine's."""
        return self.settings.language

    @property
    def practice_clock(self) -> str:
        """File that stands for the time; "" = real clocks."""
        return self.settings.practice_clock

    @property
    def practice(self) -> bool:
        """Whether this is a training kiosk: every screen and slip says so."""
        return self.settings.practice or bool(self.settings.practice_clock)


def load_config(folder: Folder) -> KioskConfig:
    """Return the configuration of an enrolled kiosk; InputError names the file and key that is wrong."""
    try:
        text = folder.settings.read_text(encoding="utf-8")
        answer = folder.enrolment.read_bytes()
    except FileNotFoundError as error:
        raise InputError(
            say("{dir} 里没有登记过的柜台机；先运行 xianhou enrol", dir=str(folder.root)), field="dir"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UnavailableError(say("读不到柜台机的配置文件；请检查磁盘和权限")) from error
    try:
        settings = msgspec.convert(tomllib.loads(text), Settings)
        moved_keys(settings.keys)
        check_device(settings.printer.device)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InputError(say("kiosk.toml 有误：{why}", why=str(error)), field="kiosk.toml") from error
    try:
        return KioskConfig(folder, settings, msgspec.json.decode(answer, type=EnrolAnswer))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(
            say("enrolment.json 有误：{why}；请从备份恢复或重新登记", why=str(error)), field="enrolment.json"
        ) from error


def write_settings(folder: Folder, settings: Settings) -> None:
    """Write `kiosk.toml`."""
    lines = [
        f"server = {json.dumps(settings.server, ensure_ascii=False)}",
        f'language = "{settings.language}"',
        f"practice_clock = {json.dumps(settings.practice_clock, ensure_ascii=False)}",
    ]
    if settings.practice:
        lines.append("practice = true")
    if settings.printer != PrinterSettings():
        fields = msgspec.structs.asdict(settings.printer).items()
        lines += ["[printer]", *(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields)]
    if settings.keys:
        lines += ["[keys]", *(f"{name} = {json.dumps(key)}" for name, key in settings.keys.items())]
    write_private(folder.settings, ("\n".join(lines) + "\n").encode())


def write_private(path: Path, data: bytes) -> None:
    """Replace a file whole, mode 0600: after a power cut the old content or the new one stands there.

    Raises UnavailableError where the disk does not take it; the old content stands then.
    """
    fresh = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        sync_path(path.parent)
    except OSError as error:
        raise UnavailableError(
            say("磁盘写不进 {name}：{why}；请检查磁盘空间", name=path.name, why=error.strerror or "")
        ) from error


def sync_path(path: Path) -> None:
    """Make a file, or a renaming in a folder, durable; systems that cannot sync folders do it by themselves."""
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def machine_id(path: Path = _MACHINE) -> str:
    """Return what tells this machine from others, "" where it does not say; a copied folder is noticed by it."""
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
