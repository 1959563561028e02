"""How much a ruling costs: `python -m tests.bench.settling [--sizes 10000,100000,1000000] [--json FILE]`.

Each register has a process of its own, so that its peak memory is its own. Times are compared with a baseline of the
same run, the canonical encoding of one slip, taken before and after: a ratio means the same on every machine, a second
does not.
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
from pathlib import Path
from statistics import median
from typing import Any, Final

from shared_rules.clauses import ON_NEW
from shared_rules.decision import decide
from shared_rules.facts import Event
from shared_rules.interval import HOUR
from shared_rules.policy import Policies, shipped
from shared_rules.settlement import Settlement
from shared_rules.wire import encode_fact
from tests.bench.town import NOW, entry, history, new_slip

__all__ = ["GOALS", "main", "measure"]

SIZES: Final = (10_000, 100_000, 1_000_000)
GOALS: Final = {"median_ratio": 1.5, "one_slip_ms": 1.0, "from_scratch_s": 120.0, "peak_gb": 4.0}
"""For the largest of three registers on a machine with two cores."""
_NEW: Final = 300
"""New slips of each kind."""


def _micros(act: Callable[[], object]) -> float:
    begin = time.perf_counter_ns()
    act()
    return (time.perf_counter_ns() - begin) / 1000


def _each(settlement: Settlement, events: list[Event]) -> dict[str, float]:
    """Apply events one by one; return median and 99th percentile in microseconds."""
    took = sorted(_micros(lambda event=event: settlement.apply([event], NOW + HOUR)) for event in events)  # type: ignore[misc]
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


def _baseline() -> float:
    """Return the median microseconds of the canonical encoding of one slip."""
    fact = new_slip(1000, 1).fact
    return median(_micros(lambda: encode_fact(fact)) for _ in range(5000))


def measure(count: int, new: int = _NEW) -> dict[str, Any]:
    """Settle `count` slips from scratch, then one new slip at a time; microseconds, seconds, megabytes."""
    settlement = Settlement(Policies.single(shipped()))
    baseline = [_baseline()]
    begin = time.perf_counter()
    settlement.begin(history(count), NOW)
    scratch = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    live = Counter(ruling.decision.status.value for ruling in settlement.register().claims.values())
    made = time.perf_counter()
    for _ in history(count):
        pass
    scratch -= time.perf_counter() - made
    fresh = [new_slip(count, number) for number in range(1, new)]
    late = [new_slip(count, number, late=True) for number in range(new, 2 * new)]
    losing = [new_slip(count, number, collides=True) for number in range(2 * new, 3 * new)]
    one = {
        "new": _each(settlement, fresh),
        "new, hours late": _each(settlement, late),
        "new, colliding": _each(settlement, losing),
        "entry": _each(settlement, [entry(event) for event in fresh]),
    }
    last = losing[-1].fact
    ruling = settlement.ruling(last.slip)  # type: ignore[union-attr]
    assert ruling is not None
    baseline.append(_baseline())
    return {
        "slips": count,
        "live": live["upheld"],
        "from_scratch_s": round(scratch, 2),
        "from_scratch_us_per_slip": round(scratch / count * 1e6, 1),
        "peak_mb": round(peak),
        "one_slip": one,
        "decision_us": _decision(settlement, last.slip),  # type: ignore[union-attr]
        "baseline_us": round(sum(baseline) / len(baseline), 1),
        "status_of_the_loser": ruling.decision.status.value,
    }


def _table(runs: list[dict[str, Any]]) -> str:
    lines = [f"{'':30}" + "".join(f"{run['slips']:>14,}" for run in runs)]

    def row(name: str, value: Callable[[dict[str, Any]], float], unit: str) -> None:
        lines.append(f"{name:30}" + "".join(f"{value(run):>11,.1f} {unit}" for run in runs))

    lines.append(f"{'live claims':30}" + "".join(f"{run['live']:>14,}" for run in runs))
    row("from scratch", lambda run: run["from_scratch_s"], "s ")
    row("  a slip", lambda run: run["from_scratch_us_per_slip"], "µs")
    row("  a slip : baseline", lambda run: run["from_scratch_us_per_slip"] / run["baseline_us"], "× ")
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
    parser.add_argument("--one", type=int, help="measure one size and print its JSON")
    options = parser.parse_args(arguments)
    if options.one:
        sys.stdout.write(json.dumps(measure(options.one)))
        return 0
    runs = [_apart(int(size)) for size in options.sizes.split(",")]
    result = {"runs": runs, "median_ratio": round(_ratio(runs), 2), "goals": GOALS}
    if options.json:
        options.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(_table(runs) + "\n")
    return 0


def _apart(size: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.settling", "--one", str(size)],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    run: dict[str, Any] = json.loads(done.stdout)
    return run


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
