"""The tree that mutmut changes is the tree we ship, clauses included."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

from tests.mutation.plain import undecorated
from tests.mutation.run import RULES
from tests.paths import ROOT

CLAUSES = sorted((ROOT / "shared_rules" / "clauses").glob("*.py"))


def test_a_clause_is_registered_behind_its_function_as_it_was_before_it() -> None:
    """The function itself has no decorator any more, so that mutmut does not pass over it."""
    plain = undecorated('@clause("一.1", digest="d")\ndef shut(a: int) -> int:\n    return a\n\n\nA = 1\n')
    assert plain == ("def shut(a: int) -> int:\n    return a\n\n\nshut = clause('一.1', digest='d')(shut)\n\n\nA = 1\n")


def test_every_clause_function_is_undecorated_and_none_is_lost() -> None:
    """As many registrations behind functions as there were decorators."""
    for module in CLAUSES:
        source = module.read_text(encoding="utf-8")
        plain = undecorated(source)
        assert "@clause" not in plain
        assert plain.count("= clause(") == source.count("@clause(")
        ast.parse(plain)


def test_every_file_that_decides_is_mutated() -> None:
    """A pattern that names no file would test nothing."""
    for pattern in RULES:
        assert list(ROOT.glob(pattern)), pattern


def test_every_survivor_is_justified_in_a_sentence() -> None:
    """Why it is right that nobody notices this change."""
    table = tomllib.loads(Path(__file__).with_name("survivors.toml").read_text(encoding="utf-8"))
    for survivor in table.get("survivor", ()):
        assert set(survivor) == {"function", "before", "after", "why"}
        assert len(survivor["why"]) > 30
