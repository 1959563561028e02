"""What single characters have in common: how they are read, and how they look. Tables, compiled and versioned.

Only characters of the basic block after folding to simplified; the tables are made by `.ci/compile_likeness.py`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import islice, product
from operator import ne
from typing import Final

from shared_rules.data import read_text

__all__ = ["alike_in_shape", "blurred", "fuzzy_alike", "near", "read_alike", "romanised", "surname_reading"]

_MOST: Final = 64
"""Romanised forms of one name that are looked at: enough for four characters of two or three readings each."""
_FUZZY: Final = (
    (re.compile("^([zcs])h"), r"\1"),
    (re.compile("^hu(?=[aeo])"), "w"),
    (re.compile("^h(?=u)"), "f"),
    (re.compile("^[nlr](?=[a-z])"), "l"),
    (re.compile("ng$"), "n"),
)
"""Sounds that are one in much of the south: zh and z, hu and f, huang and wang, n and l, -ng and -n."""


def _lines(name: str) -> list[str]:
    return [line for line in read_text(name).splitlines() if line and not line.startswith("#")]


@cache
def _readings() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in _lines("readings.txt"):
        reading, characters = line.split(" ", 1)
        for character in characters:
            found[character] = (*found.get(character, ()), reading)
    for line in _lines("surnames.txt"):
        character, reading = line.split(" ", 1)
        found[character] = tuple(dict.fromkeys((*found.get(character, ()), reading)))
    return found


@cache
def _surnames() -> dict[str, str]:
    return dict(line.split(" ", 1) for line in _lines("surnames.txt"))


@cache
def _corners() -> dict[str, str]:
    rows = (line.split(" ", 1) for line in _lines("corners.txt"))
    return {character: code for code, characters in rows for character in characters}


@cache
def _plain(character: str) -> frozenset[str]:
    return frozenset(reading[:-1] for reading in _readings().get(character, ()))


@cache
def _blurred(character: str) -> frozenset[str]:
    found = set()
    for reading in _plain(character):
        text = reading
        for pattern, with_what in _FUZZY:
            text = pattern.sub(with_what, text)
        found.add(text)
    return frozenset(found)


@cache
def blurred(character: str) -> str:
    """Return the first of a character's readings without what many speakers do not tell apart; "" = none is known."""
    return min(_blurred(character), default="")


@cache
def _spellings(character: str) -> tuple[str, ...]:
    return tuple(sorted(_plain(character))) or (character,)


@cache
def surname_reading(character: str) -> tuple[str, ...]:
    """Return how a character may be read at the head of a name, without tones: 单 is shan there."""
    own = _surnames().get(character)
    return tuple(dict.fromkeys(((own[:-1],) if own else ()) + tuple(sorted(_plain(character)))))


def read_alike(one: str, other: str) -> bool:
    """Return whether two characters share a reading, whatever the tone."""
    return bool(_plain(one) & _plain(other))


def fuzzy_alike(one: str, other: str) -> bool:
    """Return whether two characters are told apart by a distinction that many speakers do not make."""
    return bool(_blurred(one) & _blurred(other))


def alike_in_shape(one: str, other: str) -> bool:
    """Return whether two characters have the same corners, or all but one of the first four."""
    first, second = _corners().get(one, ""), _corners().get(other, "")
    if not first or not second:
        return False
    return first == second or sum(map(ne, first[:4], second[:4])) <= 1


@lru_cache(maxsize=65_536)
def near(one: str, other: str) -> str:
    """Return in which way two different characters are near: `sound`, `fuzzy`, `shape`; "" = in none."""
    if read_alike(one, other):
        return "sound"
    if fuzzy_alike(one, other):
        return "fuzzy"
    return "shape" if alike_in_shape(one, other) else ""


def romanised(name: str) -> frozenset[str]:
    """Return the ways in which a name may be written in letters without blanks: `wangxiaoming`."""
    if not name:
        return frozenset()
    head = surname_reading(name[0]) or (name[0],)
    return frozenset(map("".join, islice(product(head, *map(_spellings, name[1:])), _MOST)))
