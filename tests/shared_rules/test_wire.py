"""One fact, one encoding: everything that could be written two ways is refused."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_rules.errors import WireError
from shared_rules.facts import (
    DayClosed,
    Fact,
    Need,
    OldCustomerBrought,
    SlipContent,
    SlipEntered,
    SlipReturned,
    SlipStamped,
)
from shared_rules.interval import FIRST_DAY, LAST_DAY, LATEST
from shared_rules.protocol import Anchor, Head
from shared_rules.wire import canonical, decode_canonical, decode_fact, encode_fact

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
CONTENTS = st.builds(
    SlipContent, names=st.lists(TEXT, max_size=3).map(tuple), company=TEXT,
    phones=st.lists(TEXT, max_size=2).map(tuple),
    need=st.builds(Need, kind=TEXT, area_from=st.integers(0, 10_000)), other=st.dictionaries(TEXT, TEXT, max_size=3),
)  # fmt: skip
DAYS = st.dates(FIRST_DAY, LAST_DAY)
FACTS: st.SearchStrategy[Fact] = st.one_of(
    st.builds(
        SlipStamped, slip=TEXT, pool=TEXT, office=TEXT, salesperson=TEXT, stamped_by=TEXT,
        received_on=DAYS, handed_in_at=st.integers(0, LATEST), content=st.none() | CONTENTS,
    ),
    st.builds(SlipReturned, slip=TEXT, returned_by=TEXT, note=TEXT),
    st.builds(DayClosed, office=TEXT, day=DAYS, known=st.dictionaries(TEXT, st.integers(0, 2**62), max_size=3)),
)  # fmt: skip
RETURNED = SlipReturned(slip="E-7-12", returned_by="c1", note="printed")
BYTES = b'{"fact":"SlipReturned","note":"printed","returned_by":"c1","slip":"E-7-12"}'


@given(FACTS)
def test_a_fact_comes_back_as_it_was_and_its_bytes_too(fact: Fact) -> None:
    """Whatever people type, encode and decode are each other's inverse."""
    data = encode_fact(fact)
    assert decode_fact(data) == fact
    assert encode_fact(decode_fact(data)) == data


def test_a_fact_from_before_a_field_keeps_its_bytes() -> None:
    """一.8: who came along was not recorded once; left out it is not there, told it is one more key."""
    before = b'{"by_customer":"E-1","fact":"OldCustomerBrought","name":"\xe7\x8e\x8b\xe4\xba\x94","on_duty":"D"}'
    told = decode_fact(before)
    assert isinstance(told, OldCustomerBrought)
    assert (told.accompanied, encode_fact(told)) == ("", before)
    along = OldCustomerBrought(by_customer="E-1", name="王五", on_duty="D", accompanied="yes")
    assert encode_fact(along) == before.replace(b'{"by', b'{"accompanied":"yes","by')


def test_the_canonical_form_is_the_published_one() -> None:
    """UTF-8, keys sorted, no spaces, defaults left out, nothing escaped that need not be."""
    assert encode_fact(RETURNED) == BYTES
    content = SlipContent(names=("张伟",), phones=("138 0000 0000",))
    assert encode_fact(SlipEntered(slip="E-1", entered_by="c1", content=content)).decode() == (
        '{"content":{"names":["张伟"],"phones":["138 0000 0000"]},"entered_by":"c1","fact":"SlipEntered","slip":"E-1"}'
    )


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (BYTES.replace(b",", b", "), "spaces"),
        (BYTES + b"\n", "a newline at the end"),
        (b"\xef\xbb\xbf" + BYTES, "a byte order mark"),
        (json.dumps(json.loads(BYTES), sort_keys=False).encode(), "keys as they come"),
        (BYTES.replace(b'"note":"printed",', b'"note":"",'), "a default written out"),
        (BYTES.replace(b"printed", b"\\u0070rinted"), "an escape that need not be"),
        (BYTES.replace(b'"note"', b'"note":"shown","note"'), "a key twice"),
        (BYTES.replace(b'"slip"', b'"slips"'), "an unknown key"),
        (BYTES.replace(b'"E-7-12"', b"12"), "a number for a text"),
        (BYTES.replace(b'"E-7-12"', b"null"), "null"),
        (BYTES.replace(b"SlipReturned", b"SlipEaten"), "an unknown fact"),
        (BYTES.replace(b"c1", b"\xff"), "not UTF-8"),
        (BYTES.replace(b"c1", b"\\ud800"), "half a surrogate pair"),
        (BYTES[:-1], "cut off"),
        (b"", "nothing"),
        (b"[]", "another shape"),
    ],
)
def test_bytes_that_are_not_the_one_form_are_refused(data: bytes, why: str) -> None:
    """The bytes are hashed: a second spelling of a fact would be a second fact."""
    with pytest.raises(WireError) as caught:
        decode_fact(data)
    assert caught.value.field == "body"


@pytest.mark.parametrize("plain", [{"a": 1.5}, {"a": True}, {"a": None}, [1, [2.0]], {"a": {"b": False}}])
def test_only_integers_and_texts_are_written(plain: object) -> None:
    """Floats have many spellings, and booleans and nulls are not needed."""
    with pytest.raises(WireError, match="只能含整数和文字"):
        canonical(plain)


@pytest.mark.parametrize("plain", ["\ud800", {"a": "\ud800"}, {"\ud800": 1}, {1: "a"}])
def test_what_has_no_utf_8_or_no_text_as_key_is_refused_with_our_sentence(plain: object) -> None:
    """A terminal can deliver half a surrogate pair; no error of the codec leaks."""
    with pytest.raises(WireError):
        canonical(plain)


def test_integers_and_texts_are_written_wherever_they_stand() -> None:
    """Tuples are lists, dates are ISO days, and the sign and size of a number do not matter."""
    assert canonical({"b": (1, -2), "a": ["x", 2**70]}) == b'{"a":["x",1180591620717411303424],"b":[1,-2]}'
    assert canonical({"day": date(2026, 3, 2)}) == b'{"day":"2026-03-02"}'


def test_messages_are_read_as_strictly_as_facts() -> None:
    """What the server signed is decoded by the same rule; the bytes of another message are not it."""
    note = Anchor(nonce="00", head_hash="00", rx=1, tx=2, err=50_000, epoch="e")
    assert decode_canonical(canonical(note), Anchor) == note
    with pytest.raises(WireError):
        decode_canonical(canonical(note), Head)
    with pytest.raises(WireError):
        decode_canonical(canonical(note).replace(b"50000", b"50000.0"), Anchor)
