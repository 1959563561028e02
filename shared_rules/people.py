"""How near two persons' names are, level by level, with the characters that make the difference (二.1.3).

Names come in normal form; a cell may name several people, the principal first. A surname with a title names nobody:
that is a level of its own, never a difference. Kin are not inferred here.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

from shared_rules.customers import bare_name, names_somebody, normal_name, split_names
from shared_rules.edits import one_edit
from shared_rules.patterns import CERTAIN_TITLES, COUPLE, FAMILIAR, TITLE
from shared_rules.sounds import near, romanised, surname_reading
from shared_rules.values import Fixed
from shared_rules.words import Say, say

__all__ = ["NameLevel", "Named", "compare_people", "named"]


class NameLevel(StrEnum):
    """From the same to nothing in common."""

    SAME = "same"
    NEAR = "near"
    """One character of the same or a near sound, or of a near shape."""
    ORDER = "order"
    """The given name's characters change places."""
    PINYIN = "pinyin"
    """One is written in letters as the other is read."""
    DROPPED = "dropped"
    """One character is missing."""
    PARTIAL = "partial"
    """Of one only a surname is known, and it fits."""
    ONE_OFF = "one_off"
    """One character is another one altogether."""
    TWO_NEAR = "two_near"
    """Two or more characters, each near."""
    MISSING = "missing"
    DIFFERENT = "different"


_RANK: Final = {level: place for place, level in enumerate(NameLevel)}
_LETTERS_ENOUGH: Final = 5
"""Of a name in letters: fewer are too much alike in any case."""
_LETTERS: Final = re.compile("[a-z]+")
_MARK: Final = re.compile(r"[/\\]+$")


class Named(Fixed, frozen=True):
    """One person as a cell names them."""

    name: str
    """Normal form; "" where only a surname is known."""
    surname: str
    """Of a partial name: the surname, or its initial letter."""


def named(cell: str) -> tuple[Named, ...]:
    """Return the persons of one cell: `张伟/李娜夫妇` names two, `王先生` a surname."""
    bare = bare_name(cell)
    if bare and names_somebody(bare):
        return (Named(bare, ""),)  # quicker than any cache
    return _several(cell)


@lru_cache(maxsize=4096)
def _several(cell: str) -> tuple[Named, ...]:
    found = []
    for part in split_names(_MARK.sub("", cell)):
        name = normal_name(part)
        if _LETTERS.fullmatch(name):
            name = COUPLE.sub("", name)
        if name:
            found.append(_one(name))
    return tuple(dict.fromkeys(found))


def _one(name: str) -> Named:
    title = TITLE.search(name)
    if len(name) == 2 and name[0] in FAMILIAR:
        return Named("", name[1])
    if not names_somebody(name) or (len(name) == 1 and not _LETTERS.fullmatch(name)):
        return Named("", name[0])
    if title is not None and title.start() == 1 and len(name) == 3 and title.group() in CERTAIN_TITLES:
        return Named("", name[0])
    return Named(name, "")


def compare_people(a: str, b: str) -> tuple[NameLevel, Say | None]:
    """Return the best level between the persons of two cells, and what makes the difference; symmetric."""
    ours, theirs = named(a), named(b)
    if not ours or not theirs:
        return NameLevel.MISSING, None
    if len(ours) == len(theirs) == 1:
        return _pair(ours[0], theirs[0])
    return min((_pair(one, other) for one in ours for other in theirs), key=lambda found: _RANK[found[0]])


def _pair(a: Named, b: Named) -> tuple[NameLevel, Say | None]:
    if not a.name or not b.name:
        return _partial(a, b)
    one, other = a.name, b.name
    return _names(one, other) if (len(one), one) < (len(other), other) else _names(other, one)


def _partial(a: Named, b: Named) -> tuple[NameLevel, Say | None]:
    one, other = (person.surname or person.name[0] for person in (a, b))
    fits = one == other or bool(near(one, other))
    if one.isascii() != other.isascii():
        letter, han = (one, other) if one.isascii() else (other, one)
        fits = any(reading.startswith(letter) for reading in surname_reading(han))
    return (NameLevel.PARTIAL, say("只有姓氏")) if fits else (NameLevel.DIFFERENT, None)


def _names(a: str, b: str) -> tuple[NameLevel, Say | None]:
    """Compare two whole names, the shorter or smaller first."""
    if a == b:
        return NameLevel.SAME, None
    if a.isascii() and b.isascii():
        return _letters(a, b)
    if a.isascii() or b.isascii():
        letters, han = (a, b) if a.isascii() else (b, a)
        turned = {letters[place:] + letters[:place] for place in range(len(letters))}
        if turned & romanised(han):
            return NameLevel.PINYIN, say("拼音与汉字读法相同")
        return NameLevel.DIFFERENT, None
    if len(a) != len(b):
        return _shorter(a, b)
    return _same_length(a, b)


def _letters(a: str, b: str) -> tuple[NameLevel, Say | None]:
    """Compare two names in letters without blanks: a slip of a finger, the given name first, a part left out."""
    if min(len(a), len(b)) < _LETTERS_ENOUGH:
        return NameLevel.DIFFERENT, None
    if one_edit(a, b) is not None:
        return NameLevel.NEAR, say("拼写差一个字母")
    turned = {b[place:] + b[:place] for place in range(2, len(b) - 1)}
    if a in turned:
        return NameLevel.ORDER, say("名字前后颠倒")
    if any(one_edit(a, other) is not None for other in turned):
        return NameLevel.TWO_NEAR, say("名字前后颠倒，另差一个字母")
    return (NameLevel.DROPPED, say("少写名字的一部分")) if a in b or b in a else (NameLevel.DIFFERENT, None)


def _shorter(a: str, b: str) -> tuple[NameLevel, Say | None]:
    """Compare a name with one that has a character more."""
    if len(b) - len(a) != 1 or len(a) < 2:
        return NameLevel.DIFFERENT, None
    for place in range(len(b)):
        rest = b[:place] + b[place + 1 :]
        if rest == a:
            return NameLevel.DROPPED, say("少写第 {place} 字", place=place + 1)
        if place and rest[0] == a[0] and all(_alike(x, y) for x, y in zip(a, rest, strict=True)):
            return NameLevel.TWO_NEAR, say("少写第 {place} 字，另有近音近形", place=place + 1)
    return NameLevel.DIFFERENT, None


def _same_length(a: str, b: str) -> tuple[NameLevel, Say | None]:
    apart = [place for place, x in enumerate(a) if x != b[place]]
    if len(apart) == 1:
        place = apart[0]
        return _one_apart(place + 1, a[place], b[place])
    if a[0] == b[0] and sorted(a) == sorted(b):
        return NameLevel.ORDER, say("名字前后颠倒")
    for place in apart:
        if not near(a[place], b[place]):
            break
    else:
        return NameLevel.TWO_NEAR, say("有 {count} 个字近音或近形", count=len(apart))
    if len(a) == 3 and a[0] == b[0] and _alike(a[1], b[2]) and _alike(a[2], b[1]):
        return NameLevel.TWO_NEAR, say("名字前后颠倒，另有近音近形")
    return NameLevel.DIFFERENT, None


def _one_apart(place: int, x: str, y: str) -> tuple[NameLevel, Say | None]:
    way = near(x, y)
    if way:
        return NameLevel.NEAR, say(_WORDS[way], place=place, one=x, other=y)
    if place > 1:
        return NameLevel.ONE_OFF, say("第 {place} 字不同（{one}/{other}）", place=place, one=x, other=y)
    return NameLevel.DIFFERENT, None


def _alike(x: str, y: str) -> bool:
    return x == y or bool(near(x, y))


_WORDS: Final = {
    "sound": "第 {place} 字同音（{one}/{other}）",
    "fuzzy": "第 {place} 字音近（{one}/{other}）",
    "shape": "第 {place} 字形近（{one}/{other}）",
}
