"""Papers and pictures are set in a typeface that has the characters of people's names."""

from __future__ import annotations

from shared_rules.typefaces import FAMILIES, best_family


def test_the_best_typeface_of_a_machine_is_taken_and_none_where_none_will_do() -> None:
    """In the order of the list, whatever order the machine has them in; a Latin one shows boxes."""
    assert best_family(["DejaVu Sans", FAMILIES[2], FAMILIES[1]]) == FAMILIES[1]
    assert best_family(["DejaVu Sans"]) == ""
