"""How much a ruling costs: `python -m tests.bench.settling [--sizes 10000,100000,1000000] [--json FILE]`.

Each register has a process of its own, so that its peak memory is its own. New slips are added to all in turns, so that
the machine needs the memory of all together. Times are compared with a baseline of the same minutes, the canonical
encoding of one slip: a ratio means the same on every machine, a second does not.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any, Final

from shared_rules.clauses import ON_NEW
from shared_rules.decision import decide
from shared_rules.interval import HOUR
from shared_rules.policy import Policies, shipped
from shared_rules.settlement import Settlement
from shared_rules.wire import encode_fact
from tests.bench.town import NOW, entry, history, new_slip

__all__ = ["GOALS", "Settled", "main"]

SIZES: Final = (10_000, 100_000, 1_000_000)
GOALS: Final = {"median_ratio": 1.5, "one_slip_ms": 1.0, "from_scratch_s": 120.0, "peak_gb": 4.0}
"""For the largest of three registers on a machine with two cores."""
_TURNS: Final = 10
_EACH: Final = 30
"""New slips of each kind in a turn."""


def _micros(act: Callable[[], object]) -> float:
    begin = time.perf_counter_ns()
    act()
    return (time.perf_counter_ns() - begin) / 1000


def _figures(took: list[float]) -> dict[str, float]:
    """Return median and 99th percentile, in microseconds."""
    took = sorted(took)
    return {"median_us": round(median(took), 1), "p99_us": round(took[len(took) * 99 // 100], 1)}


def _decision(settlement: Settlement, claim: str) -> float:
    """Return the median microseconds to judge one colliding slip, reasons and what was set aside included."""
    hearing = settlement._hearing
    state = hearing.claims.last(claim)
    assert state is not None
    hearing.now = settlement._slips[claim]
    situation = hearing.situation(state, "new", state.policy, hearing.alike(state))
    assert situation.rivals
    verdict, _ = decide(situation, state.policy, ON_NEW)
    assert verdict is not None
    return round(median(_micros(lambda: decide(situation, state.policy, ON_NEW)) for _ in range(5000)), 1)


def _baseline(times: int = 5000) -> float:
    """Return the median microseconds of the canonical encoding of one slip."""
    fact = new_slip(1000, 1).fact
    return median(_micros(lambda: encode_fact(fact)) for _ in range(times))


class Settled:
    """A register settled from scratch, to which a few new slips of each kind are added turn by turn."""

    def __init__(self, count: int, each: int = _EACH) -> None:
        self.count, self.each, self.turns = count, each, 0
        self.settlement = Settlement(Policies.single(shipped()))
        self.baselines = [_baseline()]
        begin = time.perf_counter()
        self.settlement.begin(history(count), NOW)
        self.scratch = time.perf_counter() - begin
        self.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.live = Counter(ruling.decision.status.value for ruling in self.settlement.register().claims.values())
        made = time.perf_counter()
        for _ in history(count):
            pass
        self.scratch -= time.perf_counter() - made
        self.baselines.append(_baseline())
        self.took: dict[str, list[float]] = {}
        self.loser = ""

    def turn(self) -> None:
        """Add the next slips of each kind, one at a time."""
        first = 1 + 3 * self.each * self.turns
        fresh, late, losing = (range(first + kind * self.each, first + (kind + 1) * self.each) for kind in range(3))
        slips = [new_slip(self.count, number) for number in fresh]
        kinds = {
            "new": slips,
            "new, hours late": [new_slip(self.count, number, late=True) for number in late],
            "new, colliding": [new_slip(self.count, number, collides=True) for number in losing],
            "entry": [entry(event) for event in slips],
        }
        for kind, events in kinds.items():
            took = self.took.setdefault(kind, [])
            took += (_micros(lambda event=event: self.settlement.apply([event], NOW + HOUR)) for event in events)  # type: ignore[misc]
        self.baselines.append(_baseline(500))
        self.loser = kinds["new, colliding"][-1].fact.slip  # type: ignore[union-attr]
        self.turns += 1

    def figures(self) -> dict[str, Any]:
        """Return what was measured: microseconds, seconds, megabytes."""
        ruling = self.settlement.ruling(self.loser)
        assert ruling is not None
        return {
            "slips": self.count,
            "live": self.live["upheld"],
            "from_scratch_s": round(self.scratch, 2),
            "from_scratch_us_per_slip": round(self.scratch / self.count * 1e6, 1),
            "from_scratch_baseline_us": round(sum(self.baselines[:2]) / 2, 1),
            "peak_mb": round(self.peak),
            "one_slip": {kind: _figures(took) for kind, took in self.took.items()},
            "decision_us": _decision(self.settlement, self.loser),
            "baseline_us": round(median(self.baselines[2:]), 1),
            "status_of_the_loser": ruling.decision.status.value,
        }


def _table(runs: list[dict[str, Any]]) -> str:
    lines = [f"{'':30}" + "".join(f"{run['slips']:>14,}" for run in runs)]

    def row(name: str, value: Callable[[dict[str, Any]], float], unit: str) -> None:
        lines.append(f"{name:30}" + "".join(f"{value(run):>11,.1f} {unit}" for run in runs))

    lines.append(f"{'live claims':30}" + "".join(f"{run['live']:>14,}" for run in runs))
    row("from scratch", lambda run: run["from_scratch_s"], "s ")
    row("  a slip", lambda run: run["from_scratch_us_per_slip"], "µs")
    row("  a slip : baseline", lambda run: run["from_scratch_us_per_slip"] / run["from_scratch_baseline_us"], "× ")
    row("  peak memory", lambda run: run["peak_mb"], "MB")
    for kind in runs[0]["one_slip"]:
        row(f"{kind}, median", lambda run, kind=kind: run["one_slip"][kind]["median_us"], "µs")  # type: ignore[misc]
        row(f"{kind}, p99", lambda run, kind=kind: run["one_slip"][kind]["p99_us"], "µs")  # type: ignore[misc]
    row("decision with reasons", lambda run: run["decision_us"], "µs")
    row("baseline: encode one slip", lambda run: run["baseline_us"], "µs")
    row("  new slip : baseline", lambda run: run["one_slip"]["new"]["median_us"] / run["baseline_us"], "× ")
    lines.append(f"median of a new slip, largest : smallest = {_ratio(runs):.2f} (goal ≤ {GOALS['median_ratio']})")
    return "\n".join(lines)


def _ratio(runs: list[dict[str, Any]]) -> float:
    first, last = (run["one_slip"]["new"]["median_us"] for run in (runs[0], runs[-1]))
    return float(last / first)


def main(arguments: list[str]) -> int:
    """Run every size in a process of its own; print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", type=int, help="settle one size, take a turn for each line of the input, print JSON")
    options = parser.parse_args(arguments)
    if options.one:
        return _serve(options.one)
    runs = _side_by_side([int(size) for size in options.sizes.split(",")])
    result = {"runs": runs, "median_ratio": round(_ratio(runs), 2), "goals": GOALS}
    if options.json:
        options.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(_table(runs) + "\n")
    return 0


def _serve(size: int) -> int:
    settled = Settled(size)
    _say("settled")
    for _ in sys.stdin:
        settled.turn()
        _say("a turn")
    _say(json.dumps(settled.figures()))
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _side_by_side(sizes: list[int]) -> list[dict[str, Any]]:
    """Settle one register after another, then let all take turns: a machine that slows down slows each as much."""
    with ExitStack() as stack:
        registers = [stack.enter_context(_started(size)) for size in sizes]
        for _ in range(_TURNS):
            for register in registers:
                _told(register, "\n")
        return [json.loads(register.communicate()[0]) for register in registers]


def _started(size: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.bench.settling", "--one", str(size)]
    register = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    _told(register)
    return register


def _told(register: subprocess.Popen[str], line: str = "") -> None:
    """Say something to a register's process and wait for its answer."""
    assert register.stdin is not None
    assert register.stdout is not None
    register.stdin.write(line)
    register.stdin.flush()
    if not register.stdout.readline():
        message = "a register's process ended: its message stands above"
        raise RuntimeError(message)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
