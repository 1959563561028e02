"""Frozen values, and the collector that need not walk them."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from shared_rules.values import uncollected


@pytest.fixture(autouse=True)
def collector_as_before() -> Iterator[None]:
    """Leave the collector of the test process as it was."""
    was_on = gc.isenabled()
    yield
    (gc.enable if was_on else gc.disable)()


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_rests_and_is_afterwards_what_it_was(on: bool) -> None:
    """Who runs without a collector gets none; everybody else gets it back."""
    (gc.enable if on else gc.disable)()
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled() is on


def test_the_collector_comes_back_after_an_error() -> None:
    """A register that cannot be settled does not leave a process without a collector."""
    gc.enable()
    with pytest.raises(ValueError, match="broken"), uncollected():
        raise ValueError("broken")
    assert gc.isenabled()
