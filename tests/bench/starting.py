"""How long a kiosk checks its journal at the start: `python -m tests.bench.starting [--records 200000] [--json FILE]`.

The journal is written by the product's own code into a real file; what is measured is the opening as a kiosk does it
each morning (SQLite's integrity check, then every link of the chain), and doctor's full check of signatures and bodies.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from kiosk.config import Folder
from kiosk.journal import Journal
from shared_rules.facts import SlipEntered
from shared_rules.interval import SECOND
from shared_rules.journal import RecordKind
from shared_rules.wire import encode_fact
from tests.kiosk.machine import Machine
from tests.kiosk.places import Authority

__all__ = ["main", "measure"]

_AT_ONCE = 5000
"""Records written in one transaction, so that the bench does not wait for 200,000 fsyncs."""


def _write(journal: Journal, machine: Machine, records: int) -> None:
    for first in range(0, records, _AT_ONCE):
        with journal.pen.writing():
            for number in range(first, min(records, first + _AT_ONCE)):
                machine.run(SECOND)
                body = encode_fact(SlipEntered(slip=f"E-1-{number:06d}", entered_by="201"))
                journal.pen.add(RecordKind.FACT, body, journal.clock.read())


def measure(records: int) -> dict[str, Any]:
    """Write a journal of so many records, then open it again and check it; seconds and megabytes."""
    with tempfile.TemporaryDirectory() as place:
        machine = Machine()
        folder: Folder = Authority().enrol(Path(place) / "kiosk")
        journal = Journal.open(folder, ticks=machine, random=os.urandom, machine="m")
        _write(journal, machine, records)
        journal.close()
        size = folder.database.stat().st_size
        begin = time.perf_counter()
        plain = 0
        with folder.database.open("rb") as file:
            while chunk := file.read(1 << 20):
                plain += len(chunk)
        read = time.perf_counter() - begin
        begin = time.perf_counter()
        journal = Journal.open(folder, ticks=machine, random=os.urandom, machine="m")
        opened = time.perf_counter() - begin
        begin = time.perf_counter()
        journal.verify()
        verified = time.perf_counter() - begin
        journal.close()
    return {
        "records": records, "file_mb": round(size / 1e6, 1), "read_s": round(read, 3), "open_s": round(opened, 2),
        "verify_s": round(verified, 2), "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }  # fmt: skip


def _table(run: dict[str, Any]) -> str:
    rows = [
        (f"a journal of {run['records']:,} records", f"{run['file_mb']:,} MB"),
        ("baseline: reading the file", f"{run['read_s']} s"),
        ("opening: integrity check and every link", f"{run['open_s']} s"),
        ("doctor: every signature and body", f"{run['verify_s']} s"),
        ("peak memory", f"{run['peak_mb']} MB"),
    ]
    return "\n".join(f"{name:<46}{value:>14}" for name, value in rows)


def main(arguments: list[str]) -> int:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    run = measure(options.records)
    if options.json:
        options.json.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(_table(run) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
