"""The server's proof for a slip, and what the kiosk does when the server's past is no longer what it was."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import msgspec
import pytest

from kiosk.witness import Witness
from shared_rules.checkpoints import check_proof, open_checkpoint
from shared_rules.interval import HOUR
from sync_server import backup
from sync_server.app import create_app
from sync_server.clock import ServerClock
from sync_server.store import Store
from tests.sync_server.conftest import keys_folder
from tests.together.forger import Office, office

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shared_rules.facts import LogId
    from shared_rules.protocol import TreeAnswer
    from sync_server.store import Transaction

__all__ = ["keys_folder"]


@pytest.fixture
def east(tmp_path: Path, keys_folder: Path) -> Iterator[Office]:
    """Return an office that has stamped two slips and told nobody."""
    with office(tmp_path, keys_folder) as made:
        made.stamp("张三", "13800000001")
        made.stamp("李四", "13800000002")
        yield made


def witness(east: Office) -> Witness:
    """Return what this kiosk holds of the server's log."""
    return Witness(east.journal.database, east.journal.keys)


def proofs(east: Office) -> dict[int, str]:
    """Return the second receipts by the number of their record."""
    log, seen = east.journal.log, witness(east)
    found = ((seq, seen.second_receipt(log, seq)) for seq in range(1, east.journal.last_seq + 1))
    return {seq: text for seq, text in found if text is not None}


def holds(east: Office, seq: int, text: str) -> bool:
    """Return whether a second receipt proves a record, by the pinned keys alone."""
    entry = east.journal.chain.entry(east.journal.log.inc, seq)
    assert entry is not None
    keys = east.server.service.keys
    check_proof(text, entry.record + entry.signature, keys.server.key.public_key(), keys.authority.digest)
    return True


def reopened(east: Office) -> None:
    """Let the server start again on the database that lies there."""
    house = east.server
    house.store = Store(house.config.database, house.service.keys.bodies)
    house.app = create_app(house.store, ServerClock(house.source), house.config)


async def test_after_the_sync_every_slip_has_its_second_receipt(east: Office) -> None:
    """Slips and seals have one, the journal's other records need none."""
    slips = [seq for (seq,) in east.journal.database.rows("SELECT position FROM slips")]
    assert proofs(east) == {}
    await east.round()
    assert sorted(proofs(east)) == sorted(slips)
    assert all(holds(east, seq, text) for seq, text in proofs(east).items())
    east.journal.seal()
    await east.round()
    assert len(proofs(east)) == 3


async def test_later_proofs_stand_in_a_log_that_begins_with_the_earlier_one(east: Office) -> None:
    """Each answer was consistent with the checkpoint before; only those are kept that a proof needs."""
    await east.round()
    first = witness(east).checkpoint()
    for _ in range(3):
        east.stamp()
        await east.round()
    last = witness(east).checkpoint()
    assert first is not None
    assert last is not None
    assert (first.origin, first.size < last.size) == (last.origin, True)
    assert all(holds(east, seq, text) for seq, text in proofs(east).items())
    kept = east.journal.database.one("SELECT count(*), count(DISTINCT checkpoint) FROM checkpoints, proofs")
    assert kept is not None
    assert east.sync.state.sentence is None


async def test_a_server_that_changed_its_past_is_found_out_and_the_evidence_kept(east: Office) -> None:
    """Both checkpoints are there as the server signed them; records go on being told."""
    await east.round()
    with east.server.store.transaction() as tx:
        tx.run("UPDATE records SET signature = ? WHERE position = 1", bytes(64))
    east.stamp()
    await east.round()
    assert "不一致" in str(east.sync.state.sentence)
    ((before, after),) = witness(east).contradictions()
    keys = east.server.service.keys
    found = [open_checkpoint(one, keys.server.key.public_key(), keys.authority.digest) for one in (before, after)]
    assert found[0].origin == found[1].origin
    assert east.journal.unsent == 0
    await east.round()
    assert len(witness(east).contradictions()) <= 2
    assert "不一致" in str(east.sync.state.sentence)


async def test_a_server_put_back_by_hand_is_found_out(east: Office) -> None:
    """An old file copied over the database, without the command that begins a new log: its tree has shrunk."""
    house, copy = east.server, east.folder.root / "old.db"
    house.store.copy_to(copy)
    await east.round()
    house.store.close()
    for left in house.config.folder.glob("*.db*"):
        left.unlink()
    shutil.copy(copy, house.config.database)
    reopened(east)
    await east.round()
    east.stamp()
    await east.round()
    assert witness(east).contradictions()
    assert "不一致" in str(east.sync.state.sentence)
    assert east.journal.unsent == 0


async def test_a_server_restored_by_command_has_another_log_and_alarms_nobody_here(east: Office) -> None:
    """What the old one proved stays proved; the slips get proofs in the new one."""
    house, copy = east.server, east.folder.root / "backup.db"
    backup.back_up(house.store, house.service.keys, copy)
    await east.round()
    old = proofs(east)
    house.store.close()
    for left in house.config.folder.glob("*.db*"):
        left.unlink()
    backup.restore(house.config, house.service.keys, house.service.clock, copy)
    reopened(east)
    east.machine.run(HOUR)  # with nothing to prove the log is looked at every hour
    await east.round()
    assert witness(east).contradictions() == []
    assert east.sync.state.sentence is None
    new = proofs(east)
    assert sorted(new) == sorted(old)
    assert {text.partition("xianhou/")[2][:33] for text in new.values()}.isdisjoint(
        text.partition("xianhou/")[2][:33] for text in old.values()
    )
    assert all(holds(east, seq, text) for proved in (old, new) for seq, text in proved.items())


async def test_a_server_that_gives_false_proofs_is_not_believed(east: Office) -> None:
    """A path that does not lead from our record to the signed root: nothing of the answer is kept."""
    prove = east.server.service.tree.prove

    class Liar:
        """Answers for the record before the one that was asked for."""

        def prove(self, tx: Transaction, log: LogId, seqs: list[int], known: int) -> TreeAnswer:
            answer = prove(tx, log, [seq - 1 for seq in seqs], known)
            shifted = [msgspec.structs.replace(one, seq=one.seq + 1) for one in answer.proofs]
            return msgspec.structs.replace(answer, proofs=shifted)

    east.server.service.tree = Liar()  # type: ignore[assignment]
    await east.round()
    assert "与本机第" in str(east.sync.state.sentence)
    assert proofs(east) == {}
    assert witness(east).checkpoint() is None
    assert east.journal.unsent == 0
