"""Two ways of writing one thing become one text; two things never do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_rules.customers import (
    NormalNeed,
    customer_of,
    normal_company,
    normal_name,
    normal_need,
    normal_phone,
    split_names,
    split_phones,
)
from shared_rules.facts import CustomerKind, Need, SlipContent


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("13800000001", "13800000001"),
        ("138-0000-0001", "13800000001"),
        ("138 0000 0001", "13800000001"),
        ("+86 13800000001", "13800000001"),
        ("0086-13800000001", "13800000001"),
        ("8613800000001", "13800000001"),
        ("013800000001", "13800000001"),  # dialled as a long-distance number
        ("１３８００００　０００１", "13800000001"),
        ("021-5566 7788", "02155667788"),
        ("(021)55667788", "02155667788"),
        ("+86 21 55667788", "02155667788"),
        ("021-55667788转12", "02155667788#12"),
        ("86123456", "86123456"),  # a local number that happens to begin with 86
        ("微信 zhang_3", "微信zhang3"),
        ("", ""),
    ],
)
def test_a_phone_has_one_normal_form(raw: str, normal: str) -> None:
    """Spelling of a number never makes two customers."""
    assert normal_phone(raw) == normal


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("张三", "张三"),
        (" 张　三 ", "张三"),
        ("陳國強", "陈国强"),
        ("张伟（朋友介绍）", "张伟"),
        ("张伟先生", "张伟"),
        ("王先生", "王先生"),  # a surname alone is not a name
        ("古丽·阿依", "古丽阿依"),
        ("ZHANG San", "zhangsan"),
        ("(张三)", "张三"),
        ("", ""),
    ],
)
def test_a_name_has_one_normal_form(raw: str, normal: str) -> None:
    """Width, script, blanks, dots, remarks and titles do not tell people apart."""
    assert normal_name(raw) == normal


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("上海昌盛贸易有限公司", "上海昌盛贸易"),
        ("上海昌盛貿易有限责任公司", "上海昌盛贸易"),
        ("（上海）昌盛贸易有限公司", "上海昌盛贸易"),
        ("恒远置业股份有限公司", "恒远置业股份"),
        ("恒远置业有限公司", "恒远置业"),  # another unit than the joint-stock one
        ("公司", "公司"),
        ("昌盛", "昌盛"),
    ],
)
def test_a_company_has_one_normal_form(raw: str, normal: str) -> None:
    """Script, brackets and legal form are folded; a joint-stock company stays told apart."""
    assert normal_company(raw) == normal


@pytest.mark.parametrize(
    ("need", "normal"),
    [
        (Need(kind="flat"), NormalNeed("flat")),
        (Need(kind="住宅"), NormalNeed("flat")),
        (Need(kind="住宅 110-130"), NormalNeed("flat")),
        (Need(kind="商鋪"), NormalNeed("shop")),
        (Need(kind="院子"), NormalNeed("院子")),
        (Need(kind="院子 90㎡"), NormalNeed("院子")),
        (Need(), NormalNeed()),
        (Need(area_from=130, area_to=110), NormalNeed("", 110, 130)),
        (Need(area_from=90), NormalNeed("", 90, 90)),
        (Need(area_to=90, units=2), NormalNeed("", 90, 90, 2)),
    ],
)
def test_a_need_stands_on_the_taxonomy(need: Need, normal: NormalNeed) -> None:
    """Synonyms are one kind, an unknown word stands for itself, nothing said stays unknown."""
    assert normal_need(need) == normal


def test_one_cell_may_hold_several_people_and_numbers() -> None:
    """Ledgers put a couple into one cell, and three numbers into the next."""
    assert split_names("张伟/李娜夫妇") == ("张伟", "李娜")
    assert split_phones("13800000001，021-55667788 或 13900000002") == ("13800000001", "021-55667788", "13900000002")
    content = SlipContent(names=("张伟、李娜", " "), phones=("13800000001/13900000002", "-"))
    customer = customer_of(content)
    assert customer.names == ("张伟", "李娜")
    assert customer.phones == {"13800000001", "13900000002"}
    assert customer.kind is CustomerKind.PERSON


texts = st.text(alphabet=st.sampled_from("张陳國强 　·-()（）A1２先生女士有限公司股份+86138转x"), max_size=16)


@given(texts)
def test_folding_twice_changes_nothing(raw: str) -> None:
    """A normal form is its own normal form."""
    assert normal_name(normal_name(raw)) == normal_name(raw)
    assert normal_company(normal_company(raw)) == normal_company(raw) or "股份" in normal_company(raw)


@given(st.integers(10**10 + 3 * 10**9, 2 * 10**10 - 1), st.sampled_from(["", "+86", "0086", "86 ", "＋８６"]))
def test_every_spelling_of_a_mobile_number_is_that_number(number: int, prefix: str) -> None:
    """Country codes, dashes and widths fold for all mobiles, not only for the examples."""
    digits = str(number)
    spelt = f"{prefix}{digits[:3]}-{digits[3:7]} {digits[7:]}"
    assert normal_phone(spelt) == digits
    assert normal_phone(normal_phone(spelt)) == digits
