"""The demo's stage: one real server process and two real kiosk processes, on a practice clock that the story sets.

Everything lies below one folder. The practice clock is the product's own training mode: the server and the kiosks take
their time from a file, and say 【练习】 on everything.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kiosk.cli.desk_client import DeskProcess
from kiosk.config import Folder, Settings
from kiosk.sync import enrol_over_https
from shared_rules.errors import UnavailableError
from shared_rules.words import Language, say

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["OFFICES", "Member", "Stage"]

OFFICES = ("east", "west")


@dataclass(frozen=True, slots=True)
class Member:
    """One of the demo's people."""

    number: str
    name: str
    office: str
    roles: str
    badge: str
    pin: str
    password: str
    own_pin: str = "246810"
    """Set at the first login, for the story's sake the same for all."""


class Stage:
    """Builds, runs and ends the processes."""

    def __init__(self, folder: Path, language: Language) -> None:
        self.folder = folder
        self.language = language
        self.people: dict[str, Member] = {}
        self.kiosks: dict[str, DeskProcess] = {}
        self.url = ""
        self.fingerprint = ""
        self._server: subprocess.Popen[str] | None = None

    @property
    def server_folder(self) -> Path:
        """The server's data folder."""
        return self.folder / "server"

    @property
    def clock(self) -> Path:
        """The practice clock's file: microseconds since the epoch."""
        return self.server_folder / "practice-clock"

    def set_time(self, instant: int) -> None:
        """Let it be this instant everywhere; the file is replaced whole."""
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(str(instant), encoding="ascii")
        fresh.replace(self.clock)

    def xianhou(self, *arguments: str) -> str:
        """Run one command of the product and return what it printed."""
        run = subprocess.run(  # noqa: S603 - our own interpreter and command
            [sys.executable, "-m", "kiosk.cli", "--lang", self.language, *arguments],
            capture_output=True, text=True, check=False, encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1"},
        )  # fmt: skip
        if run.returncode:
            raise UnavailableError(say("演示的一步没有成功：{why}", why=run.stderr.strip()[-400:]))
        return run.stdout

    def build(self, instant: int) -> None:
        """Make the server's folder with its offices and people, start it, and enrol both kiosks."""
        printed = self.xianhou(
            "server",
            "init",
            "--dir",
            str(self.server_folder),
            "--name",
            "Xianhou",
            "--clock",
            "practice",
            "--demo-people",
        )
        shown: list[dict[str, Any]] = json.loads(printed.splitlines()[0])["people"]
        self.people = {one["name"]: Member(**one) for one in shown}
        self.set_time(instant)
        self.start_server()
        with ThreadPoolExecutor(len(OFFICES)) as both:
            list(both.map(self._enrol, OFFICES))

    def start_server(self, port: int = 0) -> None:
        """Start the server process and wait until it says where it listens; port 0 = any free one."""
        command = [sys.executable, "-m", "kiosk.cli", "server", "run"]
        command += ["--dir", str(self.server_folder), "--port", str(port)]
        errors = (self.folder / "server.log").open("a", encoding="utf-8")
        with errors:
            self._server = subprocess.Popen(  # noqa: S603 - our own interpreter and command
                command, stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, "PYTHONUTF8": "1"}
            )
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        if not line:
            raise UnavailableError(say("服务器没有起来；原因在 {log}", log=str(self.folder / "server.log")))
        self.url = str(json.loads(line)["url"])

    def _enrol(self, office: str) -> None:
        told = json.loads(
            self.xianhou("server", "enrol-code", "--dir", str(self.server_folder), "--office", office, "--json")
        )
        self.fingerprint = str(told["fingerprint"])
        settings = Settings(server=self.url, practice_clock=str(self.clock))
        enrol_over_https(
            Folder(self.folder / office), code=told["code"], fingerprint=told["fingerprint"], settings=settings,
            random=os.urandom,
        )  # fmt: skip

    def open_kiosks(self) -> None:
        """Start both kiosk processes; each hears the feed and its people set their own PINs."""
        with ThreadPoolExecutor(len(OFFICES)) as both:
            for office, kiosk in zip(OFFICES, both.map(self._open_kiosk, OFFICES), strict=True):
                self.kiosks[office] = kiosk

    def _open_kiosk(self, office: str) -> DeskProcess:
        kiosk = DeskProcess(self.folder / office, language=self.language)
        kiosk.call("sync_now")
        for member in self.members(office):
            kiosk.call("set_pin", badge=member.badge, start_pin=member.pin, new_pin=member.own_pin)
        return kiosk

    def reopen(self, office: str) -> DeskProcess:
        """Start a kiosk's process again."""
        return DeskProcess(self.folder / office, language=self.language)

    def members(self, office: str) -> list[Member]:
        """Return an office's salespeople and its clerk."""
        return [one for one in self.people.values() if one.office == office]

    def clerk(self, office: str) -> Member:
        """Return an office's clerk."""
        return next(one for one in self.members(office) if one.roles == "clerk")

    def manager(self) -> Member:
        """Return the sales manager."""
        return next(one for one in self.people.values() if one.roles == "manager")

    def close_kiosks(self) -> None:
        """End the kiosk processes in peace."""
        for kiosk in self.kiosks.values():
            kiosk.close()
        self.kiosks.clear()

    def close(self) -> None:
        """End every process that this stage started."""
        self.close_kiosks()
        self.stop_server()

    def stop_server(self) -> None:
        """End the server in peace: to the kiosks it is unplugged."""
        if self._server is not None:
            self._server.send_signal(signal.SIGTERM)
            self._server.wait()
            if self._server.stdout is not None:
                self._server.stdout.close()
            self._server = None

    def restart_server(self) -> None:
        """Kill the server as a power button would, and start it again where it listened."""
        assert self._server is not None
        self._server.kill()
        self._server.wait()
        if self._server.stdout is not None:
            self._server.stdout.close()
        self.start_server(int(self.url.rpartition(":")[2]))

    def wait_for_server(self) -> None:
        """Return when somebody ends the server (Ctrl-C)."""
        if self._server is not None:
            self._server.wait()
