"""The server's tree over a real database: what it proves to a kiosk, what happens when somebody touches it, seals."""

from __future__ import annotations

import httpx
import msgspec
import pytest
from pymerkle import InmemoryTree

from shared_rules.checkpoints import check_proof, open_checkpoint, proof_text
from shared_rules.errors import EvidenceError
from shared_rules.facts import SERVER_KIOSK
from shared_rules.interval import DAY, MINUTE
from shared_rules.journal import RecordKind
from shared_rules.protocol import MAX_PROOFS, Problem, TreeAnswer
from shared_rules.seals import SealBody
from shared_rules.tree import consistency_holds
from shared_rules.wire import canonical
from sync_server import backup
from sync_server.chains import walk
from sync_server.intake import UnknownLogError
from sync_server.store import Store, journals, leaves, persons
from tests.sync_server.conftest import MONDAY, NINE, House
from tests.sync_server.fakes import FakeKiosk


def leaves_of(store: Store) -> list[bytes]:
    """Return every leaf, as an auditor reads them out of the database."""
    with store.snapshot() as tx:
        rows = tx.rows("SELECT record, signature FROM records ORDER BY position")
    return [row["record"] + row["signature"] for row in rows]


def asked(house: House, kiosk: FakeKiosk, seqs: list[int], known: int = 0) -> TreeAnswer:
    """Ask as a kiosk does."""
    return house.service.prove(kiosk.head(), kiosk.log, seqs, known)


def state(house: House, answer: TreeAnswer) -> tuple[int, bytes]:
    """Return size and root of an answer whose checkpoint is the server's."""
    keys = house.service.keys
    found = open_checkpoint(answer.checkpoint, keys.server.key.public_key(), keys.authority.digest)
    return found.size, found.root


@pytest.fixture
def kiosk(town: House) -> FakeKiosk:
    """Return the east kiosk with three slips stamped and sent."""
    kiosk = town.kiosks[0]
    for index in range(3):
        kiosk.stamp(NINE + index * MINUTE, by="A", name=f"客户{index}", phone=f"1380000000{index}")
    town.source.now = NINE + 10 * MINUTE
    town.push(kiosk)
    return kiosk


def test_every_record_that_arrived_is_a_leaf_in_the_order_of_arrival(town: House, kiosk: FakeKiosk) -> None:
    """Pymerkle, fed with the rows of the database, finds the root that the server signed."""
    held = leaves_of(town.store)
    size, root = state(town, asked(town, kiosk, []))
    assert (size, root) == (len(held), InmemoryTree.init_from_entries(held).get_root())
    assert any(leaf.startswith(entry.record) for leaf in held for entry in kiosk.entries)


def test_a_kiosk_is_given_the_proof_of_each_record_that_the_server_holds(town: House, kiosk: FakeKiosk) -> None:
    """As texts that check against the receipt, the server's key and its authority; what is not held has none."""
    answer = asked(town, kiosk, [1, 2, 3, 7, 8, 99, 0])
    keys = town.service.keys
    assert [proof.seq for proof in answer.proofs] == [1, 2, 3, 7]
    for proof in answer.proofs:
        entry = kiosk.entries[proof.seq - 1]
        text = proof_text(proof.index, proof.path, answer.checkpoint)
        check_proof(text, entry.record + entry.signature, keys.server.key.public_key(), keys.authority.digest)


def test_the_tree_grows_over_whole_blocks_and_stays_consistent(town: House, kiosk: FakeKiosk) -> None:
    """Roots, proofs and consistency agree with pymerkle at sizes around one, two and three blocks of records."""
    before: dict[int, bytes] = {}
    for _ in range(7):
        for number in range(60):
            kiosk.stamp(NINE + number, by="A", name="客户", phone="13800000000", entered=False)
        town.push(kiosk, len(kiosk.entries) - 60)
        held = leaves_of(town.store)
        for known, root in before.items():
            answer = asked(town, kiosk, [len(kiosk.entries), 5], known)
            size, now = state(town, answer)
            assert consistency_holds(known, root, size, now, answer.consistency)
        size, now = state(town, asked(town, kiosk, []))
        assert now == InmemoryTree.init_from_entries(held).get_root()
        before[size] = now
    assert max(before) > leaves.BLOCK
    assert walk(town.store) == len(leaves_of(town.store))


def test_a_question_that_knows_more_than_there_is_gets_no_proof_of_consistency(town: House, kiosk: FakeKiosk) -> None:
    """The tree has never been that large: the kiosk draws its conclusions."""
    assert asked(town, kiosk, [], 10_000).consistency == ()


def test_nobody_is_given_the_proofs_of_another_kiosk(town: House, kiosk: FakeKiosk) -> None:
    """Nor of a journal that is not here."""
    other = town.kiosks[1]
    with pytest.raises(UnknownLogError):
        town.service.prove(other.head(), kiosk.log, [1], 0)
    with pytest.raises(UnknownLogError):
        town.service.prove(kiosk.head(), kiosk.log._replace(inc=1), [1], 0)


async def test_the_endpoint_answers_a_signed_question(town: House, kiosk: FakeKiosk, client: httpx.AsyncClient) -> None:
    """And names the field where the numbers are none, or too many."""
    path = f"/v1/tree/{kiosk.log.kiosk}/{kiosk.log.inc}"
    response = await client.get(f"{path}?seqs=1,3&size=2", headers=kiosk.header())
    answer = msgspec.json.decode(response.content, type=TreeAnswer)
    assert [proof.seq for proof in answer.proofs] == [1, 3]
    assert answer.consistency
    many = ",".join(["1"] * (MAX_PROOFS + 1))
    for query, status in (("seqs=x", 400), ("seqs=1,,2", 400), ("size=-1", 400), (f"seqs={many}", 413)):
        response = await client.get(f"{path}?{query}", headers=kiosk.header())
        assert response.status_code == status
        assert msgspec.json.decode(response.content, type=Problem).field in ("query", "seqs")


def test_a_record_changed_in_the_database_breaks_the_tree_and_is_found(town: House, kiosk: FakeKiosk) -> None:
    """Within a block the root that the kiosks hold cannot be had any more; a whole block no longer fits its root."""
    for number in range(leaves.BLOCK):
        kiosk.stamp(NINE + number, by="A", name="客户", phone="13800000000", entered=False)
    town.push(kiosk, 7)
    known, root = state(town, asked(town, kiosk, []))
    assert walk(town.store) == known
    with town.store.transaction() as tx:  # the signature is in no chain: only the tree holds it
        tx.run("UPDATE records SET signature = ? WHERE position = 20", bytes(64))
    with pytest.raises(EvidenceError, match="存证账本"):
        walk(town.store)
    with town.store.transaction() as tx:
        tx.run("UPDATE records SET signature = ? WHERE position = ?", bytes(64), known)
    answer = asked(town, kiosk, [], known - 1)
    assert state(town, answer) != (known, root)


def test_a_deleted_record_stops_the_tree(town: House, kiosk: FakeKiosk) -> None:
    """A block with a hole has no root: the server gives no checkpoint rather than a false one."""
    with town.store.transaction() as tx:
        tx.run("DELETE FROM bodies WHERE position = 5")
        tx.run("DELETE FROM records WHERE position = 5")
    with pytest.raises(EvidenceError, match="少了"):
        asked(town, kiosk, [])


def test_a_database_of_an_earlier_release_gets_its_tree(town: House, kiosk: FakeKiosk) -> None:
    """The step that makes the table grows it over the records that are there."""
    for number in range(2 * leaves.BLOCK):
        kiosk.stamp(NINE + number, by="A", name="客户", phone="13800000000", entered=False)
    town.push(kiosk, 7, 450)
    town.push(kiosk, 450)
    size, root = state(town, asked(town, kiosk, []))
    with town.store.transaction() as tx:
        tx.run("DROP TABLE tree")
        tx.run("DELETE FROM _sqlite_migrations WHERE name = 'm006_tree'")
    town.store.close()
    store = Store(town.config.database, town.service.keys.bodies)
    with store.snapshot() as tx:
        again = town.service.tree.checkpoint(tx)
    keys = town.service.keys
    found = open_checkpoint(again, keys.server.key.public_key(), keys.authority.digest)
    assert (found.size, found.root) == (size, root)
    store.close()


def test_a_restored_server_speaks_of_another_log(town: House, kiosk: FakeKiosk) -> None:
    """It has forgotten the end of the old one, and must not go on under its name with something else."""
    path = town.config.folder / "copy.db"
    backup.back_up(town.store, town.service.keys, path)
    before = asked(town, kiosk, [])
    town.store.close()
    town.config.database.rename(town.config.folder / "old.db")
    backup.restore(town.config, town.service.keys, town.service.clock, path)
    store = Store(town.config.database, town.service.keys.bodies)
    with store.snapshot() as tx:
        after = town.service.tree.checkpoint(tx)
    store.close()
    assert after.partition("\n")[0] != before.checkpoint.partition("\n")[0]
    assert after.split("/")[:2] == before.checkpoint.split("/")[:2]


# --- seals


def sealed(kiosk: FakeKiosk, floor: int, at: int) -> None:
    """Append a seal."""
    body = canonical(SealBody(end=NINE, floor=floor, slips=3))
    kiosk.append(body, at, kind=RecordKind.SEAL)


def floor_of(house: House, kiosk: FakeKiosk) -> int:
    """Return the floor of a journal as the server knows it."""
    with house.store.snapshot() as tx:
        held = journals.log_state(tx, kiosk.log)
    assert held is not None
    return held.floor


def alarms(house: House) -> list[str]:
    """Return the alarms' sentences."""
    with house.store.snapshot() as tx:
        return [alarm.sentence.msgid for alarm in persons.alarms(tx)]


def test_a_seal_is_kept_like_any_record_and_its_promise_counts(town: House, kiosk: FakeKiosk) -> None:
    """The floor rises by the record alone, whatever the head says."""
    town.source.now = NINE + 70 * MINUTE
    sealed(kiosk, NINE + 60 * MINUTE, NINE + 61 * MINUTE)
    town.push(kiosk, 7)
    assert floor_of(town, kiosk) == NINE + 60 * MINUTE
    assert alarms(town) == []
    assert len(leaves_of(town.store)) == state(town, asked(town, kiosk, []))[0]


def test_a_stamp_after_a_seal_that_it_contradicts_is_alarmed(town: House, kiosk: FakeKiosk) -> None:
    """In the same batch, too: nothing may be stamped at or before what was promised."""
    town.source.now = NINE + 70 * MINUTE
    sealed(kiosk, NINE + 60 * MINUTE, NINE + 61 * MINUTE)
    kiosk.stamp(NINE + 59 * MINUTE, by="A", name="补", phone="13800000009", entered=False)
    town.push(kiosk, 7)
    assert ["早于它自己的封账时刻" in one for one in alarms(town)] == [True]


def test_a_seal_that_promises_years_ahead_counts_nothing(town: House, kiosk: FakeKiosk) -> None:
    """It comes from a broken clock, is kept, and somebody is told."""
    town.source.now = NINE + 70 * MINUTE
    sealed(kiosk, NINE + 400 * DAY, NINE + 61 * MINUTE)
    town.push(kiosk, 7)
    assert floor_of(town, kiosk) == 0
    assert ["承诺的封账时刻太远" in one for one in alarms(town)] == [True]


def test_the_promise_of_a_branch_or_of_a_frozen_journal_counts_nothing(town: House, kiosk: FakeKiosk) -> None:
    """A clone's seal must not speak for the journal."""
    town.source.now = NINE + 70 * MINUTE
    other = kiosk.clone()
    sealed(other, NINE + 60 * MINUTE, NINE + 61 * MINUTE)
    kiosk.stamp(NINE + 30 * MINUTE, by="A", name="王", phone="13800000008")
    town.push(kiosk, 7)
    town.push(other, 7)
    sealed(kiosk, NINE + 60 * MINUTE, NINE + 62 * MINUTE)
    town.push(kiosk, 9)
    assert floor_of(town, kiosk) == 0


def test_a_seal_that_cannot_be_read_is_kept_aside(town: House, kiosk: FakeKiosk) -> None:
    """Acknowledged, in quarantine, alarmed, without effect."""
    town.source.now = NINE + 70 * MINUTE
    kiosk.append(b'{"floor":1}', NINE + 61 * MINUTE, kind=RecordKind.SEAL)
    town.push(kiosk, 7)
    assert floor_of(town, kiosk) == 0
    assert ["无法采用" in one for one in alarms(town)] == [True]


def test_the_servers_own_records_are_leaves_too(town: House, kiosk: FakeKiosk) -> None:
    """What it saw and what people did stands between the kiosks' records, dated by its signed time."""
    with town.store.snapshot() as tx:
        own = [item.log.kiosk == SERVER_KIOSK for item in journals.logs(tx)]
        count = tx.one("SELECT count(*) AS n FROM records WHERE kiosk = 0")
    assert own.count(True) == 1
    assert count is not None
    assert count["n"] > 1
    assert MONDAY < NINE
