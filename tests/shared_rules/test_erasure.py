"""Erasure takes every word that tells who the customer is, and leaves every ruling what it was."""

from __future__ import annotations

import hashlib
import typing

import msgspec
import pytest
from msgspec import inspect

from shared_rules.erasure import FREE_TEXT, NOT_PERSONAL, PERSONAL, Identity, claims_of, identity_of, redacted
from shared_rules.facts import (
    DealClosed,
    Fact,
    OldCustomerBrought,
    RulingMade,
    SlipContent,
    SlipStamped,
    VisitLogged,
)
from shared_rules.settlement import settle
from shared_rules.wire import encode_fact
from tests.builders import DEFAULT, at, entered, slip

PLAIN = frozenset(
    """slip pool office salesperson stamped_by paper cosigned_by entered_by claim witnessed_by corrected_by approved_by
    returned_by refused_by declared_by claims answer found_by by kind found queried_by person quarter winner shares
    losers clause ruled_by session dispute deal closer owner_phoned effective who introduced_by received_by accompanied
    by_customer on_duty giver to parties supervisors outcome unfair requester pools certificate supervisor left known
    without closed_by clerk need redacted question taken_by""".split()  # noqa: SIM905 - a list of words is read more easily
)
"""Fields that hold numbers of slips, staff and places, or words out of a list."""


def token(text: str) -> str:
    """Return letters for a text."""
    return hashlib.sha256(text.encode()).hexdigest().translate(str.maketrans("0123456789abcdef", "abcdefghijklmnop"))


def texts(kind: inspect.Type) -> bool:
    """Return whether text may stand in a field."""
    return any(word in str(kind) for word in ("StrType", "StructType"))


@pytest.mark.parametrize("fact", typing.get_args(Fact), ids=lambda fact: fact.__name__)
def test_somebody_decided_of_every_field_whether_it_is_personal(fact: type[Fact]) -> None:
    """A new field that nobody thought about fails here. A person of the staff is no customer."""
    made = inspect.type_info(fact)
    assert isinstance(made, inspect.StructType)
    names = {field.name for field in made.fields if texts(field.type)} - {"content", "name"}
    assert names <= PLAIN | set(PERSONAL) | FREE_TEXT


def test_a_slip_tells_nothing_any_more_and_the_salespersons_part_stays() -> None:
    """Names, kin, company, numbers and remarks go; who stamped what and when stays."""
    content = SlipContent(
        names=("张三/李四", "王先生"), company="甲（北京）有限公司", contact="赵六",
        phones=("138-0000-0001 微信zhang_3",), other={"remark": "左撇子"},
    )  # fmt: skip
    stamped = slip("03-02 09:00", "1.1", "A").fact
    assert isinstance(stamped, SlipStamped)
    whole = msgspec.structs.replace(stamped, content=content)
    done = redacted(whole, identity_of(whole), token)
    text = encode_fact(done).decode()
    told = ("张三", "李四", "赵六", "甲", "北京", "13800000001", "0000-0001", "zhang", "左")
    assert not [word for word in told if word in text]
    assert isinstance(done, SlipStamped)
    assert (done.slip, done.salesperson, done.received_on) == (whole.slip, whole.salesperson, whole.received_on)
    assert done.content is not None
    assert done.content.names[1] == "王先生"


def test_only_the_one_customer_goes() -> None:
    """A visitor who stands in the same line of the log is somebody else."""
    visit = VisitLogged(by="A", name="张三/李四", phone="13800000001、13900000002", kind="visit")
    done = redacted(visit, Identity(frozenset({"张三"}), frozenset(), frozenset({"13800000001"})), token)
    assert isinstance(done, VisitLogged)
    assert done.name.endswith("/李四")
    assert done.phone.endswith("/13900000002")
    brought = OldCustomerBrought(by_customer="1.1", name="张三", names="A")
    assert redacted(brought, identity_of(brought), token).names == "A"  # type: ignore[union-attr]
    assert (OldCustomerBrought, "names") in NOT_PERSONAL


def test_what_was_one_text_in_two_forms_becomes_one_token() -> None:
    """張偉 and 张伟, a number with and without dashes: what collided goes on colliding."""
    one, other = (VisitLogged(by="A", name=name, phone=phone, kind="visit") for name, phone in
                  (("張偉", "138-0000-0001"), ("张伟", "+86 13800000001")))  # fmt: skip
    assert redacted(one, identity_of(one), token) == redacted(other, identity_of(other), token)


def test_rulings_are_the_same_after_as_before() -> None:
    """Two slips of one customer, a third of another: who has whom, and until when."""
    facts = [
        slip("03-02 09:00", "1.1", "A", "张三", "13800000001"), entered("03-02 09:10", "1.1"),
        slip("03-03 09:00", "2.1", "B", "張三", "138 0000 0001"),
        slip("03-03 09:00", "1.2", "A", "李四", "13900000002"),
    ]  # fmt: skip
    whose = identity_of(facts[0].fact) | identity_of(facts[2].fact)
    after = [one._replace(fact=redacted(one.fact, whose, token)) for one in facts]
    assert after != facts
    before, then = (settle(world, DEFAULT, at("03-30 12:00")).claims for world in (facts, after))
    assert {claim: (one.decision.status, one.valid_until) for claim, one in before.items()} == {
        claim: (one.decision.status, one.valid_until) for claim, one in then.items()
    }


def test_a_fact_names_its_claims() -> None:
    """By whichever field it does."""
    assert claims_of(RulingMade(claims=("1.1", "2.1"), clause="二.2.4", ruled_by="M")) == {"1.1", "2.1"}
    assert claims_of(DealClosed(deal="D1", closer="A", contract_name="张三", claims=("1.1",))) == {"1.1"}
