"""How fast the counter's screens are: `python3 run.py python -m tests.bench.screens [--slips 200000] [--json FILE]`.

First paint and key to output byte on a real terminal, each beside the least that Textual can be, in the same run; and
how long the queue takes to open with so many slips waiting, beside a hundred.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import select
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from kiosk.screens.queue import Queue
from shared_rules.facts import SlipStamped
from shared_rules.interval import SECOND
from shared_rules.journal import RecordKind
from shared_rules.wire import encode_fact
from tests.bench.town import customer
from tests.kiosk.counters import CLERK, PINS, SALES, Kiosk, press, write
from tests.terminal.pty_screen import Terminal

__all__ = ["main", "measure"]

_AT_ONCE = 5000
_TRIES = 7
_KEYS = 60
_EACH = 25
"""Slips of one salesperson: below every quota."""


def _bare(kind: str) -> list[str]:
    return ["-m", "tests.bench.bare_apps", kind]


def _counter(folder: Path) -> list[str]:
    return ["-m", "kiosk.cli", "--lang", "zh", "kiosk", "--dir", str(folder)]


def first_paint(arguments: list[str], wanted: str) -> float:
    """Return the seconds from the start of a process to its first words, the median of some."""
    took = []
    for _ in range(_TRIES):
        begin = time.perf_counter()
        with Terminal(arguments) as terminal:
            terminal.see(wanted)
            took.append(time.perf_counter() - begin)
    return statistics.median(took)


def key_to_byte(terminal: Terminal) -> float:
    """Return the seconds from a key to the first byte that answers it, the median of some."""
    took = []
    for _ in range(_KEYS):
        terminal.pump(0.03)
        begin = time.perf_counter()
        os.write(terminal.master, b"a")
        select.select([terminal.master], [], [], 5)
        took.append(time.perf_counter() - begin)
        terminal.pump(0.03)
        terminal.type("\x7f")
    return statistics.median(took)


def _typed(folder: Path) -> tuple[float, float]:
    with Terminal(_bare("input")) as terminal:
        terminal.see("READY")
        plain = key_to_byte(terminal)
    with Terminal(_counter(folder)) as terminal:
        terminal.see("窗口未开")
        terminal.type(f"B{CLERK}\r{PINS[CLERK]}\x1b[20~")
        terminal.see("业务员登录")
        terminal.type(f"1B{SALES}\r{PINS[SALES]}\x1b[20~")
        terminal.see("批量再次确认")
        terminal.type("1\t")
        terminal.see("同组家人")
        return plain, key_to_byte(terminal)


def _stamp(kiosk: Kiosk, slips: int) -> None:
    journal = kiosk.desk.journal
    for first in range(0, slips, _AT_ONCE):
        with journal.pen.writing():
            for number in range(first, min(slips, first + _AT_ONCE)):
                kiosk.machine.run(SECOND // 10)
                fact = SlipStamped(
                    slip=f"E-1-{number:06d}", pool="river", office="E", salesperson=f"S{number // _EACH}",
                    stamped_by=CLERK,
                    received_on=date(2026, 3, 2), content=customer(number),
                )  # fmt: skip
                journal.pen.add(RecordKind.FACT, encode_fact(fact), journal.clock.read())


async def _opening(kiosk: Kiosk) -> float:
    app = kiosk.app()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause(0.3)
        await write(pilot, f"B{CLERK}")
        await press(pilot, "enter")
        await write(pilot, PINS[CLERK])
        await press(pilot, "f9")
        await press(pilot, "2", "escape")
        took = []
        for _ in range(_TRIES):
            begin = time.perf_counter()
            await press(pilot, "2")
            assert isinstance(app.screen, Queue)
            took.append(time.perf_counter() - begin)
            await press(pilot, "escape")
        return statistics.median(took)


def queue(slips: int) -> float:
    """Return the seconds that the queue takes to open with so many slips waiting."""
    with tempfile.TemporaryDirectory() as folder:
        kiosk = Kiosk(Path(folder) / "kiosk")
        _stamp(kiosk, slips)
        try:
            return asyncio.run(_opening(kiosk))
        finally:
            kiosk.desk.close()


def measure(slips: int) -> dict[str, Any]:
    """Measure everything once."""
    with tempfile.TemporaryDirectory() as folder:
        kiosk = Kiosk(Path(folder) / "kiosk")
        kiosk.desk.close()
        hello, counter = first_paint(_bare("hello"), "HELLO"), first_paint(_counter(kiosk.folder.root), "正在打开柜台")
        plain, typed = _typed(kiosk.folder.root)
    short, long = queue(100), queue(slips)
    return {
        "slips": slips, "hello_ms": hello * 1e3, "paint_ms": counter * 1e3, "paint_ratio": counter / hello,
        "input_ms": plain * 1e3, "key_ms": typed * 1e3, "key_ratio": typed / plain,
        "short_ms": short * 1e3, "long_ms": long * 1e3, "queue_ratio": long / short,
    }  # fmt: skip


def _table(run: dict[str, Any]) -> str:
    rows = (
        ("first paint", "a bare app", "hello_ms", "the counter", "paint_ms", "paint_ratio", 1.5),
        ("key to byte", "one field", "input_ms", "the slip's form", "key_ms", "key_ratio", 2.0),
        ("queue opens", "100 slips", "short_ms", f"{run['slips']:,} slips", "long_ms", "queue_ratio", 1.5),
    )
    return "\n".join(
        f"{what:<13}{base:<12}{run[one]:8.1f} ms   {ours:<16}{run[two]:8.1f} ms   {run[ratio]:5.2f} × (goal ≤ {goal})"
        for what, base, one, ours, two, ratio, goal in rows
    )


def main(arguments: list[str]) -> int:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slips", type=int, default=200_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    run = measure(options.slips)
    if options.json:
        options.json.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
    print(_table(run))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
