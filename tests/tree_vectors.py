"""Published vectors of what freezes the past: seals, checkpoints, second receipts, good and bad (tests/vectors.py)."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.receipt import to_base45
from shared_rules.checkpoints import Checkpoint, origin_of, proof_text, sign_checkpoint, verifier_key
from shared_rules.interval import DAY, MINUTE
from shared_rules.journal import RecordKind, commitment
from shared_rules.seals import SealBody
from shared_rules.tree import inclusion_proof, leaf_hash, root_of
from shared_rules.wire import canonical
from tests.certificates import Issued, key_of
from tests.stamps import NINE_TEN, SALT, STAMP, chain, stamped

__all__ = ["proofs", "seals"]

TEN: Final = NINE_TEN + 50 * MINUTE
SEALS: Final = {
    "the hand-in window until 10:00": SealBody(end=TEN, floor=STAMP.time.lo, slips=12),
    "closing up until the next morning": SealBody(end=0, floor=NINE_TEN + DAY - 10 * MINUTE - 1, slips=3),
}
SERVER: Final = key_of(3)
SIZES: Final = (1, 2, 3, 4, 7)


def seals(kiosk: Issued) -> list[dict[str, Any]]:
    """Return seals with their bodies opened: the promise is in what the kiosk signed."""
    made = []
    for why, body in SEALS.items():
        text = canonical(body)
        signed = stamped(replace(STAMP, kind=RecordKind.SEAL, body=commitment(SALT, text)), kiosk)
        made.append({
            "why": why, "salt": SALT.hex(), "canonical": text.decode(), "receipt": signed.receipt.hex(),
            "base45": to_base45(signed.receipt),
        })  # fmt: skip
    return made


class _Log:
    """A server's log of some receipts."""

    def __init__(self, receipts: list[bytes], authority: bytes) -> None:
        self.hashes = [leaf_hash(one) for one in receipts]
        self.origin = origin_of(authority, "1a2b")

    def checkpoint(self, size: int) -> Checkpoint:
        return Checkpoint(self.origin, size, root_of(self.hashes[:size]))

    def note(self, size: int) -> str:
        return sign_checkpoint(self.checkpoint(size), SERVER)

    def path(self, index: int, size: int) -> tuple[bytes, ...]:
        return inclusion_proof(index, size, lambda level, at: root_of(self.hashes[at << level : at + 1 << level]))

    def proof(self, index: int, size: int) -> str:
        return proof_text(index, self.path(index, size), self.note(size))


def proofs(kiosk: Issued, authority: Issued) -> dict[str, Any]:
    """Return a log of seven receipts, its checkpoints, a second receipt of each, and what must be refused."""
    receipts = [stamped(record, kiosk).receipt for record in chain(7)]
    log = _Log(receipts, authority.digest)
    held = [
        {"index": index, "size": size, "receipt": receipts[index].hex(), "text": log.proof(index, size)}
        for size in SIZES for index in range(size)
    ]  # fmt: skip
    public = SERVER.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "authority_sha256": authority.digest.hex(), "origin": log.origin, "server_public_key": public.hex(),
        "server_private_number": 3, "verifier_key": verifier_key(log.origin, SERVER.public_key()),
        "checkpoints": [
            {"size": size, "root": log.checkpoint(size).root.hex(), "note": log.note(size)} for size in SIZES
        ],
        "good": held,
        "bad": [dict(zip(("named", "why", "receipt", "text"), one, strict=True)) for one in _bad(log, receipts)],
    }  # fmt: skip


def _bad(log: _Log, receipts: list[bytes]) -> list[tuple[str, str, str, str]]:
    """Return what a verifier names, what is wrong, the receipt and the text of the second receipt."""
    third, text = receipts[2].hex(), log.proof(2, 7)
    path, note = log.path(2, 7), log.note(7)
    stranger = sign_checkpoint(log.checkpoint(7), key_of(4))
    other_house = sign_checkpoint(replace(log.checkpoint(7), origin=origin_of(bytes(32), "1a2b")), SERVER)
    grown = sign_checkpoint(replace(log.checkpoint(7), size=16), SERVER)
    return [
        ("path", "the receipt of another record", receipts[3].hex(), text),
        ("path", "another place", third, proof_text(3, path, note)),
        ("path", "a place outside the tree", third, proof_text(7, path, note)),
        ("path", "a hash too few", third, proof_text(2, path[:-1], note)),
        ("path", "a hash too many", third, proof_text(2, (*path, bytes(32)), note)),
        ("path", "two hashes changed places", third, proof_text(2, (path[1], path[0], *path[2:]), note)),
        ("path", "the checkpoint of a smaller tree", third, proof_text(2, path, log.note(4))),
        ("path", "a size that is not that of the root", third, proof_text(2, path, grown)),
        ("signature", "a checkpoint that another key signed", third, proof_text(2, path, stranger)),
        ("signature", "a root changed after signing", third, proof_text(2, path, _of_no_root(note))),
        ("origin", "the log of another house", third, proof_text(2, path, other_house)),
        ("header", "another header", third, text.replace("@v1", "@v2", 1)),
        ("index", "a place with a leading zero", third, text.replace("index 2", "index 02", 1)),
        ("signature", "no line of signatures", third, text.rpartition("\n\n")[0] + "\n\n"),
        ("receipt", "a receipt of 187 bytes", third[:-2], text),
    ]  # fmt: skip


def _of_no_root(note: str) -> str:
    origin, size, _, rest = note.split("\n", 3)
    return "\n".join((origin, size, base64.b64encode(bytes(32)).decode(), rest))
