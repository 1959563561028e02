"""The seal of a hand-in window: what a kiosk writes and shows when one has ended, or when the counter closes up.

A photograph of its code freezes every stamp before it, without any network. The body carries the promise that nothing
will be stamped at or before `floor`. Windows are those of the policy (一.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared_rules.facts import Count, Instant, Value
from shared_rules.interval import DAY, day_of, day_start

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SealBody", "last_end"]


class SealBody(Value, frozen=True, kw_only=True):
    """The body of a SEAL record."""

    end: Instant
    """Microseconds: the end of the window that it seals; 0 = the counter closed up."""
    floor: Instant
    """Nothing will be stamped at or before this instant."""
    slips: Count
    """How many slips were stamped since the seal before."""


def last_end(spans: Iterable[tuple[int, int]], instant: int) -> int:
    """Return the end (µs) of the last window that is over at `instant`, 0 = none.

    `spans` are the windows' offsets in a day; the end itself still belongs to the window.
    """
    today = day_start(day_of(instant))
    ends = [day + last for day in (today - DAY, today) for _, last in spans]
    return max((end for end in ends if 0 <= end < instant), default=0)
