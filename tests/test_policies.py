"""Four regulations as data: each ships with its cases, and one world under two of them has the two answers."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import replace

import pytest

from shared_rules.casejudge import judge
from shared_rules.data import policy_names
from shared_rules.policy import Policies, shipped
from tests.paths import ROOT
from tests.test_cases import CASES

PLACES = {"onsite": 8, "broker": 6, "partner": 6}
"""Policy -> clauses of its own text."""


def test_the_four_regulations_ship() -> None:
    """The user's own and three more."""
    assert policy_names() == ("broker", "default", "onsite", "partner")


@pytest.mark.parametrize("name", PLACES)
def test_every_clause_of_the_other_regulations_has_a_case(name: str) -> None:
    """Its number stands in the case's id: P1-3-a is an example of the third clause."""
    number = {"onsite": "P1", "broker": "P2", "partner": "P3"}[name]
    clauses = {case.id.split("-")[1] for case in CASES if case.id.startswith(f"{number}-")}
    assert clauses == {str(clause) for clause in range(1, PLACES[name] + 1)}


@pytest.mark.parametrize(
    ("case", "policy", "claims"),
    [
        ("P1-8-a", "default", {"A1": "upheld", "B1": "refused"}),  # outside the windows of the default regulation
        ("P1-2-a", "default", {"A1": "refused", "B1": "refused"}),
        ("T-2.2.4-a", "onsite", {"A1": "upheld", "B1": "returned"}),  # the minute decides, not the manager
        ("P2-4", "onsite", {"K30": "upheld", "K31": "upheld"}),  # no limit a day
        ("P2-1-c", "onsite", {"K1": "refused"}),  # incomplete: given back at the counter, not void
        ("T-6.3-a", "partner", {"A1": "void"}),  # no account
    ],
)
def test_the_same_facts_under_another_policy_have_its_answer(case: str, policy: str, claims: dict[str, str]) -> None:
    """The texts differ, and so do the rulings."""
    (one,) = [item for item in CASES if item.id == case]
    as_written = judge(one)
    assert as_written.met
    other = judge(replace(one, policies=Policies.single(shipped(policy))))
    assert {name: other.answer["claims"][name]["status"] for name in claims} == claims
    assert any(as_written.answer["claims"][name]["status"] != status for name, status in claims.items())


def test_no_code_knows_which_policy_it_runs() -> None:
    """A policy's name is read by the loader, printed, and never compared."""
    compared: Counter[str] = Counter()
    for path in sorted((ROOT / "shared_rules").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = {"broker", "onsite", "partner"}
            if isinstance(node, ast.Constant) and node.value in names:
                compared[str(path)] += 1
    assert not compared
