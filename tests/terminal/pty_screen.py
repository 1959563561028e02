"""A real terminal for a test: a pty, a process on it, and pyte to say what a person would see."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING, Self

import pyte

from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

__all__ = ["Terminal", "screen_text"]


def screen_text(screen: pyte.Screen) -> str:
    """Return what a screen shows, a line each.

    pyte's own `display` fails on the half of a wide character whose other half was just written over; the empty cell
    behind each wide character leaves the text whole.
    """
    rows = (screen.buffer[row] for row in range(screen.lines))
    return "\n".join("".join(row[column].data for column in range(screen.columns)).rstrip() for row in rows)


class _Answering(pyte.Screen):
    """A screen that answers the process's questions (where does the cursor stand?)."""

    def __init__(self, columns: int, rows: int, terminal: Terminal) -> None:
        super().__init__(columns, rows)
        self._terminal = terminal

    def write_process_input(self, data: str) -> None:
        self._terminal.type(data)


class Terminal:
    """One process on a pty of a given size; `see` pumps its output until a condition holds."""

    def __init__(
        self,
        arguments: list[str],
        *,
        columns: int = 80,
        rows: int = 24,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.screen = _Answering(columns, rows, self)
        self._stream = pyte.ByteStream(self.screen)
        self.output = b""
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(slave)
        variables = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT)}
        variables.pop("TEXTUAL_DISABLE_KITTY_KEY", None)
        variables.update(environment or {})
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=slave, stdout=slave, stderr=slave, env=variables, cwd=ROOT, start_new_session=True,
        )  # fmt: skip
        self._slave = slave

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self._slave)

    @property
    def lines(self) -> list[str]:
        """The screen's lines as they stand, also in the middle of a redraw."""
        return screen_text(self.screen).split("\n")

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.lines)

    def settings(self) -> list[object]:
        """Return the terminal's line settings as they are now."""
        return termios.tcgetattr(self._slave)

    def type(self, text: str) -> None:
        """Send a burst of keys in one write."""
        os.write(self.master, text.encode())

    def paste(self, text: str) -> None:
        """Send a bracketed paste."""
        self.type(f"\x1b[200~{text}\x1b[201~")

    def resize(self, columns: int, rows: int) -> None:
        """Let the window change its size, as a window manager does."""
        self.screen.resize(rows, columns)
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process.send_signal(signal.SIGWINCH)

    def pump(self, seconds: float = 0.05) -> None:
        """Take what the process writes for up to `seconds`."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([self.master], [], [], left)
            if ready:
                try:
                    data = os.read(self.master, 65536)
                except OSError:
                    return
                self.output += data
                self._stream.feed(data)

    def see(self, wanted: str | Callable[[Terminal], bool], *, seconds: float = 20.0) -> None:
        """Wait until a text stands on the screen (or a condition holds); fail with the screen that stood instead."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if (wanted in self.text) if isinstance(wanted, str) else wanted(self):
                return
            self.pump(0.02)
        raise AssertionError(f"not seen: {wanted!r}\n{self.text}")

    def kill(self) -> None:
        """End the process as a power cut would, as far as the process can tell."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self, seconds: float = 10.0) -> int:
        """Wait for the process to end and return its code, still reading so that it can write its last words."""
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            self.pump(0.02)
        self.pump(0.1)
        if self.process.poll() is None:
            raise AssertionError(f"the process did not end\n{self.text}")
        return self.process.returncode
