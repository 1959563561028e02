"""A crash shows an error number and nothing else; a signal to end gives the terminal back.

Textual prints a traceback with the values of local variables: at a counter those are a customer's name and phone.
Here the stack goes, without any values, into a file that only the operator can read; the screen says the number.
"""

from __future__ import annotations

import asyncio
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.segment import Segment, Segments
from textual.app import App

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

__all__ = ["QuietCrash", "ending_on_signals", "frames_of"]


def frames_of(error: BaseException) -> str:
    """Return kind and places of an error and of its causes, without messages and without values."""
    lines = []
    cause: BaseException | None = error
    while cause is not None:
        lines.append(type(cause).__name__)
        lines += [
            f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(cause.__traceback__)
        ]
        cause = cause.__cause__ or cause.__context__
    return "\n".join(lines)


class QuietCrash(App[int]):
    """An app whose crash goes to `report(stack) -> sentence`, and only that sentence to the screen."""

    report: Callable[[str], str] = staticmethod(lambda _stack: "")

    def _fatal_error(self) -> None:
        self._said_once(frames_of(self._exception) if self._exception is not None else "")

    def panic(self, *renderables: RenderableType) -> None:
        """Close as after any crash; what was to be printed may hold values and is not."""
        self._said_once("\n".join(type(renderable).__name__ for renderable in renderables))

    def _said_once(self, stack: str) -> None:
        self._return_code = 1
        if not self._exit_renderables:
            self._exit_renderables.append(Segments([Segment(self.report(stack)), Segment.line()]))
        self._close_messages_no_wait()


@contextmanager
def ending_on_signals(end: Callable[[], object]) -> Iterator[None]:
    """Call `end` on SIGTERM and SIGHUP while the block runs, inside the running loop."""
    loop = asyncio.get_running_loop()
    wanted = (signal.SIGTERM, signal.SIGHUP)
    for number in wanted:
        loop.add_signal_handler(number, end)
    try:
        yield
    finally:
        for number in wanted:
            loop.remove_signal_handler(number)
