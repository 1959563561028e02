"""Every edge of the table of precedence, and every clause, is held by an example: take one away, and one is missed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from shared_rules import matching
from shared_rules.casefile import Case
from shared_rules.casejudge import judge
from shared_rules.decision import Reason, Status, Verdict
from shared_rules.interval import Trit
from shared_rules.policy import Policies, Policy, shipped
from shared_rules.policy_tables import PrecedenceRules
from shared_rules.regulation import CLAUSE_IDS, functions
from shared_rules.words import say
from tests.test_cases import CASES

EDGES = [(rule, beaten) for rule, others in shipped().precedence.beats.items() for beaten in others]
SMALL_FIRST = sorted(CASES, key=lambda case: len(case.facts))


def some_case_is_missed(policies: Policies | None = None) -> bool:
    """Return whether an example that is met as things are is not any more; only those of the default change policy."""
    return any(not judge(_under(case, policies)).met for case in SMALL_FIRST)


def _under(case: Case, policies: Policies | None) -> Case:
    plain = [policy.name for _, policy in case.policies.schedules[""]] == ["default"]
    return replace(case, policies=policies) if policies is not None and plain else case


def test_nothing_taken_away_is_missed_by_no_example() -> None:
    """Else every test below would pass whatever it took away."""
    assert not some_case_is_missed()
    assert not some_case_is_missed(Policies.single(replace(shipped(), name="the same")))


@pytest.mark.parametrize(("rule", "beaten"), EDGES, ids=[f"{rule}>{beaten}" for rule, beaten in EDGES])
def test_an_edge_of_the_table_taken_away_is_missed(rule: str, beaten: str) -> None:
    """Who has the word where two rules speak is an example, too."""
    beats = shipped().precedence.beats
    fewer = beats | {rule: tuple(other for other in beats[rule] if other != beaten)}
    policy = replace(shipped(), precedence=PrecedenceRules(clause="二.2.1", beats=fewer))
    assert some_case_is_missed(Policies.single(policy))


def nothing(*_: Any, **__: Any) -> None:
    """Answer as a clause that has nothing to say."""


def first(value: Any, *_: Any, **__: Any) -> Any:
    """Answer with what was given."""
    return value


def answer(*, value: Any) -> Callable[..., Any]:
    """Answer always the same."""
    return lambda *_, **__: value


def _upheld(slip: str) -> Verdict:
    return Verdict("六.1", Status.UPHELD, Reason("六.1", say("停"), say("停"), (slip,)))


NEUTRAL: dict[str, Callable[..., Any]] = {
    "kin_are_one_customer": answer(value=False),
    "without_struck_names": first,
    "found": first,
    "found_too_late": answer(value=False),
    "received_by": lambda _named, on_duty, *_, **__: on_duty,
    "in_time_for_closing": answer(value=True),
    "contact_details": answer(value=()),
    "filed_in_time": answer(value=True),
    "proposed": answer(value=(("nobody", 1),)),
    "may_look": lambda _look, _at, approvals, *_, **__: (next(iter(approvals), None), say("停")),
    "ordered_by_report": first,
    "handed_to_the_earlier": _upheld,
    "takes_a_place": answer(value=False),
    "ordered_by_arrival": first,
    "last_valid_day": lambda last, *_, **__: last + timedelta(days=100),
}
"""What a clause's function would answer if the clause were not there; the others give a verdict and would give none."""


@pytest.mark.parametrize("clause", [clause for clause in CLAUSE_IDS if clause not in ("一.4", "二")])
def test_a_clause_taken_away_is_missed(clause: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the regulation says is said by an example as well; 一.4 and 二 have tests of their own below."""
    gone = functions()[clause]
    changed = set()
    for module in [module for name, module in sys.modules.items() if name.startswith("shared_rules")]:
        for name, value in list(vars(module).items()):
            if callable(value) and value in gone:
                monkeypatch.setattr(module, name, NEUTRAL.get(value.__name__, nothing))
                changed.add(value)
            elif isinstance(value, tuple) and any(function in value for function in gone):
                monkeypatch.setattr(module, name, tuple(one for one in value if one not in gone))
    assert changed == set(gone)
    assert some_case_is_missed()


def test_without_entry_no_slip_would_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """一.4 taken away: a slip nobody entered would stand like any other."""
    monkeypatch.setattr("shared_rules.answers.Answers._is_entered", lambda *_: True)
    assert some_case_is_missed()


def test_without_the_head_of_two_every_field_alone_would_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """二 taken away: needs would not matter."""
    real = matching.same_customer

    def without_needs(a: Any, b: Any, policy: Policy) -> Any:
        same = replace(policy, same=msgspec.structs.replace(policy.same, need_fields=()))
        return msgspec.structs.replace(real(a, b, same), need=Trit.YES)

    monkeypatch.setattr("shared_rules.roll.same_customer", without_needs)
    assert some_case_is_missed()


def test_every_rule_of_the_table_is_one_that_a_clause_uses() -> None:
    """A misspelt rule would silently beat nothing."""
    rules = {*CLAUSE_IDS, "own", "lead", "day_limit"}
    beats = shipped().precedence.beats
    assert {*beats, *(other for others in beats.values() for other in others)} <= rules
    assert Verdict.__struct_fields__[3] == "part"
