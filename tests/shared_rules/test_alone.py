"""Clauses that are not asked where nobody stands against a slip have nothing to say there."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from shared_rules.casejudge import judge
from shared_rules.claims import ClaimState
from shared_rules.clauses import ALONE, ON_NEW
from shared_rules.decision import Ask, Situation
from shared_rules.facts import Source
from shared_rules.hearing import Hearing
from shared_rules.policy import Policy
from tests.test_cases import CASES

_Asked = list[tuple[Situation, Policy]]


@pytest.fixture(scope="module")
def asked() -> _Asked:
    """Every situation that the case files lead to, with its policy."""
    found: _Asked = []
    situation = Hearing.situation

    def noting(hearing: Hearing, state: ClaimState, act: str, policy: Policy, near: list[ClaimState]) -> Situation:
        made = situation(hearing, state, act, policy, near)
        found.append((made, policy))
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Hearing, "situation", noting)
        for case in CASES:
            judge(case)
    return found


def speaking(clauses: Iterable[Ask], asked: _Asked) -> list[Ask]:
    """Return the clauses that say something of any of these slips, had nobody stood against it."""
    alone = [(replace(situation, rivals=(), contract=None), policy) for situation, policy in asked]
    return [ask for ask in clauses if any(ask(*one) is not None for one in alone)]


def test_who_is_not_asked_alone_would_have_said_nothing(asked: _Asked) -> None:
    """Leaving a clause out changes no ruling, whatever else is true of the slip."""
    assert len(asked) > 500
    assert any(situation.rivals and situation.source is Source.STAFF_INTRO for situation, _ in asked)
    assert speaking([ask for ask in ON_NEW if ask not in ALONE], asked) == []


def test_who_is_asked_alone_has_something_to_say(asked: _Asked) -> None:
    """The sabotage: were one of these left out, the test above would see it; and none is asked in vain."""
    assert speaking(ALONE, asked) == list(ALONE)
