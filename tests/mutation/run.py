"""Mutation testing: `python -m tests.mutation.run [shared_rules/decision.py …]`; without names, all of the rules.

Mutmut changes one thing at a time in a copy of the tree; what neither mypy nor a test notices has survived. Each
survivor must be justified in `survivors.toml`, by its function and its changed line; anything else fails the run.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path
from typing import Final, NamedTuple

from tests.mutation.plain import copy_tree
from tests.paths import ROOT

__all__ = ["Mutant", "main"]

RULES: Final = (
    *(f"shared_rules/{name}/*" for name in ("clauses", "hearing")),
    *(
        f"shared_rules/{name}.py"
        for name in (
            "answers", "background", "chronicle", "claims", "closings", "dealing", "deals", "decision", "finality",
            "matters", "outcome", "procedure", "roll", "settlement", "turns",
        )
    ),
)  # fmt: skip
"""Clauses, decision and settlement, with all that settlement consists of."""
_CONFIGURATION: Final = """
[tool.mutmut]
source_paths = ["shared_rules"]
only_mutate = {rules}
also_copy = ["kiosk", "sync_server", "docs", "README.md", "CHANGELOG.md"]
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-p", "no:xdist", "-p", "no:cov"]
type_check_command = [
    "{python}", "-m", "mypy", "--config-file", "tests/mutation/mypy.ini", "shared_rules", "--output", "json",
]
use_git_change_detection = false
"""
TESTS: Final = ("tests/shared_rules", "tests/test_cases.py", "tests/test_policies.py")
_NOTICED: Final = ("killed", "caught by type check", "timeout")
_LEAST: Final = 0.95
_SPINNER: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class Mutant(NamedTuple):
    """A change that nobody noticed."""

    function: str
    before: str
    after: str


def _mutmut(tree: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "mutmut", *arguments]
    return subprocess.run(command, cwd=tree, capture_output=True, check=True, text=True).stdout


def _mutant(tree: Path, name: str) -> Mutant:
    diff = _mutmut(tree, "show", name).splitlines()
    before, after = (
        " ".join(line[1:].strip() for line in diff if line.startswith(sign) and not line.startswith(sign * 3))
        for sign in "-+"
    )
    return Mutant(name.rsplit("__mutmut_", 1)[0], before, after)


def _justified() -> dict[Mutant, str]:
    table = tomllib.loads(Path(__file__).with_name("survivors.toml").read_text(encoding="utf-8"))
    return {Mutant(one["function"], one["before"], one["after"]): one["why"] for one in table.get("survivor", ())}


def _told(log: str) -> str:
    """Return the end of mutmut's log, of which the turning of its spinner is no news."""
    lines = [line for line in log.replace("\r", "\n").splitlines() if line.strip() and line[0] not in _SPINNER]
    return "\n".join(lines)[-4000:]


def _run(tree: Path, rules: list[str], tests: list[str]) -> tuple[Counter[str], list[Mutant]]:
    copy_tree(ROOT, tree)
    with (tree / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(_CONFIGURATION.format(rules=rules, tests=tests, python=sys.executable))
    with (tree / "mutmut.log").open("w", encoding="utf-8") as log:
        done = subprocess.run(
            [sys.executable, "-m", "mutmut", "run"], cwd=tree, stdout=log, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode:
        raise SystemExit(_told((tree / "mutmut.log").read_text(encoding="utf-8")))
    outcomes = dict(line.strip().rsplit(": ", 1) for line in _mutmut(tree, "results", "--all", "true").splitlines())
    unnoticed = [_mutant(tree, name) for name, outcome in outcomes.items() if outcome not in _NOTICED]
    return Counter(outcomes.values()), unnoticed


def main(arguments: list[str]) -> int:
    """Mutate, test, count; 1 where too few were noticed or a survivor has no justification."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rules", nargs="*", default=RULES, help="files of shared_rules to change")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="what has to notice")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="xianhou-mutants-") as folder:
        counts, unnoticed = _run(Path(folder), list(options.rules), list(options.tests))
    total = sum(counts.values())
    if not total:
        raise SystemExit("no mutant was made: are these files of shared_rules?")
    noticed = sum(counts[outcome] for outcome in _NOTICED)
    tested = total - counts["caught by type check"]
    killed = noticed - counts["caught by type check"]
    lines = [f"{total} mutants, {noticed} noticed ({noticed / total:.1%}): {dict(counts)}"]
    if tested:
        lines.append(f"of the {tested} that the types let through, the tests killed {killed} ({killed / tested:.1%})")
    justified = _justified()
    without = [one for one in unnoticed if one not in justified]
    lines += [f"{'justified' if one in justified else 'SURVIVED'}: {one}" for one in unnoticed]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(bool(without) or killed < _LEAST * tested)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
