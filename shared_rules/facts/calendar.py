"""What holds for everybody: launch, closed days, the results of a quarter."""

from __future__ import annotations

from datetime import date, timedelta

from shared_rules.facts.base import Count, Quarter, Record, check_day

__all__ = ["ClosedDaysDeclared", "Launched", "Prelaunched", "QuarterReported"]


class QuarterReported(Record, frozen=True, kw_only=True):
    """A salesperson's result of a quarter, for the quota (一.5)."""

    person: str
    quarter: Quarter
    signings: Count
    target_met_on: date | None = None
    """Civil day on which the quarter's signing task was met."""

    def __post_init__(self) -> None:
        check_day(self.target_met_on)


class Prelaunched(Record, frozen=True, kw_only=True):
    """Sales have not opened yet: slips from here on are early claims (六.3)."""

    pool: str = ""


class Launched(Record, frozen=True, kw_only=True):
    """Formal notice of internal subscription; a later one replaces it (六.3)."""

    pool: str = ""
    day: date

    def __post_init__(self) -> None:
        check_day(self.day)


class ClosedDaysDeclared(Record, frozen=True, kw_only=True):
    """Days on which the office is shut, declared in advance (一.1)."""

    first: date
    last: date
    office: str = ""

    def __post_init__(self) -> None:
        check_day(self.first)
        check_day(self.last)

    def days(self) -> frozenset[date]:
        """Return the days, the first and the last included."""
        return frozenset(self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))
