"""Instants as intervals, civil days in UTC+8, and comparisons that may answer "ask"."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_rules.interval import (
    DAY,
    HOUR,
    MINUTE,
    OPEN,
    SECOND,
    SHANGHAI,
    Interval,
    Trit,
    day_end,
    day_of,
    day_start,
    exactly,
    from_datetime,
    to_datetime,
)

MONDAY = date(2026, 3, 2)
MIDNIGHT = day_start(MONDAY)
INSTANTS = st.integers(MIDNIGHT - 3 * DAY, MIDNIGHT + 3 * DAY)
INTERVALS = st.tuples(INSTANTS, INSTANTS).map(lambda pair: Interval(*sorted(pair)))


def test_an_interval_that_ends_before_it_begins_is_a_programming_error() -> None:
    """It could only come from arithmetic that rounded inward."""
    with pytest.raises(ValueError, match="ends before"):
        Interval(2, 1)


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        (Interval(1, 4), Interval(5, 9), Trit.YES),
        (Interval(5, 9), Interval(1, 4), Trit.NO),
        (Interval(5, 5), Interval(5, 5), Trit.NO),
        (Interval(1, 5), Interval(5, 9), Trit.ASK),
        (Interval(5, 9), Interval(1, 5), Trit.NO),
        (Interval(1, 7), Interval(5, 9), Trit.ASK),
        (Interval(1, OPEN), Interval(5, 9), Trit.ASK),
        (Interval(1, 4), Interval(5, OPEN), Trit.YES),
    ],
)
def test_before_is_answered_only_where_it_is_certain(one: Interval, other: Interval, answer: Trit) -> None:
    """Overlap asks; touching ends ask in the one direction in which it might be so."""
    assert one.before(other) is answer


@given(INTERVALS, INTERVALS, st.floats(0, 1), st.floats(0, 1))
def test_a_certain_before_holds_for_every_pair_of_true_times(
    one: Interval, other: Interval, x: float, y: float
) -> None:
    """Yes and no are never wrong, wherever in their intervals the true times lie."""
    first = one.lo + int((one.hi - one.lo) * x)
    second = other.lo + int((other.hi - other.lo) * y)
    if one.before(other) is not Trit.ASK:
        assert (first < second) is (one.before(other) is Trit.YES)


def test_a_day_is_a_day_of_utc_plus_8() -> None:
    """15:59:59.999999 and 16:00 of universal time are two days; the machine's zone does not matter."""
    assert from_datetime(datetime(2026, 3, 1, 16, tzinfo=UTC)) == MIDNIGHT
    assert (day_of(MIDNIGHT - 1), day_of(MIDNIGHT)) == (date(2026, 3, 1), MONDAY)
    assert day_end(MONDAY) == MIDNIGHT + DAY - 1
    assert day_of(day_end(MONDAY)) == MONDAY


def test_an_interval_touches_the_days_of_its_ends() -> None:
    """Across midnight the day is not certain; with an open end every later day is touched."""
    assert Interval(MIDNIGHT, day_end(MONDAY)).certain_day() == MONDAY
    across = Interval(MIDNIGHT - 1, MIDNIGHT)
    assert across.days() == (date(2026, 3, 1), MONDAY)
    assert across.certain_day() is None
    assert Interval(MIDNIGHT, OPEN).days() == (MONDAY, date.max)


SUNDAY, TUESDAY = exactly(MIDNIGHT - DAY), exactly(MIDNIGHT + DAY)


@pytest.mark.parametrize(
    ("one", "other", "answer", "why"),
    [
        (SUNDAY, TUESDAY, Trit.YES, "another day, earlier"),
        (TUESDAY, SUNDAY, Trit.NO, "another day, later"),
        (exactly(MIDNIGHT), exactly(MIDNIGHT + 9 * HOUR), Trit.NO, "the same day, however far apart"),
        (Interval(MIDNIGHT - 1, MIDNIGHT), exactly(MIDNIGHT + HOUR), Trit.ASK, "perhaps the day before"),
        (Interval(MIDNIGHT - 1, MIDNIGHT), TUESDAY, Trit.YES, "across midnight, but before in any case"),
        (Interval(MIDNIGHT - 1, MIDNIGHT), exactly(MIDNIGHT - HOUR), Trit.ASK, "perhaps the day after"),
        (Interval(MIDNIGHT - 1, MIDNIGHT), SUNDAY, Trit.ASK, "perhaps the same day"),
        (Interval(MIDNIGHT - 1, OPEN), TUESDAY, Trit.ASK, "no anchor"),
        (Interval(MIDNIGHT + 2 * DAY, OPEN), TUESDAY, Trit.NO, "no anchor, but surely not before"),
    ],
)
def test_days_are_compared_as_the_regulation_counts_them(
    one: Interval, other: Interval, answer: Trit, why: str
) -> None:
    """2.2.1 and 2.2.4: only another day decides; the same day is no order."""
    assert one.day_before(other) is answer


@given(INTERVALS, INTERVALS, st.floats(0, 1), st.floats(0, 1))
def test_a_certain_day_order_holds_for_every_pair_of_true_times(
    one: Interval, other: Interval, x: float, y: float
) -> None:
    """Yes and no about days are never wrong."""
    first = day_of(one.lo + int((one.hi - one.lo) * x))
    second = day_of(other.lo + int((other.hi - other.lo) * y))
    if one.day_before(other) is not Trit.ASK:
        assert (first < second) is (one.day_before(other) is Trit.YES)


@given(st.integers(-(10**15), 10**17))
def test_an_instant_comes_back_from_its_datetime(instant: int) -> None:
    """To the microsecond, in any zone."""
    for zone in (SHANGHAI, UTC, timezone(timedelta(hours=-11))):
        assert from_datetime(to_datetime(instant, zone)) == instant


def test_a_time_without_a_zone_is_a_programming_error() -> None:
    """Nobody guesses a zone."""
    with pytest.raises(ValueError, match="without a zone"):
        from_datetime(datetime(2026, 3, 2))  # noqa: DTZ001 - that is the fault


def test_units_are_microseconds() -> None:
    """One unit everywhere."""
    assert (SECOND, MINUTE, HOUR, DAY) == (10**6, 6 * 10**7, 36 * 10**8, 864 * 10**8)
