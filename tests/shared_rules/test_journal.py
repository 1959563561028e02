"""The record, its chain, and the arithmetic of two sides that hold one journal."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_rules.errors import EvidenceError, WireError
from shared_rules.facts import Grade, LogId
from shared_rules.interval import LATEST, OPEN, Interval
from shared_rules.journal import (
    RECORD_SIZE,
    ZERO_HASH,
    Arrival,
    ChainHead,
    Record,
    RecordKind,
    Standing,
    arrival,
    check_body,
    check_run,
    commitment,
    falling_times,
    follows,
    place_of,
    standing,
)
from tests.stamps import BODY, SALT, STAMP, chain

EMPTY = ChainHead(STAMP.log)
INSTANTS = st.integers(0, LATEST)
TIMES = st.tuples(INSTANTS, INSTANTS | st.just(OPEN)).map(lambda pair: Interval(*sorted(pair)))
RECORDS = st.builds(
    Record,
    log=st.builds(LogId, st.integers(0, 2**16 - 1), st.integers(0, 2**16 - 1)),
    seq=st.integers(1, 2**63 - 1),
    kind=st.sampled_from(RecordKind),
    grade=st.sampled_from(Grade),
    time=TIMES,
    tick=st.integers(0, 2**63 - 1),
    boot_id=st.binary(min_size=16, max_size=16),
    seg=st.integers(0, 2**16 - 1),
    prev=st.binary(min_size=32, max_size=32),
    body=st.binary(min_size=32, max_size=32),
)


def head_of(records: list[Record]) -> ChainHead:
    """Return the head of a journal of these records."""
    return ChainHead(records[-1].log, records[-1].seq, records[-1].digest()) if records else EMPTY


@given(RECORDS)
def test_a_record_is_124_bytes_and_comes_back_as_it_was(record: Record) -> None:
    """Every value that fits the layout survives it."""
    assert len(record.pack()) == RECORD_SIZE
    assert Record.unpack(record.pack()) == record


def test_the_layout_is_the_published_one() -> None:
    """Each field at its place, big-endian: receipts in pockets cannot be migrated."""
    data = STAMP.pack()
    assert data[:4] == b"XHr1"
    fields = {4: 7, 6: 1, 7: 1, 8: 12, 16: STAMP.time.lo, 24: STAMP.time.hi, 32: STAMP.tick, 56: 40001, 58: 3}
    sizes = {4: 2, 6: 1, 7: 1, 8: 8, 16: 8, 24: 8, 32: 8, 56: 2, 58: 2}
    assert {place: int.from_bytes(data[place : place + sizes[place]], "big") for place in fields} == fields
    assert (data[40:56], data[60:92], data[92:]) == (STAMP.boot_id, STAMP.prev, STAMP.body)


@pytest.mark.parametrize(
    ("field", "data"),
    [
        ("record", STAMP.pack()[:-1]),
        ("record", STAMP.pack() + b"\0"),
        ("magic", b"XHr2" + STAMP.pack()[4:]),
        ("seq", replace(STAMP, seq=0).pack()),
        ("kind", STAMP.pack()[:7] + b"\x08" + STAMP.pack()[8:]),
        ("grade", STAMP.pack()[:6] + b"\x00" + STAMP.pack()[7:]),
        ("tick", replace(STAMP, tick=2**63).pack()),
        ("hi", replace(STAMP, time=Interval(0, OPEN - 1)).pack()),
        ("lo", STAMP.pack()[:16] + STAMP.pack()[24:32] + STAMP.pack()[16:24] + STAMP.pack()[32:]),
    ],
)
def test_bytes_that_are_no_record_are_refused_with_the_field(field: str, data: bytes) -> None:
    """Too short, too long, foreign, without a number, unknown, or ending before it begins."""
    with pytest.raises(WireError) as caught:
        Record.unpack(data)
    assert caught.value.field == field


@given(RECORDS)
def test_the_place_of_a_record_is_read_without_its_meaning(record: Record) -> None:
    """A newer release may write grades and kinds that this one does not know; the chain goes on all the same."""
    data = record.pack()
    assert place_of(data) == (record.log, record.seq, record.prev)
    assert place_of(data[:6] + b"\xff\xff" + data[8:]) == (record.log, record.seq, record.prev)


@pytest.mark.parametrize("seq", [0, 2**63, 2**64 - 1])
def test_a_number_that_no_column_holds_is_no_place(seq: int) -> None:
    """The chain counts from one, and a database up to 2^63 - 1."""
    data = STAMP.pack()
    with pytest.raises(WireError) as caught:
        place_of(data[:8] + seq.to_bytes(8, "big") + data[16:])
    assert caught.value.field == "seq"


@pytest.mark.parametrize("data", [b"", STAMP.pack()[:-1], b"XHr2" + STAMP.pack()[4:]])
def test_bytes_that_are_no_record_have_no_place(data: bytes) -> None:
    """Length and magic are the least that a record has."""
    with pytest.raises(WireError) as caught:
        place_of(data)
    assert caught.value.field == "magic"


def test_a_pocketed_receipt_freezes_everything_before_it() -> None:
    """The attacker holds the key and re-signs the whole chain after an edit: number 4 in a pocket is another record."""
    honest = chain(5)
    pocketed = honest[3]
    forged = [replace(honest[0], body=bytes(32))]
    for record in honest[1:]:
        forged.append(replace(record, prev=forged[-1].digest()))
    assert check_run(forged, EMPTY).seq == 5
    assert arrival(forged[3], head_of(honest), pocketed.digest()) is Arrival.FORK


def test_a_body_is_bound_by_salt_and_content() -> None:
    """The commitment is SHA-256 of tag, salt and body; another salt or body does not open it."""
    assert STAMP.body == hashlib.sha256(b"xianhou-body-v1\n" + SALT + BODY).digest()
    check_body(STAMP, SALT, BODY)
    for salt, body in ((bytes(16), BODY), (SALT, BODY + b" ")):
        with pytest.raises(EvidenceError, match="承诺不符"):
            check_body(STAMP, salt, body)


def test_a_salt_of_another_length_is_refused() -> None:
    """Salt and body could otherwise be cut at another place and mean another body."""
    with pytest.raises(EvidenceError, match="16"):
        commitment(SALT + BODY[:1], BODY[1:])


def test_a_run_of_records_moves_the_head_to_its_end() -> None:
    """A batch is accepted as a whole or not at all; where it stops is where the next one starts."""
    records = chain(6)
    middle = check_run(records[:3], EMPTY)
    assert middle == head_of(records[:3])
    assert check_run(records[3:], middle) == head_of(records)
    assert check_run([], middle) == middle


@given(st.integers(0, 4), st.integers(0, RECORD_SIZE * 8 - 1))
def test_one_bit_changed_in_an_old_record_breaks_the_chain(index: int, bit: int) -> None:
    """An attacker who edits an old slip must re-sign everything after it, up to the last pocketed receipt."""
    records = chain(6)
    data = bytearray(records[index].pack())
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises((EvidenceError, WireError)):
        check_run([*records[:index], Record.unpack(bytes(data)), *records[index + 1 :]], EMPTY)


@pytest.mark.parametrize("order", [(0, 2), (1, 2), (0, 1, 1), (0, 2, 1)])
def test_a_record_left_out_repeated_or_moved_breaks_the_chain(order: tuple[int, ...]) -> None:
    """The sentence names the number at which the chain breaks."""
    records = chain(3)
    with pytest.raises(EvidenceError, match="断链"):
        check_run([records[index] for index in order], EMPTY)


def test_the_next_record_follows_and_no_other() -> None:
    """Same log, next number, and the hash of the one before."""
    one, two = chain(2)
    assert follows(two, one.log, 1, one.digest())
    assert not follows(two, LogId(8, one.log.inc), 1, one.digest())
    assert not follows(two, one.log, 0, one.digest())
    assert not follows(two, one.log, 1, ZERO_HASH)


def test_what_a_record_is_to_the_journal_that_is_held() -> None:
    """Next is appended, a duplicate is fine, a gap asks for what is missing, another history is a fork."""
    held = chain(3)
    head, later = head_of(held), chain(5)
    assert arrival(later[3], head, None) is Arrival.NEXT
    assert arrival(held[1], head, held[1].digest()) is Arrival.DUPLICATE
    assert arrival(later[4], head, None) is Arrival.GAP
    assert arrival(replace(held[1], seg=9), head, held[1].digest()) is Arrival.FORK
    assert arrival(replace(later[3], prev=ZERO_HASH), head, None) is Arrival.FORK
    assert arrival(held[0], EMPTY, None) is Arrival.NEXT


def test_a_record_of_another_journal_never_arrives_in_this_one() -> None:
    """Kiosk and incarnation are signed in the record; the path of a request does not change them."""
    with pytest.raises(WireError) as caught:
        arrival(chain(1, LogId(8, 1))[0], EMPTY, None)
    assert caught.value.field == "log"


@given(st.lists(st.integers(0, 7), max_size=40))
def test_delivery_in_any_order_and_any_number_ends_in_the_same_journal(order: list[int]) -> None:
    """Only what is next is appended, so duplicates, overlaps and gaps never change the outcome."""
    records = chain(8)
    held: list[Record] = []
    for index in [*order, *range(8)]:
        known = held[index].digest() if index < len(held) else None
        if arrival(records[index], head_of(held), known) is Arrival.NEXT:
            held.append(records[index])
    assert held == records


def test_how_two_sides_of_one_journal_stand() -> None:
    """Equal, ahead, behind (restored or cloned) and two histories, from two heads and one look-up."""
    records = chain(4)
    mine, shorter = head_of(records), head_of(records[:2])
    assert standing(mine, mine, records[3].digest()) is Standing.EQUAL
    assert standing(mine, shorter, records[1].digest()) is Standing.AHEAD
    assert standing(mine, EMPTY, None) is Standing.AHEAD
    assert standing(EMPTY, EMPTY, None) is Standing.EQUAL
    assert standing(shorter, mine, None) is Standing.BEHIND
    assert standing(mine, replace(shorter, hash=ZERO_HASH), records[1].digest()) is Standing.FORK
    assert standing(mine, replace(mine, hash=ZERO_HASH), records[3].digest()) is Standing.FORK


def test_a_lower_bound_that_falls_is_found() -> None:
    """Monotone per journal; asserted times tell of the past and do not count."""
    records = chain(5)
    assert falling_times(records) == ()
    records[2] = replace(records[2], time=Interval(1, 2))
    assert falling_times(records) == (3,)
    records[2] = replace(records[2], grade=Grade.P)
    assert falling_times(records) == ()
