"""One kiosk program for one folder: two at once would give two histories to one journal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Self

from shared_rules.errors import UnavailableError
from shared_rules.words import say

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform != "win32":
    import fcntl

__all__ = ["Lock"]


class Lock:
    """A lock that the system lets go when the program ends, however it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> Self:
        """Take the lock; UnavailableError while another program has it."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise UnavailableError(
                say("柜台机的目录不能写：{why}；请检查磁盘和权限", why=error.strerror or "")
            ) from error
        try:
            if sys.platform != "win32":
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise UnavailableError(say("这台柜台机的程序已经开着；请先关掉另一个窗口")) from error
        return cls(descriptor)

    def release(self) -> None:
        """Let go."""
        os.close(self._descriptor)
