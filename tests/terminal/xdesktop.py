"""The desktop of a kiosk for a test: Xvfb, a session bus, fcitx5 with pinyin, the counter in xterm, xdotool's keys.

What the counter writes passes through `script` on its way to xterm; pyte makes the screen of it that a test can read.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import pyte

from tests.paths import ROOT
from tests.terminal.day import HAN, wait_until
from tests.terminal.pty_screen import screen_text

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

__all__ = ["TOOLS", "Desktop"]

TOOLS = ("Xvfb", "xterm", "fcitx5", "xdotool", "dbus-daemon", "script")
COLUMNS, ROWS = 100, 30
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
    wanted: Path | None = None
    """Where to keep a picture of a name that is being composed."""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    _screen: pyte.Screen = field(default_factory=lambda: pyte.Screen(COLUMNS, ROWS))
    _read: int = 0

    def __post_init__(self) -> None:
        self._stream = pyte.ByteStream(self._screen)

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
            "xterm", "-geometry", f"{COLUMNS}x{ROWS}", "-fa", "DejaVu Sans Mono", "-fd", "Noto Sans Mono CJK SC",
            "-fs", "14", "-e", "script", "--quiet", "--flush", "--log-out", str(self._log), "--command",
            shlex.join([sys.executable, *self.arguments]),
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

    @property
    def _log(self) -> Path:
        return self.folder / "typescript"

    @property
    def text(self) -> str:
        """What the terminal shows."""
        with self._log.open("rb") as file:
            file.seek(self._read)
            written = file.read()
        self._read += len(written)
        self._stream.feed(written)
        return screen_text(self._screen)

    def focus(self) -> None:
        """Wait for the terminal's window and give it the keyboard."""
        window = self._xdotool("search", "--sync", "--onlyvisible", "--class", "xterm").split()[0]
        self._xdotool("windowfocus", "--sync", window)

    def keys(self, *names: str) -> None:
        """Press keys by name."""
        self._xdotool("key", "--delay", "80", *("Return" if name == "Enter" else name for name in names))
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

    def see(self, wanted: str) -> str:
        """Wait until a text is shown, and return the screen."""
        wait_until(lambda: wanted in self.text, lambda: f"waited for {wanted!r}, the screen shows:\n{self.text}")
        return self.text

    def gone(self, unwanted: str) -> None:
        """Wait until a text is shown no longer."""
        wait_until(lambda: unwanted not in self.text, lambda: f"{unwanted!r} still stands:\n{self.text}")

    def han(self, text: str) -> None:
        """Type Han characters by pinyin; keep a picture of the first time, if one is wanted."""
        self.compose(HAN[text])
        if self.wanted is not None:
            self.picture(self.wanted)
            self.wanted = None
        self.commit()

    def ended(self) -> bool:
        """Return whether the counter has ended, and xterm with it."""
        return self.processes[-1].poll() is not None

    def picture(self, path: Path) -> None:
        """Keep what the screen shows."""
        subprocess.run(["import", "-window", "root", str(path)], env=self.environment, check=True, timeout=60)
