"""The benchmark of settling measures what it says: live claims, slips that lose, a cost that does not grow."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bench.settling import Settled, main


@pytest.fixture(scope="module")
def measured() -> list[dict[str, Any]]:
    """Return the measures of a small register, and of one four times as large, taken in turns."""
    registers = [Settled(count, each=15) for count in (4000, 16_000)]
    for _ in range(5):
        for register in registers:
            register.turn()
    return [register.figures() for register in registers]


def test_nearly_all_of_the_town_is_live_and_the_colliding_slip_is_returned(measured: list[dict[str, Any]]) -> None:
    """A benchmark over slips that were all refused at the door would be quick and mean nothing."""
    few, _ = measured
    assert few["live"] > 0.95 * few["slips"]
    assert few["status_of_the_loser"] == "returned"


def test_a_new_slip_costs_the_same_against_four_times_the_register(measured: list[dict[str, Any]]) -> None:
    """Four is what comparing with every claim would cost; two and a half leaves room for a busy machine."""
    few, many = measured
    for kind, cost in few["one_slip"].items():
        assert many["one_slip"][kind]["median_us"] < 2.5 * cost["median_us"], kind


def test_the_table_names_every_measure(capsys: pytest.CaptureFixture[str]) -> None:
    """Each register is measured in a process of its own; the table shows them side by side."""
    assert main(["--sizes", "1000,2000"]) == 0
    shown = capsys.readouterr().out
    for word in ("live claims", "peak memory", "new, colliding, p99", "decision with reasons", "largest : smallest"):
        assert word in shown
