"""A masked name tells who knows the customer which one is meant, and nobody else (五, 一.10)."""

from __future__ import annotations

import pytest

from shared_rules.masks import masked_name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("张三", "张*"),
        ("欧阳娜", "欧**"),
        ("甲有限公司", "甲***"),  # no more than three stars: the length would tell which company
        ("张", "张*"),  # nor does a name of one character stand there alone
        ("张三、李四", "张*/李*"),
        ("", ""),
    ],
)
def test_the_first_character_stands_and_the_rest_does_not(text: str, shown: str) -> None:
    """Of each person or unit of a cell."""
    assert masked_name(text) == shown
