"""The chain of every journal in the database, walked record by record: a changed or missing one breaks it.

So does one that is not what the tree was grown from: the kiosks hold checkpoints of that.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from shared_rules.errors import EvidenceError
from shared_rules.facts import LogId
from shared_rules.journal import ZERO_HASH, place_of
from shared_rules.tree import Frontier, leaf_hash, tree_root
from shared_rules.words import Say, say
from sync_server.store import journals, leaves

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync_server.store import Store
    from sync_server.store.journals import Kept, LogState

__all__ = ["Chains", "walk"]

_PAGE: Final = 500


@dataclass(slots=True)
class Chains:
    """How far each journal's chain was followed: (last sequence number, its hash)."""

    _ends: dict[LogId, tuple[int, bytes]] = field(default_factory=dict)

    def follow(self, item: Kept) -> None:
        """Take the next record in the order of arrival; EvidenceError where it does not follow its journal's last."""
        if item.branch:
            return
        place = place_of(item.entry.record)
        if (place.seq - 1, place.prev) != self._ends.get(place.log, (0, ZERO_HASH)):
            raise EvidenceError(_broken(place.log, place.seq))
        self._ends[place.log] = (place.seq, hashlib.sha256(item.entry.record).digest())

    def reached(self, states: Iterable[LogState]) -> None:
        """Compare with what the database says that it holds; EvidenceError where an end was cut off."""
        for state in states:
            if self._ends.get(state.log, (0, ZERO_HASH)) != (state.next - 1, bytes.fromhex(state.hash)):
                raise EvidenceError(_broken(state.log, state.next - 1))


def walk(store: Store) -> int:
    """Follow every journal up to what it is now, opening every body, and return how many records there are.

    In pages, each a short transaction: pushes go on being taken in meanwhile. Raises EvidenceError at the first record
    that was touched, UnavailableError where the database cannot be read.
    """
    chains, tree, position, count = Chains(), Frontier(), 0, 0
    with store.snapshot() as tx:
        states, last = journals.logs(tx), journals.last_position(tx)
    while position < last:
        with store.snapshot() as tx:
            page = [item for item in journals.records_after(tx, position, most=_PAGE) if item.position <= last]
        if not page:
            break
        for item in page:
            chains.follow(item)
            tree.add(leaf_hash(item.entry.record + item.entry.signature))
        position, count = page[-1].position, count + len(page)
    chains.reached(states)
    with store.snapshot() as tx:
        if tree.root() != tree_root(count, leaves.nodes(tx.db)):
            raise EvidenceError(say("库中的记录与存证账本不符：有记录被改动过"))
    return count


def _broken(log: LogId, seq: int) -> Say:
    return say("数据库中 {kiosk} 号机的日志在第 {seq} 号处断链：记录被改动或删除过", kiosk=log.kiosk, seq=seq)
