"""The regulation as examples: every case file is met, and the order of its facts changes no byte of the answer."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace

import pytest

from shared_rules.casefile import Case, Expectation, read_cases
from shared_rules.casejudge import judge
from shared_rules.policy import shipped
from tests.paths import ROOT

CASES = [
    case
    for path in sorted((ROOT / "tests" / "cases").glob("*.toml"))
    for case in read_cases(path.read_text(encoding="utf-8"), policy=shipped)
]
SHUFFLES = 6


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_is_judged_as_it_expects(case: Case) -> None:
    """Each example of the readings holds under the shipped regulation."""
    judgement = judge(case)
    assert [str(miss) for miss in judgement.misses] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_shuffling_the_facts_changes_no_byte_of_the_answer(case: Case) -> None:
    """Settlement is a function of the set of facts."""
    straight = json.dumps(judge(case).answer, ensure_ascii=False, sort_keys=True).encode()
    shuffler = random.Random(case.id)
    for _ in range(SHUFFLES):
        facts = shuffler.sample(case.facts, len(case.facts))
        shuffled = judge(replace(case, facts=tuple(facts)))
        assert json.dumps(shuffled.answer, ensure_ascii=False, sort_keys=True).encode() == straight


def test_a_case_has_a_name_of_its_own() -> None:
    """Two of one name could not both be found, nor told apart in a report."""
    twice = [name for name, count in Counter(case.id for case in CASES).items() if count > 1]
    assert twice == []


def test_there_are_cases_enough_and_clauses_meet_in_many() -> None:
    """Interactions count as much as clauses: `I-` is one by its story, `E-` by an edge of the table of precedence."""
    assert len(CASES) >= 150
    assert sum(case.id.startswith("I-") for case in CASES) >= 30
    assert sum(case.id.startswith("E-") for case in CASES) >= 30


def test_every_case_says_something_that_can_fail() -> None:
    """A case without an expectation would be met by any answer."""
    for case in CASES:
        assert case.expect != Expectation(), case.id
