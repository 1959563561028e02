"""What deploy/ starts: the counter comes up again whatever ended it, on a terminal that was put right."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.paths import ROOT

DEPLOY = ROOT / "deploy"
WILD = b"\x1b[?1049h\x1b[?25l\x1b[?2004h"


def looped(folder: Path, codes: list[int]) -> tuple[int, bytes, bool]:
    """Run the loop on a pty with a counter that ends with these codes; return code, output, and whether lines echo."""
    (folder / "codes").write_text("\n".join(map(str, codes)) + "\n")
    counter = folder / "xianhou"
    counter.write_text(
        '#!/bin/sh\nstty raw -echo\nprintf "\\033[?1049h\\033[?25l\\033[?2004h"\necho "$@" >> "$0.calls"\n'
        'code=$(head -n 1 "$0.codes"); sed -i 1d "$0.codes"; exit "$code"\n'
    )
    (folder / "codes").rename(folder / "xianhou.codes")
    counter.chmod(0o700)
    ours, theirs = pty.openpty()
    environment = os.environ | {"XIANHOU": str(counter), "XIANHOU_KIOSK": "/kiosk", "XIANHOU_PAUSE": "0.05"}
    running = subprocess.Popen([DEPLOY / "kiosk-loop"], stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    output, end = b"", time.monotonic() + 20
    while time.monotonic() < end:
        if select.select([ours], [], [], 0.05)[0]:
            output += os.read(ours, 4096)
        elif running.poll() is not None:
            break
    code = running.wait(5)
    echoes = bool(termios.tcgetattr(theirs)[3] & termios.ECHO)
    os.close(ours)
    os.close(theirs)
    return code, output, echoes


def test_the_loop_opens_the_counter_again_and_puts_the_terminal_right(tmp_path: Path) -> None:
    """A crash, a signal, then the operator's F4: three openings, and a terminal that echoes."""
    code, output, echoes = looped(tmp_path, [1, 143, 0])
    assert code == 0
    assert echoes
    assert output.count(WILD) == 3
    assert output.rstrip().endswith(b"\x1b[0m")
    calls = (tmp_path / "xianhou.calls").read_text().splitlines()
    assert calls == ["kiosk --dir /kiosk"] * 3


def test_the_loop_says_what_it_misses() -> None:
    """Without a folder nothing is opened."""
    environment = {name: value for name, value in os.environ.items() if name != "XIANHOU_KIOSK"}
    done = subprocess.run([DEPLOY / "kiosk-loop"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "XIANHOU_KIOSK" in done.stderr


@pytest.mark.system
@pytest.mark.parametrize("unit", ["xianhou-server.service", "xianhou-kiosk.service"])
def test_the_units_are_what_systemd_reads(unit: str, tool: Callable[[str], str], tmp_path: Path) -> None:
    """No unknown key, no wrong value; the programs are those of the installed machine and not looked for here."""
    text = (DEPLOY / unit).read_text(encoding="utf-8")
    lines = [f"ExecStart={tool('true')}" if line.startswith("ExecStart=") else line for line in text.splitlines()]
    (tmp_path / unit).write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = subprocess.run(
        [tool("systemd-analyze"), "verify", "--man=no", str(tmp_path / unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if unit in line]
    assert ours == []
