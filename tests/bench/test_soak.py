"""A small part of the soak: slip after slip, the counter's memory stays; without the fix for trap 2 it does not."""

from __future__ import annotations

import pytest

from tests.bench.soak import COUNTER, SABOTAGE, slope, soak

BETWEEN = 60.0
"""KiB a slip: the counter stays far below, the sabotage far above; the full run asks for less than 5."""


@pytest.mark.slow
@pytest.mark.parametrize(("program", "grows"), [(COUNTER, False), (SABOTAGE, True)], ids=["counter", "sabotage"])
def test_memory_stays_slip_after_slip(program: list[str], grows: bool) -> None:
    """Thirty slips through the screens of a real terminal; the full run is `python -m tests.bench.soak`."""
    readings = soak(30, program, warm=10)
    assert (slope(readings) > BETWEEN) is grows, readings
