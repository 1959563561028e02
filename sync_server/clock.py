"""The server's clock: what every anchor, feed item and record of its log is dated by.

The server is the reference of all kiosks, so its error is said aloud (never under 50 ms), it gives no anchors while it
is not synchronised, and it never signs a time below the highest it ever signed: that mark is kept in the database and
given to every reading. Where the time comes from is an argument; this is the only module that asks the machine.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from shared_rules.errors import UnavailableError
from shared_rules.facts import Grade
from shared_rules.interval import OPEN, SECOND, Interval
from shared_rules.words import say
from sync_server.config import ClockKind, Config
from sync_server.time_services import Running, TimeServices

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "LEAST_ERROR",
    "FileSource",
    "Reading",
    "ServerClock",
    "SystemSource",
    "TimeSource",
    "source_of",
]

LEAST_ERROR: Final = 50_000
"""Microseconds: no server claims to know its time better than this."""
STEP_TOLERATED: Final = SECOND
"""A wall clock this little behind the mark is a leap or a correction; the mark is used and the error widened."""


class TimeSource(Protocol):
    """Where the time comes from."""

    def wall(self) -> int:
        """Microseconds since the epoch."""

    def tick(self) -> int:
        """Microseconds of a clock that nobody can set."""

    def error(self) -> int | None:
        """Bound of the wall's error in microseconds; None = not synchronised."""


class SystemSource:
    """This machine's clock, with the error that its time service states, or the operator where none runs.

    `error` (µs) None = nobody vouches for the clock while no time service does.
    """

    def __init__(self, *, error: int | None, services: TimeServices | None = None) -> None:
        self._error = error
        self._services = services or TimeServices()

    def wall(self) -> int:
        """Return the machine's wall clock."""
        return time.time_ns() // 1000  # noqa: TID251 - this is the clock that others take as an argument

    def tick(self) -> int:
        """Return the raw monotonic clock."""
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW) // 1000

    def error(self) -> int | None:
        """Return the service's bound, None while it has no time; where none runs, the operator's or the kernel's."""
        service, error = self._services.error(self.tick())
        if service is not Running.NONE or self._error is None:
            return error
        return self._error


class FileSource:
    """A training server's clock: it stands still until the file says another time."""

    def __init__(self, path: Path, *, error: int) -> None:
        self._path = path
        self._error = error

    def wall(self) -> int:
        """Return the microseconds that the file holds."""
        try:
            return int(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError) as error:
            raise UnavailableError(say("练习服务器的时钟文件 practice-clock 读不出来")) from error

    def tick(self) -> int:
        """Return the same time: in training no second clock runs."""
        return self.wall()

    def error(self) -> int | None:
        """Return the stated bound."""
        return self._error


def source_of(config: Config) -> TimeSource:
    """Return the time source that the configuration names."""
    settings = config.settings
    error = settings.clock_error_ms * 1000
    if settings.clock is ClockKind.PRACTICE:
        return FileSource(config.practice_clock, error=error)
    return SystemSource(error=None if settings.clock is ClockKind.KERNEL else error)


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the clock: `now` may be signed, true time lies within `err` of it while `synchronised`."""

    now: int
    err: int
    synchronised: bool
    tick: int

    @property
    def interval(self) -> Interval:
        """The bounds of true time; open above while the clock is not synchronised."""
        return Interval(self.now - self.err, self.now + self.err) if self.synchronised else Interval(self.now, OPEN)

    @property
    def grade(self) -> Grade:
        """A while synchronised, else C."""
        return Grade.A if self.synchronised else Grade.C


class ServerClock:
    """Reads the source against the highest time ever signed."""

    def __init__(self, source: TimeSource) -> None:
        self._source = source

    def read(self, highest: int = 0) -> Reading:
        """Return a reading that is not below `highest` (µs, the highest time signed so far)."""
        wall, error, tick = self._source.wall(), self._source.error(), self._source.tick()
        now = max(wall, highest)
        sound = error is not None and now - wall <= STEP_TOLERATED
        return Reading(now, max(LEAST_ERROR, error or 0) + min(now - wall, STEP_TOLERATED), sound, tick)
