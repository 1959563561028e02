"""A machine whose true time the test knows: counter, wall clock and battery clock drift, stall and are set."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kiosk.clock import ClockState, KioskClock, Reading
from shared_rules.protocol import Anchor
from shared_rules.wire import canonical, decode_canonical
from tests.stamps import NINE_TEN

ERR = 50_000


@dataclass(slots=True)
class Machine:
    """True time passes only by `run`, `stall`, `reboot` and the legs of an exchange; all in microseconds."""

    true: int = NINE_TEN
    drift: Fraction = Fraction(0)
    """How much longer than a microsecond one tick truly is."""
    wall_offset: int = 0
    boots: int = 1
    ran: int = 1_000_000
    """True time that the counter has counted since the boot."""

    def tick(self) -> int:
        return int(self.ran / (1 + self.drift))

    def boot_id(self) -> bytes:
        return self.boots.to_bytes(16, "big")

    def wall(self) -> int:
        return self.true + self.wall_offset

    def run(self, length: int) -> None:
        """Let time pass with the machine running."""
        self.true += length
        self.ran += length

    def stall(self, length: int) -> None:
        """Let time pass while the counter stands still, as in a halted virtual machine whose wall is put right."""
        self.true += length

    def reboot(self, off: int, *, battery_error: int = 0) -> None:
        """Switch off and on again; the battery clock comes back wrong by `battery_error`."""
        self.true += off
        self.wall_offset += battery_error
        self.boots += 1
        self.ran = 1_000_000

    def exchange(
        self, out: int = 400, work: int = 100, back: int = 400, server_wrong: int = 0
    ) -> tuple[Anchor, int, int]:
        """Ask a server that knows the true time to within `server_wrong`; returns its note and both ticks."""
        sent = self.tick()
        self.run(out)
        rx = self.true + server_wrong
        self.run(work)
        tx = self.true + server_wrong
        self.run(back)
        return Anchor(nonce="", head_hash="", rx=rx, tx=tx, err=ERR, epoch=""), sent, self.tick()


@dataclass(slots=True)
class Bench:
    """A kiosk's clock on such a machine; its state goes to disk and back at every step, as over restarts."""

    machine: Machine
    state: ClockState

    def clock(self) -> KioskClock:
        return KioskClock(self.machine, decode_canonical(canonical(self.state), ClockState))

    def read(self) -> Reading:
        clock = self.clock()
        reading = clock.read()
        self.state = clock.state
        return reading

    def anchor(self, out: int = 400, work: int = 100, back: int = 400, server_wrong: int = 0) -> list[str]:
        """Exchange a note with the server and return the events it brought."""
        clock = self.clock()
        events = clock.anchored(*self.machine.exchange(out, work, back, server_wrong))
        self.state = clock.state
        return [event.body.event for event in events]

    def sound(self) -> bool:
        """Return whether the true time lies in the bounds that the clock tells now."""
        time = self.read().time
        return time.lo <= self.machine.true <= time.hi


def bench(machine: Machine | None = None, *, not_before: int = NINE_TEN - 3_600_000_000) -> Bench:
    """Return a bench whose clock was never synchronised."""
    return Bench(machine or Machine(), ClockState.start(not_before))


def kinds(reading: Reading) -> list[str]:
    """Return the names of a reading's events."""
    return [event.body.event for event in reading.events]
