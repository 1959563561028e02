"""Whether the counter's memory grows: `python3 run.py python -m tests.bench.soak [--slips 300] [--json FILE]`.

One counter in a real terminal, a real server beside it, slip after slip through the screens; the process's own memory
(private pages) is read after every tenth slip, and the slope is that of a straight line through all readings but the
first ones, while caches fill. What must grow is the register: a slip more to compare with.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from kiosk.cli.demo.stage import Stage
from tests.bench.peak_hour import customers, hire
from tests.terminal.pty_screen import Terminal
from tests.together.stages import at

__all__ = ["COUNTER", "SABOTAGE", "main", "slope", "soak"]

F9, ESC = "\x1b[20~", "\x1b"
EACH: Final = 40
"""Slips of one salesperson, below every quota."""
STEP: Final = 10
WARM: Final = 60
"""Slips before the first reading that counts."""
COUNTER: Final = ["-m", "kiosk.cli"]
_WITHOUT: Final = """
import sys, kiosk, kiosk.screens.base as base
base.forget_closed_widgets = lambda: None
from kiosk.cli import main
sys.exit(main())
"""
SABOTAGE: Final = ["-c", _WITHOUT]
"""The counter without the fix for what Textual leaves behind (trap 2)."""


def memory(pid: int) -> int:
    """Return what a process itself has written to, in KiB: its share of common pages moves with whatever else runs."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Dirty:", "Swap:")))


def slope(readings: list[tuple[int, int]]) -> float:
    """Return the KiB a slip of the line through (slips, KiB)."""
    return statistics.linear_regression([x for x, _ in readings], [y for _, y in readings]).slope


def soak(slips: int, program: list[str], *, warm: int = WARM) -> list[tuple[int, int]]:
    """Hand in and stamp so many slips; return (slips so far, KiB), from `warm` slips on."""
    readings: list[tuple[int, int]] = []
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), "zh")
        try:
            stage.build(at("03-02 08:30"))
            people = hire(stage, 1 + slips // EACH)
            stage.set_time(at("03-02 09:05"))
            clerk, who = stage.clerk("east"), customers(random.Random(1))
            arguments = [*program, "--lang", "zh", "kiosk", "--dir", str(stage.folder / "east")]
            with Terminal(arguments) as terminal:
                terminal.see("窗口未开")
                terminal.see(lambda seen: "离线" not in seen.text)
                _first_login(terminal, clerk.badge, clerk.pin, clerk.own_pin)
                for done in range(1, slips + 1):
                    if done % EACH == 1:
                        if done > 1:
                            terminal.type("9")
                            terminal.see("窗口开着")
                        member = people[done // EACH]
                        terminal.type("1")
                        terminal.see("工牌或工号")
                        _first_login(terminal, member.badge, member.pin, member.own_pin)
                        terminal.see("签收退单")
                    _slip(terminal, clerk.badge, *next(who))
                    if done >= warm and done % STEP == 0:
                        terminal.pump(0.3)
                        readings.append((done, memory(terminal.process.pid)))
        finally:
            stage.close()
    return readings


def _first_login(terminal: Terminal, badge: str, start: str, own: str) -> None:
    terminal.type(f"{badge}\r{start}{F9}")
    terminal.see("第一次登录")
    terminal.type(f"{own}\r{own}{F9}")
    terminal.see(lambda seen: "第一次登录" not in seen.text)


def _slip(terminal: Terminal, badge: str, name: str, phone: str) -> None:
    terminal.type(f"1\t{name}\t\t\t{phone}{F9}")
    terminal.see("盖章确认")
    terminal.type(f"{badge}{F9}")
    terminal.see("已盖章，已落盘")
    terminal.type(F9)
    terminal.see("签收退单")


def main(arguments: list[str]) -> int:
    """Measure, print, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slips", type=int, default=300)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    readings = soak(options.slips, COUNTER)
    run: dict[str, Any] = {"slips": options.slips, "readings": readings, "kib_a_slip": slope(readings)}
    if options.json:
        options.json.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
    first, last = readings[0], readings[-1]
    print(  # noqa: T201
        f"{first[1] / 1024:.1f} MiB after {first[0]} slips, {last[1] / 1024:.1f} MiB after {last[0]}: "
        f"{run['kib_a_slip']:.1f} KiB a slip (goal < 5)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
