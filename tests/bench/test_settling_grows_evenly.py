"""The clerk waits for the settling after every stamp: its cost grows with the slips, not with their square."""

from __future__ import annotations

import time

import pytest

from shared_rules.facts import Event
from shared_rules.policy import Policies
from shared_rules.settlement import settle
from tests.builders import DEFAULT, at, slip
from tests.worlds import turned

TIMED = turned(
    "timed",
    ('on_drop = "drain"', 'on_drop = "release"'),
    ('returned_revives = "never"', 'returned_revives = "by_time"'),
)
"""Where time alone may change a claim."""


def _slips(count: int) -> list[Event]:
    people = [(chr(0x5000 + seq) + "明", f"139{seq:08d}") for seq in range(1, count + 1)]
    return [slip("03-02 09:10", f"1.{seq}", "A", name=name, phone=phone) for seq, (name, phone) in enumerate(people, 1)]


def _seconds(events: list[Event], policies: Policies) -> float:
    best = 1e9
    for _ in range(3):
        begin = time.perf_counter()
        settle(events, policies, at("03-02 17:00"))
        best = min(best, time.perf_counter() - begin)
    return best


@pytest.mark.parametrize("policies", [DEFAULT, TIMED])
def test_four_times_the_slips_cost_about_four_times_as_much(policies: Policies) -> None:
    """Sixteen times would mean that every slip is compared with all others; eight is the line between."""
    few, many = (_seconds(_slips(count), policies) for count in (250, 1000))
    assert many < 8 * few
