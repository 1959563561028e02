"""A check that no sabotage trips holds nothing: each broken piece of the real code is caught by its seed."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.paths import ROOT
from tests.simulation.catch import caught
from tests.simulation.page import page
from tests.simulation.sabotages import SABOTAGES, sabotaged
from tests.simulation.world import simulate

CAUGHT = caught()


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Broken code complains; that is not what these tests are about."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("name", SABOTAGES)
def test_a_sabotage_is_caught_by_its_seed(name: str) -> None:
    """The seed finds it with the code broken; that it finds nothing otherwise, the normal runs hold."""
    seed, invariant = CAUGHT[name]
    with sabotaged(name):
        violation = simulate(seed).violation
    assert violation is not None
    assert violation.invariant == invariant, violation


def test_the_page_of_the_simulator_is_as_the_code_would_write_it() -> None:
    """A generated page that lags is a page that lies."""
    assert (ROOT / "docs" / "simulation.md").read_text(encoding="utf-8") == page(CAUGHT)


def test_a_sabotage_leaves_nothing_behind() -> None:
    """Whatever was broken is whole again for the next test."""
    with sabotaged("anchor file ignored"):
        pass
    assert simulate(CAUGHT["anchor file ignored"][0]).violation is None
