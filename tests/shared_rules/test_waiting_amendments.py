"""An amendment that waits for the manager: two customers hang on one claim."""

from __future__ import annotations

import random

from shared_rules.facts import RulingMade, SlipAmended, SlipContent
from shared_rules.settlement import Settlement, settle
from tests.builders import DEFAULT, at, entered, event, slip


def test_the_version_before_an_amendment_that_waits_still_holds_its_customer() -> None:
    """Until the ruling the salesperson holds both; whoever comes for the first customer meanwhile is later."""
    li = SlipContent(names=("李四",), phones=("13800000002",))
    amended = SlipAmended(slip="1.2", claim="1.1", salesperson="A", stamped_by="K", content=li)
    ruled = RulingMade(claims=("1.1", "2.1"), winner="2.1", losers=("1.1",), clause="二.2.4", ruled_by="M")
    facts = [
        slip("03-02 09:10", "1.1", "A"), entered("03-02 09:30", "1.1"),
        slip("03-03 09:10", "2.1", "B", "李四", "13800000002"), entered("03-03 09:30", "2.1"),
        event("03-03 09:20", 1, 2, amended), entered("03-03 09:30", "1.2"),
        slip("03-04 09:10", "3.1", "C"), entered("03-04 09:30", "3.1"),
    ]  # fmt: skip
    waiting = settle(facts, DEFAULT, at("03-04 10:00"))
    assert {name: one.decision.status.value for name, one in waiting.claims.items()} == {
        "1.1": "with_manager", "2.1": "with_manager", "3.1": "returned",
    }  # fmt: skip
    facts.append(event("03-04 11:00", 0, 9, ruled))
    register = settle(facts, DEFAULT, at("03-04 12:00"))
    assert {name: one.decision.status.value for name, one in register.claims.items()} == {
        "1.1": "upheld", "2.1": "upheld", "3.1": "returned",
    }  # fmt: skip
    for seed in range(20):
        mixed = random.Random(seed).sample(facts, len(facts))
        one_by_one = Settlement(DEFAULT)
        one_by_one.begin([], at("03-04 12:00"))
        for fact in mixed:
            one_by_one.apply([fact], at("03-04 12:00"))
        assert one_by_one.register().claims == register.claims
