"""How a policy file writes times of day and days of the calendar, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Annotated, Final

import msgspec

from shared_rules.interval import FIRST_DAY, HOUR, LAST_DAY, MINUTE

__all__ = ["LONGEST", "Clock", "Days", "Window", "after_midnight", "backwards", "days_of", "no_days", "spans_of"]

Clock = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Window = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]
"""Local wall times `HH:MM-HH:MM`."""
Days = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\d(/\d{4}-\d\d-\d\d)?$")]
"""An ISO day, or the first and the last of several: `2026-10-01/2026-10-07`."""
LONGEST: Final = 31
"""No holiday has more days: who writes more means another year."""


def backwards(windows: Iterable[str], key: str) -> str:
    """Return what is wrong with a key's windows where one ends before it begins, "" = nothing."""
    wrong = next((window for window in windows if window.partition("-")[0] >= window.partition("-")[2]), "")
    return f"`{wrong}` ends before it begins - at `$.{key}`" if wrong else ""


@cache
def spans_of(windows: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Return windows as microseconds after midnight."""
    pairs = (window.split("-") for window in windows)
    return tuple((after_midnight(first), after_midnight(last)) for first, last in pairs)


def after_midnight(clock: str) -> int:
    """Return a local wall time as microseconds after midnight."""
    hours, minutes = clock.split(":")
    return int(hours) * HOUR + int(minutes) * MINUTE


def no_days(days: Iterable[str], key: str) -> str:
    """Return what is wrong with a key's days where they are none of the calendar, "" = nothing."""
    return next((f"{wrong} - at `$.{key}`" for one in days if (wrong := _wrong(one))), "")


def _wrong(days: str) -> str:
    try:
        first, last = _first_and_last(days)
    except ValueError:
        return f"`{days}` is no day"
    if not FIRST_DAY <= first <= LAST_DAY:
        return f"`{days}` is no day"
    if last < first:
        return f"`{days}` ends before it begins"
    return f"`{days}` is too long" if (last - first).days >= LONGEST else ""


@cache
def days_of(days: tuple[str, ...]) -> tuple[tuple[date, date], ...]:
    """Return the first and last of each run of days."""
    return tuple(map(_first_and_last, days))


def _first_and_last(days: str) -> tuple[date, date]:
    first, _, last = days.partition("/")
    return date.fromisoformat(first), date.fromisoformat(last or first)
