"""`python -m tests.simulation.catch [--page | NAMES]`: which seed catches each sabotage, written down."""

from __future__ import annotations

import logging
import sys
import tomllib
from pathlib import Path
from typing import Final

from tests.paths import ROOT
from tests.simulation.page import page
from tests.simulation.sabotages import SABOTAGES, sabotaged
from tests.simulation.world import simulate

__all__ = ["CAUGHT", "caught"]

CAUGHT: Final = Path(__file__).with_name("caught.toml")
_SEEDS: Final = 600


def caught() -> dict[str, tuple[int, int]]:
    """Return sabotage -> (seed, invariant), as they were found last."""
    return {one["sabotage"]: (one["seed"], one["invariant"]) for one in tomllib.loads(CAUGHT.read_text())["caught"]}


def _find(name: str, first: int) -> tuple[int, int] | None:
    for seed in [first, *range(1, _SEEDS + 1)]:
        with sabotaged(name):
            violation = simulate(seed).violation
        # a seed that fails with the code whole proves nothing about the sabotage
        if violation is not None and simulate(seed).violation is None:
            return seed, violation.invariant
    return None


def main(names: list[str]) -> int:
    """Find them all, or those named; 1 if one was never caught."""
    logging.disable(logging.CRITICAL)
    found = caught() if CAUGHT.exists() else {}
    missed = 0
    for name in [] if names == ["--page"] else names or list(SABOTAGES):
        answer = _find(name, found.get(name, (1, 0))[0])
        sys.stdout.write(f"{name}: {answer}\n")
        sys.stdout.flush()
        if answer is None:
            missed += 1
            found.pop(name, None)
        else:
            found[name] = answer
        _write({name: found[name] for name in SABOTAGES if name in found})
    _write({name: found[name] for name in SABOTAGES if name in found})
    return int(missed > 0)


def _write(found: dict[str, tuple[int, int]]) -> None:
    lines = ["# Written by `python -m tests.simulation.catch`: the seed that catches each sabotage.", ""]
    for name, (seed, invariant) in found.items():
        lines += ["[[caught]]", f'sabotage = "{name}"', f"seed = {seed}", f"invariant = {invariant}", ""]
    CAUGHT.write_text("\n".join(lines))
    (ROOT / "docs" / "simulation.md").write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
