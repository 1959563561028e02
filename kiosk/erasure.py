"""Erasure of one customer at the kiosk, as the feed orders it: bodies, salts and printed copies go for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared_rules.erasure import claims_of
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
    if chain.erase(item.inc, item.seq, text):
        for slip in claims_of(fact):
            printing.forget(slip)
