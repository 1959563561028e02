"""docs/simulation.md, written by the code it describes."""

from __future__ import annotations

from inspect import getdoc

from tests.simulation.ledger import STATES
from tests.simulation.plan import HAZARDS
from tests.simulation.sabotages import SABOTAGES
from tests.simulation.violation import INVARIANTS

__all__ = ["page"]

_HEAD = """# The simulator

One seed decides clocks, network, disks and people of a few days; the code they act on is the real one: the kiosk's
desk, journal, feed and exchange in folders, the server's application over its database, the rules. Then the faults
end, and all must come to rest. A run takes under a second.

```console
$ python3 run.py python -m tests.simulation --seed 7 -v          # one run
$ python3 run.py python -m tests.simulation --seed 1 --count 500 # many, and what they reached
$ XIANHOU_SEEDS=2000 python3 run.py test tests/simulation        # many in the tests
$ python3 run.py python -m tests.simulation.catch                # find again which seed catches which sabotage
```

A seed that fails names itself and its command. Seeds that once found something are in
[regressions.toml](../tests/simulation/regressions.toml) and always run.

Three things come up too rarely for a sabotage of them to be caught in 600 seeds; plain tests hold them: a late slip
that would upset a final ruling (tests/sync_server/test_reconciler.py), a server that lost only an ended life of a
journal (tests/kiosk/test_sync.py), a stamp half-done by a full disk (tests/faults/test_disk_full.py; SQLite rolls
back by itself, so that there is nothing to break).

What is not simulated: bytes that a power cut tears (tests/faults has real processes that are killed), a counter wrong
by more than 200 ppm, a battery clock set while the machine is off by less than the time it was off, or set between a
copy of a machine and its return: no interval clock can know these.
Revocation and paper (tests/together, tests/kiosk/test_emergency_book.py) are not in it yet.

This page is written by `tests/simulation/page.py`; a test holds that it is as the code would write it.
"""


def page(found: dict[str, tuple[int, int]]) -> str:
    """Return the page; `found` is sabotage -> (seed, invariant)."""
    lines = [_HEAD, "## Invariants", "", "| number | what holds | sabotages that trip it |", "|---|---|---|"]
    for number, text in INVARIANTS.items():
        count = sum(invariant == number for _, invariant in found.values())
        lines.append(f"| {number or '–'} | {text} | {count} |")
    lines += ["", "0 (–) is an error that is not ours. The numbers are those of the architecture.", ""]
    lines += ["## Sabotages", "", "Each breaks the real code in one place; the seed must catch it.", ""]
    lines += ["| sabotage | what it does | caught by | seed |", "|---|---|---|---|"]
    for name, (seed, invariant) in found.items():
        lines.append(f"| {name} | {getdoc(SABOTAGES[name])} | {invariant or '–'} | {seed} |")
    lines += ["", "## States that must have been reached", ""]
    lines += ["The seeds of the normal tests fail together if one of them was never reached.", ""]
    lines += ["| state | what it is |", "|---|---|", *(f"| {state} | {text} |" for state, text in STATES.items())]
    weights = ", ".join(f"{name} {weight}" for name, weight in HAZARDS.items())
    lines += ["", "## Mishaps", "", f"Drawn with these weights: {weights}."]
    return "\n".join(lines) + "\n"
