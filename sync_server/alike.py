"""The live claims by the keys of their customers, in memory: which ones are worth comparing with one slip.

One dictionary for all pools, the pool is part of what is hashed. Most keys have one bearer, so that is kept bare.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["COMMON", "Alike"]

COMMON: Final = 100
"""A key that more live claims share proposes none of them: a two-character name's sound, in a pool of a hundred
thousand. An equal name needs no key, settlement has found it; an alike one then needs another key in common."""


@dataclass(slots=True)
class Alike:
    """Grows and shrinks with the live claims."""

    _bearers: dict[int, str | set[str]] = field(default_factory=dict)

    def add(self, claim: str, keys: Iterable[int]) -> None:
        """Let a claim be found by these keys."""
        for key in keys:
            held = self._bearers.setdefault(key, claim)
            if isinstance(held, set):
                held.add(claim)
            elif held != claim:
                self._bearers[key] = {held, claim}

    def drop(self, claim: str, keys: Iterable[int]) -> None:
        """Let it be found by them no more."""
        for key in keys:
            held = self._bearers.get(key)
            if isinstance(held, set):
                held.discard(claim)
                if not held:
                    del self._bearers[key]
            elif held == claim:
                del self._bearers[key]

    def near(self, claim: str, keys: Iterable[int]) -> set[str]:
        """Return the other live claims that share a key, those of a common key left out."""
        found: set[str] = set()
        for key in keys:
            held = self._bearers.get(key)
            if isinstance(held, set):
                if len(held) <= COMMON:
                    found |= held
            elif held is not None:
                found.add(held)
        found.discard(claim)
        return found

    def __len__(self) -> int:
        return len(self._bearers)
