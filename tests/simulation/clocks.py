"""What machines show of the time: counters that drift and stall, wall clocks that are set, stop and start wrong.

Two things are never done, because no interval clock can know them and evidence.md says so: a counter is never wrong by
more than 200 ppm, and a battery clock is not set by less than the time the machine was off.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.simulation.schedule import Schedule

__all__ = ["MachineClocks", "ServerTime"]

_BOOT = 1_000_000
_MILLION = 1_000_000


@dataclass(slots=True)
class MachineClocks:
    """A kiosk's machine; the `Ticks` of `kiosk.clock`."""

    schedule: Schedule
    drift_ppm: int = 0
    """How much faster than true time the counter runs."""
    wall_ppm: int = 0
    wall_offset: int = 0
    boots: int = 1
    booted_at: int = 0
    stalled: int = 0
    """Microseconds of this boot that the counter slept through."""
    frozen: int | None = None
    """What a stopped wall clock shows."""

    def __post_init__(self) -> None:
        self.booted_at = self._born = self.schedule.now

    _born: int = 0

    def tick(self) -> int:
        """Return the counter, which nobody can set."""
        ran = self.schedule.now - self.booted_at - self.stalled
        return _BOOT + ran * (_MILLION + self.drift_ppm) // _MILLION

    def boot_id(self) -> bytes:
        """Return the name of this boot."""
        return self.boots.to_bytes(16, "big")

    def wall(self) -> int:
        """Return the wall clock."""
        if self.frozen is not None:
            return self.frozen
        now = self.schedule.now
        return now + self.wall_offset + (now - self._born) * self.wall_ppm // _MILLION

    def boot(self) -> None:
        """Switch on."""
        self.boots += 1
        self.booted_at, self.stalled = self.schedule.now, 0

    def step(self, by: int) -> None:
        """Set the wall clock."""
        self.wall_offset += by

    def freeze(self) -> None:
        """Stop the wall clock."""
        self.frozen = self.wall()

    def thaw(self) -> None:
        """Let the wall clock run on, right again."""
        self.frozen = None


@dataclass(slots=True)
class ServerTime:
    """The server's clock; the `TimeSource` of `sync_server.clock`: true within the error that it states."""

    schedule: Schedule
    offset: int = 0
    bound: int | None = 50_000
    """None = it says itself that it is not synchronised."""

    def wall(self) -> int:
        """Return the wall clock."""
        return self.schedule.now + self.offset

    def tick(self) -> int:
        """Return a counter."""
        return self.schedule.now

    def error(self) -> int | None:
        """Return the stated error."""
        return self.bound
