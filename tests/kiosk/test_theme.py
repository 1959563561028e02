"""The colours: readable for eight hours, told apart by colour-blind people."""

from __future__ import annotations

from itertools import combinations

import pytest
from textual.color import Color

from kiosk.theme import BAR, GROUND, MEANINGS, QUIET, SURFACE, TEXT

SIMULATED = {  # Machado, Oliveira and Fernandes 2009, full severity, on linear RGB
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(colour: str) -> tuple[float, float, float]:
    """Return linear RGB in 0..1."""
    red, green, blue = Color.parse(colour).normalized
    values = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in (red, green, blue)]
    return values[0], values[1], values[2]


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of WCAG 2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", [GROUND, SURFACE, BAR, "#24435A"])
@pytest.mark.parametrize("colour", [TEXT, QUIET])
def test_texts_are_readable_on_every_ground(colour: str, ground: str) -> None:
    """At least 4.5 : 1, as WCAG AA asks for text."""
    assert contrast(colour, ground) >= 4.5


@pytest.mark.parametrize("meaning", sorted(MEANINGS))
def test_every_meaning_is_readable_both_ways(meaning: str) -> None:
    """As text on the ground and as a ground for dark text."""
    assert contrast(MEANINGS[meaning], GROUND) >= 4.5
    assert contrast(MEANINGS[meaning], SURFACE) >= 4.5


@pytest.mark.parametrize("sight", sorted(SIMULATED))
def test_colour_blind_people_tell_the_meanings_apart(sight: str) -> None:
    """Every two meanings stay apart in what is left of colour and brightness."""

    def seen(colour: str) -> tuple[float, ...]:
        source = linear(colour)
        rows = SIMULATED[sight]
        mixed = [max(0.0, min(1.0, sum(w * s for w, s in zip(row, source, strict=True)))) for row in rows]
        return tuple(value ** (1 / 2.4) for value in mixed)

    for (one, first), (two, second) in combinations(MEANINGS.items(), 2):
        distance = sum((a - b) ** 2 for a, b in zip(seen(first), seen(second), strict=True)) ** 0.5
        assert distance > 0.12, (sight, one, two, distance)


def test_sabotage_red_and_green_would_not_pass() -> None:
    """The test above tells a pair that a protanope confuses."""
    rows = SIMULATED["deuteranopia"]
    pair = []
    for colour in ("#B07A00", "#7F9A00"):
        mixed = [max(0.0, sum(w * s for w, s in zip(row, linear(colour), strict=True))) for row in rows]
        pair.append([value ** (1 / 2.4) for value in mixed])
    assert sum((a - b) ** 2 for a, b in zip(*pair, strict=True)) ** 0.5 <= 0.12
