"""Whom the note of a returned slip may name (一.4, 五): by default nobody, and the wire carries nothing of it."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from shared_rules.data import policy_text
from shared_rules.errors import PolicyError
from shared_rules.facts import Event, RulingMade
from shared_rules.holders import Holder, holders
from shared_rules.policy import Policies, Policy, load_policy, shipped
from shared_rules.protocol import FeedItem, HolderItem, ReturnItem
from shared_rules.settlement import Settlement
from tests.builders import DEFAULT, amended, at, entered, event, slip

TWO = [slip("03-02 09:10", "1.1", "A"), slip("03-03 09:10", "2.1", "B")]


def revealing(whom: str) -> Policy:
    """Return the default regulation whose notes name the office, or the salesperson as well."""
    return load_policy(policy_text("default").replace('"nobody"', f'"{whom}"'), name=whom)


def told(facts: list[Event], policies: Policies, number: str, claim: str = "") -> tuple[Holder, ...]:
    """Return whom the note of a slip may name."""
    settlement = Settlement(policies)
    settlement.begin(facts, at("03-05 12:00"))
    return holders(settlement, settlement.outcomes(claim or number)[number])


@pytest.mark.parametrize(
    ("whom", "named"), [("nobody", ()), ("office", (Holder("office1"),)), ("salesperson", (Holder("office1", "A"),))]
)
def test_the_note_names_as_much_as_the_policy_says(whom: str, named: tuple[Holder, ...]) -> None:
    """Nobody, the office, or the salesperson with the office."""
    assert told(TWO, Policies.single(revealing(whom)), "2.1") == named


def test_by_default_nobody_is_named() -> None:
    """The holder's name comes from the clerk."""
    assert told(TWO, DEFAULT, "2.1") == ()


def test_whoever_keeps_the_customer_is_told_of_nobody() -> None:
    """Only a slip that goes back has a note."""
    assert told(TWO, Policies.single(revealing("salesperson")), "1.1") == ()


def test_a_slip_that_goes_back_for_another_reason_names_nobody() -> None:
    """Outside the hours (一.1) no rival is named, though there is one."""
    facts = [TWO[0], slip("03-03 12:00", "2.1", "B")]
    assert told(facts, Policies.single(revealing("salesperson")), "2.1") == ()


def test_two_who_stand_against_a_slip_are_both_named_the_earlier_first() -> None:
    """Claims of one day wait for the manager; a third goes back against both, whose offices may be one."""
    facts = [slip("03-02 16:40", "1.2", "C"), slip("03-02 09:10", "1.3", "A"), TWO[1]]
    assert told(facts, Policies.single(revealing("salesperson")), "2.1") == (
        Holder("office1", "A"), Holder("office1", "C"),
    )  # fmt: skip
    assert told(facts, Policies.single(revealing("office")), "2.1") == (Holder("office1"),)


def test_who_lost_by_the_managers_word_is_told_the_winner() -> None:
    """二.2.4: the loser's slip goes back, and the note names whom the manager gave the customer to."""
    facts = [
        slip("03-02 09:10", "1.1", "A"), slip("03-02 09:20", "2.1", "B"),
        event("03-03 10:00", 0, 1, RulingMade(claims=("1.1", "2.1"), winner="2.1", clause="二.2.4", ruled_by="M")),
    ]  # fmt: skip
    assert told(facts, Policies.single(revealing("salesperson")), "1.1") == (Holder("office2", "B"),)


def test_an_amendment_that_goes_back_names_the_earlier_claim() -> None:
    """一.6: its own slip is returned, the claim stays."""
    facts = [
        slip("03-02 09:10", "1.1", "A", name="李四", phone="13800000002"), slip("03-02 09:20", "2.1", "B"),
        entered("03-02 09:30", "2.1"),
        amended("03-03 09:10", "2.2", "2.1", "B", name="李四", phone="13800000002"),
    ]  # fmt: skip
    policies = Policies.single(revealing("salesperson"))
    assert told(facts, policies, "2.2", "2.1") == (Holder("office1", "A"),)
    assert told(facts, policies, "2.1") == ()


@pytest.mark.parametrize(("start", "named"), [(date(2026, 3, 3), (Holder("office1", "A"),)), (date(2026, 3, 4), ())])
def test_the_policy_at_the_returned_slips_stamp_says_whom(start: date, named: tuple[Holder, ...]) -> None:
    """Neither the one at the holder's stamp nor that of today."""
    schedule = [(date(2026, 1, 1), shipped()), (start, revealing("salesperson"))]
    assert told(TWO, Policies.of({"": schedule}), "2.1") == named


def test_a_notice_that_names_nobody_is_the_bytes_it_always_was() -> None:
    """Nothing of a holder travels, not even an empty list; what an older server wrote is read as before."""
    item = ReturnItem(slip="2.1", claim="2.1", salesperson="B", reasons=(), due_at=5)
    older = b'{"kind":"return","slip":"2.1","claim":"2.1","salesperson":"B","reasons":[],"due_at":5}'
    assert msgspec.json.encode(item) == older
    assert msgspec.json.decode(older, type=ReturnItem) == item


def test_a_notice_that_names_somebody_comes_through_the_feed() -> None:
    """As names, for the kiosk does not know the other office's people."""
    item = ReturnItem(
        slip="2.1", claim="2.1", salesperson="B", reasons=(), due_at=5,
        holders=(HolderItem(office="城西店"), HolderItem(office="城东店", salesperson="陈明")),
    )  # fmt: skip
    carried = FeedItem(office="west", seq=1, prev="0" * 64, at=1, body=item)
    assert msgspec.json.decode(msgspec.json.encode(carried), type=FeedItem).body == item


def test_another_value_is_refused_with_the_values_that_there_are() -> None:
    """Line, key and clause are named."""
    with pytest.raises(PolicyError, match=r"第 \d+ 行.*reveal_holder（一\.4）.*nobody、office、salesperson") as caught:
        revealing("everybody")
    assert caught.value.field == "entry.reveal_holder"
