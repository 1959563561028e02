"""Settled bit by bit, in any order and cut anywhere, the register is the same as from scratch, byte for byte."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import permutations

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared_rules.chronicle import Place
from shared_rules.claims import ClaimState
from shared_rules.facts import (
    CollisionSeen,
    DayClosed,
    DealClosed,
    Event,
    FindingMade,
    Need,
    SlipAmended,
    SlipContent,
    SlipCorrected,
    SlipEntered,
    SlipRenewed,
    SlipStamped,
    SlipWithdrawn,
)
from shared_rules.hearing import Hearing
from shared_rules.policy import Policies
from shared_rules.rulings import ActRuling, ClaimRuling, Register
from shared_rules.settlement import Settlement, settle
from tests.builders import DEFAULT, at, closed, event, slip
from tests.worlds import DAILY, REVIVING, SWITCHED, TIGHT, world

NOW = at("03-20 12:00")
WORLDS = int(os.environ.get("XIANHOU_WORLDS", "60"))
"""How many random worlds are settled in a random order; what is rare takes thousands."""


def encoded(register: Register) -> bytes:
    """Return every byte of a register, the order of its tables included."""
    return msgspec.json.encode(register)


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


@settings(deadline=None, max_examples=WORLDS)
@example(232, 0, DEFAULT)  # released by the end of a claim it waits with: two steps from whoever ends that
@given(st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from([DEFAULT, TIGHT, REVIVING, SWITCHED, DAILY]))
def test_any_order_and_batching_gives_the_register_from_scratch(seed: int, order: int, policies: Policies) -> None:
    """Permutation, duplication and batching of a world of facts of every kind change no byte (I-15, invariant 3)."""
    events = world(seed)
    assert len(events) >= 40
    assert encoded(bit_by_bit(events, policies, order)) == encoded(settle(events, policies, NOW))


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


def test_an_older_finding_that_arrives_later_changes_nothing() -> None:
    """The latest answer of people counts, by its own time."""
    slips = [slip("03-02 09:10", "1.1", "A"), slip("03-03 09:05", "2.1", "B", "阿三", "13800000009")]
    older = event("03-04 09:00", 0, 1, FindingMade(claims=("1.1", "2.1"), answer="same"))
    newer = event("03-05 09:00", 0, 2, FindingMade(claims=("1.1", "2.1"), answer="different"))
    settlement = Settlement(DEFAULT)
    settlement.apply([*slips, newer], NOW)
    settlement.apply([older], NOW)
    assert settlement.register() == settle([*slips, newer, older], DEFAULT, NOW)


def test_a_closers_slip_that_bears_the_name_only_later_does_not_count_before() -> None:
    """二.2.2: heard once more because of another deal, the collision finds the closer without a slip as before."""
    theirs, own = slip("03-03 09:10", "2.1", "B", "王五", "13800000005"), slip("03-02 09:10", "1.1", "C")
    deal = event("03-05 09:00", 0, 1, DealClosed(deal="D", closer="C", contract_name="王五"))
    seen = event("03-11 09:00", 0, 2, CollisionSeen(claims=()))
    content = SlipContent(names=("王五",), phones=("13800000006",), need=Need(kind="flat"))
    corrected = SlipCorrected(slip="1.1", content=content, corrected_by="K", approved_by="S", reason="x")
    told = [theirs, own, deal, seen, event("03-11 10:00", 1, 3, corrected)]
    other = event("03-12 09:00", 0, 3, DealClosed(deal="E", closer="C", contract_name="钱七"))
    settlement = Settlement(DEFAULT)
    settlement.apply(told, NOW)
    settlement.apply([other], NOW)
    assert settlement.register().claims["2.1"].decision.because() == ("二.2.2",)
    assert settlement.register() == settle([*told, other], DEFAULT, NOW)


def test_a_slip_told_late_is_found_by_a_collision_that_named_no_claim() -> None:
    """二.2.2: the name on the contract alone leads to it, and nobody else in its pool bears that name."""
    deal = event("03-04 09:00", 0, 1, DealClosed(deal="D", closer="B", contract_name="张三"))
    seen = event("03-14 09:00", 0, 2, CollisionSeen(claims=()))
    late = slip("03-03 09:10", "1.1", "A")
    settlement = Settlement(DEFAULT)
    settlement.apply([deal, seen], NOW)
    settlement.apply([late], NOW)
    assert settlement.register().claims["1.1"].decision.because() == ("二.2.2",)
    assert settlement.register() == settle([deal, seen, late], DEFAULT, NOW)


def test_a_corrected_amendment_follows_its_claim_whatever_is_told_late() -> None:
    """The correction names the amendment's slip alone; amendment and withdrawal before it work on as they are told."""
    content = SlipContent(names=("李四",), phones=("13800000002",))
    first = slip("03-02 09:10", "1.1", "A")
    amended = SlipAmended(slip="1.2", claim="1.1", salesperson="A", stamped_by="K", content=content)
    amendment = event("03-03 09:10", 1, 2, amended)
    right = SlipContent(names=("赵六",), phones=("13800000003",))
    corrected = SlipCorrected(slip="1.2", content=right, corrected_by="K", approved_by="S", reason="x")
    correction = event("03-09 10:00", 1, 3, corrected)
    withdrawn = event("03-05 10:00", 1, 4, SlipWithdrawn(claim="1.1", salesperson="A"))
    settlement = Settlement(DEFAULT)
    told = [first, correction]
    settlement.apply(told, NOW)
    for late, status in ((amendment, "lapsed"), (withdrawn, "withdrawn")):
        told.append(late)
        settlement.apply([late], NOW)
        assert settlement.register().claims["1.1"].decision.status.value == status
        assert settlement.register() == settle(told, DEFAULT, NOW)


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


def test_a_closing_that_knows_nothing_of_a_journal_moves_its_very_first_slip() -> None:
    """What the closing never heard of is late from its first record on; hearing it bit by bit finds the same."""
    early, late = slip("03-02 09:10", "2.1", "A"), slip("03-02 09:05", "1.1", "B")
    closing = event("03-03 12:00", 0, 9, DayClosed(office="office1", day=date(2026, 3, 2), known={}))
    settlement = Settlement(DEFAULT)
    settlement.apply([late, early], NOW)
    settlement.apply([closing], NOW)
    assert settlement.register() == settle([early, late, closing], DEFAULT, NOW)
    assert "late" in {ruling.decision.status.value for ruling in settlement.register().claims.values()}


def test_an_amendment_that_a_closing_moves_leaves_its_claim_as_it_was_until_then() -> None:
    """一.6: who came between, and had met the other customer of the amendment, meets the first one after all."""
    first, later = slip("03-02 09:10", "1.1", "A"), slip("03-05 09:10", "2.1", "B")
    other = SlipContent(names=("李四",), phones=("13800000002",), need=Need(kind="flat"))
    amended = SlipAmended(slip="1.2", claim="1.1", salesperson="A", stamped_by="K", content=other)
    amendment, closing = event("03-02 16:10", 1, 2, amended), closed("03-07 12:00", 1, date(2026, 3, 4), 1)
    settlement = Settlement(DEFAULT)
    settlement.apply([first, amendment, later], NOW)
    settlement.apply([closing], NOW)
    assert settlement.register().claims["2.1"].decision.because() == ("二.2.1",)
    assert settlement.register() == settle([first, amendment, later, closing], DEFAULT, NOW)


def test_a_number_stamped_twice_is_what_its_later_stamp_says_whatever_comes_first() -> None:
    """A journal that forked has two slips of one number; whoever met the first one meets the second one after all."""
    twice = [slip("03-02 09:10", "1.1", "A"), slip("03-02 09:20", "1.1", "A", "李四", "13800000002")]
    other = slip("03-02 16:10", "1.2", "C")
    for order in permutations([*twice, other]):
        settlement = Settlement(DEFAULT)
        for one in order:
            settlement.apply([one], NOW)
        assert settlement.register() == settle(order, DEFAULT, NOW)


def test_a_slip_that_a_closing_moves_is_counted_once_in_its_day() -> None:
    """一.5: the closing comes last and sends the first slip behind it; the second one is the first of its day now."""
    stamps = [slip("03-02 09:10", "1.1", "A"), slip("03-02 09:20", "2.2", "A", "李四", "13800000002")]
    closing = closed("03-03 12:00", 1, date(2026, 3, 2), 0)
    settlement = Settlement(DAILY)
    settlement.apply(stamps, NOW)
    settlement.apply([closing], NOW)
    told = {claim: ruling.decision.because() for claim, ruling in settlement.register().claims.items()}
    assert told == {"1.1": ("一.5",), "2.2": ("六.3",)}
    assert settlement.register() == settle([*stamps, closing], DAILY, NOW)


def test_an_amendment_that_counts_in_its_day_only_now_is_seen_by_the_next_slip() -> None:
    """一.5: an amendment that is refused changes no claim; it is one more of its day all the same."""
    first, later = slip("03-02 09:10", "1.1", "A"), slip("03-09 16:10", "2.1", "A", "李四", "13800000002")
    nameless = SlipContent(names=(), phones=("13800000003",))
    amended = SlipAmended(slip="1.2", claim="1.1", salesperson="A", stamped_by="K", content=nameless)
    told = [first, later, event("03-09 09:10", 1, 2, amended)]
    settlement = Settlement(DAILY)
    for one in told:
        settlement.apply([one], NOW)
    assert settlement.register().claims["2.1"].decision.because() == ("一.5",)
    assert settlement.register() == settle(told, DAILY, NOW)


def test_a_count_that_keeps_what_moved_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sabotage: a slip that is heard somewhere else stays in the count of its day."""
    monkeypatch.setattr(Hearing, "uncount", lambda _hearing, _place: None)
    assert any(bit_by_bit(world(seed), DAILY, seed) != settle(world(seed), DAILY, NOW) for seed in range(20))


def test_whoever_read_a_slip_that_came_to_life_is_heard_again() -> None:
    """一.6: the claim that ended names nobody whom the later slip names; the returned one between them names both."""
    both = SlipContent(names=("张三", "李四"), phones=("13800000009",))
    stamp = {"pool": "p", "office": "office1", "stamped_by": "K", "received_on": date(2026, 3, 2)}
    facts = [
        slip("03-02 09:10", "1.1", "A", "张三", "13800000001"),
        event("03-03 09:10", 1, 2, SlipStamped(slip="1.2", salesperson="B", content=both, **stamp)),  # type: ignore[arg-type]
        slip("03-05 09:10", "1.4", "C", "李四", "13800000004"),
    ]
    withdrawn = event("03-04 09:10", 1, 3, SlipWithdrawn(claim="1.1", salesperson="A"))
    settlement = Settlement(REVIVING)
    settlement.apply(facts, at("03-06 12:00"))
    assert settlement.register().claims["1.4"].decision.status.value == "awaiting_entry"
    settlement.apply([withdrawn], at("03-06 12:00"))
    assert settlement.register().claims["1.4"].decision.status.value == "returned"
    assert settlement.register() == settle([*facts, withdrawn], REVIVING, at("03-06 12:00"))


def test_two_slips_that_lost_to_each_other_come_to_life_one_after_the_other() -> None:
    """一.6: the second came to life, the first was renewed too late and lost to it; then the second lapsed as well."""
    facts = [
        slip("03-02 09:10", "1.1", "A"), slip("03-03 09:10", "2.1", "B"),
        event("03-13 09:10", 1, 2, SlipRenewed(slip="1.2", claim="1.1", salesperson="A", stamped_by="K")),
        *(event("03-03 12:00", 1, 10 + n, SlipEntered(slip=one, entered_by="K"))
          for n, one in enumerate(("1.1", "2.1", "1.2"))),
    ]  # fmt: skip

    def statuses(moment: str) -> list[str]:
        claims = settle(facts, REVIVING, at(moment)).claims
        return [one.decision.status.value for _, one in sorted(claims.items())]

    assert statuses("03-13 12:00") == ["returned", "upheld"]
    assert statuses("03-14 12:00") == ["upheld", "lapsed"]
