"""The same customer: need AND (name OR contact), explained, symmetric, three answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_rules.customers import Customer, customer_of
from shared_rules.data import policy_text
from shared_rules.facts import CustomerKind, Need, SlipContent
from shared_rules.interval import Trit
from shared_rules.matching import Answer, Match, marks, masked, same_customer
from shared_rules.policy import Policy, load_policy, shipped
from shared_rules.words import Say

TEXT = policy_text("default")


def person(name: str, phone: str = "", **need: str | int) -> Customer:
    """Return the customer of a personal slip."""
    return customer_of(SlipContent(names=(name,), phones=(phone,), need=Need(**need)))  # type: ignore[arg-type]


def unit(company: str, contact: str, phone: str = "") -> Customer:
    """Return the customer of a unit's slip."""
    content = SlipContent(kind=CustomerKind.COMPANY, company=company, contact=contact, phones=(phone,))
    return customer_of(content)


def policy(*changes: tuple[str, str]) -> Policy:
    """Return the shipped policy with some of its text changed."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return load_policy(text, name="changed")


BY_AREA = ('need_fields = ["kind"]', 'need_fields = ["kind", "area", "units"]')


@pytest.mark.parametrize(
    ("a", "b", "changes", "answer"),
    [
        (person("张三", "138"), person("張三", "139"), (), Answer.SAME),  # name alone: presumed
        (person("张三", "138"), person("李四", "138"), (), Answer.SAME),  # contact alone
        (person("张三", "138"), person("李四", "139"), (), Answer.DIFFERENT),
        (person("张三", "138", kind="flat"), person("张三", "138", kind="shop"), (), Answer.DIFFERENT),
        (person("张三", "138", kind="flat"), person("张三", "138"), (), Answer.SAME),  # unknown never separates
        (
            person("张三", "138", kind="flat"),
            person("张三", "138"),
            (("need_required = false", "need_required = true"),),
            Answer.DIFFERENT,
        ),
        (
            person("张三", "138", area_from=90, area_to=100),
            person("张三", "138", area_from=110, area_to=120),
            (BY_AREA,),
            Answer.SAME,
        ),  # within the tolerance
        (person("张三", "138", area_to=90), person("张三", "138", area_to=200), (BY_AREA,), Answer.DIFFERENT),
        (person("张三", "138", units=1), person("张三", "138", units=2), (BY_AREA,), Answer.DIFFERENT),
        (person("张三", "138"), person("张三", "139"), (('"presume_same"', '"query_first"'),), Answer.ASK),
        (person("张三", "138"), person("张三", "139"), (('"presume_same"', '"ignore"'),), Answer.DIFFERENT),
        (person("张三", "138"), person("张三", "139"), (('"name_or_phone"', '"phone"'),), Answer.DIFFERENT),
        (person("张三", "138"), person("张四", "138"), (('"name_or_phone"', '"phone_and_surname"'),), Answer.SAME),
        (person("张三", "138"), person("李四", "138"), (('"name_or_phone"', '"phone_and_surname"'),), Answer.DIFFERENT),
        (person("王先生", "138"), person("王先生", "139"), (), Answer.DIFFERENT),  # a surname names nobody
        (person("王先生", "138"), person("王先生", "138"), (), Answer.SAME),
        (person("张三", "无"), person("李四", "无"), (), Answer.DIFFERENT),  # blank in words
        (person("张三", "138", kind="三居"), person("张三", "138", kind="两居"), (), Answer.SAME),
        (unit("甲有限公司", "张三"), unit("甲公司", "李四"), (), Answer.SAME),
        (unit("甲有限公司", "张三"), unit("乙有限公司", "张三"), (), Answer.DIFFERENT),  # a contact serves many units
        (unit("甲有限公司", "张三"), person("张三"), (), Answer.SAME),  # whose, 二.2.3 says
        (unit("甲", "张三"), unit("甲", "李四"), (('"name_or_phone"', '"company"'),), Answer.SAME),
    ],
)
def test_the_answer_and_its_symmetry(
    a: Customer, b: Customer, changes: tuple[tuple[str, str], ...], answer: Answer
) -> None:
    """Each row is one line of 二 (head) or 二.1.3, or a switch of them; a~b is b~a."""
    rules = policy(*changes)
    assert same_customer(a, b, rules).answer is answer
    assert same_customer(a, b, rules) == same_customer(b, a, rules)


def told(match: Match) -> Say:
    """Return what may be said of a match without leave."""
    return masked(name_alike=match.name_alike, contact_alike=match.contact_alike)


def test_a_match_says_what_agreed_and_hides_it_at_the_counter() -> None:
    """A ruling names the equal fields; the counter hears only which kind of field."""
    both = same_customer(person("张三", "138"), person("张三", "138"), shipped())
    assert [reason.msgid for reason in both.reasons][:2] == ["名称相同：{name}", "联系方式相同：{phone}"]
    assert told(both).msgid == "名称和联系方式相近"
    name = same_customer(person("张三", "138"), person("张三", "139"), shipped())
    assert (told(name).msgid, name.name_only) == ("名称相近", True)
    contact = same_customer(person("张三", "138"), person("李四", "138"), shipped())
    assert (told(contact).msgid, contact.name_only) == ("联系方式相近", False)
    for match in (both, name, contact):
        assert "138" not in told(match).chinese()


def test_an_empty_field_agrees_with_nothing() -> None:
    """Two slips that both leave a field blank have nothing in common by it."""
    assert same_customer(person("", ""), person("", ""), shipped()).answer is Answer.DIFFERENT
    assert same_customer(unit("", ""), unit("", ""), shipped()).need is Trit.ASK


people = st.builds(person, st.sampled_from(["张三", "張三", "李四", ""]), st.sampled_from(["138", "139", ""]))


@given(people, people)
def test_matching_is_symmetric(a: Customer, b: Customer) -> None:
    """Who came first is not the matcher's business."""
    assert same_customer(a, b, shipped()) == same_customer(b, a, shipped())


units = st.builds(
    unit, st.sampled_from(["甲有限公司", "乙", ""]), st.sampled_from(["张三", "王五", ""]), st.just("138")
)
READINGS = [
    policy(),
    *(policy(('"name_or_phone"', f'"{key}"')) for key in ("phone", "phone_and_surname", "company")),
    *(policy(('"presume_same"', f'"{rule}"')) for rule in ("query_first", "ignore")),
]


@given(people | units, people | units, st.sampled_from(READINGS))
def test_who_shares_no_mark_is_never_the_same(a: Customer, b: Customer, reading: Policy) -> None:
    """So an index over the marks loses no collision, whatever the policy makes of equal fields."""
    if not set(marks(a)) & set(marks(b)):
        assert same_customer(a, b, reading).answer is Answer.DIFFERENT
