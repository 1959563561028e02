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
from sync_server.time_services import Running, TimeServices, chrony_error, kernel_error
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


def test_the_system_clock_is_the_machines(tmp_path: Path) -> None:
    """Two looks are in order, and where no time service runs the stated bound is what is told."""
    source = SystemSource(error=70_000, services=services(tmp_path))
    assert source.wall() <= source.wall()
    assert source.tick() <= source.tick()
    assert source.error() == 70_000
    assert SystemSource(error=None, services=services(tmp_path)).error() is None


# --- chrony and systemd-timesyncd

TRACKING = "C0A80001,192.168.0.1,3,1772413800.1,-0.000020,0.00001,0.00002,-12.3,0.01,0.05,0.012,0.003,64.2,Normal\n"
LOST = "00000000,,0,0.0,0.0,0.0,0.0,-12.3,0.0,0.05,1.0,1.0,0.0,Not synchronised\n"


def services(run: Path, *, kernel: int | None = None, chrony: str = "", synchronised: bool = False) -> TimeServices:
    """Return the time services of a machine whose /run lies there."""
    if chrony:
        (run / "chrony").mkdir()
        (run / "chrony" / "chronyd.pid").write_text("1")
    if synchronised:
        (run / "systemd" / "timesync").mkdir(parents=True, exist_ok=True)
        (run / "systemd" / "timesync" / "synchronized").touch()
    return TimeServices(run=run, kernel=lambda: kernel, ask_chrony=lambda: chrony)


def test_a_running_service_without_the_time_is_believed_over_the_operator(tmp_path: Path) -> None:
    """Whoever installed chrony wants it asked: while it has no time, neither has the server."""
    source = SystemSource(error=50_000, services=services(tmp_path, chrony=LOST))
    assert source.error() is None
    assert not ServerClock(source).read().synchronised


def test_chrony_is_asked_itself_where_it_leaves_the_kernels_mark_alone(tmp_path: Path) -> None:
    """Without `rtcsync` the kernel never says so: offset, half the delay and the dispersion bound the error."""
    assert SystemSource(error=None, services=services(tmp_path, chrony=TRACKING)).error() == 9021


def test_the_kernels_bound_is_taken_where_a_service_disciplines_it(tmp_path: Path) -> None:
    """It counts what has passed since the last correction, too."""
    assert SystemSource(error=1, services=services(tmp_path, chrony=TRACKING, kernel=1234)).error() == 1234


def test_timesyncd_counts_only_once_it_has_heard_a_server(tmp_path: Path) -> None:
    """Its mark is a file; a kernel that was synchronised before the last boot of the service is not enough."""
    (tmp_path / "systemd" / "timesync").mkdir(parents=True)
    assert SystemSource(error=50_000, services=services(tmp_path, kernel=500)).error() is None
    assert SystemSource(error=50_000, services=services(tmp_path, kernel=500, synchronised=True)).error() == 500


@pytest.mark.parametrize("line", ["", "506 Cannot talk to daemon", LOST, TRACKING.replace("0.012", "?")])
def test_what_chrony_does_not_say_is_no_bound(line: str) -> None:
    """A daemon that cannot be asked, has no source, or speaks otherwise vouches for nothing."""
    assert chrony_error(line) is None


def test_a_service_is_asked_every_ten_seconds(tmp_path: Path) -> None:
    """Every note of time asks; a command for each would slow the counters down."""
    asked: list[int] = []
    machine = services(tmp_path, chrony=TRACKING)

    def ask() -> str:
        asked.append(1)
        return TRACKING

    machine.ask_chrony = ask
    for tick in (0, 5 * SECOND, 10 * SECOND, 12 * SECOND, 0):
        assert machine.error(tick) == (Running.CHRONY, 9021)
    assert len(asked) == 3


def test_this_machine_answers_without_a_fake() -> None:
    """Whatever runs here: the answer is a bound or none, and no error."""
    service, error = TimeServices().error(0)
    assert error is None or error >= 0
    assert service in Running
    assert kernel_error() is None or isinstance(kernel_error(), int)


def test_a_training_clock_stands_where_the_file_says(tmp_path: Path) -> None:
    """It moves only by the file, and a broken file stops the server loudly."""
    path = tmp_path / "practice-clock"
    path.write_text("12345")
    source = FileSource(path, error=50_000)
    assert (source.wall(), source.tick(), source.error()) == (12345, 12345, 50_000)
    path.write_text("noon")
    with pytest.raises(UnavailableError):
        source.wall()
