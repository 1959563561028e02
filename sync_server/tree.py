"""The server's log in public: the signed state of its Merkle tree, and proofs that a kiosk's records stand in it.

The tree is over all records in the order of arrival: of every kiosk, every branch, and the server's own. Whoever holds
a checkpoint notices when the server drops, inserts or changes anything before it. A restored database begins a log of
another name (its epoch), for it cannot go on with the one that it has forgotten the end of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared_rules.checkpoints import Checkpoint, origin_of, sign_checkpoint
from shared_rules.protocol import TreeAnswer, TreeProof
from shared_rules.tree import Nodes, consistency_proof, inclusion_proof, tree_root
from sync_server.log import epoch_of
from sync_server.store import journals, leaves

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared_rules.facts import LogId
    from sync_server.pki import Signer
    from sync_server.store import Transaction

__all__ = ["Tree"]


@dataclass(frozen=True, slots=True)
class Tree:
    """Speaks of the tree inside the caller's transaction."""

    signer: Signer
    authority: bytes
    """Digest of the CA's certificate: the origin names it."""

    def checkpoint(self, tx: Transaction) -> str:
        """Return the signed state of the tree as it is now."""
        return self._checkpoint(tx, journals.last_position(tx), leaves.nodes(tx.db))

    def _checkpoint(self, tx: Transaction, size: int, nodes: Nodes) -> str:
        origin = origin_of(self.authority, epoch_of(tx))
        return sign_checkpoint(Checkpoint(origin, size, tree_root(size, nodes)), self.signer.key)

    def prove(self, tx: Transaction, log: LogId, seqs: Iterable[int], known: int) -> TreeAnswer:
        """Return the proofs of a journal's records, those that are held, all in one checkpoint.

        With them comes the proof that the tree begins with its first `known` records unchanged; nothing where the tree
        has never been as large.
        """
        size, nodes = journals.last_position(tx), leaves.nodes(tx.db)
        places = {seq: journals.position_of(tx, log, seq) for seq in seqs if seq and journals.hash_at(tx, log, seq)}
        return TreeAnswer(
            checkpoint=self._checkpoint(tx, size, nodes),
            consistency=consistency_proof(known, size, nodes) if known <= size else (),
            proofs=[
                TreeProof(seq=seq, index=place - 1, path=inclusion_proof(place - 1, size, nodes))
                for seq, place in places.items()
            ],
        )
