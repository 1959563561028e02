"""四: what an appeal may cost is proposed, never posted, and only under a policy that turns it on."""

from __future__ import annotations

import pytest

from shared_rules.clauses.penalties import appealed_in_time, proposed
from shared_rules.data import policy_text
from shared_rules.policy import Policy, load_policy, shipped
from tests.builders import at


def turned(*changes: tuple[str, str]) -> Policy:
    """Return the shipped policy with switches set otherwise."""
    text = policy_text("default")
    for old, new in changes:
        assert f"\n{old}" in text
        text = text.replace(f"\n{old}", f"\n{new}", 1)
    return load_policy(text, name="turned")


ON = ("on = false", "on = true")


def test_the_shipped_policy_proposes_nothing() -> None:
    """Off is a normal setting."""
    assert proposed("upheld", "A", ("M",), shipped()) == ()
    assert proposed("reversed", "A", ("M",), shipped()) == ()


@pytest.mark.parametrize(
    ("outcome", "unfair", "expected"),
    [
        ("upheld", (), (("A", 400),)),  # the appeal was rejected
        ("reversed", ("M", "S", "M"), (("M", 500), ("S", 500))),  # each who ruled unfairly, once
        ("reversed", (), ()),  # reversed, but nobody was at fault
    ],
)
def test_turned_on_it_names_persons_and_yuan(
    outcome: str, unfair: tuple[str, ...], expected: tuple[tuple[str, int], ...]
) -> None:
    """T-4-a, with penalties turned on."""
    assert proposed(outcome, "A", unfair, turned(ON)) == expected


def test_an_amount_of_nothing_is_no_proposal() -> None:
    """Amounts are policy and may be 0."""
    free = turned(ON, ("appeal_rejected = 400", "appeal_rejected = 0"), ("unfair_ruling = 500", "unfair_ruling = 0"))
    assert proposed("upheld", "A", (), free) == ()
    assert proposed("reversed", "A", ("M",), free) == ()


def test_the_amounts_are_the_policys() -> None:
    """No number stands in the code."""
    dear = turned(ON, ("appeal_rejected = 400", "appeal_rejected = 7"), ("unfair_ruling = 500", "unfair_ruling = 8"))
    assert proposed("upheld", "A", (), dear) == (("A", 7),)
    assert proposed("reversed", "A", ("M",), dear) == (("M", 8),)


def test_an_appeal_is_in_time_until_the_end_of_the_policys_last_day() -> None:
    """No deadline is stated in the text, so that it is a switch; 0 = any time."""
    ruled = at("03-06 10:00")
    assert appealed_in_time(ruled, at("04-30 10:00"), shipped())
    strict = turned(("appeal_days = 0", "appeal_days = 2"))
    assert appealed_in_time(ruled, at("03-08 23:59"), strict)
    assert appealed_in_time(ruled, at("03-09 00:00") - 1, strict)
    assert not appealed_in_time(ruled, at("03-09 00:00"), strict)
