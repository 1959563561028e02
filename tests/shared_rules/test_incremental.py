"""Settled bit by bit, in any order and cut anywhere, the register is the same as from scratch, byte for byte."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_rules.chronicle import Place
from shared_rules.claims import ClaimState
from shared_rules.data import policy_text
from shared_rules.decision import Status
from shared_rules.facts import DealClosed, Event, FindingMade, SlipRenewed
from shared_rules.policy import Policies, load_policy
from shared_rules.regulation import CLAUSE_IDS
from shared_rules.rulings import ActRuling, ClaimRuling, Register
from shared_rules.settlement import Settlement, settle
from tests.builders import DEFAULT, at, event, slip
from tests.worlds import world

NOW = at("03-20 12:00")
TIGHT = Policies.single(
    load_policy(
        policy_text("default")
        .replace("limit = 50", "limit = 4")
        .replace("limit_no_signing = 30", "limit_no_signing = 2"),
        name="tight",
    )
)
"""Places are few, so that one slip more or less moves others of the same salesperson."""


def bit_by_bit(events: list[Event], policies: Policies, seed: int, *, kind: type[Settlement] = Settlement) -> Register:
    """Return the register after the events came in a random order, in random batches, some of them twice."""
    shuffler = random.Random(seed)
    order = shuffler.sample(events, len(events))
    settlement = kind(policies)
    while order:
        many = shuffler.randint(1, 9)
        batch, order = order[:many], order[many:]
        settlement.apply([*batch, *shuffler.sample(events, 2)], NOW)
    settlement.apply(events, NOW)
    return settlement.register()


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from([DEFAULT, TIGHT]))
def test_any_order_and_batching_gives_the_register_from_scratch(seed: int, order: int, policies: Policies) -> None:
    """Permutation, duplication and batching of a world of facts of every kind change no byte (I-15, invariant 3)."""
    events = world(seed)
    assert len(events) >= 40
    assert bit_by_bit(events, policies, order) == settle(events, policies, NOW)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**9))
def test_the_clock_going_on_is_the_same_as_asking_later(seed: int) -> None:
    """Facts of the future wait; lapses come with time alone."""
    events = world(seed)
    settlement = Settlement(DEFAULT)
    settlement.apply(events, at("03-01 00:00"))
    for moment in ("03-02 12:00", "03-05 18:00", "03-13 00:00", "03-20 12:00"):
        settlement.apply((), at(moment))
        assert settlement.register() == settle(events, DEFAULT, at(moment))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**9))
def test_what_is_told_as_changed_is_exactly_what_changed(seed: int) -> None:
    """Whoever keeps a copy and applies the changes has the register."""
    events = world(seed)
    held: dict[str, ClaimRuling] = {}
    acts: dict[str, ActRuling] = {}
    settlement = Settlement(DEFAULT)
    for number, one in enumerate(events):
        before = dict(held)
        changes = settlement.apply([one], NOW)
        held |= changes.claims
        acts |= changes.acts
        assert all(before.get(claim) != ruling for claim, ruling in changes.claims.items()), number
    register = settlement.register()
    assert {claim: ruling for claim, ruling in held.items() if claim in register.claims} == register.claims
    assert acts == register.acts


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
    events = [event for event in world(seed) if type(event.fact).__name__ in ("SlipStamped", "SlipEntered")]
    register = settle(events, TIGHT, NOW)
    limit = 4
    for ruling in register.claims.values():
        stamp = ruling.stamped_at.lo
        held = [
            one
            for one in register.claims.values()
            if (one.salesperson, one.pool) == (ruling.salesperson, ruling.pool)
            and one.decision.status
            in (Status.UPHELD, Status.AWAITING_ENTRY, Status.WITH_MANAGER, Status.WAITING_CONTRACT)
            and one.stamped_at.lo <= stamp
        ]
        assert len(held) <= limit


def test_an_older_finding_that_arrives_later_changes_nothing() -> None:
    """The latest answer of people counts, by its own time."""
    slips = [slip("03-02 09:10", "1.1", "A"), slip("03-03 09:05", "2.1", "B", "阿三", "13800000009")]
    older = event("03-04 09:00", 0, 1, FindingMade(claims=("1.1", "2.1"), answer="same"))
    newer = event("03-05 09:00", 0, 2, FindingMade(claims=("1.1", "2.1"), answer="different"))
    settlement = Settlement(DEFAULT)
    settlement.apply([*slips, newer], NOW)
    settlement.apply([older], NOW)
    assert settlement.register() == settle([*slips, newer, older], DEFAULT, NOW)


def test_a_contract_in_no_name_at_all_is_nobodys() -> None:
    """What people write to be rid of a field matches nothing."""
    nobody = event("03-04 09:00", 0, 1, DealClosed(deal="D", closer="A", contract_name="无"))
    register = settle([slip("03-02 09:10", "1.1", "A"), nobody], DEFAULT, NOW)
    assert [deal.owner for deal in register.deals] == ["none"]


def test_a_living_settlement_answers_without_the_whole_register() -> None:
    """What a server asks after each round: one claim, its slips, the cases that wait."""
    renewal = event("03-05 09:10", 1, 2, SlipRenewed(slip="1.2", claim="1.1", salesperson="A", stamped_by="K"))
    rivals = [
        slip("03-02 09:10", "1.5", "A", "李四", "13800000005"),
        slip("03-02 16:10", "2.1", "B", "李四", "13800000005"),
    ]
    settlement = Settlement(DEFAULT)
    settlement.apply([slip("03-02 09:10", "1.1", "A"), renewal, *rivals], NOW)
    register = settlement.register()
    assert settlement.as_of == NOW
    assert settlement.ruling("1.1") == register.claims["1.1"]
    assert settlement.outcomes("1.1") == {"1.1": register.claims["1.1"], "1.2": register.acts["1.2"]}
    assert (settlement.ruling("9.9"), settlement.outcomes("9.9")) == (None, {})
    assert settlement.same_day() == register.same_day
    assert [case.claims for case in settlement.same_day()] == [("1.5", "2.1")]


_HOLDS_A_PLACE = (Status.UPHELD, Status.AWAITING_ENTRY, Status.WITH_MANAGER, Status.WAITING_CONTRACT)


class Forgetful(Settlement):
    """The sabotage: what depends on a changed claim is not heard again."""

    def _dependents(self, name: str, states: Iterable[ClaimState | None], place: Place) -> Iterator[Place]:
        return iter(())


class HalfBlind(Settlement):
    """The sabotage: only what names the claim is heard again, not the rivals nor the salesperson's other slips."""

    def _dependents(self, name: str, states: Iterable[ClaimState | None], place: Place) -> Iterator[Place]:
        return self._hearing.watchers.after({name}, place)


@pytest.mark.parametrize("broken", [Forgetful, HalfBlind])
def test_a_settlement_that_forgets_what_depends_is_caught(broken: type[Settlement]) -> None:
    """The comparison has teeth."""
    caught = sum(
        bit_by_bit(world(seed), TIGHT, seed, kind=broken) != settle(world(seed), TIGHT, NOW) for seed in range(12)
    )
    assert caught > 2
