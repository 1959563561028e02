"""Instants known only as [earliest, latest], civil days, and comparisons that may answer "ask".

All times are integer microseconds since 1970-01-01T00:00Z. A civil day is a day of the pool's zone (UTC+8 here),
never of the machine's. Source: design of interval stamps after Marzullo; counting of days after 六.3 and 二.2.2.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from functools import lru_cache
from typing import Final

from shared_rules.values import Fixed

__all__ = [
    "DAY",
    "FIRST_DAY",
    "HOUR",
    "LAST_DAY",
    "LATEST",
    "MINUTE",
    "OPEN",
    "SECOND",
    "SHANGHAI",
    "Interval",
    "Trit",
    "day_end",
    "day_of",
    "day_start",
    "exactly",
    "from_datetime",
    "time_of_day",
    "to_datetime",
    "to_the_minute",
]

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
OPEN: Final = 2**63 - 1
"""The latest instant of an interval that nothing bounds from above (a grade C stamp)."""

LATEST: Final = 7000 * 365 * DAY
"""No instant that anybody says lies after it: there is room to count days from it before the calendar ends."""
FIRST_DAY: Final = date(1970, 1, 1)
LAST_DAY: Final = date(8964, 1, 1)
"""The civil days that anybody may say."""

_AHEAD: Final = 8 * HOUR
"""By how much the pool's zone is ahead of universal time; it has no summer time."""
SHANGHAI: Final = timezone(timedelta(microseconds=_AHEAD), "Asia/Shanghai")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL: Final = _EPOCH.toordinal()


class Trit(Enum):
    """The answer to a question about intervals; `ASK` means that only a person can tell."""

    NO = "no"
    YES = "yes"
    ASK = "ask"


class Interval(Fixed, frozen=True, order=True):
    """True time lies in [lo, hi], both in microseconds since the epoch, both inclusive."""

    lo: int
    hi: int

    def __post_init__(self) -> None:
        if self.lo > self.hi:
            message = f"an interval ends before it begins: [{self.lo}, {self.hi}]"
            raise ValueError(message)

    def before(self, other: Interval) -> Trit:
        """Return whether this instant lies before the other one."""
        if self.hi < other.lo:
            return Trit.YES
        return Trit.NO if self.lo >= other.hi else Trit.ASK

    def days(self) -> tuple[date, date]:
        """Return the first and last civil day that the interval touches; an open end is the last day there is."""
        first = day_of(self.lo)
        return first, first if self.hi == self.lo else self.last_day()

    def last_day(self) -> date:
        """Return the last civil day that the interval touches; an open end is the last day there is."""
        return date.max if self.hi == OPEN else day_of(self.hi)

    def certain_day(self) -> date | None:
        """Return the one civil day the interval lies in, or None where it straddles a midnight."""
        first, last = self.days()
        return first if first == last else None

    def day_before(self, other: Interval) -> Trit:
        """Return whether all days of this instant precede all days of the other (二.2.1, 二.2.4)."""
        first, last = self.days()
        other_first, other_last = other.days()
        if last < other_first:
            return Trit.YES
        certain = first == last and other_first == other_last
        return Trit.NO if certain or first > other_last else Trit.ASK


def exactly(instant: int) -> Interval:
    """Return the interval of an instant that is known to the microsecond."""
    return Interval(instant, instant)


def from_datetime(moment: datetime) -> int:
    """Return microseconds since the epoch; a naive datetime is a programming error and raises ValueError."""
    if moment.tzinfo is None:
        message = "a time without a zone"
        raise ValueError(message)
    return (moment - _EPOCH) // timedelta(microseconds=1)


def to_datetime(instant: int, zone: timezone = SHANGHAI) -> datetime:
    """Return the aware datetime of an instant, in the pool's zone."""
    return (_EPOCH + timedelta(microseconds=instant)).astimezone(zone)


def day_of(instant: int) -> date:
    """Return the civil day an instant lies in."""
    return _day((instant + _AHEAD) // DAY)


def time_of_day(instant: int) -> int:
    """Return the microseconds from the midnight before an instant."""
    return (instant + _AHEAD) % DAY


def day_start(day: date) -> int:
    """Return the first microsecond of a civil day."""
    return (day.toordinal() - _EPOCH_ORDINAL) * DAY - _AHEAD


def day_end(day: date) -> int:
    """Return the last microsecond of a civil day (24:00 less one)."""
    return day_start(day) + DAY - 1


def to_the_minute(instant: int) -> str:
    """Return month, day and minute of an instant in the pool's zone, as people read them: `03-02 16:10`."""
    return _minute(instant // MINUTE)


@lru_cache(maxsize=4096)
def _minute(number: int) -> str:
    return to_datetime(number * MINUTE).strftime("%m-%d %H:%M")


@lru_cache(maxsize=4096)
def _day(number: int) -> date:
    return date.fromordinal(number + _EPOCH_ORDINAL)
