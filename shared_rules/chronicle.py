"""Versions of a thing, each under the place of the event that wrote it: what held just before any event can be read.

A fact that arrives late is heard in its place among the others; whoever reads there must see what stood there then,
not what stands now. Names and places are the caller's; a place is anything that compares.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

__all__ = ["LAST", "Place", "Turn", "Versions", "Watchers"]

Place = tuple[int | bytes, ...]
"""Time (lo, hi), kiosk, incarnation, sequence, fingerprint; a late arrival's own place hangs behind a closing's."""

LAST: Place = (1 << 80,)
"""A place behind all others: what stands there now."""

T = TypeVar("T")


class Turn(NamedTuple):
    """An instant (microseconds) at which time alone may change something, without anything that is said then."""

    at: int
    person: str = ""
    """Whose number of places may fall then (一.5)."""
    claim: str = ""
    """Whose lease may be over then, so that a slip which lost to it may come to life (一.6)."""

    @property
    def place(self) -> Place:
        """Where it stands among the events: before all others of its instant."""
        return (self.at, self.at, -1, 0, 0, f"{self.person}\t{self.claim}".encode())


def _place(version: tuple[Place, object]) -> Place:
    return version[0]


class Versions(Generic[T]):
    """For each name its versions in order of place."""

    __slots__ = ("_versions",)

    def __init__(self) -> None:
        self._versions: dict[str, tuple[Place, T] | list[tuple[Place, T]]] = {}

    def _of(self, name: str) -> list[tuple[Place, T]]:
        versions = self._versions.get(name, [])
        return versions if isinstance(versions, list) else [versions]

    def at(self, name: str, place: Place) -> T | None:
        """Return the version that holds once the event at a place has been heard; None = there was none yet."""
        versions = self._versions.get(name)
        if not versions:
            return None
        last = versions[-1] if isinstance(versions, list) else versions
        if last[0] <= place:
            return last[1]
        versions = self._of(name)
        number = bisect_right(versions, place, key=_place)
        return versions[number - 1][1] if number else None

    def before(self, name: str, place: Place) -> T | None:
        """Return the version that held before the event at a place was heard."""
        versions = self._of(name)
        number = bisect_left(versions, place, key=_place)
        return versions[number - 1][1] if number else None

    def last(self, name: str) -> T | None:
        """Return the latest version."""
        versions = self._versions.get(name)
        if not versions:
            return None
        return (versions[-1] if isinstance(versions, list) else versions)[1]

    def history(self, name: str) -> tuple[T, ...]:
        """Return all versions, in order."""
        return tuple(value for _, value in self._of(name))

    def write(self, name: str, place: Place, value: T) -> None:
        """Let a version hold from a place on; one written there before is replaced."""
        first = (place, value)
        if self._versions.setdefault(name, first) is first:
            return  # most claims stay with one: half the memory of a list
        versions = self._versions[name] = self._of(name)
        number = bisect_left(versions, place, key=_place)
        if number < len(versions) and versions[number][0] == place:
            versions[number] = (place, value)
        else:
            versions.insert(number, (place, value))

    def retract(self, name: str, place: Place) -> T | None:
        """Take back what was written at a place, and return it."""
        versions = self._of(name)
        number = bisect_left(versions, place, key=_place)
        if number == len(versions) or versions[number][0] != place:
            return None
        taken = versions.pop(number)[1]
        self._versions[name] = versions
        return taken


class Watchers:
    """For each topic the places of the events that look at it, in order."""

    __slots__ = ("_places",)

    def __init__(self) -> None:
        self._places: dict[str, tuple[Place, ...] | list[Place]] = {}

    def watch(self, topic: str, place: Place) -> None:
        """Note that the event at a place looks at a topic; twice is once."""
        places = self._places.get(topic)
        if places is None:
            self._places[topic] = (place,)  # most topics stay with one: half the memory of a list
            return
        if isinstance(places, tuple):
            places = self._places[topic] = list(places)
        if places[-1] < place:
            places.append(place)
        elif places[bisect_left(places, place)] != place:
            insort(places, place)

    def after(self, topics: Iterable[str], place: Place) -> Iterator[Place]:
        """Return the places later than one at which any of the topics is looked at; some may come twice."""
        for topic in topics:
            places = self._places.get(topic)
            if places and places[-1] > place:
                yield from places[bisect_right(places, place) :]
