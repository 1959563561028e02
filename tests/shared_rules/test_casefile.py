"""Case files are read strictly: a wrong one is refused with case, fact, key, and the line where the case begins."""

from __future__ import annotations

import pytest

from shared_rules.casefile import read_cases
from shared_rules.casejudge import judge
from shared_rules.errors import CaseFileError
from shared_rules.facts import RulingMade
from shared_rules.policy import shipped

GOOD = """# a comment first, so that the case begins on line 3

[[case]]
id = "own-1"
title = "the earlier stamp owns"
facts = [
  {at = 2026-03-03T09:05:00+08:00, fact = "slip", claim = "B1", by = "B", name = "张三", phone = "13800000001"},
  {at = 2026-03-02T16:50:00+08:00, fact = "slip", claim = "A1", by = "A", name = "张三", phone = "13800000001"},
]
[case.expect.claims]
A1 = "upheld"
B1 = {status = "returned", because = ["二.2.1"]}
"""


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ('claim = "B1"', 'clame = "B1"', "clame", ["own-1", "第 3 行", "第 1 个事实", "拼写"]),  # unknown key
        ('claim = "B1", ', "", "claim", ["第 1 个事实", "补上"]),  # missing key
        ("16:50:00+08:00", "16:50:00", "at", ["第 2 个事实", "时区"]),  # naive time
        ('by = "A"', "by = 7", "by", ["第 2 个事实"]),  # wrong type
        ('fact = "slip", claim = "A1"', 'fact = "slap", claim = "A1"', "fact", ["第 2 个事实", "slap"]),
        ('claim = "B1"', 'claim = "A1"', "claim", ["用了两次"]),  # two slips of one number
        ('title = "the', 'titel = "the', "titel", ["own-1", "第 3 行"]),
        ('A1 = "upheld"', 'A1 = "held"', "expect.claims[...]", ["held"]),
        ('id = "own-1"', 'id = "own-1"\npolicy = "other"', "policy", ["other"]),
        ('id = "own-1"', 'id = "own-1"\nas_of = 2026-03-04T12:00:00', "as_of", ["时区"]),
        ('claim = "A1"', 'claim = "A1", entered_at = true', "entered_at", ["false"]),
        (
            'claim = "A1"',
            'claim = "A1", doubt = [2026-03-02T17:00:00+08:00, 2026-03-02T16:00:00+08:00]',
            "doubt",
            ["最早"],
        ),
        ('fact = "slip", claim = "A1", by = "A"', 'fact = "withdraw", claim = "Z9"', "name", ["第 2 个事实"]),
        ("[[case]]", "[[cases]]", "cases", ["[[case]]"]),
        ("[[case]]\nid", "[[case]\nid", "toml", ["TOML"]),
    ],
)
def test_a_wrong_file_names_the_place_and_the_remedy(old: str, new: str, field: str, words: list[str]) -> None:
    """Who writes cases knows the regulation, not the code: the sentence must be enough."""
    with pytest.raises(CaseFileError) as caught:
        read_cases(GOOD.replace(old, new, 1), policy=shipped)
    assert caught.value.field == field
    for word in words:
        assert word in str(caught.value)


def test_an_empty_document_a_twin_and_a_stranger_are_refused() -> None:
    """A file without cases, two cases of one id, a fact about no slip, and no facts without as_of."""
    with pytest.raises(CaseFileError, match="case"):
        read_cases("", policy=shipped)
    with pytest.raises(CaseFileError, match="重复"):
        read_cases(GOOD + GOOD, policy=shipped)
    stranger = '{at = 2026-03-04T09:05:00+08:00, fact = "withdraw", claim = "Z9"},\n]\n[case.expect'
    with pytest.raises(CaseFileError, match="Z9"):
        read_cases(GOOD.replace("]\n[case.expect", stranger), policy=shipped)
    with pytest.raises(CaseFileError, match="as_of"):
        read_cases('[[case]]\nid = "x"\ntitle = "y"\nfacts = []\n', policy=shipped)


def test_shares_that_are_not_whole_are_refused() -> None:
    """Half the commission for one and nothing for nobody is a slip of the pen."""
    row = '{at = 2026-03-04T09:05:00+08:00, fact = "ruling", claims = ["A1"], shares = {A = 50}, by = "M"},'
    row += "\n]\n[case.expect"
    with pytest.raises(CaseFileError, match="100") as refused:
        read_cases(GOOD.replace("]\n[case.expect", row), policy=shipped)
    assert refused.value.field == "shares"
    with pytest.raises(ValueError, match="hundred"):
        RulingMade(claims=("A1",), shares={"A": 50}, clause="二.2.4", ruled_by="M")


def test_every_missed_expectation_is_told() -> None:
    """What was wanted and what came stand side by side; an expected answer that never came is missed, too."""
    text = GOOD.replace('A1 = "upheld"', 'A1 = {status = "lapsed", valid_until = 2026-03-11}\nZ9 = "upheld"')
    text = text.replace("[case.expect.claims]", "[case.expect]\nlooks = [{allowed = true}]\n[case.expect.claims]", 1)
    text += "[case.expect.quota]\nA = {limit = 51, live = 1}\nZ = {limit = 50}\n"
    text += "[case.expect.duties]\noverdue_returns = ['A1']\n"
    (case,) = read_cases(text, policy=shipped)
    judgement = judge(case)
    assert not judgement.met
    assert {miss.where for miss in judgement.misses} == {
        "claims.A1.status", "claims.A1.valid_until", "claims.Z9", "quota.A.limit", "quota.Z", "looks",
        "duties.overdue_returns",
    }  # fmt: skip
    assert "lapsed" in judgement.misses[0].sentence().chinese()


def test_a_list_of_policies_starts_each_on_its_day() -> None:
    """A case may live through a change of policy."""
    text = GOOD.replace(
        'id = "own-1"', 'id = "own-1"\npolicy = [{from = 2026-01-01T00:00:00+08:00, policy = "default"}]'
    )
    (case,) = read_cases(text, policy=shipped)
    assert judge(case).met
