"""How near two units' names are: place, brand with trade, legal form, branch, department (二.1.4).

Only the whole name, or all of it but place and legal form, is the same unit. A branch is another unit than its head
office, and so is one whose trade is another; a homophone or an abbreviation is a question for a person.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache, lru_cache
from typing import Final

from shared_rules.customers import folded
from shared_rules.data import read_text
from shared_rules.patterns import BRANCH, DEPARTMENT, EVERYWHERE, GROUP, HEAD_OFFICE, LEGAL_FORM, LIMITED, NOISE, RANKS
from shared_rules.sounds import near
from shared_rules.values import Fixed
from shared_rules.words import Say, say

__all__ = ["Firm", "FirmLevel", "compare_firms", "firm_of"]


class FirmLevel(StrEnum):
    """From the same unit to nothing in common."""

    SAME = "same"
    """Whole name, or all but the place that one leaves out and the legal form."""
    NEAR = "near"
    """One or two characters of a near sound or shape."""
    SHORT = "short"
    """One is the other's brand without its trade."""
    SIBLING = "sibling"
    """A branch, another trade, another place: related, but another unit."""
    MISSING = "missing"
    DIFFERENT = "different"


_MOST_NEAR: Final = 2


class Firm(Fixed, frozen=True):
    """A unit's name in its parts, folded."""

    place: str
    body: str
    """Brand and trade: everything between the place and the legal form."""
    form: str
    branch: str
    whole: str


@cache
def _places() -> frozenset[str]:
    names = {line for line in read_text("places.txt").splitlines() if not line.startswith("#")}
    return frozenset(names | {name + rank for name in names for rank in RANKS} | set(EVERYWHERE))


@lru_cache(maxsize=4096)
def firm_of(raw: str) -> Firm:
    """Return the parts of a unit's name; all empty where nothing is written."""
    whole = NOISE.sub("", folded(raw))
    rest, branch = whole, ""
    found = BRANCH.search(rest)
    if found is not None and found.start() > 4 and LIMITED in rest[: found.start()]:
        head = rest.index(LIMITED) + 2
        rest, branch = rest[:head], rest[head:]
    elif LIMITED in rest and not rest.endswith(LIMITED):
        head = rest.index(LIMITED) + 2
        tail = rest[head:]
        rest, branch = rest[:head], "" if DEPARTMENT.fullmatch(tail) or tail in HEAD_OFFICE else tail
    place = _leading_place(rest)
    body = rest.removeprefix(place)
    form = LEGAL_FORM.search(body)
    bare = body[: form.start()] if form is not None and form.start() > 0 else body
    return Firm(place, bare.replace(GROUP, "") or bare, body[len(bare) :], branch, whole)


def _leading_place(name: str) -> str:
    """Return the places that a name begins with, as long as something is left."""
    taken = ""
    while True:
        rest = name[len(taken) :]
        place = next((rest[:size] for size in range(min(6, len(rest) - 2), 1, -1) if rest[:size] in _places()), "")
        if not place or len(rest) - len(place) < 2:
            return taken
        taken += place


def compare_firms(a: str, b: str) -> tuple[FirmLevel, Say | None]:
    """Return the level of two units' names, and what makes the difference; symmetric."""
    ours, theirs = sorted((firm_of(a), firm_of(b)), key=lambda firm: (len(firm.body), firm.whole))
    if not ours.whole or not theirs.whole:
        return FirmLevel.MISSING, None
    if ours.whole == theirs.whole:
        return FirmLevel.SAME, None
    related = ours.body == theirs.body
    if ours.branch != theirs.branch:
        return (FirmLevel.SIBLING, say("总公司与分公司不是同一单位")) if related else _apart(ours, theirs)
    if related and _places_agree(ours.place, theirs.place):
        return FirmLevel.SAME, say("除地名和公司形式外相同")
    if related:
        return FirmLevel.SIBLING, say("字号相同，地名不同")
    return _apart(ours, theirs)


def _places_agree(a: str, b: str) -> bool:
    one, other = (place.rstrip(RANKS) for place in (a, b))
    return not one or not other or one == other or one in other or other in one or bool({one, other} & set(EVERYWHERE))


def _apart(a: Firm, b: Firm) -> tuple[FirmLevel, Say | None]:
    apart = _near_characters(a.body, b.body) or _near_characters(a.whole, b.whole)
    if apart and a.branch == b.branch:
        return FirmLevel.NEAR, say("有 {count} 个字近音或近形", count=apart)
    if len(a.body) >= 2 and b.body.startswith(a.body):
        return (FirmLevel.SHORT, say("一方只写了字号")) if not a.form else (FirmLevel.SIBLING, say("行业不同"))
    return FirmLevel.DIFFERENT, None


def _near_characters(a: str, b: str) -> int:
    """Return in how many characters two names of one length differ, if all of them are near; 0 = further apart."""
    if len(a) != len(b) or len(a) < 2:
        return 0
    apart = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
    enough = 0 < len(apart) <= _MOST_NEAR and len(apart) * 2 <= len(a)
    return len(apart) if enough and all(near(x, y) for x, y in apart) else 0
