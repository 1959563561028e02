"""A masked cell is a hint and no more."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_server.masking import masked_name, masked_phone


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("张三", "张*"),
        ("欧阳文静", "欧***"),
        ("张", "张*"),
        ("张伟/李娜夫妇", "张*/李*"),
        ("John Smith", "J***"),
        ("滨江置业（深圳）有限公司", "滨***"),
        ("", ""),
    ],
)
def test_of_a_name_the_first_character_is_left(text: str, shown: str) -> None:
    """Each person of a cell by itself; how long a long name is does not show."""
    assert masked_name(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("13800000001", "138****0001"),
        ("+86 138-0000-0001", "138****0001"),
        ("１３８０００００００１", "138****0001"),
        ("13800000001、0755-2363067", "138****0001 ****67"),
        ("13800000001 微信zhang_33", "138****0001 ****33"),
        ("8801", "****"),
        ("没有", "****"),
        ("", ""),
    ],
)
def test_of_a_number_head_and_tail_are_left(text: str, shown: str) -> None:
    """Of what is no mobile only the last two characters: a short one shows nothing at all."""
    assert masked_phone(text) == shown


@given(st.text(max_size=40))
def test_no_cell_can_be_read_back(text: str) -> None:
    """Whatever people write into a cell: never seven digits in a row, never two characters of one name."""
    assert re.search(r"\d{5}", masked_phone(text)) is None
    assert all(len(part) == 1 or part[1:] == "*" * (len(part) - 1) for part in masked_name(text).split("/") if part)
