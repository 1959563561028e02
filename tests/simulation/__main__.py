"""`python -m tests.simulation --seed N [-v]`: run one seed, or some, and say what was found."""

from __future__ import annotations

import argparse
import sys
import time
import traceback

from tests.simulation.ledger import Ledger
from tests.simulation.plan import Plan
from tests.simulation.world import simulate


def main() -> int:
    """Run the seeds that were asked for; 1 if an invariant did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("-v", "--verbose", action="store_true")
    wanted = parser.parse_args()
    ledger, failed = Ledger(), 0
    began = time.perf_counter()
    for seed in range(wanted.seed, wanted.seed + wanted.count):
        outcome = simulate(seed)
        ledger.update(outcome.ledger)
        if outcome.violation is not None:
            failed += 1
            sys.stdout.write(f"seed {seed}: {outcome.violation}\n")
            if wanted.verbose:
                traceback.print_exception(outcome.violation)
        elif wanted.verbose:
            sys.stdout.write(f"seed {seed}: good {outcome.trace[:12]} {dict(outcome.ledger)}\n")
        sys.stdout.flush()
    if wanted.verbose and wanted.count == 1:
        import random

        sys.stdout.write(f"{Plan.draw(random.Random(f'{wanted.seed} plan'))}\n")
    spent = time.perf_counter() - began
    sys.stdout.write(f"{wanted.count} seeds, {failed} failed, {spent:.1f} s; never reached: {ledger.missing()}\n")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
