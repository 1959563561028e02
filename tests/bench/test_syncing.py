"""The benchmarks of sync and start measure what they say, over a real server and a real file."""

from __future__ import annotations

from tests.bench import starting, syncing


def test_a_push_over_https_is_measured_beside_its_ceiling() -> None:
    """The ceiling takes in every record that the server does: without that a share of it would say nothing.

    Which of the two is faster is the bench's to say; in a quarter of a second the machine decides.
    """
    run = syncing.measure(600, 1)
    assert run["records"] == run["taken_by_ceiling"] == 601
    assert run["backlog"] == 1751
    assert run["push_of_ceiling"] > 0
    for word in ("over HTTPS", "ceiling", "nothing to send", "every slip ruled"):
        assert word in syncing._table(run)


def test_the_check_at_the_start_grows_with_the_journal_and_no_faster() -> None:
    """Ten times the records in less than thirty times the time; reading the file alone is the baseline."""
    few, many = starting.measure(600), starting.measure(6000)
    assert few["records"] < many["records"]
    assert many["open_s"] < 30 * max(few["open_s"], 0.01)
    assert "every signature" in starting._table(many)
