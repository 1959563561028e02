"""What a wrong command says: one sentence that names the thing and the remedy, in the reader's language, exit code 2.

Forms and badges are in tests/kiosk/test_screens.py and test_desk.py; a stranger's certificate in test_real_server.py.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

CASE = (ROOT / "tests" / "cases" / "ownership.toml").read_text(encoding="utf-8")


def refused(*arguments: str, language: str = "zh") -> str:
    """Run a command that must be refused and return its one sentence."""
    command = [sys.executable, "-m", "kiosk.cli", "--lang", language, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr.strip()


@pytest.mark.parametrize(("language", "says"), [("zh", "server office add"), ("en", "server office add")])
def test_an_unknown_office_is_named_and_gets_no_code(tmp_path: Path, language: str, says: str) -> None:
    """The sentence says how an office is made."""
    folder = str(tmp_path / "server")
    init = [sys.executable, "-m", "kiosk.cli", "server", "init", "--dir", folder, "--name", "x"]
    subprocess.run(init, check=True, capture_output=True)
    sentence = refused("server", "enrol-code", "--dir", folder, "--office", "nowhere", language=language)
    assert "nowhere" in sentence
    assert says in sentence


def test_a_server_out_of_reach_leaves_a_kiosk_that_can_be_enrolled_later(tmp_path: Path) -> None:
    """Nothing listens at that port: said with the remedy, and nothing that looks enrolled is left."""
    order = ["enrol", "--dir", str(tmp_path / "kiosk"), "--server", "https://127.0.0.1:9", "--code", "AAAA-BBBB"]
    sentence = refused(*order, "--fingerprint", "ab" * 32)
    assert "https://127.0.0.1:9" in sentence
    assert "检查地址" in sentence
    assert "没有登记" in sentence
    assert "xianhou enrol" in refused("kiosk", "--dir", str(tmp_path / "kiosk"))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[[case]]", "[[case]", "TOML"),
        ('fact = "slip"', 'fact = "slop"', "slop"),
        ('name = "', 'naem = "', "naem"),
        ("+08:00", "", "时区"),
    ],
    ids=["toml", "kind", "key", "zone"],
)
def test_a_broken_case_file_names_place_key_and_remedy(tmp_path: Path, old: str, new: str, says: str) -> None:
    """Nothing of the file is judged, the good cases before the bad one neither."""
    path = tmp_path / "mine.toml"
    assert old in CASE
    path.write_text(CASE.replace(old, new, 1), encoding="utf-8")
    sentence = refused("settle", str(path))
    assert "mine.toml" in sentence
    assert says in sentence
