"""The server's own journal (kiosk 0): what it saw and what people did on its pages, signed like any kiosk's records.

Its tail lies in the database and nowhere else, so the running server and the command line may both append. The highest
time ever signed is kept in the same transaction; every time that the server signs comes from `signed_now`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared_rules.errors import UnavailableError
from shared_rules.evidence import sign_payload, sign_record
from shared_rules.facts import SERVER_KIOSK, Fact, Grade, LogId
from shared_rules.interval import exactly
from shared_rules.journal import SALT_SIZE, Record, RecordKind, commitment
from shared_rules.protocol import ANCHOR_CONTEXT, Anchor, Entry, Head, Signed
from shared_rules.wire import canonical, encode_fact
from shared_rules.words import say
from sync_server.store import journals, places

if TYPE_CHECKING:
    from sync_server.clock import Reading, ServerClock
    from sync_server.pki import Signer
    from sync_server.store import Transaction

__all__ = ["ServerLog", "epoch_of"]

_HIGHEST: Final = "highest_signed"
_BOOT: Final = bytes(16)


def _life() -> int:
    return 1 + int.from_bytes(os.urandom(2), "big") % 0xFFFE


def epoch_of(tx: Transaction) -> str:
    """Return the epoch of this database: a restored or new one has another, so old cursors are noticed."""
    return places.meta(tx, "epoch")


@dataclass(frozen=True, slots=True)
class ServerLog:
    """Appends to the server's journal inside the caller's transaction."""

    signer: Signer
    clock: ServerClock

    def begin(
        self, tx: Transaction, *, server: str, parent: LogId | None = None, after: int = 0, digest: str = ""
    ) -> None:
        """Start a journal with its genesis record, in a new epoch; one of a restored database names its parent."""
        taken = {state.log.inc for state in journals.logs(tx) if state.log.kiosk == SERVER_KIOSK}
        inc = next(one for one in iter(_life, 0) if one not in taken)
        places.set_meta(tx, "epoch", os.urandom(8).hex())
        places.set_meta(tx, "server_inc", str(inc))
        journals.add_log(tx, LogId(SERVER_KIOSK, inc))
        body: dict[str, str | int] = {"server": server, "certificate": self.signer.digest.hex()}
        if parent is not None:
            body |= {"parent_inc": parent.inc, "parent_seq": after, "parent_hash": digest}
        self._append(tx, RecordKind.GENESIS, canonical(body), self.signed_now(tx))

    @staticmethod
    def highest(tx: Transaction) -> int:
        """Return the highest time that this server ever signed, microseconds."""
        return int(places.meta(tx, _HIGHEST, "0"))

    def signed_now(self, tx: Transaction) -> Reading:
        """Return a reading that may be signed: never below the highest ever signed, and from now on the highest."""
        highest = self.highest(tx)
        reading = self.clock.read(highest)
        if reading.now > highest:
            places.set_meta(tx, _HIGHEST, str(reading.now))
        return reading

    def human_now(self, tx: Transaction) -> Reading:
        """Return a reading for a person's act; UnavailableError while nobody could say when it was done."""
        reading = self.signed_now(tx)
        if not reading.synchronised:
            raise UnavailableError(say("服务器时钟未校准，现在不能作判定；请管理员先校准时钟"))
        return reading

    def append(self, tx: Transaction, fact: Fact, reading: Reading | None = None) -> int:
        """Append a fact and return its position in the order of arrival."""
        return self._append(tx, RecordKind.FACT, encode_fact(fact), reading or self.signed_now(tx))

    def note(self, tx: Transaction, body: dict[str, str | int], reading: Reading) -> int:
        """Append what is no fact of the rules but evidence, and return its position in the order of arrival."""
        return self._append(tx, RecordKind.OTHER, canonical(body), reading)

    def append_asserted(self, tx: Transaction, fact: Fact, at: int) -> int:
        """Append a fact whose time is what people wrote down (grade I); it arrives now."""
        return self._append(tx, RecordKind.FACT, encode_fact(fact), self.signed_now(tx), asserted=at)

    def anchor(self, tx: Transaction, head: Head, received: Reading) -> Signed | None:
        """Return the signed note that dates a kiosk's head, or None while this clock is not synchronised.

        `received` is the reading taken when the request came in. Without it no kiosk believes a wrong time.
        """
        sent = self.signed_now(tx)
        if not (received.synchronised and sent.synchronised):
            return None
        note = Anchor(
            nonce=head.nonce, head_hash=head.hash, rx=min(received.now, sent.now), tx=sent.now,
            err=max(received.err, sent.err), epoch=epoch_of(tx),
        )  # fmt: skip
        return sign_payload(ANCHOR_CONTEXT, canonical(note), self.signer.key)

    def _append(
        self, tx: Transaction, kind: RecordKind, body: bytes, reading: Reading, *, asserted: int | None = None
    ) -> int:
        log = LogId(SERVER_KIOSK, int(places.meta(tx, "server_inc")))
        state = journals.log_state(tx, log)
        assert state is not None
        salt = os.urandom(SALT_SIZE)
        grade, time = (reading.grade, reading.interval) if asserted is None else (Grade.I, exactly(asserted))
        record = Record(
            log, state.next, kind, grade, time, reading.tick, _BOOT, 0,
            bytes.fromhex(state.hash), commitment(salt, body),
        )  # fmt: skip
        signature = sign_record(record, self.signer.key, self.signer.digest)
        entry = Entry(record=record.pack(), signature=signature, salt=salt, body=body)
        digest = record.digest().hex()
        return journals.add_record(tx, log, entry, seq=record.seq, digest=digest, at=reading.now)
