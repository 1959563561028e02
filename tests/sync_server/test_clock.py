"""The reference clock admits its error, never runs backwards, and says nothing while it does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared_rules.errors import UnavailableError
from shared_rules.facts import Grade
from shared_rules.interval import HOUR, OPEN, SECOND
from shared_rules.protocol import Anchor
from shared_rules.wire import decode_canonical
from sync_server.clock import LEAST_ERROR, FileSource, ServerClock, SystemSource
from sync_server.intake import Pushed
from tests.sync_server.conftest import NINE, House, rebuilt
from tests.sync_server.fakes import FakeSource


def test_the_error_is_never_said_to_be_under_fifty_milliseconds() -> None:
    """Whoever claims a better server clock is not believed."""
    reading = ServerClock(FakeSource(NINE, bound=3)).read()
    assert (reading.err, reading.interval.lo, reading.interval.hi) == (LEAST_ERROR, NINE - 50_000, NINE + 50_000)


def test_a_clock_a_little_behind_the_mark_signs_the_mark_with_a_wider_error() -> None:
    """A small correction is no reason to stop; the bounds still hold the true time."""
    reading = ServerClock(FakeSource(NINE - SECOND // 2)).read(NINE)
    assert (reading.now, reading.synchronised, reading.err) == (NINE, True, LEAST_ERROR + SECOND // 2)
    assert reading.interval.lo <= NINE - SECOND // 2 <= reading.interval.hi


def test_a_clock_far_behind_the_mark_is_not_believed() -> None:
    """Set back by an hour: nothing below the mark is signed, and no upper bound is claimed."""
    reading = ServerClock(FakeSource(NINE - HOUR)).read(NINE)
    assert (reading.now, reading.synchronised, reading.grade, reading.interval.hi) == (NINE, False, Grade.C, OPEN)


def test_an_unsynchronised_clock_gives_no_grade_a() -> None:
    """The kernel says so, or the operator does."""
    assert ServerClock(FakeSource(NINE, bound=None)).read().grade is Grade.C


def test_the_highest_signed_time_survives_a_restart(town: House) -> None:
    """Set back and restarted: no anchor below what was signed before. Sabotage: forgetting the mark gives one."""
    kiosk = town.kiosks[0]
    town.source.now = NINE + HOUR
    first = town.push(kiosk)
    assert isinstance(first, Pushed)
    assert first.answer.anchor is not None
    assert decode_canonical(first.answer.anchor.payload, Anchor).tx == NINE + HOUR
    town.source.now = NINE
    again = rebuilt(town)
    refused = again.push(kiosk)
    assert isinstance(refused, Pushed)
    assert refused.answer.anchor is None
    with again.store.transaction() as tx:
        tx.run("DELETE FROM meta WHERE name = 'highest_signed'")
    forgetful = again.push(kiosk)
    assert isinstance(forgetful, Pushed)
    assert forgetful.answer.anchor is not None
    again.store.close()


def test_the_system_clock_is_the_machines() -> None:
    """Two looks are in order, and the stated bound is what is told."""
    source = SystemSource(error=70_000)
    assert source.wall() <= source.wall()
    assert source.tick() <= source.tick()
    assert source.error() == 70_000


def test_a_training_clock_stands_where_the_file_says(tmp_path: Path) -> None:
    """It moves only by the file, and a broken file stops the server loudly."""
    path = tmp_path / "practice-clock"
    path.write_text("12345")
    source = FileSource(path, error=50_000)
    assert (source.wall(), source.tick(), source.error()) == (12345, 12345, 50_000)
    path.write_text("noon")
    with pytest.raises(UnavailableError):
        source.wall()
