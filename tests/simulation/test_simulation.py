"""Days of the whole house from one seed, hundreds of times: nothing is lost, nobody is misled, all comes to rest."""

from __future__ import annotations

import os
import tomllib
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.paths import ROOT
from tests.simulation.ledger import Ledger
from tests.simulation.world import simulate

SEEDS = int(os.environ.get("XIANHOU_SEEDS", "200"))
"""How many run here; below 200 the ledger of rare states is not asked for."""
ENOUGH = 200
REGRESSIONS = tomllib.loads(Path(__file__).with_name("regressions.toml").read_text(encoding="utf-8"))["found"]


def _run(seed: int) -> tuple[str, Ledger]:
    """Return what a seed found, "" for nothing, and what it reached."""
    outcome = simulate(seed)
    if outcome.violation is None:
        return "", outcome.ledger
    return f"{outcome.violation}\n  replay: python -m tests.simulation --seed {seed} -v", outcome.ledger


@pytest.mark.slow
def test_every_invariant_holds_in_every_run_and_every_rare_state_was_reached() -> None:
    """Whatever befalls clocks, network, disks and people, the promises hold; and it did befall them."""
    ledger = Ledger()
    found = []
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for trouble, reached in pool.map(_run, range(1, SEEDS + 1), chunksize=5):
            ledger.update(reached)
            found += [trouble] if trouble else []
    assert not found, "\n".join(found)
    assert SEEDS < ENOUGH or not ledger.missing()


@pytest.mark.parametrize("found", REGRESSIONS, ids=lambda found: f"seed {found['seed']}")
def test_a_seed_that_once_found_something_finds_it_no_more(found: dict[str, str]) -> None:
    """Each finding has a plain test of its own beside the module, too."""
    assert (ROOT / found["test"]).exists()
    assert _run(int(found["seed"]))[0] == ""


def test_a_seed_is_the_same_run_every_time() -> None:
    """A failing seed can be replayed: keys and hashes differ, what happens and what is told does not."""
    assert simulate(11).trace == simulate(11).trace != ""
