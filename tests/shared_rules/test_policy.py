"""The numbers and switches: strictly read, by start day, each with its clause."""

from __future__ import annotations

from datetime import date

import pytest

from shared_rules.data import policy_names, policy_text
from shared_rules.errors import PolicyError
from shared_rules.interval import DAY, HOUR, OPEN, SECOND, Interval, day_start, exactly
from shared_rules.policy import Policies, load_policy, shipped

TEXT = policy_text("default")
NEW_YEAR = date(2026, 1, 1)


@pytest.mark.parametrize("name", policy_names())
def test_every_shipped_policy_loads(name: str) -> None:
    """What ships must be readable by its own loader."""
    assert shipped(name).id.startswith(f"{name}@")


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        (("[lease]", "[leese]"), "leese", "leese"),  # an unknown table
        (('clause = "六.3"\n', ""), "lease.clause", "六.3"),  # a table without its clause
        (('clause = "六.3"', 'clause = "六.2"'), "lease.clause", "六.3"),  # a table with another's clause
        (("validity_days = 10", "validity_days = 0"), "lease.validity_days", "六.3"),  # a number out of its range
        (
            ("validity_days = 10", 'validity_days = "ten"'),
            "lease.validity_days",
            "validity_days",
        ),  # a word for a number
        (("validity_days = 10", "validity_dais = 10"), "lease.validity_dais", "validity_da"),  # an unknown key
        (("copies = 3", "copies = 0"), "report.copies", "一.10"),  # no copy at all
        (("copies = 3", "copies = 6"), "report.copies", "不大于 5"),  # more than anybody files
        (('mask = "code"', 'mask = "phone"'), "report.mask", "code、name"),  # no contact details there
        (("09:00-10:00", "9 to 10"), "hand_in.windows", "一.1"),  # no window
        (("09:00-10:00", "10:00-09:00"), "hand_in.windows", "10:00-09:00"),  # a window that ends before it begins
        (('"一.6" = ["二.2.1"', '"一.6" = ["二.2.9"'), "precedence.beats", "二.2.9"),  # a rule that does not exist
        (("validity_days = 10", "validity_days ="), "name", "TOML"),  # no TOML at all
    ],
)
def test_a_wrong_policy_file_is_refused_with_key_and_clause(change: tuple[str, str], field: str, words: str) -> None:
    """A mistake in the numbers that pay hangs on is named, not guessed around."""
    with pytest.raises(PolicyError) as caught:
        load_policy(TEXT.replace(*change), name="name")
    assert caught.value.field == field
    assert words in str(caught.value)


def test_a_wrong_key_is_named_with_its_line() -> None:
    """Whoever edits the file finds the place at once."""
    wrong = TEXT.replace("validity_days = 10", "validity_days = 0")
    line = wrong.splitlines().index("validity_days = 0") + 1
    with pytest.raises(PolicyError, match=f"第 {line} 行"):
        load_policy(wrong, name="name")
    missing = TEXT.replace("validity_days = 10\n", "")
    table = missing.splitlines().index("[lease]") + 1
    with pytest.raises(PolicyError, match=f"第 {table} 行"):
        load_policy(missing, name="name")


def test_a_missing_table_is_named_with_its_clause() -> None:
    """A policy is whole or it is refused."""
    with pytest.raises(PolicyError, match=r"\[lease\].*六\.3"):
        load_policy(TEXT[: TEXT.index("[lease]")] + TEXT[TEXT.index("[reserved]") :], name="name")


def test_a_file_from_before_a_table_reads_as_it_did() -> None:
    """[company] came later: without it a unit named only by its representative is that person (二.1.4)."""
    older = TEXT[: TEXT.index("[company]")] + TEXT[TEXT.index("[repose]") :]
    assert load_policy(older, name="name").company.representative_only == "person"


def test_a_file_from_before_a_key_reads_as_it_did() -> None:
    """一.8: the old customer had to come along or name somebody when nobody had a choice."""
    older = TEXT.replace("must_accompany_or_name = true\n", "")
    assert older != TEXT
    assert load_policy(older, name="name").old_customer.must_accompany_or_name


def test_an_unknown_shipped_policy_is_named() -> None:
    """A misspelt policy name is an error of the caller's file."""
    with pytest.raises(PolicyError, match="defualt"):
        shipped("defualt")


def test_the_policy_of_an_instant_is_the_one_last_started() -> None:
    """Start days only: the later start replaces the earlier one from its midnight on."""
    old, new = shipped(), load_policy(TEXT.replace("validity_days = 10", "validity_days = 7"), name="new")
    policies = Policies.of({"p": [(NEW_YEAR, new), (date(2025, 1, 1), old)]})
    midnight = day_start(NEW_YEAR)
    assert policies.at("p", midnight - 1) is old
    assert policies.at("p", midnight) is new
    assert policies.at("p", midnight - 5000 * DAY) is old
    assert policies.candidates("p", Interval(midnight - SECOND, midnight + SECOND)) == (old, new)
    assert policies.candidates("p", exactly(midnight)) == (new,)
    assert policies.candidates("p", Interval(midnight, OPEN)) == (new,)


def test_two_policies_cannot_start_on_one_day() -> None:
    """Overlaps cannot be written."""
    with pytest.raises(PolicyError):
        Policies.of({"p": [(NEW_YEAR, shipped()), (NEW_YEAR, shipped())]})
    with pytest.raises(PolicyError):
        Policies.of({"p": []})


def test_a_pool_without_a_schedule_of_its_own_follows_the_common_one() -> None:
    """The pool "" serves all."""
    policy = shipped()
    assert Policies.single(policy).at("any", 0) is policy


def test_the_reports_of_a_day_are_in_at_the_time_the_policy_says() -> None:
    """The manager is told to wait until then (二.2.4)."""
    assert Policies.single(shipped("default")).at("river", 0).same_day.reports_in() == 9 * HOUR


def test_a_policy_shows_itself_by_name_and_digest() -> None:
    """A failed test names it in one line, not in two hundred."""
    assert repr(shipped()) == f"<Policy {shipped().id}>"


def test_a_policy_tells_its_tables_with_clause_and_values() -> None:
    """What is compared, explained and documented is what was loaded."""
    tables = shipped().tables()
    assert tables["lease"][0] == "六.3"
    assert tables["lease"][1]["validity_days"] == 10
    assert "clause" not in tables["lease"][1]


@pytest.mark.parametrize(
    ("old", "new", "remedy"),
    [
        ("validity_days = 10", "validity_days = 0", "应不小于 1"),
        ("helper_share = 0", "helper_share = 101", "应不大于 100"),
        ("validity_days = 10", 'validity_days = "ten"', "应为整数"),
        ("validity_days = 10\n", "", "缺这个键，请补上"),
        ("validity_days = 10", "validity_dais = 10", "没有这个键，请删去或改名"),
        ('rule = "manager"', 'rule = "nobody"', "应为其中之一：manager、minute_order、split"),
        (
            'relations = ["spouse", "parent_child"]',
            'relations = ["aunt"]',
            "spouse、parent_child、siblings、grandparent",
        ),
        ('exceptional_roles = ["contract_office"]', 'exceptional_roles = ["cook"]', "contract_office"),
        ('windows = ["09:00-10:00", ', 'windows = ["9-10", ', "时刻应写成 09:00-10:00"),
        ('windows = ["09:00-10:00", ', 'windows = ["11:00-10:00", ', "时段 11:00-10:00 的结束早于开始"),
        ('earliest_ruling = "09:00"', 'earliest_ruling = "9"', "时刻应写成 09:00"),
        ("end_inclusive = true", "end_inclusive = 1.5", "应为 true 或 false"),
        ("need_fields = [", "need_fields = 3 # [", "应为方括号里的列表"),
    ],
)
def test_a_wrong_value_is_told_what_would_be_right(old: str, new: str, remedy: str) -> None:
    """Whoever sets the numbers reads no decoder's English."""
    assert old in TEXT
    with pytest.raises(PolicyError) as caught:
        load_policy(TEXT.replace(old, new, 1), name="wrong")
    told = caught.value.sentence.chinese()
    assert remedy in told
    assert "Expected" not in told
