"""What each office hears from the server: items chained by hash, signed, filtered by office, read by a cursor.

A cursor is opaque to kiosks; it carries the database's epoch and the beginning of the last item's hash, so that a kiosk
which knew another database, or a later state of this one before a backup was put back, is told 410 and reads again from
the start: also where this database has meanwhile said as many other things as it had said then.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared_rules.evidence import sign_payload
from shared_rules.journal import ZERO_HASH
from shared_rules.protocol import FEED_CONTEXT, FeedAnswer, FeedBody, FeedItem
from shared_rules.wire import canonical
from sync_server.log import epoch_of
from sync_server.store import feeds, places

if TYPE_CHECKING:
    from sync_server.pki import Signer
    from sync_server.store import Transaction

__all__ = ["Bells", "Feed", "StaleCursorError"]

_PAGE: Final = 200
_MARK: Final = 16
"""Digits of the last item's hash that a cursor carries."""
_LONGEST_NUMBER: Final = 19
"""Digits, beyond which a number is no sequence number of SQLite's."""


class StaleCursorError(Exception):
    """The cursor is of another epoch, or ahead of what this database ever held."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Writes and reads the offices' feeds inside the caller's transaction."""

    signer: Signer

    def publish(self, tx: Transaction, office: str, body: FeedBody, *, at: int) -> None:
        """Append an item to one office's feed."""
        seq, previous = feeds.last_item(tx, office)
        item = FeedItem(office=office, seq=seq + 1, prev=previous, at=at, body=body)
        feeds.add_item(tx, office, seq + 1, sign_payload(FEED_CONTEXT, canonical(item), self.signer.key))

    def publish_changed(self, tx: Transaction, office: str, subject: str, body: FeedBody, *, at: int) -> bool:
        """Append an item unless the last one about this subject said the same; return whether it was new."""
        text = canonical(body)
        if feeds.published_body(tx, office, subject) == text:
            return False
        self.publish(tx, office, body, at=at)
        feeds.set_published(tx, office, subject, text)
        return True

    def publish_to(self, tx: Transaction, office: str, subject: str, body: FeedBody, *, at: int) -> None:
        """Append an item to one office's feed, or to every office's if `office` is "", where it says something new."""
        for place in [office] if office else [item.office for item in places.offices(tx)]:
            self.publish_changed(tx, place, subject, body, at=at)

    def read(self, tx: Transaction, office: str, cursor: str) -> FeedAnswer:
        """Return the items after a cursor ("" = from the start); raises StaleCursorError."""
        epoch = epoch_of(tx)
        after, mark = _position(cursor, epoch)
        if mark != _mark(feeds.hash_at(tx, office, after)):
            raise StaleCursorError
        last, _ = feeds.last_item(tx, office)
        items = feeds.items_after(tx, office, after, most=_PAGE)
        reached = after + len(items)
        mark = _mark(feeds.hash_at(tx, office, reached))
        return FeedAnswer(items=items, cursor=f"{epoch}.{reached}.{mark}", more=int(reached < last))


def _mark(digest: str) -> str:
    return digest[:_MARK]


def _position(cursor: str, epoch: str) -> tuple[int, str]:
    if not cursor:
        return 0, _mark(ZERO_HASH.hex())
    of, _, rest = cursor.partition(".")
    seq, _, mark = rest.partition(".")
    if of != epoch or not (seq.isascii() and seq.isdigit() and len(seq) < _LONGEST_NUMBER) or not mark:
        raise StaleCursorError
    return int(seq), mark


class Bells:
    """Wakes the feed requests that wait; rung from any thread after something was published."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rung = asyncio.Event()
        self.closing = False

    def attach(self) -> None:
        """Bind to the running loop; called once when the server starts."""
        self._loop = asyncio.get_running_loop()

    def ring(self) -> None:
        """Wake every waiting request; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def close(self) -> None:
        """Wake everybody for good: the server stops."""
        self.closing = True
        self.ring()

    def _wake(self) -> None:
        self._rung.set()
        self._rung = asyncio.Event()

    def mark(self) -> asyncio.Event:
        """Return what the next ring sets; taken before looking, so that no ring is missed in between."""
        return self._rung

    async def wait(self, mark: asyncio.Event, seconds: float) -> None:
        """Return when the bell rings after `mark` was taken, or after `seconds`."""
        if self.closing:
            return
        try:
            async with asyncio.timeout(seconds):
                await mark.wait()
        except TimeoutError:
            return
