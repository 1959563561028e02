"""What holds of every register, whatever happened: invariants 4 and 6, and that a ruling can be looked up."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared_rules.decision import Status
from shared_rules.facts import Event, SlipEntered, SlipStamped
from shared_rules.matching import Answer, same_customer
from shared_rules.policy import Policies, Policy
from shared_rules.regulation import CLAUSE_IDS
from shared_rules.settlement import Settlement, settle
from tests.builders import DEFAULT, at
from tests.worlds import BY_TIME, REVIVING, TIGHT, world

NOW = at("03-20 12:00")
MOMENTS = tuple(at(text) for text in (
    "03-02 12:00", "03-02 18:00", "03-03 18:00", "03-05 18:00", "03-11 12:00", "03-14 00:00", "03-20 12:00",
))  # fmt: skip
_HOLDS_A_PLACE = (Status.UPHELD, Status.AWAITING_ENTRY, Status.WITH_MANAGER, Status.WAITING_CONTRACT)


def owned_twice(events: list[Event], policies: Policies) -> list[tuple[int, str, str]]:
    """Return (instant, claim, claim) where two people's upheld claims name the same customer at one instant."""
    settlement = Settlement(policies)
    found: list[tuple[int, str, str]] = []
    for moment in MOMENTS:
        settlement.apply(events, moment)
        upheld = [
            state
            for name, state in sorted(settlement._answers._states.items())
            if settlement._answers.claims[name].decision.status is Status.UPHELD
        ]
        found += [
            (moment, one.claim, other.claim)
            for one, other in combinations(upheld, 2)
            if one.customer is not None and other.customer is not None
            if (one.pool, one.salesperson != other.salesperson) == (other.pool, True)
            if same_customer(one.customer, other.customer, one.policy).answer is Answer.SAME
        ]
    return found


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**9), st.sampled_from([DEFAULT, TIGHT, REVIVING, BY_TIME]))
@example(153, DEFAULT)
def test_at_any_instant_a_customer_is_one_persons_or_pending(seed: int, policies: Policies) -> None:
    """Where no person has said otherwise, never two claims of different people on one customer (invariant 4)."""
    events = world(seed, words=False)
    assert len(events) >= 40
    assert owned_twice(events, policies) == []


def test_a_rule_that_forgets_the_others_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sabotage: a deal that keeps its closer's customer from one claim wins against all."""

    def wins_against_all(_one: object, _other: object) -> bool:
        return True

    def nobody_is_earlier(_situation: object, _policy: Policy) -> None:
        return None

    monkeypatch.setattr("shared_rules.decision._covers", wins_against_all)
    monkeypatch.setattr("shared_rules.hearing.core.ON_NEW", (nobody_is_earlier,))
    assert owned_twice(world(153, words=False), DEFAULT) != []


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**9))
def test_reasons_name_clauses_that_exist_and_shares_are_whole(seed: int) -> None:
    """A ruling can always be looked up; shares of one hundred, one owner or nobody."""
    register = settle(world(seed), DEFAULT, NOW)
    decisions = [one.decision for one in register.claims.values()] + [one.decision for one in register.acts.values()]
    for reason in (reason for one in decisions for reason in (*one.reasons, *one.set_aside)):
        assert reason.clause in CLAUSE_IDS
    assert all(decision.reasons for decision in decisions)
    for deal in register.deals:
        assert set(deal.because()) <= set(CLAUSE_IDS)
        assert bool(deal.owner) != bool(deal.shares)
        assert not deal.shares or sum(part for _, part in deal.shares) == 100


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**9))
def test_nobody_is_let_in_over_the_quota(seed: int) -> None:
    """Of a salesperson's new slips in a pool no more are live at any stamp than the limit allows (invariant 6)."""
    events = [event for event in world(seed) if isinstance(event.fact, (SlipStamped, SlipEntered))]
    register = settle(events, TIGHT, NOW)
    limit = 4
    for ruling in register.claims.values():
        stamp = ruling.stamped_at.lo
        held = [
            one
            for one in register.claims.values()
            if (one.salesperson, one.pool) == (ruling.salesperson, ruling.pool)
            and one.decision.status in _HOLDS_A_PLACE
            and one.stamped_at.lo <= stamp
        ]
        assert len(held) <= limit
