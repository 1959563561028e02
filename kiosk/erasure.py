"""Erasure of one customer at the kiosk, as the feed orders it: bodies, salts and printed copies go for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared_rules.erasure import claims_of
from shared_rules.facts import ReportLineWritten
from shared_rules.interval import day_of
from shared_rules.wire import decode_fact

if TYPE_CHECKING:
    from kiosk.chain import Chain
    from kiosk.printing import Printing
    from shared_rules.protocol import ErasureItem

__all__ = ["erase"]


def erase(chain: Chain, printing: Printing, item: ErasureItem) -> None:
    """Take one record's body away, inside the feed's transaction; WireError where what replaces it is no fact.

    The bytes are overwritten when the write-ahead log is next emptied: at the latest when the counter is closed.
    """
    text = item.redacted.encode()
    fact = decode_fact(text)
    record = chain.erase(item.inc, item.seq, text)
    if record is None:
        return
    for slip in claims_of(fact):
        printing.forget(slip)
    if isinstance(fact, ReportLineWritten):
        printing.forget(f"{fact.by}-{day_of(record.time.lo)}")  # the report of that day tells of the customer (一.10)
