"""Twenty things to get wrong in an interval clock, each a replacement in the source that some test must notice.

`python -m tests.kiosk.clock_mutants [NAMES]` runs the clock's tests against each, in a process of its own, and fails if
one survives. A few run with every test run; XIANHOU_CLOCK_MUTANTS=all runs them all there.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

__all__ = ["MUTANTS", "Mutant", "killed"]

_CLOCK: Final = "kiosk.clock"
_TIMEKEEPING: Final = "shared_rules.timekeeping"
_SOLVING: Final = "shared_rules.solving"
_TESTS: Final = (
    "tests/shared_rules/test_timekeeping.py",
    "tests/kiosk/test_clock.py",
    "tests/shared_rules/test_solving.py",
    "tests/kiosk/test_clock_worlds.py",
)


@dataclass(frozen=True)
class Mutant:
    """One mistake: in a module, `before` stands once and becomes `after`."""

    module: str
    before: str
    after: str

    def source(self) -> str:
        """Return the module's source with the mistake in it."""
        text = (ROOT / f"{self.module.replace('.', '/')}.py").read_text(encoding="utf-8")
        assert text.count(self.before) == 1, self.before
        return text.replace(self.before, self.after)


MUTANTS: Final = {
    "no error of the tick": Mutant(_TIMEKEEPING, "max(0, ticks - TICK_ERROR)", "ticks"),
    "no drift forward": Mutant(_TIMEKEEPING, "(_MILLION - DRIFT_PPM) // _MILLION", "_MILLION // _MILLION"),
    "later bound rounded inward": Mutant(
        _TIMEKEEPING,
        "return -((ticks + TICK_ERROR) * (_MILLION + DRIFT_PPM) // -_MILLION)",
        "return ticks * (_MILLION + DRIFT_PPM) // _MILLION",
    ),
    "lower bound without the server's error": Mutant(
        _TIMEKEEPING, "lo, hi = anchor.tx - anchor.err,", "lo, hi = anchor.tx,"
    ),
    "half the round trip": Mutant(
        _TIMEKEEPING,
        "anchor.rx + anchor.err + longest(round_trip)",
        "anchor.rx + anchor.err + longest(round_trip // 2)",
    ),
    "upper bound from the answer's time": Mutant(
        _TIMEKEEPING, "anchor.rx + anchor.err + longest(round_trip)", "anchor.tx + anchor.err"
    ),
    "battery clock exact": Mutant(_TIMEKEEPING, "later.hi + RTC_ERROR", "later.hi"),
    "one side believed where two contradict": Mutant(
        _TIMEKEEPING, "return Folded(hull(known, witness),", "return Folded(witness,"
    ),
    "the wall clock's steps unseen": Mutant(
        _CLOCK, "            return moved\n    return 0", "            return 0\n    return 0"
    ),
    "a set forward does not split the run": Mutant(
        _CLOCK, "split = _based(state, time, now, seg=(state.seg + 1) % _SEGMENTS)", "split = _based(state, time, now)"
    ),
    "a halt is not covered": Mutant(
        _CLOCK, "OPEN if state.hi == OPEN else time.hi + lead)", "OPEN if state.hi == OPEN else time.hi)"
    ),
    "a halt ends with the wall's return": Mutant(_CLOCK, "lead = max(state.lead, state.hi", "lead = max(0, state.hi"),
    "a set back moves the bounds": Mutant(
        _CLOCK,
        'return _based(state, time, now), time, (_event("set_back", moved),)',
        "time = Interval(time.lo + moved, time.hi)\n"
        '        return _based(state, time, now), time, (_event("set_back", moved),)',
    ),
    "a reboot unseen": Mutant(
        _CLOCK, "if now.boot_id != state.boot_id or now.tick < state.seen_tick:", "if now.tick < state.seen_tick:"
    ),
    "a dead battery believed": Mutant(
        _CLOCK, "if state.grade is Grade.C or off < -RTC_ERROR:", "if state.grade is Grade.C:"
    ),
    "a battery clock's word is a lower bound": Mutant(
        _CLOCK,
        "return max(self.not_before, self.sure) if self.grade is Grade.B else self.last_lo",
        "return self.last_lo",
    ),
    "not_before falls": Mutant(_CLOCK, "not_before=max(state.not_before, witness.lo)", "not_before=witness.lo"),
    "the answer is dated by its question": Mutant(
        _CLOCK, "advance(witness, max(0, now.tick - received_tick))", "witness"
    ),
    "a battery clock promises": Mutant(
        _CLOCK, "self.time.lo if self.grade is Grade.A else self.not_before", "self.time.lo"
    ),
    "a restored snapshot goes on with its run": Mutant(
        _CLOCK, "seg = (state.seg + 1) % _SEGMENTS if same_boot else 0", "seg = 0"
    ),
    "what comes later bounds nothing": Mutant(_SOLVING, "later = _Later(hi, one.tick, lo, one.tick, 1)", "pass"),
    "no halt before an anchor": Mutant(_SOLVING, " - self.halts * HALT", ""),
    "a run goes on over a reboot": Mutant(
        _SOLVING, "return (self.boot_id, self.seg) == (record.boot_id, record.seg) and", "return"
    ),
    "a battery clock bounds its run": Mutant(
        _SOLVING, "if record.grade is Grade.A:", "if record.grade is not Grade.C:"
    ),
}


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module with a mistake in it."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Answer for that module only."""
        if fullname != self._mutant.module:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=f"{fullname} (mutant)")

    def exec_module(self, module: ModuleType) -> None:
        """Run the source."""
        exec(compile(self._mutant.source(), f"<{self._mutant.module}>", "exec"), module.__dict__)  # noqa: S102 - a mutant


def killed(name: str) -> bool:
    """Return whether a test notices the mistake."""
    command = [sys.executable, "-m", "tests.kiosk.clock_mutants", "--run", name]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 1


def _run(name: str) -> int:
    import pytest

    sys.meta_path.insert(0, _Finder(MUTANTS[name]))
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly"]
    return int(pytest.main([*options, *_TESTS]))


def main(arguments: list[str]) -> int:
    """Run them all, or those named; 1 if one survives."""
    if arguments[:1] == ["--run"]:
        return _run(arguments[1])
    survivors = 0
    for name in arguments or MUTANTS:
        dead = killed(name)
        survivors += not dead
        sys.stdout.write(f"{'killed  ' if dead else 'SURVIVED'} {name}\n")
        sys.stdout.flush()
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
