"""The file-only commands of who sets the numbers and who asks why, run as a user runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from shared_rules.data import policy_names, policy_text, table
from shared_rules.policy import shipped
from tests.paths import ROOT

DEALS = str(ROOT / "tests" / "cases" / "deals.toml")


def xianhou(*arguments: str, language: str = "zh") -> subprocess.CompletedProcess[str]:
    """Return what a command said."""
    run = [sys.executable, "-m", "kiosk.cli", f"--lang={language}", *arguments]
    return subprocess.run(run, capture_output=True, text=True, check=False, cwd=ROOT)


def test_a_good_policy_file_is_said_to_be_good(tmp_path: Path) -> None:
    """Name and digest are what a ruling will carry."""
    mine = tmp_path / "mine.toml"
    mine.write_text(policy_text("default"), encoding="utf-8")
    done = xianhou("policy", "check", str(mine))
    assert done.returncode == 0
    assert f"mine@{shipped().digest}" in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("validity_days = 10", 'validity_days = "ten"', ("validity_days", "六.3")),
        ("validity_days = 10", "validity_dais = 10", ("validity_dais", "六.3")),
        ("[quota]", "[quotas]", ("quotas",)),
    ],
)
def test_a_wrong_policy_file_is_named_with_line_key_and_clause(
    tmp_path: Path, old: str, new: str, named: tuple[str, ...]
) -> None:
    """Exit code 2, one sentence, no traceback, in both languages."""
    wrong = tmp_path / "wrong.toml"
    text = policy_text("default").replace(old, new)
    wrong.write_text(text, encoding="utf-8")
    line = text.splitlines().index(new) + 1
    for language, word in (("zh", f"第 {line} 行"), ("en", f"Line {line}")):
        done = xianhou("policy", "check", str(wrong), language=language)
        assert done.returncode == 2
        assert all(part in done.stderr for part in (word, *named)), done.stderr
        assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_an_error_with_a_remedy() -> None:
    """The shipped names are told."""
    done = xianhou("policy", "check", "nowhere.toml")
    assert done.returncode == 2
    assert all(name in done.stderr for name in policy_names())


def test_two_policies_are_compared_key_by_key() -> None:
    """Every key that differs, with its clause, and no other."""
    done = xianhou("policy", "diff", "partner", "default")
    assert "lease.validity_days: 90 → 10" in done.stdout
    assert "lease.validity_days: 10 → 90" in xianhou("policy", "diff", "partner").stdout
    assert "hand_in.end_inclusive" not in done.stdout
    same = xianhou("policy", "diff", "default")
    assert same.stdout.strip().splitlines() == ["default → default：0 处不同"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_key_of_a_policy_is_explained(language: str) -> None:
    """Nobody has to read the code to know what a number does."""
    done = xianhou("policy", "explain", language=language)
    meanings = table("policy_keys.toml")
    for name, (clause, values) in shipped().tables().items():
        assert f"[{name}] {clause}" in done.stdout
        assert set(meanings[name]) == set(values)
        for key in values:
            assert meanings[name][key][language == "en"] in done.stdout


def test_a_customers_history_is_told_step_by_step() -> None:
    """T-2.2.2-b: stamped, returned, closed, and in the end the closer's, each with its clause."""
    done = xianhou("explain", DEALS, "--case", "T-2.2.2-b", "--claim", "B1")
    assert done.returncode == 0
    order = [
        "A 的确认单 A1 盖章",
        "B 的确认单 B1 盖章",
        "二.2.1 盖章 03-02 09:20",
        "B 成交 D1",
        "发现撞单",
        "二.2.2 他人已于",
    ]
    places = [done.stdout.index(step) for step in order]
    assert places == sorted(places)


def test_a_lease_that_runs_out_is_a_step_of_its_own() -> None:
    """Time alone changes rulings, too."""
    done = xianhou("explain", DEALS, "--case", "T-1.6-returned", language="en")
    assert "2026-03-13 00:00  a lease runs out" in done.stdout
    assert "A1 (A): lapsed" in done.stdout


def test_a_case_or_claim_that_is_not_there_is_named() -> None:
    """The remedy lists what there is."""
    assert "T-1.9-a" in xianhou("explain", DEALS).stderr
    wrong = xianhou("explain", DEALS, "--case", "T-1.9-a", "--claim", "Z9")
    assert (wrong.returncode, "A1" in wrong.stderr) == (2, True)
