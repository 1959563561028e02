"""Badge numbers: what a server makes ends in two check characters, so that one slip of reader or finger is no badge.

A made badge is `XH`, six digits and two check characters of ISO/IEC 7064:2003 (GB/T 17710-2008), system MOD 1271-36,
over everything before them: `XH0000007Z`. Its alphabet is that of the badge, 0-9 and A-Z, and it refuses every wrong
character and every exchange of two neighbours, the check characters included. MOD 37,36 lets one exchange in 250 pass
(its remainders 0 and 36 are one), MOD 37-2 may end in `*`, which a Code 39 reader takes for the end of the label.

Badges that are out from before are any text. They are told apart by two rules: a text that is somebody's badge is that
badge, whatever it looks like; and the server gives nobody a badge or number that is `near` a made badge of another, so
that no slip of one is somebody's. Only what is nobody's is looked at further, and called misread where it is meant as
a made badge.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

__all__ = ["BODIES", "folded", "has_form", "made", "misread", "near", "sound"]

_MARK: Final = "XH"
_DIGITS: Final = 6
BODIES: Final = 10**_DIGITS
"""How many badges can be made."""
_SIGNS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_RADIX: Final = 36
_MODULUS: Final = 1271
_FORM: Final = re.compile(rf"{_MARK}[0-9]{{{_DIGITS}}}[0-9A-Z]{{2}}")
_PREFIX: Final = re.compile(r"^[\W_]+")
"""What a scanner is told to send first, so that the counter knows a badge from a digit: ;, %, ~ ..."""
_ANY: Final = _MARK + "0"
"""Signs of which one fits at every place of the form."""


def folded(text: str) -> str:
    """Return a badge without a scanner's prefix, in capitals and ordinary width."""
    return _PREFIX.sub("", unicodedata.normalize("NFKC", text)).strip().upper()


def made(body: int) -> str:
    """Return the badge of a number below `BODIES`, with its check characters."""
    text, remainder = f"{_MARK}{body:0{_DIGITS}d}", 0
    for sign in text:
        remainder = (remainder + _SIGNS.index(sign)) * _RADIX % _MODULUS
    check = (1 - remainder * _RADIX) % _MODULUS
    return text + _SIGNS[check // _RADIX] + _SIGNS[check % _RADIX]


def has_form(badge: str) -> bool:
    """Return whether a folded text looks like a made badge, right or not."""
    return _FORM.fullmatch(badge) is not None


def sound(badge: str) -> bool:
    """Return whether a folded text is a made badge whose check characters hold."""
    return has_form(badge) and badge == made(int(badge[len(_MARK) : len(_MARK) + _DIGITS]))


def misread(badge: str) -> bool:
    """Return whether a folded text is no made badge but was meant as one: its form is at most one slip away.

    A slip is a wrong character, two neighbours exchanged, one character too many or too few.
    """
    return not sound(badge) and any(has_form(text) for text in (badge, *_one_slip_away(badge)))


def _one_slip_away(text: str) -> Iterator[str]:
    for place in range(len(text) + 1):
        before, after = text[:place], text[place:]
        yield before + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]
        for sign in _ANY:
            yield before + sign + after[1:]
            yield before + sign + after


def near(one: str, other: str) -> bool:
    """Return whether two folded texts differ by one character, or by one exchange of neighbours."""
    if len(one) != len(other):
        return False
    apart = [place for place, (first, second) in enumerate(zip(one, other, strict=True)) if first != second]
    if len(apart) == 2:
        left, right = apart
        return right == left + 1 and one[left] + one[right] == other[right] + other[left]
    return len(apart) == 1
