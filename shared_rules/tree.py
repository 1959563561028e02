"""The Merkle tree of RFC 6962 over the server's records, as arithmetic: roots, proofs, and whether a proof holds.

A leaf is a record with its signature, the 188 bytes of a receipt: whoever has the QR can compute it. Where the hashes
lie is the caller's business: `Nodes` gives the root of a whole subtree, and nothing here ever walks all leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

__all__ = [
    "EMPTY_ROOT",
    "HASH_SIZE",
    "Frontier",
    "Nodes",
    "consistency_holds",
    "consistency_proof",
    "inclusion_holds",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "root_of",
    "tree_root",
]

HASH_SIZE: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
Nodes = Callable[[int, int], bytes]
"""(level, index) -> the root over leaves [index·2^level, (index + 1)·2^level), all of which are there."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf (RFC 6962 2.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node (RFC 6962 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes that are all at hand."""
    return tree_root(len(hashes), lambda level, index: _whole(hashes, level, index))


def _whole(hashes: Sequence[bytes], level: int, index: int) -> bytes:
    if level == 0:
        return hashes[index]
    return node_hash(_whole(hashes, level - 1, 2 * index), _whole(hashes, level - 1, 2 * index + 1))


class Frontier:
    """A tree that grows leaf by leaf and remembers only what its root needs: one hash for each whole subtree."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, bytes]] = []

    def add(self, found: bytes) -> None:
        """Take the next leaf's hash."""
        level = 0
        while self._parts and self._parts[-1][0] == level:
            found = node_hash(self._parts.pop()[1], found)
            level += 1
        self._parts.append((level, found))

    def root(self) -> bytes:
        """Return the root of what was added."""
        if not self._parts:
            return EMPTY_ROOT
        *rest, (_, found) = self._parts
        for _, left in reversed(rest):
            found = node_hash(left, found)
        return found


def tree_root(size: int, nodes: Nodes) -> bytes:
    """Return the root of the first `size` leaves (MTH of RFC 6962 2.1)."""
    return _range(0, size, nodes) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, nodes: Nodes) -> tuple[bytes, ...]:
    """Return the hashes from the sibling of leaf `index` up to the root's child (PATH of RFC 6962 2.1.1)."""
    path, first, last = [], 0, size
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            path.append(_range(middle, last, nodes))
            last = middle
        else:
            path.append(_range(first, middle, nodes))
            first = middle
    return tuple(reversed(path))


def consistency_proof(old: int, size: int, nodes: Nodes) -> tuple[bytes, ...]:
    """Return the proof that the first `old` of `size` leaves have not changed (PROOF of RFC 6962 2.1.2)."""
    path: list[bytes] = []
    first, last, known = 0, size, True
    while old and first + old != last:
        middle = first + _split(last - first)
        if first + old <= middle:
            path.append(_range(middle, last, nodes))
            last = middle
        else:
            path.append(_range(first, middle, nodes))
            old -= middle - first
            first, known = middle, False
    if old and not known:
        path.append(_range(first, last, nodes))
    return tuple(reversed(path))


def _range(first: int, last: int, nodes: Nodes) -> bytes:
    """Return the root over leaves [first, last): `first` is a multiple of the power of two that fits in."""
    size = last - first
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return nodes(level, first >> level)
    middle = first + _split(size)
    return node_hash(_range(first, middle, nodes), _range(middle, last, nodes))


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_holds(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether a leaf's hash stands at `index` of the tree of `size` leaves with this root (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for one in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(one, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, one)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def consistency_holds(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether the tree of `size` leaves begins with the tree of `old` leaves (RFC 9162 2.1.4.2).

    A tree that shrank is never consistent; every tree begins with the empty one.
    """
    if old in (0, size):
        return not proof and (old_root == root if old else old_root == EMPTY_ROOT)
    if not 0 < old < size or not proof:
        return False
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = steps[0]
    for one in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(one, before), node_hash(one, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, one)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == root
