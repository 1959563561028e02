"""A kiosk that lost records gets back what the server holds of them, and believes only what its own keys signed."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import pytest

from kiosk.exchange import ForkError
from kiosk.feed import FeedStore
from kiosk.sync import Pace, Sync
from shared_rules.errors import EvidenceError
from shared_rules.facts import SlipStamped
from shared_rules.journal import RecordKind
from shared_rules.protocol import EnrolAnswer, Entry
from tests.kiosk.machine import Machine
from tests.kiosk.network import FakeServer
from tests.kiosk.places import Authority, opened, slip

if TYPE_CHECKING:
    from pathlib import Path

    from kiosk.config import Folder
    from kiosk.journal import Journal

PACE = Pace(wait=0)


@dataclass
class Place:
    """A kiosk, its server, and what may happen to the machine in between."""

    folder: Folder
    machine: Machine
    server: FakeServer
    journal: Journal

    def sync(self) -> Sync:
        """Return the network of the journal as it is now."""
        feed = FeedStore(self.journal.database, self.journal.keys, os.urandom, lambda *_: None)
        return Sync(self.journal, feed, rng=random.Random(1), transport=self.server, pace=PACE)

    def lose(self, *, backup: Path | None = None) -> None:
        """Lose the database, or go back to an old copy of it; anchor file and keys stay."""
        self.journal.close()
        for path in self.folder.root.glob("kiosk.db*"):
            path.unlink()
        if backup is not None:
            shutil.copy(backup, self.folder.database)
        self.journal = opened(self.folder, self.machine)

    def stamped(self) -> list[str]:
        """Return the numbers of all slips that the journal knows, sorted."""
        return sorted(event.fact.slip for event in self.journal.events() if isinstance(event.fact, SlipStamped))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return a kiosk that stamped and told eight slips, with a backup of after the third in `backup.db`."""
    authority, machine = Authority(), Machine()
    folder = authority.enrol(tmp_path / "kiosk")
    journal = opened(folder, machine)
    server = FakeServer(authority, machine)
    for index in range(8):
        if index == 3:
            journal.close()
            shutil.copy(folder.database, tmp_path / "backup.db")
            journal = opened(folder, machine)
        journal.append(slip(journal, f"客户{index}"))
    return Place(folder, machine, server, journal)


async def test_a_database_put_back_from_a_backup_is_filled_up_again(place: Place, tmp_path: Path) -> None:
    """The old life is whole again, page by page; the new one stamps on, under numbers never given before."""
    await place.sync().round()
    before, old = place.stamped(), place.journal.log
    place.lose(backup=tmp_path / "backup.db")
    assert len(place.stamped()) == 3
    new = place.journal.append(slip(place.journal)).record.log
    await place.sync().round()
    assert new != old
    assert set(before) < set(place.stamped())
    assert len(place.stamped()) == 9
    assert place.journal.unsent == 0
    place.journal.verify()


async def test_a_machine_set_up_anew_gets_the_lives_that_its_enrolment_names(place: Place) -> None:
    """Nothing was left but keys and the server's answer; what comes back opens and adds up."""
    await place.sync().round()
    before, old = place.stamped(), place.journal.log
    answer = msgspec.json.decode(place.folder.enrolment.read_bytes(), type=EnrolAnswer)
    place.folder.enrolment.write_bytes(msgspec.json.encode(msgspec.structs.replace(answer, lives=(old.inc,), slips=8)))
    place.folder.anchor.unlink()
    place.lose()
    assert place.stamped() == []
    sync = place.sync()
    await sync.round()
    assert place.stamped() == before
    assert sync._exchange.recall() is None
    place.journal.verify()
    with pytest.raises(Exception, match="已经用过"):
        place.journal.append(msgspec.structs.replace(slip(place.journal), slip=before[0]))


async def test_the_growing_life_that_the_server_holds_more_of_ends_and_is_filled_up(
    place: Place, tmp_path: Path
) -> None:
    """A whole image put back, anchor file too, looks sound to itself; the server's answer says that it is old."""
    mark = place.folder.anchor.read_bytes()
    place.journal.close()
    for path in place.folder.root.glob("kiosk.db*"):
        shutil.copy(path, tmp_path / path.name)
    place.journal = opened(place.folder, place.machine)
    place.journal.append(slip(place.journal, "后来"))
    await place.sync().round()
    before, old = place.stamped(), place.journal.log
    place.lose(backup=tmp_path / "kiosk.db")
    place.journal.close()
    for path in place.folder.root.glob("kiosk.db*"):
        path.unlink()
    shutil.copy(tmp_path / "kiosk.db", place.folder.database)
    place.folder.anchor.write_bytes(mark)
    place.journal = opened(place.folder, place.machine)
    assert place.journal.log == old
    sync = place.sync()
    with pytest.raises(Exception, match="旧备份") as caught:
        await sync.round()
    assert isinstance(caught.value.__cause__, ForkError)
    await sync.round()
    assert place.journal.log != old
    assert place.stamped() == before
    assert place.journal.unsent == 0


async def test_what_a_twin_writes_on_in_a_life_that_ended_here_is_asked_for_again(place: Place, tmp_path: Path) -> None:
    """Somebody runs a copy of this machine: whenever the server holds more of the old life, all of it comes."""
    await place.sync().round()
    before, old = place.stamped(), place.journal.log
    place.lose(backup=tmp_path / "backup.db")
    later = place.server.take_back(old, place.journal.chain.last(old.inc).seq + 2)
    sync = place.sync()
    await sync.round()
    assert 3 < len(place.stamped()) < len(before)
    place.server.put(old, later)
    sync._exchange._confirmed.clear()  # as after a restart: ended lives are asked after once more
    await asyncio.wait_for(sync.round(), timeout=30)
    assert place.stamped() == before
    assert place.journal.unsent == 0


async def test_a_server_that_claims_to_hold_more_and_never_gives_it_is_not_asked_in_a_circle(
    place: Place, tmp_path: Path
) -> None:
    """The life is set aside, which the operator is told; the growing one goes on."""
    await place.sync().round()
    old = place.journal.log
    place.lose(backup=tmp_path / "backup.db")
    place.server.entries[old] = place.server.entries[old][: place.journal.chain.last(old.inc).seq]
    sync = place.sync()
    with pytest.raises(Exception, match="另一本同名日志") as caught:
        await asyncio.wait_for(sync.round(), timeout=30)
    assert isinstance(caught.value.__cause__, ForkError)
    place.journal.append(slip(place.journal))
    await sync.round()
    assert place.journal.unsent == 0


@pytest.mark.parametrize("part", ["record", "signature", "body"])
async def test_a_record_that_our_key_did_not_sign_is_not_put_back(place: Place, tmp_path: Path, part: str) -> None:
    """Whoever gives us a past must have it from us; told once, and the counter goes on."""
    await place.sync().round()
    old = place.journal.log
    place.lose(backup=tmp_path / "backup.db")
    entries = place.server.entries[old]
    place.server.entries[old] = [*entries[:-1], bent(entries[-1], part)]
    sync = place.sync()
    with pytest.raises(Exception, match=r"日志|签名|承诺") as caught:
        await sync.round()
    assert isinstance(caught.value.__cause__, EvidenceError)
    place.journal.append(slip(place.journal))
    await sync.round()
    assert place.journal.unsent == 0
    assert place.server.end(place.journal.log).seq == place.journal.last_seq


async def test_a_record_whose_body_was_erased_comes_back_without_it(place: Place, tmp_path: Path) -> None:
    """The chain is whole, and the erased customer stays erased."""
    await place.sync().round()
    old = place.journal.log
    place.lose(backup=tmp_path / "backup.db")
    entries = place.server.entries[old]
    at = max(n for n, record in enumerate(place.server.records[old]) if record.kind is RecordKind.FACT)
    entries[at] = msgspec.structs.replace(entries[at], salt=b"", body=b"")
    await place.sync().round()
    assert place.journal.chain.last(old.inc).seq == len(entries)
    assert len(place.stamped()) == 7
    place.journal.verify()


def bent(entry: Entry, part: str) -> Entry:
    """Return a record of which one bit is another."""
    whole = bytearray(getattr(entry, part))
    whole[-1] ^= 1
    return msgspec.structs.replace(entry, **{part: bytes(whole)})


async def test_a_life_that_the_server_does_not_know_is_let_go(place: Place) -> None:
    """It was restored from a backup of before: nothing can be had, and nobody asks for ever."""
    await place.sync().round()
    answer = msgspec.json.decode(place.folder.enrolment.read_bytes(), type=EnrolAnswer)
    place.folder.enrolment.write_bytes(msgspec.json.encode(msgspec.structs.replace(answer, lives=(4711,))))
    place.journal.close()
    place.journal = opened(place.folder, place.machine)
    sync = place.sync()
    assert sync._exchange.recall() is not None
    await sync.round()
    assert sync._exchange.recall() is None
    assert 4711 not in [life.inc for life in place.journal.chain.lives()]
