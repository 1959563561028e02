"""How many places somebody has at an instant (一.5), where the three months up to it count."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from shared_rules.clauses.quota import Results
from shared_rules.data import policy_text
from shared_rules.facts import QuarterReported
from shared_rules.interval import SHANGHAI, day_end, day_start, from_datetime
from shared_rules.policy import load_policy

LIVE = load_policy(policy_text("default").replace('evaluation = "previous"', 'evaluation = "live"'), name="live")
HIRED = (0, QuarterReported(person="A", quarter="2025Q4", signings=0))
"""Who has a result of the quarter before is no new hire."""


def moment(text: str) -> int:
    """Return the instant of `2026-03-02 09:10`, local."""
    return from_datetime(datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI))


def report(quarter: str, signings: int, at: str, met: date | None = None) -> tuple[int, QuarterReported]:
    """Return a quarter's result with the instant at which it was reported."""
    return moment(at), QuarterReported(person="A", quarter=quarter, signings=signings, target_met_on=met)


@pytest.mark.parametrize(
    ("signed", "last"),
    [
        (date(2026, 1, 5), date(2026, 4, 5)),
        (date(2026, 3, 31), date(2026, 6, 30)),  # no such day
        (date(2025, 11, 30), date(2026, 2, 28)),  # over the year's end
        (date(2025, 10, 1), date(2026, 1, 1)),
        (date(2025, 12, 31), date(2026, 3, 31)),
    ],
)
def test_a_signing_counts_to_the_end_of_that_day_three_months_later(signed: date, last: date) -> None:
    """Its own day is not counted, as with every number of days; a month without that day ends with its last one."""
    reports = [HIRED, *(report(quarter, 0, "2026-06-30 18:00") for quarter in ("2025Q3", "2026Q1", "2026Q2"))]
    results = Results(reports=reports, deals={"D": (day_start(signed) + 15, 0)})
    assert results.limit(day_end(last), LIVE) == 50
    assert results.limit(day_end(last) + 1, LIVE) == 30


def test_a_signing_counts_from_its_own_instant_until_it_is_cancelled() -> None:
    """At every moment the number is what the results are."""
    closed, cancelled = moment("2026-02-10 15:00"), moment("2026-02-20 11:00")
    results = Results(reports=[HIRED], deals={"D": (closed, cancelled)})
    assert [results.limit(at, LIVE) for at in (closed - 1, closed, cancelled - 1, cancelled)] == [30, 50, 50, 30]


def test_a_cancellation_at_the_very_first_instant_is_one() -> None:
    """Only no instant at all means that nobody cancelled."""
    results = Results(reports=[report("1969Q4", 0, "1970-01-01 09:00")], deals={"D": (0, 1)})
    assert [results.limit(at, LIVE) for at in (0, 1)] == [50, 30]


def test_a_target_gives_eighty_from_its_day_to_that_day_three_months_later() -> None:
    """The quarter's end takes nothing away."""
    results = Results(reports=[HIRED, report("2026Q1", 9, "2026-03-25 18:00", date(2026, 3, 20))])
    edges = [day_start(date(2026, 3, 20)) - 1, day_start(date(2026, 3, 20)), day_end(date(2026, 6, 20))]
    assert [results.limit(at, LIVE) for at in edges] == [30, 80, 80]
    assert results.limit(edges[-1] + 1, LIVE) == 50  # the nine signings of 03-25
    assert results.limit(day_end(date(2026, 6, 25)) + 1, LIVE) == 30


def test_a_report_counts_on_its_day_only_what_nobody_knew_before() -> None:
    """The same signing told twice does not begin anew; one more does."""
    deals = {"D": (moment("2026-01-05 15:00"), 0)}
    again = Results(reports=[HIRED, report("2026Q1", 1, "2026-03-31 18:00")], deals=deals)
    assert again.limit(moment("2026-04-06 00:00"), LIVE) == 30
    more = Results(reports=[HIRED, report("2026Q1", 2, "2026-03-31 18:00")], deals=deals)
    assert more.limit(moment("2026-04-06 00:00"), LIVE) == 50
    twice = [HIRED, report("2026Q1", 1, "2026-01-10 18:00"), report("2026Q1", 1, "2026-03-20 18:00")]
    assert Results(reports=twice[::-1]).limit(moment("2026-04-11 00:00"), LIVE) == 30


def test_what_is_reported_after_a_quarter_was_signed_by_its_last_day() -> None:
    """A late report makes no signing younger."""
    results = Results(reports=[report("2026Q1", 1, "2026-05-10 18:00"), report("2026Q2", 0, "2026-06-30 18:00")])
    last = day_end(date(2026, 6, 30))
    assert [results.limit(at, LIVE) for at in (day_end(date(2026, 3, 31)), last, last + 1)] == [50, 50, 30]


def test_a_new_hire_has_the_ordinary_number() -> None:
    """Nobody without a result of the quarter before is held to have signed nothing."""
    assert Results().limit(moment("2026-04-01 09:00"), LIVE) == 50
    assert Results(reports=[HIRED]).limit(moment("2026-01-02 09:00"), LIVE) == 30
