"""A training kiosk's time: a file of microseconds that the trainer writes. A real kiosk's clocks are in clock.py."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.clock import SystemTicks
from shared_rules.errors import UnavailableError
from shared_rules.words import say

if TYPE_CHECKING:
    from kiosk.clock import Ticks
    from kiosk.config import KioskConfig

__all__ = ["PracticeTicks", "ticks_of"]

_BOOT: Final = b"practice kiosk  "


class PracticeTicks:
    """Stands still until the file says another time; tick and wall clock are the same here, and no boot ever ends."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def wall(self) -> int:
        """Return the microseconds that the file holds."""
        try:
            return int(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError) as error:
            raise UnavailableError(say("练习用的时钟文件读不出来；请检查 kiosk.toml 的 practice_clock")) from error

    def tick(self) -> int:
        """Return the same."""
        return self.wall()

    def boot_id(self) -> bytes:
        """Return a fixed name."""
        return _BOOT


def ticks_of(config: KioskConfig) -> Ticks:
    """Return the clocks that a kiosk is to live by."""
    return PracticeTicks(Path(config.practice_clock)) if config.practice_clock else SystemTicks()
