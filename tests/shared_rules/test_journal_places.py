"""The chain can be followed through records whose meaning this release does not know."""

from __future__ import annotations

import pytest

from shared_rules.errors import WireError
from shared_rules.facts import Grade, LogId
from shared_rules.interval import Interval
from shared_rules.journal import Place, Record, RecordKind, place_of

RECORD = Record(LogId(7, 9), 3, RecordKind.FACT, Grade.A, Interval(1, 2), 0, bytes(16), 0, b"p" * 32, b"b" * 32)


def test_a_record_of_an_unknown_kind_still_has_its_place() -> None:
    """A newer kiosk's record must not break the chain at an older server."""
    data = bytearray(RECORD.pack())
    data[7] = 99
    with pytest.raises(WireError):
        Record.unpack(bytes(data))
    assert place_of(bytes(data)) == Place(LogId(7, 9), 3, b"p" * 32) == place_of(RECORD.pack())


@pytest.mark.parametrize("data", [b"", RECORD.pack()[:-1], b"XXXX" + RECORD.pack()[4:]])
def test_what_is_no_record_has_no_place(data: bytes) -> None:
    """Length and magic are the least a record must have."""
    with pytest.raises(WireError):
        place_of(data)
