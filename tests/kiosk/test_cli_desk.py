"""The counter's verbs by lines: from a pipe, from a terminal, from a file."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.kiosk.places import Authority

if TYPE_CHECKING:
    from pathlib import Path


def test_the_verbs_may_stand_in_a_file(tmp_path: Path) -> None:
    """`xianhou desk < FILE` answers each line and ends with the file."""
    folder = Authority().enrol(tmp_path / "k")
    lines = tmp_path / "lines.jsonl"
    lines.write_text('{"verb": "nothing"}\n{"verb": "queue"}\n', encoding="utf-8")
    command = [sys.executable, "-m", "kiosk.cli", "--lang", "zh", "desk", "--dir", str(folder.root), "--offline"]
    with lines.open("rb") as given:
        done = subprocess.run(command, check=True, stdin=given, capture_output=True, text=True, timeout=60)
    opened, unknown, last = map(json.loads, done.stdout.splitlines())
    assert opened["ok"]["office"] == "E"
    assert unknown["error"]["field"] == "verb"
    assert last.keys() <= {"ok", "error"}
    assert "Traceback" not in done.stderr
