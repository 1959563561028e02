"""A whole day at the counter in tmux: both windows, both roles, the network out for half of it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import pytest

from tests.paths import ROOT
from tests.terminal.day import live_through, wait_until
from tests.together.stages import at, stage_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

    from kiosk.cli.demo.stage import Stage


@dataclass
class Tmux:
    """One session of a tmux server of its own."""

    socket: Path
    command: str

    def __enter__(self) -> Self:
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30", "-s", "kiosk", self.command)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        subprocess.run(["tmux", "-S", str(self.socket), "kill-server"], check=False, capture_output=True)

    def _tmux(self, *arguments: str) -> str:
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
        environment.pop("TMUX", None)
        done = subprocess.run(
            ["tmux", "-u", "-S", str(self.socket), *arguments],
            check=True, capture_output=True, text=True, timeout=30, env=environment, cwd=ROOT,
        )  # fmt: skip
        return done.stdout

    @property
    def text(self) -> str:
        """What the pane shows."""
        return self._tmux("capture-pane", "-p", "-t", "kiosk")

    def keys(self, *names: str) -> None:
        """Press keys by tmux's names."""
        self._tmux("send-keys", "-t", "kiosk", *names)

    def write(self, text: str) -> None:
        """Type a text."""
        self._tmux("send-keys", "-t", "kiosk", "-l", text)

    han = write
    """tmux hands the characters over whole."""

    def see(self, wanted: str) -> str:
        """Wait until the pane shows a text, and return the pane."""
        wait_until(lambda: wanted in self.text, lambda: f"waited for {wanted!r}, the screen shows:\n{self.text}")
        return self.text

    def gone(self, unwanted: str) -> None:
        """Wait until the pane shows a text no longer."""
        wait_until(lambda: unwanted not in self.text, lambda: f"{unwanted!r} still stands:\n{self.text}")

    def ended(self) -> bool:
        """Return whether the counter has ended, and tmux with it."""
        session = ["tmux", "-S", str(self.socket), "has-session"]
        return subprocess.run(session, check=False, capture_output=True).returncode != 0


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A server and an enrolled kiosk at 08:55."""
    for built in stage_in(tmp_path):
        built.set_time(at("03-02 08:55"))
        yield built


@pytest.mark.system
def test_a_whole_day_with_the_network_out_for_half_of_it(
    tool: Callable[[str], str], stage: Stage, tmp_path: Path
) -> None:
    """Morning, noon, afternoon: every act is in the journal once, and all of it reached the server in the end."""
    tool("tmux")
    folder = shlex.quote(str(stage.folder / "east"))
    command = f"{sys.executable} -m kiosk.cli --lang zh kiosk --dir {folder}"
    stage.set_time(at("03-02 09:05"))
    with Tmux(tmp_path / "tmux", command) as tmux:
        live_through(stage, tmux, tmux.ended)
