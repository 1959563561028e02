"""Asks whatever keeps this machine's clock right: chrony, or systemd-timesyncd; both through what they tell locally.

Either disciplines the kernel's clock, and the kernel knows the bound of its error. Chrony without `rtcsync` leaves the
kernel's mark at "not synchronised": then chrony itself is asked.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shared_rules.interval import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Running", "TimeServices", "chrony_error", "kernel_error"]

_STA_UNSYNC: Final = 0x40
_TIMEX_WORDS: Final = 64
_ASKED_EVERY: Final = 10 * SECOND
_FIELDS: Final = 14
"""Of `chronyc -c tracking`: …, 4 = offset of the system clock, 10 = root delay, 11 = root dispersion, 13 = leap."""


class Running(Enum):
    """Which service keeps the time."""

    NONE = ""
    CHRONY = "chrony"
    TIMESYNCD = "systemd-timesyncd"


def kernel_error() -> int | None:
    """Return the error bound of the kernel's clock discipline in microseconds, None where it is not synchronised."""
    fields = (ctypes.c_long * _TIMEX_WORDS)()
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(fields))
    except (OSError, AttributeError):
        return None
    # struct timex on 64-bit Linux: modes, offset, freq, maxerror, esterror, status …, each padded to 8 bytes
    maxerror, status = int(fields[3]), int(fields[5]) & 0xFFFFFFFF
    return None if state < 0 or status & _STA_UNSYNC else maxerror


def chrony_error(tracking: str) -> int | None:
    """Return the error bound in microseconds from a line of `chronyc -c tracking`, None where chrony has no time."""
    fields = tracking.strip().split(",")
    if len(fields) != _FIELDS or fields[13] == "Not synchronised":
        return None
    try:
        offset, delay, dispersion = float(fields[4]), float(fields[10]), float(fields[11])
    except ValueError:
        return None
    return int((abs(offset) + delay / 2 + dispersion) * SECOND) + 1


def _ask_chrony() -> str:
    """Return what chrony says, nothing where it cannot be asked."""
    command = shutil.which("chronyc")
    if command is None:
        return ""
    try:
        return subprocess.run(  # noqa: S603 - a fixed command
            [command, "-n", "-c", "tracking"], capture_output=True, text=True, timeout=2, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


@dataclass(slots=True)
class TimeServices:
    """The time services of this machine; what they say is kept for ten seconds of the tick."""

    run: Path = Path("/run")
    kernel: Callable[[], int | None] = kernel_error
    ask_chrony: Callable[[], str] = _ask_chrony
    _asked_at: int | None = None
    _answer: tuple[Running, int | None] = field(default=(Running.NONE, None))

    def running(self) -> Running:
        """Return the service that runs now, chrony before timesyncd (no system runs both)."""
        if (self.run / "chrony" / "chronyd.pid").exists():
            return Running.CHRONY
        return Running.TIMESYNCD if (self.run / "systemd" / "timesync").is_dir() else Running.NONE

    def error(self, tick: int) -> tuple[Running, int | None]:
        """Return the service that runs, and the bound of the clock's error in microseconds; None = not synchronised."""
        if self._asked_at is None or not 0 <= tick - self._asked_at < _ASKED_EVERY:
            self._asked_at, self._answer = tick, self._ask()
        return self._answer

    def _ask(self) -> tuple[Running, int | None]:
        service, error = self.running(), self.kernel()
        if service is Running.CHRONY and error is None:
            error = chrony_error(self.ask_chrony())
        if service is Running.TIMESYNCD and not (self.run / "systemd" / "timesync" / "synchronized").exists():
            error = None
        return service, error
