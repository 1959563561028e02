"""How a policy file writes times of day, and what they come to in microseconds after midnight."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Annotated

import msgspec

from shared_rules.interval import HOUR, MINUTE

__all__ = ["Clock", "Window", "after_midnight", "backwards", "spans_of"]

Clock = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Window = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]
"""Local wall times `HH:MM-HH:MM`."""


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
