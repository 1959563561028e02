"""A made badge that was misread is no badge, whatever its one slip is; what was a badge before stays what it is."""

from __future__ import annotations

from string import ascii_uppercase, digits

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_rules.badges import BODIES, folded, has_form, made, misread, near, sound

SIGNS = digits + ascii_uppercase
bodies = st.integers(0, BODIES - 1)


def exchanged(text: str) -> list[str]:
    """Return every text that one exchange of two unlike neighbours makes of it."""
    return [
        text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        for place in range(len(text) - 1)
        if text[place] != text[place + 1]
    ]


def replaced(text: str, signs: str) -> list[str]:
    """Return every text with one character replaced by another of these."""
    places = range(len(text))
    return [text[:at] + sign + text[at + 1 :] for at in places for sign in signs if sign != text[at]]


def remainder_by_weights(text: str) -> int:
    """Return the remainder as the standard writes it for pure systems: each character by its power of 36."""
    return int(sum(SIGNS.index(sign) * 36**place for place, sign in enumerate(reversed(text))) % 1271)


@settings(max_examples=25)
@given(bodies)
def test_every_wrong_character_and_every_exchange_of_neighbours_is_refused_as_misread(body: int) -> None:
    """At all places, mark and check characters too; by any character that a keyboard has, not only those of badges."""
    badge = made(body)
    assert sound(badge)
    for text in (*replaced(badge, SIGNS + "-;*陈"), *exchanged(badge)):
        assert not sound(folded(text))
        assert misread(folded(text))
        assert near(badge, text)


@given(bodies)
def test_a_character_too_many_or_too_few_is_misread(body: int) -> None:
    """A key that bounced, or one that was not struck."""
    badge = made(body)
    for place in range(len(badge)):
        assert misread(badge[:place] + badge[place + 1 :])
        assert misread(badge[:place] + badge[place] + badge[place:])


@given(bodies)
def test_the_check_characters_are_those_of_the_standard(body: int) -> None:
    """ISO/IEC 7064 MOD 1271-36: weighted by powers of 36 the remainder is 1, as in the standard's own example."""
    badge = made(body)
    assert remainder_by_weights("ISO793W") == 1
    assert badge.startswith(f"XH{body:06d}")
    assert remainder_by_weights(badge) == 1


@pytest.mark.parametrize("typed", ["XH0000007Z", "xh0000007z", ";XH0000007Z", "ＸＨ００００００７Ｚ", " %~xh0000007z "])
def test_a_badge_is_the_same_in_any_width_and_case_and_after_a_scanner_s_sign(typed: str) -> None:
    """What the reader is told to send first belongs to no badge."""
    assert folded(typed) == made(0)


@pytest.mark.parametrize("old", ["B201", "201", "", "HZ12345678", "XH-201", "HIRE01", "陈明", "X", "A0000000000Z"])
def test_what_was_a_badge_before_is_not_taken_for_a_misread_one(old: str) -> None:
    """Two slips or more lie between it and the form of a made badge."""
    assert not misread(old)
    assert not has_form(old)


@pytest.mark.parametrize(
    ("one", "other", "is_near"),
    [
        ("B201", "B201", False), ("B201", "B202", True), ("B201", "B210", True), ("B201", "2B01", True),
        ("B201", "B2010", False), ("B201", "B112", False), ("B201", "1B20", False), ("B213", "B231", True),
        ("B213", "B321", False),
    ],
)  # fmt: skip
def test_texts_are_near_by_one_character_or_one_exchange(one: str, other: str, *, is_near: bool) -> None:
    """Two characters that are not exchanged neighbours, or another length, are further apart."""
    assert near(one, other) is is_near
    assert near(other, one) is is_near
