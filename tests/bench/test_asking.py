"""The bench of asking measures what it says: live claims, questions among them, candidates that were compared."""

from __future__ import annotations

from tests.bench.asking import disk, live


def test_the_bench_asks_a_few_and_its_index_holds_the_live_claims() -> None:
    """A town without any question, or with one for every slip, would measure something else."""
    found = live(1500, new=20)
    assert 0.5 * found["slips"] < found["live"] <= found["slips"] + 20
    assert 0 < found["questions"] < found["slips"]


def test_the_register_on_disk_proposes_candidates() -> None:
    """Names and numbers of a town share keys; each candidate is compared again."""
    found = disk(3000, new=20)
    assert found["compared"] > 0
    assert found["file_mib"] > 0
