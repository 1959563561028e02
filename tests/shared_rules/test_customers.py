"""Two ways of writing one thing become one text; two things never do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_rules import customers
from shared_rules.customers import (
    NormalNeed,
    bare_name,
    customer_of,
    names_a_person,
    names_somebody,
    normal_company,
    normal_name,
    normal_need,
    normal_phone,
    split_names,
)
from shared_rules.facts import CustomerKind, Need, SlipContent
from shared_rules.people import _several, named


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
        ("(+86)8613800000001", "13800000001"),  # the code of the country written twice
        ("\u202d138 0000 0001\u202c", "13800000001"),  # pasted from a chat
        ("13800000001（本人）", "13800000001"),
        ("电话：021-55667788", "02155667788"),
        ("微信13800000001", "13800000001"),  # an account that is the number
        ("微信 Zhang_3", "zhang_3"),
        ("wechat: wxid_ABC12", "wxid_abc12"),
        ("微信", ""),
        ("wx", ""),
        ("无", ""),
        ("00000000", ""),
        ("转12", ""),
        ("未知", ""),
        ("old", ""),  # too short for an account: a remark
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
        ("张伟1", "张伟"),
        ("张伟/", "张伟"),
        ("张*伟\u200b", "张伟"),
        ("张伟夫妇", "张伟"),
        ("张伟经理先生", "张伟"),
        ("不详", ""),
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
        ("恒远置业股份有限公司", "恒远置业"),
        ("恒远置业股份公司", "恒远置业"),
        ("恒远置业", "恒远置业"),
        ("恒远置业（集团）有限公司", "恒远置业"),
        ("恒远置业集团股份有限公司（总部）", "恒远置业"),
        ("恒远置业有限公 司销售部", "恒远置业"),
        ("恒远置业有限公司财务", "恒远置业"),
        ("恒远置业有限公司上海分公司", "恒远置业有限公司上海分"),
        ("股份有限公司", "股份有限公司"),
        ("无", ""),
        ("公司", "公司"),
        ("昌盛", "昌盛"),
    ],
)
def test_a_company_has_one_normal_form(raw: str, normal: str) -> None:
    """Script, brackets, legal form and the word for the head office are folded; nothing is folded away."""
    assert normal_company(raw) == normal


@pytest.mark.parametrize(
    ("need", "normal"),
    [
        (Need(kind="flat"), NormalNeed("flat")),
        (Need(kind="住宅"), NormalNeed("flat")),
        (Need(kind="住宅 110-130"), NormalNeed("flat")),
        (Need(kind="商鋪"), NormalNeed("shop")),
        (Need(kind="三居"), NormalNeed("flat")),
        (Need(kind="３室２厅"), NormalNeed("flat")),
        (Need(kind="复式"), NormalNeed("flat")),
        (Need(kind="Shops"), NormalNeed("shop")),
        (Need(kind="penthouse"), NormalNeed()),  # no house
        (Need(kind="沿街商铺"), NormalNeed("shop")),
        (Need(kind="联排别墅"), NormalNeed("villa")),
        (Need(kind="院子 90㎡"), NormalNeed()),  # an invented word separates nobody
        (Need(kind="住宅、车位"), NormalNeed()),  # nor does a need of two types
        (Need(), NormalNeed()),
        (Need(area_from=130, area_to=110), NormalNeed("", 110, 130)),
        (Need(area_from=90), NormalNeed("", 90, 90)),
        (Need(area_to=90, units=2), NormalNeed("", 90, 90, 2)),
    ],
)
def test_a_need_stands_on_the_taxonomy(need: Need, normal: NormalNeed) -> None:
    """Synonyms and numbers of rooms are one kind; an unknown word, several kinds or nothing said stay unknown."""
    assert normal_need(need) == normal


def test_one_cell_may_hold_several_people_and_numbers() -> None:
    """Ledgers put a couple into one cell, and three numbers into the next."""
    assert split_names("张伟/李娜夫妇") == ("张伟", "李娜")
    assert split_names("郑 酉 夫　妻") == ("郑 酉",)
    content = SlipContent(names=("张伟、李娜", " ", "張偉"), phones=("13800000001/13900000002", "-"))
    customer = customer_of(content)
    assert customer.names == ("张伟", "李娜")
    assert customer.phones == ("13800000001", "13900000002")
    assert customer.kind is CustomerKind.PERSON


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("13800000001，021-55667788 或 13900000002", {"13800000001", "02155667788", "13900000002"}),
        ("13800000001 微信13900000002", {"13800000001", "13900000002"}),
        ("13800000001微信zhang_san", {"13800000001", "zhang_san"}),
        ("13800000001;0467-37835888 微信 wxid_ab12", {"13800000001", "046737835888", "wxid_ab12"}),
        ("13800000001 / 13900000002 微信wxid_AB12", {"13800000001", "13900000002", "wxid_ab12"}),
        ("13800000001 13900000002", {"13800000001", "13900000002"}),
        ("138 0000 0001", {"13800000001"}),
        ("+86 138-0000-0001", {"13800000001"}),
        ("021-55667788 转12", {"02155667788#12"}),
        ("13800000001（妻）", {"13800000001"}),
        ("无", set()),
    ],
)
def test_a_cell_of_a_ledger_gives_each_way_to_reach_the_customer(cell: str, numbers: set[str]) -> None:
    """Mobiles, landlines and chat accounts in one cell are told apart, whatever stands between them."""
    assert customer_of(SlipContent(phones=(cell,))).phones == tuple(sorted(numbers))


@pytest.mark.parametrize("name", ["张", "王先生", "小王", "老李", "欧阳", "欧阳女士", "w小姐", ""])
def test_a_surname_names_nobody(name: str) -> None:
    """Two different Mr Wangs are no collision."""
    assert not names_somebody(normal_name(name))


@pytest.mark.parametrize("name", ["张三", "小王子", "欧阳修", "ZHANG San", "王总管"])
def test_a_whole_name_names_somebody(name: str) -> None:
    """What is more than a surname is presumed to be a person's own (二.1.3)."""
    assert names_somebody(normal_name(name))


def test_a_unit_named_by_its_representative_alone_is_that_person() -> None:
    """Only a person's name in the unit's field makes no purchase by a unit (二.1.4)."""
    slip = SlipContent(kind=CustomerKind.COMPANY, company="張三", contact="张三", phones=("13800000001",))
    assert names_a_person(slip)
    customer = customer_of(slip)
    assert (customer.kind, customer.names, customer.company) == (CustomerKind.PERSON, ("张三",), "")
    assert not names_a_person(SlipContent(kind=CustomerKind.COMPANY, company="甲公司", contact="张三"))
    assert not names_a_person(SlipContent(kind=CustomerKind.COMPANY))


texts = st.text(alphabet=st.sampled_from("张陳國强 　·-()（）A1２先生女士有限公司股份+86138转x"), max_size=16)


@given(st.one_of(texts, st.text(max_size=12)))
def test_folding_twice_changes_nothing(raw: str) -> None:
    """A normal form is its own normal form, for any text that a keyboard or a paste can bring."""
    for fold in (normal_name, normal_company, normal_phone):
        assert fold(fold(raw)) == fold(raw)
    kind = normal_need(Need(kind=raw)).kind
    assert normal_need(Need(kind=kind)).kind == kind


@given(st.integers(10**10 + 3 * 10**9, 2 * 10**10 - 1), st.sampled_from(["", "+86", "0086", "86 ", "＋８６"]))
def test_every_spelling_of_a_mobile_number_is_that_number(number: int, prefix: str) -> None:
    """Country codes, dashes and widths fold for all mobiles, not only for the examples."""
    digits = str(number)
    spelt = f"{prefix}{digits[:3]}-{digits[3:7]} {digits[7:]}"
    assert normal_phone(spelt) == digits
    assert normal_phone(normal_phone(spelt)) == digits


@given(
    st.text(
        st.sampled_from("张伟欧阳李娜王小老先生女士夫妇妻经理总及和無張偉婦歐陽薑乾无未知同上哥姐男"),
        min_size=1,
        max_size=5,
    )
)
def test_a_name_taken_for_plain_is_what_folding_it_would_give(raw: str) -> None:
    """The short way around the folding: such a cell holds no title, remark, second person or other script."""
    bare = bare_name(raw)
    if bare:
        assert bare == customers._until_settled(customers._name, raw)
        assert split_names(raw) == (raw,)
        if names_somebody(bare):
            assert named(raw) == _several(raw)


@pytest.mark.parametrize(
    "raw", ["张先生", "張先生", "李娜夫妇", "李娜夫婦", "未知", "小陈", "张 伟", "张", "Li", "欧阳文静兰"]
)
def test_a_cell_with_anything_to_take_away_is_not_bare(raw: str) -> None:
    """Titles, couples, remarks, blanks, letters, in either script; and what is too short or long for a name."""
    assert not bare_name(raw)
    assert bare_name("张伟") == bare_name("張偉") == "张伟"
