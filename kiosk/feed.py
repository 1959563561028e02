"""What the server told this office: items verbatim (sealed), their chain and signature checked before any takes effect.

What an item means is the caller's: it is handed over inside the transaction that keeps it. An item of a kind that this
release does not know, or that the caller cannot take, is kept and passed over: it blocks nothing that follows.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Final

import msgspec

from kiosk.database import Database, savepoint, transaction
from kiosk.sealing import Sealer
from shared_rules.errors import EvidenceError, UnavailableError, WireError, XianhouError
from shared_rules.evidence import verify_payload
from shared_rules.journal import ZERO_HASH
from shared_rules.protocol import FEED_CONTEXT, FeedAnswer, FeedItem, Signed
from shared_rules.wire import decode_canonical
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kiosk.enrolment import Keys

__all__ = ["FeedStore"]

_ABOUT: Final = struct.Struct(">4sIQ")


class _Envelope(msgspec.Struct, frozen=True):
    """The part of an item that every release can read."""

    office: str
    seq: int
    prev: str


def _ignore(_: Database, __: FeedItem) -> None:
    """Take an item without effect."""


class FeedStore:
    """The feed as this kiosk holds it; `on_item` is what an item does to the rest of the database."""

    def __init__(
        self, db: Database, keys: Keys, random: Callable[[int], bytes],
        on_item: Callable[[Database, FeedItem], None] = _ignore,
        on_reset: Callable[[Database], None] | None = None,
    ) -> None:  # fmt: skip
        self._db = db
        self._server = keys.server
        self._office = keys.config.office
        self._sealer = Sealer(keys.data, random)
        self.on_item = on_item
        self.on_reset = on_reset

    @property
    def cursor(self) -> str:
        """The server's own mark of how far we have read; "" = nothing yet."""
        return self._state()[1]

    def _state(self) -> tuple[int, str]:
        row = self._db.one("SELECT reading, cursor FROM feed_state")
        assert row is not None
        return int(row[0]), str(row[1])

    def _last(self, reading: int) -> tuple[int, bytes]:
        row = self._db.one("SELECT seq, hash FROM feed_items WHERE reading = ? ORDER BY seq DESC LIMIT 1", reading)
        return (row[0], row[1]) if row else (0, ZERO_HASH)

    def apply(self, answer: FeedAnswer, on_item: Callable[[Database, FeedItem], None] | None = None) -> int:
        """Keep the items of an answer and let them take effect, all in one transaction; return how many were new.

        Items held already are passed over. Raises EvidenceError for a signature, chain or office that is not ours:
        then nothing of the answer was taken.
        """
        with transaction(self._db):
            reading, _ = self._state()
            new = sum(self._take(reading, item, on_item or self.on_item) for item in answer.items)
            self._db.run("UPDATE feed_state SET cursor = ?", answer.cursor)
        return new

    def _take(self, reading: int, signed: Signed, on_item: Callable[[Database, FeedItem], None]) -> bool:
        payload = verify_payload(FEED_CONTEXT, signed, self._server)
        envelope = _decoded(payload)
        seq, last = self._last(reading)
        digest = hashlib.sha256(payload).digest()
        if envelope.office != self._office:
            raise EvidenceError(say("服务器下发了别的门店的消息；没有采用，请管理员查看"))
        if envelope.seq <= seq:
            held = self._db.one("SELECT hash FROM feed_items WHERE reading = ? AND seq = ?", reading, envelope.seq)
            if held is None or held[0] != digest:
                raise _broken(envelope.seq)
            return False
        if envelope.seq != seq + 1 or envelope.prev != last.hex():
            raise _broken(envelope.seq)
        refused = self._effect(payload, on_item)
        sealed = self._sealer.seal(payload, _ABOUT.pack(b"feed", reading, envelope.seq))
        self._db.run(
            "INSERT INTO feed_items VALUES (?, ?, ?, ?, ?, ?)",
            reading, envelope.seq, digest, sealed, signed.signature, refused,
        )  # fmt: skip
        return True

    def _effect(self, payload: bytes, on_item: Callable[[Database, FeedItem], None]) -> str:
        """Let an item take effect, or none of it; return why not, "" if it did."""
        try:
            item = decode_canonical(payload, FeedItem)
        except WireError as error:
            return str(error)
        try:
            with savepoint(self._db):
                on_item(self._db, item)
        except UnavailableError:
            raise
        except XianhouError as error:
            return str(error)
        return ""

    def reset(self) -> None:
        """Read again from the start: the server says that our cursor is of another time of its database.

        What was kept stays, as an earlier reading.
        """
        with transaction(self._db):
            self._db.run("UPDATE feed_state SET reading = reading + 1, cursor = ''")
            if self.on_reset is not None:
                self.on_reset(self._db)

    def items(self) -> Iterator[FeedItem]:
        """Yield the items of this reading that took effect, in order."""
        reading, _ = self._state()
        rows = self._db.rows(
            "SELECT seq, sealed FROM feed_items WHERE reading = ? AND refused = '' ORDER BY seq", reading
        )
        for seq, sealed in rows:
            yield decode_canonical(self._sealer.open(sealed, _ABOUT.pack(b"feed", reading, seq)), FeedItem)

    def refused(self) -> int:
        """Return how many items of this reading had no effect here."""
        row = self._db.one("SELECT count(*) FROM feed_items WHERE reading = ? AND refused <> ''", self._state()[0])
        return int(row[0]) if row else 0


def _decoded(payload: bytes) -> _Envelope:
    try:
        return msgspec.json.decode(payload, type=_Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EvidenceError(say("服务器下发的消息无法解读；没有采用，请管理员查看")) from error


def _broken(seq: int) -> EvidenceError:
    return EvidenceError(say("服务器下发的消息在第 {seq} 条处断链；没有采用，请管理员查看", seq=seq))
