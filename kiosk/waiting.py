"""Slips that wait for the clerk's second look (一.4), kept in order event by event: a long queue opens at once."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, overload

from kiosk.counter import QueueRow
from shared_rules.clauses.registration import deadline_of_entry
from shared_rules.facts import Event, SlipAmended, SlipEntered, SlipReturned, SlipStamped

if TYPE_CHECKING:
    from shared_rules.policy import Policies

__all__ = ["QueueRows", "Waiting"]


@dataclass(slots=True)
class Waiting:
    """Grows with the own journal; a change of policy or of closed days orders everything anew."""

    _order: list[tuple[int, str]] = field(default_factory=list)
    """Instant by which a slip must be entered, and its number; sorted."""
    _events: dict[str, Event] = field(default_factory=dict)
    """Never forgets: a screen may still show the queue of a moment ago."""
    _over: set[str] = field(default_factory=set)
    """Entered, or given back and acknowledged."""
    _policies: Policies | None = None
    _closed: frozenset[date] = frozenset()
    _seen: int = 0

    def catch_up(self, events: Sequence[Event], policies: Policies, closed: frozenset[date] = frozenset()) -> None:
        """Take the events that are new; `closed` are the days declared closed (一.1)."""
        if (policies, closed) != (self._policies, self._closed):
            self._order, self._events, self._over, self._seen = [], {}, set(), 0
            self._policies, self._closed = policies, closed
        for event in events[self._seen :]:
            self._take(event, policies)
        self._seen = len(events)

    def _take(self, event: Event, policies: Policies) -> None:
        fact = event.fact
        if isinstance(fact, SlipEntered) or (isinstance(fact, SlipReturned) and fact.note == "acknowledged"):
            held = self._events.get(fact.slip) if fact.slip not in self._over else None
            self._over.add(fact.slip)
            if held is not None:
                del self._order[bisect_left(self._order, (self._due(held, policies), fact.slip))]
        elif isinstance(fact, SlipStamped | SlipAmended) and fact.slip not in self._over:
            self._events[fact.slip] = event
            insort(self._order, (self._due(event, policies), fact.slip))

    def _due(self, event: Event, policies: Policies) -> int:
        pool = event.fact.pool if isinstance(event.fact, SlipStamped) else ""
        return deadline_of_entry(event.time, policies.at(pool, event.time.lo), self._closed)

    def rows(self, name_of: Callable[[str], str]) -> QueueRows:
        """Return the queue as it is now, the least time left first; a row is made when it is looked at."""
        return QueueRows(tuple(self._order), self._events, name_of)


@dataclass(frozen=True, slots=True, eq=False)
class QueueRows(Sequence[QueueRow]):
    """The rows of the queue."""

    _order: tuple[tuple[int, str], ...]
    _events: dict[str, Event]
    _name_of: Callable[[str], str]

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, at: int) -> QueueRow: ...
    @overload
    def __getitem__(self, at: slice) -> list[QueueRow]: ...
    def __getitem__(self, at: int | slice) -> QueueRow | list[QueueRow]:
        """Return a row, or several."""
        if isinstance(at, slice):
            return [self._row(*one) for one in self._order[at]]
        return self._row(*self._order[at])

    def __iter__(self) -> Iterator[QueueRow]:
        return (self._row(*one) for one in self._order)

    def overdue(self, now: int) -> int:
        """Return how many should have been entered before an instant."""
        return bisect_left(self._order, (now, ""))

    def find(self, slip: str) -> QueueRow | None:
        """Return the row of a slip, None where it does not wait."""
        return next((self._row(due, name) for due, name in self._order if name == slip), None)

    def _row(self, due: int, slip: str) -> QueueRow:
        event = self._events[slip]
        fact = event.fact
        assert isinstance(fact, SlipStamped | SlipAmended)
        return QueueRow(
            slip=slip, claim=fact.claim if isinstance(fact, SlipAmended) else slip, salesperson=fact.salesperson,
            salesperson_name=self._name_of(fact.salesperson), stamped_at=event.time.lo, due_at=due,
            content=fact.content, pool=fact.pool if isinstance(fact, SlipStamped) else "",
        )  # fmt: skip
