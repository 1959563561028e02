"""The bench of the proof measures what it says, over a real journal and a real server's database."""

from __future__ import annotations

from tests.bench import proving


def test_receipts_stamps_and_proofs_are_measured_beside_their_baselines() -> None:
    """A receipt costs more than its bare signature, and a stamp cannot be faster than one fdatasync."""
    run = proving.measure(30, 20, 600)
    assert run["signed_per_s"] > 0
    assert run["stamp_p50_us"] > run["fdatasync_p50_us"] > 0
    assert run["stamp_p50_of_fdatasync"] > 1
    assert (run["path_hashes"], run["proofs_asked"]) == (10, 200)
    assert 600 < run["proof_bytes"] < 1200
    assert run["consistency_hashes"] > 1
    for word in ("receipts signed", "RFC 3161", "fdatasync", "second receipt", "tree grown"):
        assert word in proving._table(run)
