"""The power is cut at any operation of the disk, also in the recovery from a cut: nothing acknowledged is lost.

The journal is the production one; only connection and anchor file are the simulator's. `XIANHOU_CUTS=1000000` is the
full run; each finding names its seed, and `python -m tests.faults.power_cut --seed N` replays it.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest

from tests.faults.power_cut import Lost, cut

SEEDS = int(os.environ.get("XIANHOU_CUTS", "10000"))
PARTS = 8
"""So that several processes share them."""


@pytest.mark.parametrize("part", range(PARTS))
def test_no_acknowledged_record_is_lost_in_a_power_cut(part: int) -> None:
    """Every record whose append returned is there with its hash, in one life, and no slip number is given twice."""
    struck: Counter[str] = Counter()
    for seed in range(part, SEEDS, PARTS):
        struck += cut(seed)
    assert struck["opening"] + struck["stamping"] >= SEEDS // PARTS
    assert min(struck[what] for what in ("opening", "stamping", "anchor file")) > SEEDS // PARTS // 50


@pytest.mark.parametrize("sabotage", ["synchronous", "lying disk", "early"])
def test_a_journal_that_does_not_wait_for_the_disk_is_caught(sabotage: str) -> None:
    """synchronous=NORMAL, a disk whose sync does nothing, and an acknowledgement before COMMIT all lose slips."""
    lost = 0
    for seed in range(60):
        try:
            cut(seed, sabotage)
        except Lost:
            lost += 1
    assert lost > 10
