"""一.1: whether an instant, known for certain or not, lies in a hand-in window."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as changed

from shared_rules.clauses.registration import in_a_window
from shared_rules.interval import DAY, HOUR, MINUTE, OPEN, Interval, Trit, day_of, day_start, exactly
from shared_rules.policy import Policy, shipped

DEFAULT = shipped()
MIDNIGHT = day_start(date(2026, 3, 2))
WINDOWS = ((0, 30 * MINUTE), (9 * HOUR, 10 * HOUR), (23 * HOUR + 30 * MINUTE, 23 * HOUR + 59 * MINUTE))
INSTANTS = st.integers(MIDNIGHT - DAY, MIDNIGHT + DAY) | st.builds(
    lambda day, edge, off: MIDNIGHT + day * DAY + edge + off,
    st.sampled_from((-1, 0, 1)),
    st.sampled_from([edge for window in WINDOWS for edge in window]),
    st.integers(-1, 1),
)


def under(*, end_inclusive: bool) -> Policy:
    """Return the default policy with the windows of these tests."""
    windows = ("00:00-00:30", "09:00-10:00", "23:30-23:59")
    return replace(DEFAULT, hand_in=changed(DEFAULT.hand_in, windows=windows, end_inclusive=end_inclusive))


@pytest.mark.parametrize(
    ("first", "last", "answer"),
    [
        (9 * HOUR, 10 * HOUR, Trit.YES),
        (9 * HOUR + 1, 10 * HOUR - 1, Trit.YES),
        (31 * MINUTE, 9 * HOUR - 1, Trit.NO),
        (10 * HOUR + 1, 11 * HOUR, Trit.NO),
        (9 * HOUR - 1, 9 * HOUR, Trit.ASK),
        (10 * HOUR, 10 * HOUR + 1, Trit.ASK),
        (1, OPEN - MIDNIGHT, Trit.ASK),
        (12 * HOUR, 36 * HOUR - 1, Trit.ASK),
    ],
)
def test_a_window_contains_its_both_ends(first: int, last: int, answer: Trit) -> None:
    """Inside, outside, across an edge, or anywhere in a day."""
    assert in_a_window(Interval(MIDNIGHT + first, MIDNIGHT + last), under(end_inclusive=True)) is answer


def test_the_closing_minute_may_be_out_of_the_window() -> None:
    """Where the end does not count, ten o'clock sharp is too late."""
    closing = exactly(MIDNIGHT + 10 * HOUR)
    assert in_a_window(closing, under(end_inclusive=False)) is Trit.NO
    assert in_a_window(exactly(closing.lo - 1), under(end_inclusive=False)) is Trit.YES


@given(INSTANTS, st.integers(0, DAY - 1) | st.integers(0, HOUR), st.booleans())
def test_the_answer_is_that_of_the_windows_written_out_day_by_day(lo: int, width: int, end_inclusive: bool) -> None:
    """Yes if one window of either day holds the whole interval, no if none touches it, else a person is asked."""
    hi = lo + width
    days = {day_of(lo) + timedelta(days=number) for number in range(3)}
    tail = 0 if end_inclusive else 1
    spans = [(day_start(day) + first, day_start(day) + last - tail) for day in days for first, last in WINDOWS]
    touched = [span for span in spans if span[0] <= hi and lo <= span[1]]
    holding = [span for span in touched if span[0] <= lo and hi <= span[1]]
    expected = Trit.YES if holding else Trit.ASK if touched else Trit.NO
    assert in_a_window(Interval(lo, hi), under(end_inclusive=end_inclusive)) is expected
