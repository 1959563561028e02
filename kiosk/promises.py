"""How far ahead a journal may promise to stamp nothing, and which of its promises a new life goes on keeping.

A promise rests on what the server signed of the time, never on the battery clock: one that once said 2099 would else
make the kiosk refuse every stamp until then, and the server takes no promise further ahead than an office closes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared_rules.facts import DutyClosed
from shared_rules.protocol import LONGEST_PROMISE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kiosk.clock import Reading
    from shared_rules.facts import Fact

__all__ = ["closing_promise", "latest_promise"]


def latest_promise(reading: Reading) -> int:
    """Return the latest instant (µs) that closing up may promise, from the last lower bound that is proved."""
    return reading.promise + 1 + LONGEST_PROMISE


def closing_promise(facts: Iterable[Fact], latest: int) -> int:
    """Return the furthest promise of closing up that is not beyond `latest`, 0 = none."""
    floors = (fact.floor for fact in facts if isinstance(fact, DutyClosed))
    return max((floor for floor in floors if floor <= latest), default=0)
