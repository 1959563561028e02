"""Room kept for a full disk: a file that is let go when the disk takes nothing more, so that the counter gets by.

The act that met the full disk is refused all the same ("not stamped"); the clerk presses once more, and it goes on
while the operator clears the disk.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Ballast"]

_SIZE: Final = 16 * 1024 * 1024
"""Bytes: the write-ahead log up to its checkpoint (4 MiB), and some thousand slips."""
_ROOM: Final = 8
"""Ballast is taken on only while the disk has this many times as much free."""


@dataclass(frozen=True, slots=True)
class Ballast:
    """The file, there or not."""

    path: Path
    size: int = _SIZE

    @property
    def there(self) -> bool:
        """Whether there is something to let go."""
        return self._held() > 0

    @property
    def used_up(self) -> bool:
        """Whether it was let go since the counter was opened last."""
        return self._held() == 0

    def _held(self) -> int:
        """Return its bytes, -1 where it was never taken on."""
        try:
            return self.path.stat().st_size
        except OSError:
            return -1

    def take(self, random: Callable[[int], bytes]) -> None:
        """Take it on where there is room; a disk that has none, or refuses, is doctor's matter and no error here."""
        try:
            if self.there or shutil.disk_usage(self.path.parent).free < _ROOM * self.size:
                return
            with self.path.open("wb") as file:
                # no zeros, no hole: the room must really be taken
                file.write(random(self.size))
        except OSError:
            self.drop()

    def drop(self) -> bool:
        """Let it go, and return whether that made room."""
        if not self.there:
            return False
        try:
            os.truncate(self.path, 0)
        except OSError:
            return False
        return True
