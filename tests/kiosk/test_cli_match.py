"""`xianhou match` on a file of pairs: levels, verdict, reasons, and scores where the truth is in the file."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def slip(name: str, *phones: str, need: str = "", kind: str = "person") -> dict[str, Any]:
    """Return a slip as the file has it."""
    return {"kind": kind, "name": name, "phones": list(phones), "need": need, "city": "杭州", "tags": "passed over"}


def truth(*, entity: bool, name: bool | None, contact: bool | None) -> dict[str, Any]:
    """Return what is true of a pair."""
    return {"same_entity": entity, "name_same": name, "contact_same": contact, "kin": None}


PAIRS = [
    {"id": "one", "a": slip("张伟", "13812345678"), "b": slip("張偉", "+86 13812345678"),
     "truth": truth(entity=True, name=True, contact=True)},
    {"id": "two", "a": slip("王海琴", "13812345678", need="三居"), "b": slip("李四", "15998765432", need="商铺"),
     "truth": truth(entity=False, name=False, contact=False)},
    {"id": "three", "a": slip("张伟", "13812345678"), "b": slip("张伟", "15998765432"),
     "truth": truth(entity=False, name=True, contact=None)},
    {"id": "four", "a": slip("赵六"), "b": slip("赵六", "15998765432")},
]  # fmt: skip


def run(*arguments: str, code: int = 0) -> str:
    """Run the command and return what it printed."""
    command = [sys.executable, "-m", "kiosk.cli", "--lang=zh", "match", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """Return a file of pairs."""
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(json.dumps(pair, ensure_ascii=False) for pair in PAIRS) + "\n\n", encoding="utf-8")
    return path


def test_every_pair_gets_levels_verdict_and_reasons_in_json(pairs: Path) -> None:
    """A line a pair, the scores in the last; a pair without truth is not counted."""
    *lines, scores = (json.loads(line) for line in run(str(pairs), "--json").splitlines())
    assert [line["verdict"] for line in lines] == ["same", "different", "ask", "ask"]
    assert lines[0]["reasons"] == ["名称相同", "手机号相同"]
    assert [line["need"] for line in lines] == [True, False, True, True]
    assert scores["pairs"] == 3
    assert set(scores["entity"]) == set(scores["rule"]) == {"precision", "recall", "f1"}
    assert (scores["wrong_same"], scores["wrong_different"]) == (0.0, 0.0)
    assert scores["ask"] == pytest.approx(1 / 3)
    assert scores["entity"]["recall"] == 1.0
    assert scores["entity"]["precision"] == 0.5  # of one place: the better guess is "same", and it is wrong
    assert scores["rule"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}


def test_people_read_a_table(pairs: Path) -> None:
    """Verdict, levels and reasons on one line; other needs are said."""
    text = run(str(pairs))
    assert "one       same       same      equal          名称相同；手机号相同" in text
    assert "（需求不同）" in text
    assert "3 对" in text
    assert "one " not in run(str(pairs), "--quiet")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "第 2 行不是一对确认单"),
        (json.dumps({"a": slip("张"), "b": slip("张", kind="pet")}), "第 2 行的 kind 应为"),
        (json.dumps({"a": slip("张")}), "第 2 行不是一对确认单"),
    ],
)
def test_a_line_that_is_no_pair_is_named(line: str, told: str, tmp_path: Path) -> None:
    """By its number, with what is wrong."""
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps(PAIRS[0]) + "\n" + line + "\n", encoding="utf-8")
    assert told in run(str(path), code=2)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    """With the path, and what to check."""
    assert "读不到文件" in run(str(tmp_path / "missing.jsonl"), code=2)
