"""What time alone does, in its place among the events: instants told while facts are heard, each known once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush

from shared_rules.chronicle import Place, Turn

__all__ = ["Turns"]


@dataclass(slots=True)
class Turns:
    """The instants that have come, and those ahead; one that nothing depends on any more changes nothing."""

    come: dict[Place, Turn] = field(default_factory=dict)
    upto: int = 0
    """The moment of the question: what lies behind it has not come."""
    _ahead: list[tuple[Place, Turn]] = field(default_factory=list)
    _known: set[Place] = field(default_factory=set)

    def tell(self, turns: Iterable[Turn]) -> Iterator[Place]:
        """Take instants in and return the places of those that are new and have come."""
        for turn in turns:
            place = turn.place
            if place not in self._known:
                self._known.add(place)
                heappush(self._ahead, (place, turn))
        return self.come_by(self.upto)

    def come_by(self, as_of: int) -> Iterator[Place]:
        """Return the places of the instants that come with a later question, in order."""
        self.upto = as_of
        while self._ahead and self._ahead[0][1].at <= as_of:
            place, turn = heappop(self._ahead)
            self.come[place] = turn
            yield place

    @property
    def next(self) -> int | None:
        """Instant that comes next; None = none is known."""
        return self._ahead[0][1].at if self._ahead else None
