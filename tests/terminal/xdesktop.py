"""The desktop of a kiosk for a test: Xvfb, a session bus, fcitx5 with pinyin, the counter in xterm, xdotool's keys."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from tests.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

__all__ = ["TOOLS", "Desktop"]

TOOLS = ("Xvfb", "xterm", "fcitx5", "xdotool", "dbus-daemon")
PROFILE = """[Groups/0]
Name=Default
Default Layout=us
DefaultIM=pinyin

[Groups/0/Items/0]
Name=keyboard-us
Layout=

[Groups/0/Items/1]
Name=pinyin
Layout=

[GroupOrder]
0=Default
"""
CONFIG = """[Hotkey/TriggerKeys]
0=Control+space

[Behavior]
ActiveByDefault=False
ShareInputState=No
"""


@dataclass
class Desktop:
    """Comes up with the counter in a terminal of 100×30; everything it started ends with it."""

    folder: Path
    arguments: list[str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        home = self.folder / "home"
        settings = home / ".config" / "fcitx5"
        settings.mkdir(parents=True)
        (settings / "profile").write_text(PROFILE, encoding="utf-8")
        (settings / "config").write_text(CONFIG, encoding="utf-8")
        self.environment = {
            **os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "XDG_RUNTIME_DIR": str(home),
            "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "XMODIFIERS": "@im=fcitx", "PYTHONPATH": str(ROOT),
            "TERM": "xterm-256color", "COLORTERM": "truecolor",
        }  # fmt: skip
        self.environment.pop("TEXTUAL_DISABLE_KITTY_KEY", None)
        display = self._said("Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp")
        self.environment["DISPLAY"] = f":{display}"
        bus = self._said("dbus-daemon", "--session", "--nofork", "--print-address=1")
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = bus
        self._start("fcitx5", "--disable", "wayland,waylandim")
        time.sleep(2)
        self._start(
            "xterm", "-geometry", "100x30", "-fa", "DejaVu Sans Mono", "-fd", "Noto Sans Mono CJK SC", "-fs", "14",
            "-e", sys.executable, *self.arguments,
        )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, cwd=ROOT,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def _said(self, *command: str) -> str:
        """Start a process and return the first line that it prints."""
        process = self._start(*command)
        assert process.stdout is not None
        return process.stdout.readline().decode().strip()

    def _xdotool(self, *arguments: str) -> str:
        done = subprocess.run(
            ["xdotool", *arguments], env=self.environment, check=True, capture_output=True, text=True, timeout=60
        )
        return done.stdout

    def focus(self) -> None:
        """Wait for the terminal's window and give it the keyboard."""
        window = self._xdotool("search", "--sync", "--onlyvisible", "--class", "xterm").split()[0]
        self._xdotool("windowfocus", "--sync", window)

    def keys(self, *names: str) -> None:
        """Press keys by name."""
        self._xdotool("key", "--delay", "80", *names)
        time.sleep(0.3)

    def write(self, text: str) -> None:
        """Type a text, key by key."""
        self._xdotool("type", "--delay", "60", text)
        time.sleep(0.3)

    def compose(self, syllables: str) -> None:
        """Switch the input method on and type; the candidates stand beside the cursor then."""
        self.keys("ctrl+space")
        self.write(syllables)
        time.sleep(0.5)

    def commit(self) -> None:
        """Take the first candidate and switch the input method off."""
        self.keys("space")
        self.keys("ctrl+space")

    def picture(self, path: Path) -> None:
        """Keep what the screen shows."""
        subprocess.run(["import", "-window", "root", str(path)], env=self.environment, check=True, timeout=60)
