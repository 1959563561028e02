"""Virtual time: a heap of things that will happen. Nothing in the simulator waits, and nothing reads a real clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

from tests.simulation.violation import Violation

__all__ = ["Schedule"]


@dataclass(slots=True)
class Schedule:
    """What happens when; `now` is the true time, microseconds since the epoch."""

    now: int
    _heap: list[tuple[int, int, Callable[[], object]]] = field(default_factory=list)
    _count: int = 0
    _left: int = 10_000
    """Things that may still happen: whoever calls in a circle without end is noticed."""

    def at(self, when: int, what: Callable[[], object]) -> None:
        """Let something happen at an instant, at once if that is past; of two at one instant the first asked for."""
        self._count += 1
        heappush(self._heap, (max(when, self.now), self._count, what))

    def after(self, delay: int, what: Callable[[], object]) -> None:
        """Let something happen after a while."""
        self.at(self.now + delay, what)

    def run(self, until: int) -> None:
        """Let everything happen up to an instant."""
        while self._heap and self._heap[0][0] <= until:
            self.now, _, what = heappop(self._heap)
            self._left -= 1
            if not self._left:
                raise Violation(14, "the house never comes to rest")
            what()
        self.now = until
