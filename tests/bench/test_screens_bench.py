"""The bench of the screens runs, small: it measures what it says, and its table names every ratio with its goal."""

from __future__ import annotations

from tests.bench.screens import _table, measure


def test_the_bench_of_the_screens_measures_paint_keys_and_queue() -> None:
    """Against the least that Textual can be, in the same run."""
    run = measure(300)
    assert min(run["hello_ms"], run["paint_ms"], run["key_ms"], run["long_ms"]) > 0
    assert _table(run).count("goal ≤") == 3
