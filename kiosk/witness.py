"""The second receipt: the server's signed proof that a slip stands in its log, and an eye on that log's past.

Whoever holds an earlier checkpoint notices when the server drops, inserts or changes a record. This kiosk keeps the
last one and asks for the proof of consistency with each new one; a contradiction is kept as it was signed, for it is
the evidence. A server that was put back from a backup has a log of another name: what the old one proved stays proved.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.database import Database, transaction
from shared_rules.checkpoints import Checkpoint, open_checkpoint, proof_text
from shared_rules.errors import EvidenceError
from shared_rules.evidence import certificate_digest
from shared_rules.facts import LogId
from shared_rules.journal import RecordKind
from shared_rules.protocol import MAX_PROOFS, TreeAnswer, TreeProof
from shared_rules.tree import EMPTY_ROOT, HASH_SIZE, consistency_holds, inclusion_holds, leaf_hash
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk.enrolment import Keys

__all__ = ["Question", "Witness"]

_WINDOW: Final = 2000
"""Records of a life that are looked through for slips at a time."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the server is asked to prove."""

    log: LogId
    seqs: tuple[int, ...]
    """Slips and seals without a proof; none = only that nothing has changed."""
    upto: int
    """Every record up to here has what it needs once this is answered."""
    origin: str
    size: int
    """The last checkpoint that is held; 0 = none."""


class Witness:
    """Checkpoints and proofs of one kiosk's database."""

    def __init__(self, db: Database, keys: Keys) -> None:
        self._db = db
        self._kiosk = keys.config.kiosk
        self._server = keys.server
        authority = x509.load_pem_x509_certificate(keys.config.place.ca.encode())
        self._authority = certificate_digest(authority.public_bytes(Encoding.DER))

    # --- what is asked

    def question(self) -> Question | None:
        """Return the question for the oldest slips that the server holds and has not proved; None = all are proved."""
        held = self.checkpoint()
        for inc, acknowledged, upto in self._lives(held.origin if held else ""):
            if upto < acknowledged:
                return self._question(inc, upto, acknowledged, held)
        return None

    def check(self, log: LogId) -> Question:
        """Return the question whether the server's past has stayed as it was, and nothing else."""
        held = self.checkpoint()
        return Question(log, (), 0, held.origin if held else "", held.size if held else 0)

    def questions(self) -> Iterator[Question]:
        """Return the questions for all that has no proof: a letter asks for what it brings along, too."""
        held = self.checkpoint()
        for inc, _, done in self._lives(held.origin if held else ""):
            ((end,),) = self._db.rows("SELECT coalesce(max(seq), 0) FROM records WHERE inc = ?", inc)
            upto = done
            while upto < end:
                question = self._question(inc, upto, end, held)
                yield question
                upto = question.upto

    def asked(self, log: LogId, upto: int, origin: str, size: int) -> Question:
        """Return the question that a letter once asked: of what it must prove this kiosk's own records tell."""
        held = self.checkpoint()
        lives = {inc: done for inc, _, done in self._lives(held.origin if held else "")}
        return replace(self._question(log.inc, lives.get(log.inc, upto), upto, None), origin=origin, size=size)

    def _lives(self, origin: str) -> list[tuple[int, int, int]]:
        rows = self._db.rows(
            "SELECT inc, acknowledged, coalesce(upto, 0) FROM lives"
            " LEFT JOIN proved ON proved.life = inc AND origin = ? WHERE NOT forked ORDER BY born", origin,
        )  # fmt: skip
        return [(int(inc), int(acknowledged), int(upto)) for inc, acknowledged, upto in rows]

    def _question(self, inc: int, upto: int, acknowledged: int, held: Checkpoint | None) -> Question:
        last = min(acknowledged, upto + _WINDOW)
        rows = self._db.rows(
            "SELECT seq FROM records WHERE inc = ? AND seq > ? AND seq <= ?"
            " AND (kind = ? OR position IN (SELECT position FROM slips)) ORDER BY seq LIMIT ?",
            inc, upto, last, int(RecordKind.SEAL), MAX_PROOFS,
        )  # fmt: skip
        seqs = tuple(int(seq) for (seq,) in rows)
        end = seqs[-1] if len(seqs) == MAX_PROOFS else last
        origin, size = (held.origin, held.size) if held else ("", 0)
        return Question(LogId(self._kiosk, inc), seqs, end, origin, size)

    # --- what is answered

    def take(self, question: Question, answer: TreeAnswer) -> int:
        """Keep the checkpoint and the proofs of an answer, all or none; return how many proofs.

        Raises WireError or EvidenceError for what is not the server's, does not prove what was asked, or contradicts
        what the server signed before; then a contradiction is all that is kept.
        """
        checkpoint = open_checkpoint(answer.checkpoint, self._server, self._authority)
        if self._is_overtaken(question, checkpoint):
            return 0
        if question.origin == checkpoint.origin:
            self._compare(question, checkpoint, answer)
        asked = [proof for proof in answer.proofs if proof.seq in question.seqs]
        for proof in asked:
            self._check(question.log, proof, checkpoint)
        with transaction(self._db):
            number = self._keep(checkpoint, answer.checkpoint)
            for proof in asked:
                self._db.run(
                    "INSERT OR REPLACE INTO proofs VALUES (?, ?, ?, ?, ?)",
                    question.log.inc, proof.seq, number, proof.index, b"".join(proof.path),
                )  # fmt: skip
            if question.upto and len(asked) == len(question.seqs):
                self._db.run(
                    "INSERT OR REPLACE INTO proved VALUES (?, ?, ?)", question.log.inc, checkpoint.origin, question.upto
                )
            self._db.run(
                "DELETE FROM checkpoints WHERE contradicts = '' AND number < ?"
                " AND number NOT IN (SELECT checkpoint FROM proofs)", number,
            )  # fmt: skip
        return len(asked)

    def _is_overtaken(self, question: Question, checkpoint: Checkpoint) -> bool:
        """Return whether an answer, on its way by stick, says nothing of the past since what is held by now."""
        held = self.checkpoint() or checkpoint
        return held != checkpoint and (held.origin, held.size) != (question.origin, question.size)

    def _compare(self, question: Question, checkpoint: Checkpoint, answer: TreeAnswer) -> None:
        held = self._last()
        if held is None or (held[1].origin, held[1].size) != (question.origin, question.size):
            return
        before = held[1]
        if consistency_holds(before.size, before.root, checkpoint.size, checkpoint.root, answer.consistency):
            return
        with transaction(self._db):
            self._db.run(
                "INSERT OR IGNORE INTO checkpoints (note, contradicts) VALUES (?, ?)", answer.checkpoint, held[2]
            )
        raise EvidenceError(say("服务器的存证账本与它先前签过的不一致：有记录被删改过；证据已留在本机，请通知管理员"))

    def _check(self, log: LogId, proof: TreeProof, checkpoint: Checkpoint) -> None:
        row = self._db.one("SELECT record, signature FROM records WHERE inc = ? AND seq = ?", log.inc, proof.seq)
        leaf = leaf_hash(row[0] + row[1]) if row else EMPTY_ROOT
        if not inclusion_holds(leaf, proof.index, checkpoint.size, proof.path, checkpoint.root):
            raise EvidenceError(say("服务器给出的存证与本机第 {seq} 号记录不符；没有采用，请管理员查看", seq=proof.seq))

    def _keep(self, checkpoint: Checkpoint, note: str) -> int:
        last = self._last()
        if last is not None and last[1] == checkpoint:
            return last[0]
        return int(self._db.run("INSERT INTO checkpoints (note) VALUES (?)", note).lastrowid)

    def _last(self) -> tuple[int, Checkpoint, str] | None:
        """Return the last checkpoint that was believed: its number, what it says, and as it was signed."""
        row = self._db.one("SELECT number, note FROM checkpoints WHERE contradicts = '' ORDER BY number DESC LIMIT 1")
        return (int(row[0]), open_checkpoint(row[1], self._server, self._authority), str(row[1])) if row else None

    # --- what is known

    def second_receipt(self, log: LogId, seq: int) -> str | None:
        """Return the tlog-proof of a record that the server proved last, None where it has not yet."""
        row = self._db.one(
            "SELECT place, path, note FROM proofs JOIN checkpoints ON number = checkpoint"
            " WHERE life = ? AND seq = ? ORDER BY number DESC LIMIT 1", log.inc, seq,
        )  # fmt: skip
        if row is None:
            return None
        place, path, note = row
        hashes = [path[at : at + HASH_SIZE] for at in range(0, len(path), HASH_SIZE)]
        return proof_text(place, hashes, note)

    def contradictions(self) -> list[tuple[str, str]]:
        """Return each pair of checkpoints that the server signed and that cannot both be true."""
        rows = self._db.rows("SELECT contradicts, note FROM checkpoints WHERE contradicts <> '' ORDER BY number")
        return [(str(before), str(after)) for before, after in rows]

    def checkpoint(self) -> Checkpoint | None:
        """Return the last checkpoint that was believed."""
        last = self._last()
        return last[1] if last else None
