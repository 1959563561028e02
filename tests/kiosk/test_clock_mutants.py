"""A mistake in the clock is noticed: whatever its tests would let pass is not held by them."""

from __future__ import annotations

import os

import pytest

from tests.kiosk.clock_mutants import MUTANTS, Mutant, killed

CHOSEN = (
    list(MUTANTS) if os.environ.get("XIANHOU_CLOCK_MUTANTS") == "all" else ["half the round trip", "a reboot unseen"]
)


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_each_mistake_can_be_made_in_the_source_as_it_is(mutant: Mutant) -> None:
    """A replacement that fits nowhere any more would be killed by nothing but its own absence."""
    compile(mutant.source(), mutant.module, "exec")


@pytest.mark.slow
@pytest.mark.parametrize("name", CHOSEN)
def test_a_mistake_in_the_clock_is_noticed(name: str) -> None:
    """By an example, or by what happens in some world."""
    assert killed(name)
