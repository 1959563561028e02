"""When two claims are a question for people: alike, presumed, or a number that too many names bear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_rules.data import policy_text
from shared_rules.facts import CustomerKind, Need, QuestionAnswered, SlipContent
from shared_rules.policy import Policy, load_policy, shipped
from shared_rules.questioning import QUESTIONS, Asked, Described, question
from shared_rules.settlement import settle
from tests.builders import DEFAULT, at, event, slip

NAMES = ("张伟", "张玮", "張偉", "李娜", "李那", "张伟/李娜", "王先生", "", "zhangwei")
PHONES = ("13800000001", "13800000010", "13800000002", "13966667777", "021-55550000", "wx_zhang1", "")


def person(name: str, phone: str, need: str = "") -> Described:
    """Return a personal slip's customer."""
    return Described(SlipContent(names=(name,), phones=(phone,), need=Need(kind=need)))


def asked(a: Described, b: Described, policy: Policy | None = None) -> tuple[tuple[str, ...], bool] | None:
    """Return grounds and whether settlement presumes; None = nobody is asked."""
    found = question(a, b, policy or shipped())
    return (found.grounds, found.presumed) if found is not None else None


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        pytest.param(("张伟", "13800000001"), ("張偉", "13966667777"), (("name",), True), id="the name alone"),
        pytest.param(("张伟", "13800000001"), ("张玮", "13800000010"), (("name", "contact"), False),
                     id="near name and turned digits: one customer by the table, none by equality"),
        pytest.param(("张伟", "13800000001"), ("张玮", "13966667777"), (("name",), False), id="a near name alone"),
        pytest.param(("张伟", "13800000001"), ("李娜", "13800000001"), None, id="an equal number is ruled on"),
        pytest.param(("张伟", "13800000001"), ("李娜", "13966667777"), None, id="nothing alike"),
        pytest.param(("张伟", "13800000001", "住宅"), ("張偉", "13966667777", "商铺"), None, id="another need"),
        pytest.param(("张伟", "13800000001", "住宅"), ("张玮", "13800000010", "商铺"), None, id="alike, another need"),
        pytest.param(("张伟", "13800000001", "住宅"), ("张玮", "13800000010"), (("name", "contact"), False),
                     id="an unknown need separates nobody"),
    ],
)  # fmt: skip
def test_what_is_asked(a: tuple[str, ...], b: tuple[str, ...], wanted: object) -> None:
    """Equality rules; likeness and the presumption ask (二.1.3)."""
    assert asked(person(*a), person(*b)) == wanted


@given(st.sampled_from(NAMES), st.sampled_from(PHONES), st.sampled_from(NAMES), st.sampled_from(PHONES))
def test_a_question_is_the_same_from_both_sides(a: str, x: str, b: str, y: str) -> None:
    """Neither office decides whether somebody is asked."""
    one, other = person(a, x), person(b, y)
    assert question(one, other, shipped()) == question(other, one, shipped())


def test_a_number_of_many_names_is_no_evidence() -> None:
    """An agency's phone: one digit off it says nothing; the names alone are then too far apart."""
    one, other = person("张伟", "13800000001"), person("张三", "13800000010")
    found = question(one, other, shipped())
    assert found is not None
    assert "contact" in found.grounds
    assert question(one, other, shipped(), idle=frozenset({"m13800000001"})) is None


def test_where_a_policy_does_not_go_by_names_a_near_name_asks_nothing() -> None:
    """`ignore`: an equal name says nothing, so a near one cannot say more; a number one digit off still asks."""
    policy = load_policy(policy_text("default").replace('"presume_same"', '"ignore"'), name="other")
    assert asked(person("张伟", "13800000001"), person("張偉", "13966667777"), policy) is None
    assert asked(person("张伟", "13800000001"), person("张玮", "13966667777"), policy) is None
    assert asked(person("张伟", "13800000001"), person("张玮", "13800000010"), policy) == (("name", "contact"), False)


def test_where_a_policy_asks_first_the_question_stands_for_the_ruling() -> None:
    """`query_first`: the name alone is with the manager until somebody answers."""
    policy = load_policy(policy_text("default").replace('"presume_same"', '"query_first"'), name="other")
    assert asked(person("张伟", "13800000001"), person("張偉", "13966667777"), policy) == (("name",), True)


def test_a_unit_is_compared_by_its_name_and_its_contact_person() -> None:
    """昌建 and 昌健 sound alike and are two companies: a question, with the reason for who may see it."""
    one, other = (
        Described(
            SlipContent(kind=CustomerKind.COMPANY, company=f"{name}贸易有限公司", contact="刘芳", phones=(phone,))
        )
        for name, phone in (("昌建", "021-55550000"), ("昌健", "021-66660000"))
    )
    found = question(one, other, shipped())
    assert isinstance(found, Asked)
    assert (found.grounds, found.presumed) == (("name",), False)
    assert found.likeness.reasons


def test_a_described_customer_is_found_by_its_keys_and_counted_under_its_name() -> None:
    """Whole numbers apart from the partial ones; a unit is called by its own name, a person by the normal one."""
    one = person("張偉", "138-0000-0001")
    assert one.customer.names == ("张伟",)
    assert set(one.numbers) == {"m13800000001"} < set(one.keys)
    assert one.called == "张伟"
    unnamed = Described(SlipContent(kind=CustomerKind.COMPANY, contact="刘芳", phones=("021-55550000",)))
    assert unnamed.called == "刘芳"


def test_an_answer_at_the_counter_rules_nothing() -> None:
    """Only a person's finding does."""
    facts = [slip("03-02 09:10", "1.1", "A"), slip("03-03 09:05", "2.1", "B", "张三", "13966667777")]
    answer = QuestionAnswered(
        question="q", claim="2.1", salesperson="B", clerk="K", answers=dict.fromkeys(QUESTIONS, "x")
    )
    told = settle([*facts, event("03-03 10:00", 2, 9, answer)], DEFAULT, at("03-05 12:00"))
    assert told == settle(facts, DEFAULT, at("03-05 12:00"))
