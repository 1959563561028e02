"""The Merkle tree against pymerkle, which knows nothing of us: roots, inclusion and consistency at every size."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion
from pymerkle.proof import InclusionProof

from shared_rules.tree import (
    EMPTY_ROOT,
    Frontier,
    Nodes,
    consistency_holds,
    consistency_proof,
    inclusion_holds,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    tree_root,
)

MOST = 70
LEAVES = [number.to_bytes(2, "big") for number in range(MOST)]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
THEIRS = InmemoryTree.init_from_entries(LEAVES, algorithm="sha256")
sizes = st.integers(1, MOST)


def nodes(level: int, index: int) -> bytes:
    """Give the root of a whole subtree, as a database would."""
    return root_of(HASHES[index << level : (index + 1) << level])


def ours(size: int) -> bytes:
    """Return our root over the first leaves."""
    return tree_root(size, nodes)


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_pymerkle_finds_the_same_root(size: int) -> None:
    """The root over the first leaves is theirs, at every size."""
    assert ours(size) == THEIRS.get_root(size)
    assert root_of(HASHES[:size]) == ours(size)


def test_a_tree_that_grows_leaf_by_leaf_has_the_same_roots() -> None:
    """Remembering no more than a hash for each whole subtree."""
    growing = Frontier()
    assert growing.root() == EMPTY_ROOT
    for size, leaf in enumerate(HASHES, start=1):
        growing.add(leaf)
        assert growing.root() == ours(size)
        assert len(growing._parts) == size.bit_count()


def test_the_empty_tree_has_the_root_of_rfc_6962() -> None:
    """No leaves: the hash of nothing."""
    assert tree_root(0, nodes) == EMPTY_ROOT == hashlib.sha256().digest()
    assert root_of([]) == EMPTY_ROOT


@given(sizes, st.data())
def test_pymerkle_accepts_our_proof_that_a_leaf_stands_there(size: int, data: st.DataObject) -> None:
    """Our path is the one that they make, and each side's verifier takes the other's."""
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_proof(index, size, nodes)
    theirs = THEIRS.prove_inclusion(index + 1, size)
    assert list(path) == theirs.path[1:]
    rebuilt = InclusionProof("sha256", True, size, index + 1, theirs.rule, [HASHES[index], *path])  # noqa: FBT003
    verify_inclusion(HASHES[index], ours(size), rebuilt)
    assert inclusion_holds(HASHES[index], index, size, theirs.path[1:], ours(size))


@given(sizes, st.data())
def test_a_path_holds_for_one_leaf_at_one_place_of_one_tree(size: int, data: st.DataObject) -> None:
    """Another leaf, another place, another size, a cut or a lengthened path: none of them holds."""
    index = data.draw(st.integers(0, size - 1))
    path, leaf, root = inclusion_proof(index, size, nodes), HASHES[index], ours(size)
    assert inclusion_holds(leaf, index, size, path, root)
    assert not inclusion_holds(leaf_hash(b"other"), index, size, path, root)
    assert not inclusion_holds(leaf, index, size, [*path, leaf], root)
    assert not inclusion_holds(leaf, size, size, path, root)
    assert not inclusion_holds(leaf, -1, size, path, root)
    assert not path or not inclusion_holds(leaf, index, size, path[:-1], root)
    for other in range(size):
        assert other == index or not inclusion_holds(leaf, other, size, path, root)


@given(sizes, sizes)
def test_pymerkle_proves_between_the_same_roots_that_nothing_has_changed(one: int, other: int) -> None:
    """Their proof (of a layout of its own) leads from our old root to our new one; ours holds for their roots."""
    old, size = sorted((one, other))
    verify_consistency(ours(old), ours(size), THEIRS.prove_consistency(old, size))
    assert consistency_holds(
        old, THEIRS.get_root(old), size, THEIRS.get_root(size), consistency_proof(old, size, nodes)
    )


def test_consistency_proofs_are_those_of_the_example_in_rfc_6962() -> None:
    """The seven leaves of 2.1.3, with the names of its nodes."""
    a, b, c, d, e, f, j = HASHES[:7]
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, l = node_hash(g, h), node_hash(i, j)  # noqa: E741 - the name in the RFC
    assert ours(7) == node_hash(k, l)
    assert inclusion_proof(0, 7, nodes) == (b, h, l)
    assert inclusion_proof(3, 7, nodes) == (c, g, l)
    assert inclusion_proof(4, 7, nodes) == (f, j, k)
    assert inclusion_proof(6, 7, nodes) == (i, k)
    assert consistency_proof(3, 7, nodes) == (c, d, g, l)
    assert consistency_proof(4, 7, nodes) == (l,)
    assert consistency_proof(6, 7, nodes) == (i, j, k)
    assert consistency_proof(7, 7, nodes) == consistency_proof(0, 7, nodes) == ()


@given(sizes, sizes, st.integers(0, MOST - 1))
def test_a_changed_past_has_no_proof(one: int, other: int, changed: int) -> None:
    """No proof that the forger can make from the changed leaves satisfies who remembers the old root."""
    old, size = sorted((one, other))
    forged = [leaf_hash(b"forged") if at == changed else leaf for at, leaf in enumerate(HASHES[:size])]

    def bent(level: int, index: int) -> bytes:
        return root_of(forged[index << level : (index + 1) << level])

    holds = consistency_holds(old, ours(old), size, tree_root(size, bent), consistency_proof(old, size, bent))
    assert holds == (changed >= old)


@given(sizes, sizes)
def test_a_tree_that_shrank_is_never_consistent(one: int, other: int) -> None:
    """Whatever proof comes with it."""
    size, old = sorted((one, other))
    if size < old:
        assert not consistency_holds(old, ours(old), size, ours(size), consistency_proof(size, old, nodes))
        assert not consistency_holds(old, ours(old), size, ours(size), ())


@given(sizes, sizes)
def test_a_consistency_proof_with_one_hash_changed_cut_or_added_is_refused(one: int, other: int) -> None:
    """Every hash of it counts, and there is none too many."""
    old, size = sorted((one, other))
    proof = consistency_proof(old, size, nodes)
    assert not consistency_holds(old, ours(old), size, ours(size), [*proof, HASHES[0]])
    for at in range(len(proof)):
        bent = [node_hash(one, one) if place == at else one for place, one in enumerate(proof)]
        assert not consistency_holds(old, ours(old), size, ours(size), bent)
        assert not consistency_holds(old, ours(old), size, ours(size), proof[:at])


def test_every_tree_begins_with_the_empty_one() -> None:
    """Who knows nothing yet is told no proof; what is not the empty root is no beginning."""
    assert consistency_holds(0, EMPTY_ROOT, 5, ours(5), ())
    assert not consistency_holds(0, ours(1), 5, ours(5), ())
    assert not consistency_holds(5, ours(5), 5, ours(4), ())
    assert not consistency_holds(-1, ours(5), 5, ours(5), ())


def test_a_proof_needs_no_more_hashes_than_the_tree_is_high() -> None:
    """Asking for whole subtrees only, each once: a hundred thousand leaves are seventeen hashes."""
    asked: list[tuple[int, int]] = []

    def counting(level: int, index: int) -> bytes:
        asked.append((level, index))
        return bytes(32)

    supplier: Nodes = counting
    assert len(inclusion_proof(70_000, 100_000, supplier)) == 17
    assert len(set(asked)) == len(asked) < 2 * 17
    assert all((index + 1) << level <= 100_000 for level, index in asked)
    assert len(consistency_proof(70_000, 100_000, supplier)) <= 17
