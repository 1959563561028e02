"""Who is the same customer: the traps of the field as a table, and what holds for any two slips."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_rules.blocking import hashed, keys_of, number_keys
from shared_rules.data import policy_text
from shared_rules.data import table as read_table
from shared_rules.edits import one_edit
from shared_rules.errors import InputError, PolicyError
from shared_rules.facts import CustomerKind, SlipContent
from shared_rules.firms import compare_firms, firm_of
from shared_rules.interval import Trit
from shared_rules.likeness import Likeness, Profile, compare, profile_of
from shared_rules.matching import Answer
from shared_rules.numbers import compare_contacts, contacts_of
from shared_rules.people import compare_people, named
from shared_rules.policy import load_policy, shipped
from shared_rules.questioning import Described, question
from shared_rules.sounds import near, romanised
from shared_rules.verdicts import VerdictTable, default_table

# --- the traps of the field

PEOPLE = [
    ("张伟", "張偉", "same"),
    ("张 伟", "张伟", "same"),
    ("ＺＨＡＮＧ　ＷＥＩ", "zhangwei", "same"),
    ("张伟（本人）", "张伟", "same"),
    ("张伟1", "张伟", "same"),
    ("张伟/李娜夫妇", "李娜", "same"),
    ("林云观夫妻", "林云观", "same"),
    ("歐陽文靜", "欧阳文静", "same"),
    ("单雄信", "善雄信", "near"),
    ("曾国藩", "增国藩", "near"),
    ("区志明", "欧志明", "near"),
    ("查良镛", "扎良镛", "near"),
    ("王海燕", "王海艳", "near"),
    ("陈希", "陈熙", "near"),
    ("李娟", "李娲", "near"),
    ("黄平", "王平", "near"),
    ("刘能", "刘冷", "near"),
    ("谭岩仓", "谭仓岩", "order"),
    ("王小明", "Wang Xiaoming", "pinyin"),
    ("单田芳", "shantianfang", "pinyin"),
    ("许端祺", "Xu Duan Qi Fu Fu", "pinyin"),
    ("Wang Xiaoming", "Wang Xiaomin", "near"),
    ("Michaela Neumann", "Michalea Neumann", "near"),
    ("Michaela Neumann", "Neumann", "dropped"),
    ("Xiaoming Wang", "王小明", "pinyin"),
    ("Xiaoming Wang", "Wang Xiaoming", "order"),
    ("Neumann Michala", "Michaela Neumann", "two_near"),
    ("Ann", "Anna", "different"),
    ("Michaela Neumann", "Courtney Painter", "different"),
    ("李国栋", "李国", "dropped"),
    ("欧阳文静", "欧阳静", "dropped"),
    ("王先生", "王小明", "partial"),
    ("王女士", "王先生", "partial"),
    ("小陈", "陈茂倩", "partial"),
    ("欧阳先生", "欧阳文静", "partial"),
    ("R先生", "任林楠", "partial"),
    ("R师傅", "任林楠", "partial"),
    ("苏师傅", "苏钰甚", "partial"),
    ("王海琴", "王芹", "two_near"),
    ("金小妹", "金妹晓", "two_near"),
    ("张伟", "李伟", "different"),
    ("王先生", "李小明", "different"),
    ("张木森", "张梅花", "different"),
    ("张普苏", "张普天", "one_off"),
    ("张海燕", "章海艳", "two_near"),
    ("", "张伟", "missing"),
    ("张三", "李四", "different"),
]
FIRMS = [
    ("甲北（北京）有限公司", "甲北(北京)有限公司", "same"),
    ("汕頭今聯糧油有限公司", "汕头今联粮油有限公司（总部）", "same"),
    ("大庆上品轩废料有限公司", "大庆上品轩废料有限责任公司", "same"),
    ("食安云进口有限责任公司", "廊坊市食安云进口有限公司", "same"),
    ("防城港市誉泽机器人集团有限公司", "防城港市誉泽机器人集团有限公司财务", "same"),
    ("昌建地产有限公司", "昌健地产有限公司", "near"),
    ("固原会计之家专营有限公司", "固原会计之家专营有限公司牡丹江分公司", "sibling"),
    ("北京昌建地产有限公司", "上海昌建地产有限公司", "sibling"),
    ("周口市星城石墨物流有限公司", "周口市星城石墨物流置业有限公司", "sibling"),
    ("昌建", "昌建地产有限公司", "short"),
    ("滨江置业有限公司", "东方明珠有限公司", "different"),
    ("", "昌建地产有限公司", "missing"),
]
NUMBERS = [
    (("138-0000-0001",), ("+86 138 0000 0001",), "equal"),
    (("１３８００００２３４５",), ("13800002345",), "equal"),
    (("(+86)18185077794",), ("18185077794 微信zhang_33",), "equal"),
    (("13800002345/13900001234",), ("13900001234",), "equal"),
    (("13812345678",), ("13812345679",), "one_edit"),
    (("13812345678",), ("13182345678",), "one_edit"),
    (("13812345678",), ("1381234567",), "one_edit"),
    (("13812345678",), ("138112345678",), "one_edit"),
    (("13812345678",), ("13812345187",), "different"),
    (("13812345678",), ("13812345699",), "two_edits"),
    (("0571-88886666",), ("0571 88886666转8801",), "landline"),
    (("0571-88886666",), ("88886666",), "landline_near"),
    (("010-66668888",), ("01066668889",), "landline_near"),
    (("13812345678", "0571-88886666"), ("13812345679", "0571-88886666"), "equal"),
    (("13812345678", "0571-88886666"), ("13812345679", "0571-88887777"), "one_edit"),
    ((), ("13812345678",), "missing"),
    (("无",), ("13812345678",), "missing"),
    (("13812345678",), ("15998765432",), "different"),
    (("13812345678",), ("1381234596",), "different"),
]


@pytest.mark.parametrize(("one", "other", "level"), PEOPLE)
def test_two_persons_names_have_the_level_that_people_give_them(one: str, other: str, level: str) -> None:
    """Script, width, titles, several people in a cell, surnames with a reading of their own, letters for characters."""
    assert compare_people(one, other)[0] == level
    assert compare_people(other, one)[0] == level


@pytest.mark.parametrize(("one", "other", "level"), FIRMS)
def test_two_units_names_have_the_level_that_people_give_them(one: str, other: str, level: str) -> None:
    """Brackets, legal forms, departments are noise; a branch, another trade, another place are another unit."""
    assert compare_firms(one, other)[0] == level
    assert compare_firms(other, one)[0] == level


@pytest.mark.parametrize(("one", "other", "level"), NUMBERS)
def test_two_sets_of_numbers_have_the_level_that_people_give_them(
    one: tuple[str, ...], other: tuple[str, ...], level: str
) -> None:
    """Every way of writing one number is the same number; a slip of a finger is one edit, a switchboard a landline."""
    ours, theirs = contacts_of(one), contacts_of(other)
    assert compare_contacts(ours, theirs)[0] == level
    assert compare_contacts(theirs, ours)[0] == level


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("zhang_hm5809", "ZHANG_HM5809", True),
        ("liruoceng1831", "微信liru0ceng1831", True),
        ("abcdef1", "zyxwvu9", False),
    ],
)
def test_wechat_ids_are_the_same_whatever_the_case_the_label_and_o_for_0(one: str, other: str, same: bool) -> None:
    """What a person copies from a phone's screen."""
    level = compare_contacts(contacts_of((), one), contacts_of((), other))[0]
    assert (level == "equal") is same


# --- what the table makes of it


def person(name: str, *phones: str, place: str = "") -> Profile:
    """Return a person's slip."""
    return profile_of("person", name, phones=phones, place=place)


def unit(name: str, contact: str, *phones: str) -> Profile:
    """Return a unit's slip."""
    return profile_of("company", name, contact=contact, phones=phones)


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        (person("张伟", "13812345678"), person("張偉", "+86 13812345678"), Answer.SAME),
        (person("张伟", "13812345678"), person("李娜", "13812345678"), Answer.SAME),
        (person("张伟", "13812345678"), person("张玮", "13812345679"), Answer.SAME),
        (person("张伟", "13812345678"), person("李娜", "13812345679"), Answer.DIFFERENT),
        (person("张伟", "13812345678"), person("张伟", "15998765432"), Answer.ASK),
        (person("张伟", "0571-88886666"), person("李娜", "0571-88886666"), Answer.ASK),
        (person("张伟", "0571-88886666"), person("张伟", "0571-88886666"), Answer.SAME),
        (person("张伟", "13812345678"), person("李四", "15998765432"), Answer.DIFFERENT),
        (person("文玮", "13812345678", place="杭州"), person("雯玮", "15998765432", place="西安"), Answer.DIFFERENT),
        (person("文玮", "13812345678", place="杭州市"), person("雯玮", "15998765432", place="杭州"), Answer.ASK),
        (unit("昌建地产有限公司", "王", "13812345678"), unit("昌健地产有限公司", "王", "15998765432"), Answer.ASK),
        (unit("昌建地产有限公司", "王", "13812345678"), unit("昌建地产", "李", "13812345678"), Answer.SAME),
        (unit("昌建地产有限公司", "王五", "13812345678"), person("王五", "13812345678"), Answer.ASK),
        (person("王五", "13812345678"), unit("昌建地产有限公司", "赵六", "15998765432"), Answer.DIFFERENT),
    ],
)
def test_the_table_answers_same_different_or_asks(one: Profile, other: Profile, answer: Answer) -> None:
    """By the levels of both fields; the place only settles what would be a question."""
    assert compare(one, other).answer is answer
    assert compare(other, one).answer is answer


def test_the_reasons_name_field_and_place_of_the_difference() -> None:
    """A clerk reads what is alike and where it is not."""
    found = compare(person("王海琴", "13812345678"), person("王海芹", "13812354678"))
    assert [one.chinese() for one in found.reasons] == [
        "名称近音或近形", "第 3 字同音（琴/芹）", "手机号第 7 位起两位颠倒",
    ]  # fmt: skip


def test_a_whole_name_alone_is_the_presumption_that_a_person_checks() -> None:
    """二.1.3: the rule takes one whole name for one customer; the levels ask."""
    found = compare(person("张伟", "13812345678"), person("张伟", "15998765432"))
    assert (found.name_only, found.by_rule, found.guess) == (True, True, False)
    near_only = compare(person("张伟", "13812345678"), person("张玮", "15998765432"))
    assert (near_only.name_only, near_only.by_rule) == (False, False)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"unit": {}}, "unit"),
        ({"person": {**read_table("likeness.toml")["person"], "equal": ["same"]}}, "person.equal"),
        ({"mixed": {**read_table("likeness.toml")["mixed"], "missing": ["perhaps"] * 10}}, "mixed.missing"),
    ],
)
def test_a_table_with_a_hole_or_an_unknown_word_is_refused_by_its_place(change: dict[str, object], field: str) -> None:
    """A policy's own table is read strictly."""
    with pytest.raises(InputError) as caught:
        VerdictTable.of(read_table("likeness.toml") | change)
    assert caught.value.field == field


def test_a_policy_s_own_table_is_used() -> None:
    """An office that asks for every equal number."""
    data = read_table("likeness.toml")
    strict = VerdictTable.of(data | {"person": {**data["person"], "equal": ["ask+"] * 10}})
    one, other = person("张伟", "13812345678"), person("李娜", "13812345678")
    assert (compare(one, other, strict).answer, compare(one, other).answer) == (Answer.ASK, Answer.SAME)
    assert default_table().version == 1


PERSON_ROWS = read_table("likeness.toml")["person"]


def content(name: str, phone: str, contact: str = "") -> SlipContent:
    """Return a slip's content; a name that ends as units' names do is a unit's."""
    if not name.endswith("公司"):
        return SlipContent(names=(name,), phones=(phone,))
    return SlipContent(kind=CustomerKind.COMPANY, company=name, contact=contact, phones=(phone,))


def with_rows(kind: str, rows: dict[str, list[str]]) -> str:
    """Return the shipped policy's text with own rows for a kind of pair."""
    table = "\n".join(f"{name} = {json.dumps(cells)}" for name, cells in rows.items())
    text = policy_text("default").replace(f'\n{kind} = "shipped"', "", 1)
    return f"{text}\n[likeness.{kind}]\n{table}\n"


@pytest.mark.parametrize("kind", ["person", "unit", "mixed"])
def test_a_policy_says_itself_what_is_asked(kind: str) -> None:
    """`likeness.person`, `unit` and `mixed`: who never wants to be asked about what is only alike is not."""
    rows = {name: ["different"] * len(cells) for name, cells in read_table("likeness.toml")[kind].items()}
    silent = load_policy(with_rows(kind, rows | {"columns": read_table("likeness.toml")[kind]["columns"]}), name="own")
    alike = {
        "person": (content("张伟", "13800000001"), content("张玮", "13800000010")),
        "unit": (content("滨江置业有限公司", "13800000001"), content("滨江置叶有限公司", "13800000010")),
        "mixed": (content("滨江置业有限公司", "13800000001", contact="张伟"), content("张玮", "13800000010")),
    }[kind]
    one, other = map(Described, alike)
    assert question(one, other, shipped()) is not None
    assert question(one, other, silent) is None


def test_a_policy_s_row_with_a_hole_is_refused_by_its_line() -> None:
    """Line, table and clause, and what would be right."""
    text = with_rows("person", PERSON_ROWS | {"equal": ["same"]})
    line = next(number for number, row in enumerate(text.splitlines(), 1) if row == 'equal = ["same"]')
    with pytest.raises(PolicyError, match=rf"第 {line} 行.*二\.1\.3.*应有 10 格") as caught:
        load_policy(text, name="own")
    assert caught.value.field == "likeness.person.equal"


# --- what holds for any two slips

HAN = st.text(st.sampled_from("张伟玮李娜王芳方欧阳文静竟单善曾区黄平敏海燕艳"), max_size=4)
CELLS = st.one_of(HAN, st.sampled_from(["王先生", "张伟/李娜夫妇", "wangfang", "R先生", "无", "小李", "張偉（本人）"]))
MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
LANDLINES = ["0571-88886666", "88886666", "010-6666888", "转8801", ""]
PHONES = st.lists(st.one_of(MOBILES, st.sampled_from(LANDLINES)), max_size=3)
PLACES = st.sampled_from(["", "杭州", "西安"])
UNITS = st.sampled_from(["昌建地产有限公司", "昌健地产", "北京昌建有限公司", "昌建地产有限公司杭州分公司", ""])


@st.composite
def slips(draw: st.DrawFn) -> Profile:
    """Return any slip."""
    if draw(st.booleans()):
        return profile_of("person", draw(CELLS), phones=draw(PHONES), place=draw(PLACES))
    return profile_of("company", draw(UNITS), contact=draw(CELLS), phones=draw(PHONES))


SLIPS = slips()


@given(SLIPS, SLIPS)
@settings(max_examples=300)
def test_the_answer_is_the_same_from_both_sides(one: Profile, other: Profile) -> None:
    """Levels, answer and guess; the reasons name the characters in one order."""
    assert compare(one, other) == compare(other, one)


@given(SLIPS)
def test_a_slip_is_like_itself(one: Profile) -> None:
    """Whatever is known of it agrees with itself, as far as anything is known."""
    found = compare(one, one)
    assert found.name in ("same", "missing", "partial")
    assert found.contact in ("equal", "landline", "missing")
    assert found.answer is not Answer.DIFFERENT or found.name in ("missing", "partial")


@given(st.lists(PHONES.map(tuple), min_size=1, max_size=1), st.randoms(use_true_random=False))
def test_the_order_of_numbers_in_a_slip_changes_nothing(phones: list[tuple[str, ...]], rng: random.Random) -> None:
    """A cell with three numbers is a set."""
    shuffled = list(phones[0])
    rng.shuffle(shuffled)
    assert contacts_of(phones[0]) == contacts_of(tuple(shuffled))


@given(CELLS)
def test_taking_a_cell_apart_again_changes_nothing(cell: str) -> None:
    """The normal name is its own normal name."""
    for one in named(cell):
        if one.name:
            assert named(one.name) == (one,)


@given(MOBILES, st.integers(0, 10), st.integers(0, 9), st.sampled_from(["change", "drop", "add", "swap"]))
@settings(max_examples=500)
def test_every_slip_of_a_finger_shares_a_key(number: str, place: int, digit: int, how: str) -> None:
    """One digit wrong, missing, too many, or two neighbours changed: the slip is still found."""
    typed = {
        "change": number[:place] + str(digit) + number[place + 1 :],
        "drop": number[:place] + number[place + 1 :],
        "add": number[:place] + str(digit) + number[place:],
        "swap": number[:place] + number[place : place + 2][::-1] + number[place + 2 :],
    }[how]
    ours, theirs = contacts_of((number,)), contacts_of((typed,))
    if theirs.mobiles and number != typed:
        assert one_edit(number, theirs.mobiles[0]) is not None or theirs.mobiles[0] == number
        assert set(number_keys(ours)) & set(number_keys(theirs))


@given(
    st.from_regex(
        r"0\d{2,3}-?\d{7,8}|[a-z0-9_]{4,12}|(wx|vx|wechat|mobile|unknown|x|ext)[a-z0-9_]{0,6}", fullmatch=True
    )
)
@settings(max_examples=500)
def test_what_needs_no_folding_reads_as_if_it_were_folded(cell: str) -> None:
    """A landline or an id typed plainly is read by a shorter way than `(0571) 8888 6666`, to the same end."""
    assert contacts_of((cell,)) == contacts_of((f" {cell} ",))


def test_every_place_of_a_number_is_covered_by_a_key() -> None:
    """Not by chance: all 11 places, all digits, all four slips, for numbers without a repeated digit."""
    number = "13579024681"
    for place in range(11):
        typed = {
            number[:place] + number[place + 1 :],
            number[:place] + number[place : place + 2][::-1] + number[place + 2 :],
        }
        for digit in "0123456789":
            typed |= {number[:place] + digit + number[place + 1 :], number[:place] + digit + number[place:]}
        for text in typed:
            theirs = contacts_of((text,))
            if theirs.mobiles:
                assert set(number_keys(contacts_of((number,)))) & set(number_keys(theirs)), text


@given(SLIPS, SLIPS)
@settings(max_examples=200)
def test_slips_that_are_the_same_share_a_key(one: Profile, other: Profile) -> None:
    """The index proposes whatever the table would call the same."""
    if compare(one, other).answer is Answer.SAME:
        assert set(keys_of(one)) & set(keys_of(other))


def test_the_same_bytes_under_any_hash_seed() -> None:
    """Two runs with other seeds say the same of a hundred pairs, and give the same keys."""
    program = (
        "from shared_rules.likeness import *; from shared_rules.blocking import *\n"
        "names = ['张伟','張偉','王先生','欧阳文静','wangfang','张伟/李娜夫妇','单雄信','善雄信','R先生','李国']\n"
        "phones = [(f'1381234567{place}', '0571-88886666') for place in range(10)]\n"
        "slips = [profile_of('person', name, phones=two) for name, two in zip(names, phones)]\n"
        "print([compare(a, b) for a in slips for b in slips], [keys_of(one) for one in slips])\n"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2", "77")
    }
    assert len(told) == 1


def test_the_register_keeps_keys_that_name_nobody() -> None:
    """63 bits under a secret: another secret gives another index."""
    assert 0 <= hashed("m13812345678", b"a" * 32) < 1 << 63
    assert hashed("m13812345678", b"a" * 32) != hashed("m13812345678", b"b" * 32)


# --- single characters


def test_who_is_known_by_a_surname_only_is_found_by_the_number() -> None:
    """A title is no key: every Mr Wang would be everybody's candidate."""
    assert keys_of(person("王先生")) == ()


def test_a_foreigner_is_found_by_the_name_as_written() -> None:
    """A key in common with the pinyin of a Han name, in either order: Xiaoming Wang may be 王小明."""
    orders = [set(keys_of(person(name))) for name in ("Wang Xiaoming", "Xiaoming Wang")]
    assert orders[0] & orders[1]
    for keys in orders:
        assert keys & set(keys_of(person("王小明")))


def test_surnames_have_readings_of_their_own() -> None:
    """单 is shan before a given name, and dan elsewhere."""
    assert "shantianfang" in romanised("单田芳")
    assert "zhaliangyong" in romanised("查良镛")
    assert romanised("") == frozenset()


@pytest.mark.parametrize(
    ("one", "other", "way"),
    [
        ("琴", "芹", "sound"),
        ("林", "玲", "fuzzy"),
        ("胡", "福", "fuzzy"),
        ("江", "汪", "shape"),
        ("张", "李", ""),
        ("a", "张", ""),
    ],
)
def test_two_characters_are_near_by_sound_or_by_shape(one: str, other: str, way: str) -> None:
    """By a reading in common, by one that many do not tell apart, by their corners."""
    assert near(one, other) == way


def test_a_unit_s_name_comes_apart_into_place_body_form_and_branch() -> None:
    """What is compared, and what is noise."""
    firm = firm_of("北京市昌建地产集团有限公司杭州分公司")
    assert (firm.place, firm.body, firm.form, firm.branch) == ("北京市", "昌建地产", "集团有限公司", "杭州分公司")
    assert firm_of("") == firm_of(" ")


def test_a_place_that_is_not_said_settles_nothing() -> None:
    """Only two places that differ do."""
    found: Likeness = compare(person("文玮", "13812345678", place="杭州"), person("雯玮", "15998765432"))
    assert (found.place, found.answer) == (Trit.ASK, Answer.ASK)
