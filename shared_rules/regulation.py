"""The regulation as text: each clause in our own words, with a digest that the function implementing it pins.

Text (data/regulation.toml), numbers (policy.py) and code (clauses/) are three things. A clause function declares the
digest of the words it was written from; when one word changes, importing it fails until somebody has read it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeVar

from shared_rules.data import table

__all__ = [
    "CLAUSES",
    "CLAUSE_IDS",
    "HUMAN_ONLY",
    "Clause",
    "clause",
    "coded",
    "functions",
    "not_yet_coded",
    "regulation_digest",
]

CLAUSE_IDS: Final = (
    *(f"一.{number}" for number in range(1, 11)),
    "二",
    *(f"二.1.{number}" for number in range(1, 5)),
    *(f"二.2.{number}" for number in range(1, 5)),
    *(f"三.{number}" for number in range(1, 4)),
    "四",
    "五",
    *(f"六.{number}" for number in range(1, 6)),
)
"""The closed list."""

HUMAN_ONLY: Final[dict[str, str]] = {}
"""Clauses that no machine can carry out, with the reason; none: even handwriting has its machine part."""

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause in our own words."""

    id: str
    title_zh: str
    title_en: str
    zh: str
    en: str

    @property
    def digest(self) -> str:
        """SHA-256 of id and words, first 16 hex digits; the titles may change freely."""
        return _digest(f"{self.id}\n{self.zh}\n{self.en}")


@cache
def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _read() -> dict[str, Clause]:
    return {row["id"]: Clause(**row) for row in table("regulation.toml")["clause"]}


CLAUSES: Final = _read()
_CODED: Final[dict[str, str]] = {}
_FUNCTIONS: Final[dict[str, list[Callable[..., object]]]] = {}


def clause(clause_id: str, *, digest: str, clauses: dict[str, Clause] | None = None) -> Callable[[F], F]:
    """Declare that a function implements a clause whose words have this digest; raises ValueError if they changed."""
    text = (CLAUSES if clauses is None else clauses)[clause_id]
    if text.digest != digest:
        message = f"the words of {clause_id} changed to {text.digest}: read them again, then pin the new digest"
        raise ValueError(message)

    def pin(function: F) -> F:
        _CODED[clause_id] = digest
        _FUNCTIONS.setdefault(clause_id, []).append(function)
        return function

    return pin


def coded() -> dict[str, str]:
    """Return clause id -> pinned digest of every clause function that has been loaded."""
    return dict(sorted(_CODED.items(), key=lambda item: CLAUSE_IDS.index(item[0])))


def functions() -> dict[str, tuple[Callable[..., object], ...]]:
    """Return clause id -> the functions that implement it, for every clause function that has been loaded."""
    return {item: tuple(_FUNCTIONS[item]) for item in CLAUSE_IDS if item in _FUNCTIONS}


def not_yet_coded() -> tuple[str, ...]:
    """Return the clauses that no loaded function implements and that are not a person's alone, in order."""
    return tuple(item for item in CLAUSE_IDS if item not in _CODED and item not in HUMAN_ONLY)


@cache
def regulation_digest() -> str:
    """Return the digest of the whole text: every decision carries it."""
    joined = "\n".join(f"{item}:{CLAUSES[item].digest}" for item in CLAUSE_IDS)
    return hashlib.sha256(joined.encode()).hexdigest()[:16]
