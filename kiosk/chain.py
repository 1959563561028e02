"""The rows of the journal: records verbatim, bodies sealed beside them, one chain for each life of this kiosk.

Knows SQL and sealing, no clock and no key; what is appended and when is journal.py's.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from kiosk.database import Database
from shared_rules.errors import EvidenceError, WireError
from shared_rules.evidence import verify_record
from shared_rules.facts import Event, LogId
from shared_rules.journal import SALT_SIZE, ZERO_HASH, ChainHead, Record, RecordKind, check_body, check_run
from shared_rules.protocol import Entry
from shared_rules.wire import decode_fact
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

    from kiosk.sealing import Sealer

__all__ = ["Chain", "Life"]

_ABOUT: Final = struct.Struct(">HHQ")
_PAGE: Final = 500


class _Genesis(msgspec.Struct, frozen=True):
    certificate: str


@dataclass(frozen=True, slots=True)
class Life:
    """One incarnation of this kiosk's journal; the last born is the one that grows."""

    inc: int
    acknowledged: int
    """Highest sequence number the server said it holds."""
    forked: bool
    """The server holds another history under this name: a person must look; nothing more of it is sent."""


class Chain:
    """The records of one kiosk's database. Methods that write must be called inside `transaction`."""

    def __init__(self, db: Database, sealer: Sealer, kiosk: int) -> None:
        self._db = db
        self._sealer = sealer
        self._kiosk = kiosk

    def lives(self) -> list[Life]:
        """Return all lives, the first born first."""
        rows = self._db.rows("SELECT inc, acknowledged, forked FROM lives ORDER BY born")
        return [Life(inc, acknowledged, bool(forked)) for inc, acknowledged, forked in rows]

    def begin(self, inc: int) -> None:
        """Begin a life."""
        self._db.run("INSERT INTO lives (inc, born) SELECT ?, 1 + coalesce(max(born), 0) FROM lives", inc)

    def last(self, inc: int) -> ChainHead:
        """Return the end of a life's chain."""
        log = LogId(self._kiosk, inc)
        row = self._db.one("SELECT seq, hash FROM records WHERE inc = ? ORDER BY seq DESC LIMIT 1", inc)
        return ChainHead(log, row[0], row[1]) if row else ChainHead(log)

    def hash_at(self, inc: int, seq: int) -> bytes | None:
        """Return the hash of a record, zeros for 0, None for one that is not there."""
        if seq == 0:
            return ZERO_HASH
        row = self._db.one("SELECT hash FROM records WHERE inc = ? AND seq = ?", inc, seq)
        return row[0] if row else None

    def add(self, record: Record, signature: bytes, salt: bytes, body: bytes) -> int:
        """Append a record that follows the life's last, and return its position; without salt its body was erased."""
        cursor = self._db.run(
            "INSERT INTO records (inc, seq, kind, hash, record, signature) VALUES (?, ?, ?, ?, ?, ?)",
            record.log.inc, record.seq, int(record.kind), record.digest(), record.pack(), signature,
        )  # fmt: skip
        position = int(cursor.lastrowid)
        if salt:
            sealed = self._sealer.seal(salt + body, self._about(record.log.inc, record.seq))
            self._db.run("INSERT INTO bodies (position, sealed) VALUES (?, ?)", position, sealed)
        else:
            self._db.run("INSERT INTO erased VALUES (?, ?)", position, b"")
        return position

    def erase(self, inc: int, seq: int, redacted: bytes) -> Record | None:
        """Take a record's salt and body away for good, and put a redacted fact in their place; None = not held."""
        row = self._db.one("SELECT position, record FROM records WHERE inc = ? AND seq = ?", inc, seq)
        if row is None:
            return None
        self._db.run("DELETE FROM bodies WHERE position = ?", row[0])
        self._db.run("INSERT OR REPLACE INTO erased VALUES (?, ?)", row[0], redacted)
        return _unpacked(row[1], seq)

    def put_back(
        self, inc: int, entries: list[Entry], certificates: Mapping[bytes, EllipticCurvePublicKey]
    ) -> list[tuple[int, Event]]:
        """Append records of an ended life that this database lost, checked as `walk` does, and return their facts.

        Raises EvidenceError at the first that does not follow, or that none of our certificates (digest -> key) signed.
        """
        if entries and not any(life.inc == inc for life in self.lives()):
            self._db.run("INSERT INTO lives (inc, born) SELECT ?, coalesce(min(born), 2) - 1 FROM lives", inc)
        facts: list[tuple[int, Event]] = []
        head = self.last(inc)
        certificate = self.certificate_of(inc)
        for entry in entries:
            record = _unpacked(entry.record, head.seq + 1)
            head = check_run([record], head)
            certificate = certificate or _named_certificate(entry.body)
            key = certificates.get(certificate)
            if key is None:
                raise EvidenceError(say("日志的签名证书不是这台柜台机的；日志被改动过或来自别处"))
            verify_record(record, entry.signature, key, certificate)
            if entry.salt:
                check_body(record, entry.salt, entry.body)
            position = self.add(record, entry.signature, entry.salt, entry.body)
            event = event_of(entry) if record.kind is RecordKind.FACT else None
            if event is not None:
                facts.append((position, event))
        return facts

    def _about(self, inc: int, seq: int) -> bytes:
        return _ABOUT.pack(self._kiosk, inc, seq)

    def _entry(self, inc: int, seq: int, record: bytes, signature: bytes, sealed: bytes | None) -> Entry:
        plain = b"" if sealed is None else self._sealer.open(sealed, self._about(inc, seq))
        return Entry(record=record, signature=signature, salt=plain[:SALT_SIZE], body=plain[SALT_SIZE:])

    def entries(self, inc: int, after: int, limit_records: int, limit_bytes: int) -> list[Entry]:
        """Return the records after `after` in order as they travel, at least one if there is any.

        `limit_bytes` bounds their JSON; an erased body travels empty.
        """
        rows = self._db.rows(
            "SELECT seq, record, signature, sealed FROM records LEFT JOIN bodies USING (position)"
            " WHERE inc = ? AND seq > ? ORDER BY seq LIMIT ?", inc, after, limit_records,
        )  # fmt: skip
        found: list[Entry] = []
        for row in rows:
            entry = self._entry(inc, *row)
            limit_bytes -= len(msgspec.json.encode(entry)) + 1
            if limit_bytes < 0 and found:
                break
            found.append(entry)
        return found

    def signed(self) -> Iterator[bytes]:
        """Yield the 188 bytes of record and signature of every record, life after life: a journal file."""
        for life in self.lives():
            after = 0
            while rows := self._db.rows(
                "SELECT seq, record, signature FROM records WHERE inc = ? AND seq > ? ORDER BY seq LIMIT ?",
                life.inc, after, _PAGE,
            ):  # fmt: skip
                after = rows[-1][0]
                yield from (record + signature for _, record, signature in rows)

    def entry(self, inc: int, seq: int) -> Entry | None:
        """Return one record as it travels."""
        found = self.entries(inc, seq - 1, 1, 0)
        return found[0] if found and Record.unpack(found[0].record).seq == seq else None

    def facts(self, after: int) -> Iterator[tuple[int, Event]]:
        """Yield position and event of every fact after a position, all lives, in the order of writing."""
        return ((position, event) for position, _, event in self.read(after) if event is not None)

    def read(self, after: int) -> Iterator[tuple[int, Record, Event | None]]:
        """Yield position, record and, of facts, the event after a position, all lives, in the order of writing.

        In the place of an erased body stands its redacted fact; a body of a newer release is no fact.
        """
        while True:
            rows = self._db.rows(
                "SELECT position, redacted, inc, seq, record, signature, sealed FROM records"
                " LEFT JOIN bodies USING (position) LEFT JOIN erased USING (position)"
                " WHERE position > ? ORDER BY position LIMIT ?", after, _PAGE,
            )  # fmt: skip
            for position, redacted, *row in rows:
                after = position
                record = Record.unpack(row[2])
                fact = record.kind is RecordKind.FACT
                yield position, record, event_of(self._entry(*row), redacted or b"") if fact else None
            if len(rows) < _PAGE:
                return

    def certificate_of(self, inc: int) -> bytes:
        """Return the digest of the certificate that a life's genesis names, b"" where it cannot be read."""
        genesis = self.entry(inc, 1)
        return _named_certificate(genesis.body) if genesis else b""

    def acknowledge(self, inc: int, seq: int) -> None:
        """Note what the server holds of a life."""
        self._db.run("UPDATE lives SET acknowledged = ? WHERE inc = ?", seq, inc)

    def set_forked(self, inc: int) -> None:
        """Note that the server holds another history of this life."""
        self._db.run("UPDATE lives SET forked = 1 WHERE inc = ?", inc)

    def refusal(self) -> str:
        """Return why the server takes nothing from this kiosk: a problem's kind, "" = it does as far as is known."""
        row = self._db.one("SELECT value FROM state WHERE name = 'refusal'")
        return bytes(row[0]).decode() if row else ""

    def note_refusal(self, kind: str) -> None:
        """Note that the server takes nothing from this kiosk; "" = it does again."""
        self._db.run("INSERT OR REPLACE INTO state VALUES ('refusal', ?)", kind.encode())

    def unsent(self) -> int:
        """Return how many records of all lives the server has not acknowledged; forked lives are a person's matter."""
        row = self._db.one(
            "SELECT count(*) FROM records JOIN lives USING (inc) WHERE seq > acknowledged AND NOT forked",
        )
        return int(row[0]) if row else 0

    def oldest_unsent(self) -> Record | None:
        """Return the oldest fact record that the server has not acknowledged."""
        row = self._db.one(
            "SELECT record FROM records JOIN lives USING (inc)"
            " WHERE seq > acknowledged AND NOT forked AND kind = ? ORDER BY position LIMIT 1", int(RecordKind.FACT),
        )  # fmt: skip
        return Record.unpack(row[0]) if row else None

    def last_seal(self, inc: int) -> Entry | None:
        """Return the last seal of a life as it travels, None = there is none."""
        row = self._db.one(
            "SELECT seq FROM records WHERE inc = ? AND kind = ? ORDER BY seq DESC LIMIT 1", inc, int(RecordKind.SEAL)
        )
        return self.entry(inc, row[0]) if row else None

    def slips_since_seal(self) -> int:
        """Return how many slips were stamped since the last seal of any life."""
        seal = self._db.one(
            "SELECT position FROM records WHERE kind = ? ORDER BY position DESC LIMIT 1", int(RecordKind.SEAL)
        )
        row = self._db.one("SELECT count(*) FROM slips WHERE position > ?", seal[0] if seal else 0)
        return int(row[0]) if row else 0

    def last_anchor(self) -> Record | None:
        """Return the last record in which the server's note of time was kept; None = there is none."""
        row = self._db.one(
            "SELECT record FROM records WHERE kind = ? ORDER BY position DESC LIMIT 1", int(RecordKind.ANCHOR)
        )
        return Record.unpack(row[0]) if row else None

    def walk(self, certificates: Mapping[bytes, EllipticCurvePublicKey] | None = None) -> None:
        """Check every chain from its genesis; with certificates (digest -> key) also every signature and every body.

        A life was signed under one certificate, which its genesis names. Raises EvidenceError at the first record that
        was touched.
        """
        for life in self.lives():
            head = ChainHead(LogId(self._kiosk, life.inc))
            certificate = b"" if certificates is None else self.certificate_of(life.inc)
            key = None if certificates is None else certificates.get(certificate)
            if certificates is not None and key is None:
                raise EvidenceError(say("日志的签名证书不是这台柜台机的；日志被改动过或来自别处"))
            while True:
                rows = self._db.rows(
                    "SELECT seq, record, signature, sealed, hash, erased.position FROM records"
                    " LEFT JOIN bodies USING (position) LEFT JOIN erased USING (position)"
                    " WHERE inc = ? AND seq > ? ORDER BY seq LIMIT ?", life.inc, head.seq, _PAGE,
                )  # fmt: skip
                for seq, record, signature, sealed, digest, erased in rows:
                    unpacked = _unpacked(record, seq)
                    head = check_run([unpacked], head)
                    if head.hash != digest:
                        raise EvidenceError(say("日志第 {seq} 号记录的校验值被改动过", seq=seq))
                    if key is not None:
                        verify_record(unpacked, signature, key, certificate)
                        entry = self._entry(life.inc, seq, record, signature, sealed)
                        if entry.salt:
                            check_body(unpacked, entry.salt, entry.body)
                        elif erased is None:
                            raise EvidenceError(say("日志第 {seq} 号记录的正文不见了，也没有删除它的记录", seq=seq))
                if len(rows) < _PAGE:
                    break
            self._reached_the_end(life.inc, head.seq)

    def _reached_the_end(self, inc: int, seq: int) -> None:
        """Compare with the table itself: where an index is damaged, what it finds may be the first ones only."""
        row = self._db.one("SELECT count(*) FROM records NOT INDEXED WHERE inc = ?", inc)
        if row is None or row[0] != seq or self.last(inc).seq != seq:
            raise EvidenceError(say("日志在第 {seq} 号处断链，此处或之前的记录被改动过", seq=seq + 1))


def _named_certificate(genesis: bytes) -> bytes:
    try:
        return bytes.fromhex(msgspec.json.decode(genesis, type=_Genesis).certificate)
    except (msgspec.DecodeError, ValueError):
        return b""


def _unpacked(record: bytes, seq: int) -> Record:
    try:
        return Record.unpack(record)
    except WireError as error:
        raise EvidenceError(say("日志在第 {seq} 号处断链，此处或之前的记录被改动过", seq=seq)) from error


def event_of(entry: Entry, redacted: bytes = b"") -> Event | None:
    """Return the event of a fact record, None where its body cannot be read here; `redacted` replaces an erased one."""
    record = Record.unpack(entry.record)
    try:
        fact = decode_fact(redacted or entry.body)
    except WireError:
        return None
    return Event(record.time, record.log, record.seq, fact, record.grade)
