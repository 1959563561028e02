"""The attack matrix: somebody has root on the kiosk and its key, and does to the real files what he can.

The machine itself can tell nothing afterwards (`Forger.write` checks that). What finds him out are the things outside
its walls: a receipt in a pocket, a photographed seal, the server, or what the record says of its own time. Where
nothing does, the test shows that, too: docs/evidence.md says so in the same table.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from docs.evidence_page import ATTACKS, Attack
from kiosk.config import Folder
from kiosk.witness import Witness
from shared_rules.errors import UnavailableError
from shared_rules.exhibits import Exhibit, Kind, examine, pin
from shared_rules.interval import DAY, HOUR, MINUTE, Interval
from shared_rules.journal import RECORD_SIZE, Record, RecordKind
from tests.kiosk.places import slip
from tests.sync_server.conftest import keys_folder
from tests.together.forger import Forger, Office, Page, office

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

__all__ = ["keys_folder"]


@dataclass
class Scene:
    """An office on an ordinary morning, what people carry out of it, and the forger."""

    east: Office
    receipts: list[bytes] = field(default_factory=list)
    """In pockets."""
    seals: list[bytes] = field(default_factory=list)
    """Photographed."""

    @property
    def forger(self) -> Forger:
        return Forger(self.east)

    def hand_out(self, name: str = "张三") -> None:
        """Stamp a slip; its salesperson carries the receipt away."""
        self.receipts.append(self.east.stamp(name))

    def photograph(self) -> None:
        """Seal; somebody takes a picture."""
        written = self.east.journal.seal()
        assert written is not None
        self.seals.append(written.record.pack() + written.signature)

    async def report(self) -> None:
        """Do a round; what the kiosk is told of a fork ends it early."""
        try:
            await self.east.round()
        except UnavailableError:
            await self.east.round()

    def inserted(self, like: Page, at: Interval, number: str = "east-1-000777") -> Page:
        """Return a slip of somebody else's, as if it had been stamped at another time."""
        fact = replace_slip(self.east, number)
        return Page(replace(like.record, time=at), b"", fact)

    def caught(self) -> set[str]:
        """Return what finds the forger out."""
        found: set[str] = set()
        pins = [pin(x509.load_pem_x509_certificate(self.east.journal.keys.config.place.certificate.encode()))]
        journal = Exhibit("journal", Kind.JOURNAL, self.journal())
        for name, held in (("receipt", self.receipts), ("seal", self.seals)):
            exhibits = [Exhibit(f"{name} {at}", Kind.RECEIPT, one) for at, one in enumerate(held)]
            answers = examine([journal, *exhibits], pins)
            assert answers[0].refusal is None, "the forged journal itself is in order"
            if any(answer.field == "seq" for answer in answers[1:]):
                found.add(name)
            assert all(answer.refusal is None or answer.field == "seq" for answer in answers)
        if self.east.alarms():
            found.add("server")
        if Witness(self.east.journal.database, self.east.journal.keys).contradictions():
            found.add("checkpoint")
        return found

    def journal(self) -> bytes:
        """Return the journal as a stranger is given it, all lives."""
        rows = self.east.journal.database.rows(
            "SELECT record, signature FROM records JOIN lives USING (inc) ORDER BY born, seq"
        )
        return b"".join(record + signature for record, signature in rows)


def replace_slip(east: Office, number: str) -> bytes:
    """Return the canonical content of a forged slip."""
    from msgspec.structs import replace as changed

    from shared_rules.wire import encode_fact

    return encode_fact(changed(slip(east.journal, "王五", "13900000009"), slip=number))


@pytest.fixture
async def scene(tmp_path: Path, keys_folder: Path) -> AsyncIterator[Scene]:
    """Return a morning on which one slip was stamped, handed out and reported, and the clock is anchored."""
    with office(tmp_path, keys_folder) as east:
        scene = Scene(east)
        await east.round()
        scene.hand_out("张三")
        await east.round()
        yield scene


# --- the attacks; each returns what the record itself tells, beyond what `Scene.caught` finds


async def edit(scene: Scene) -> set[str]:
    """Another customer in a slip that was handed out and reported."""
    pages = scene.forger.pages()
    at = next(at for at, page in enumerate(pages) if page.record.kind is RecordKind.FACT)
    number = "east-1-000001"
    pages[at] = Page(pages[at].record, b"", replace_slip(scene.east, number))
    scene.forger.write(pages)
    await scene.report()
    return set()


async def insert_before_receipt(scene: Scene) -> set[str]:
    """A slip of half an hour ago, before one that somebody has the receipt of; nothing of it was reported yet."""
    scene.east.machine.run(HOUR)
    scene.hand_out("李四")
    pages = scene.forger.pages()
    early = Interval(pages[-1].record.time.lo - 30 * MINUTE, pages[-1].record.time.hi - 30 * MINUTE)
    scene.forger.write([*pages[:-1], scene.inserted(pages[-1], early), pages[-1]])
    await scene.report()
    return set()


async def roll_back(scene: Scene) -> set[str]:
    """Database and anchor file of this morning put back; then another slip under the same number."""
    east, old = scene.east, scene.east.folder.root.parent / "old"
    east.journal.close()
    shutil.copytree(east.folder.root, old)
    east.open()
    scene.hand_out("李四")
    await east.round()
    east.journal.close()
    for left in east.folder.root.glob("kiosk.db*"):
        left.unlink()
    for name in ("kiosk.db", "anchor"):
        shutil.copy2(Folder(old).root / name, east.folder.root / name)
    east.open()
    east.stamp("王五")
    await scene.report()
    return set()


async def erase_held_tail(scene: Scene) -> set[str]:
    """The receipt is in a pocket, the record is gone, and the counter goes on."""
    scene.hand_out("李四")
    scene.forger.write(scene.forger.pages()[:-1])
    scene.east.stamp("王五")
    await scene.report()
    return set()


async def clock_back(scene: Scene) -> set[str]:
    """The wall clock alone, as any user of the machine could: the time is not taken from it."""
    return await with_the_wall_clock_moved(scene, -22 * HOUR)


async def clock_forward(scene: Scene) -> set[str]:
    """The same to the other side: the later bound is widened, the earlier one stands, the event is written."""
    return await with_the_wall_clock_moved(scene, 3 * DAY)


async def with_the_wall_clock_moved(scene: Scene, by: int) -> set[str]:
    """Stamp one slip while the wall clock is wrong."""
    scene.east.machine.wall_offset = by
    receipt = scene.east.stamp("李四")
    truth = scene.east.machine.true
    scene.east.machine.wall_offset = 0
    await scene.report()
    record = Record.unpack(receipt[:RECORD_SIZE])
    kinds = [page.record.kind for page in scene.forger.pages()]
    told = record.time.lo <= truth <= record.time.hi and truth - record.time.lo < MINUTE
    return {"record"} if told and RecordKind.CLOCK_EVENT in kinds else set()


async def forge_back(scene: Scene) -> set[str]:
    """No clock is touched: the time is written and signed as he likes."""
    return await with_the_record_moved(scene, -22 * HOUR)


async def forge_forward(scene: Scene) -> set[str]:
    """Into the future of the server."""
    return await with_the_record_moved(scene, 3 * DAY)


async def with_the_record_moved(scene: Scene, by: int) -> set[str]:
    """Sign the last slip with another time before anybody has seen it."""
    scene.east.stamp("李四")
    pages = scene.forger.pages()
    time = pages[-1].record.time
    scene.forger.write([*pages[:-1], pages[-1].at(Interval(time.lo + by, time.hi + by))])
    await scene.report()
    return set()


async def insert_after_receipt(scene: Scene) -> set[str]:
    """Nobody outside holds anything later: the new slip looks like every other."""
    scene.hand_out("李四")
    await insert_last(scene)
    return set()


async def insert_under_seal(scene: Scene) -> set[str]:
    """The seal's own number is taken by another record now."""
    scene.hand_out("李四")
    scene.photograph()
    await insert_last(scene)
    return set()


async def insert_last(scene: Scene) -> None:
    """Put a slip behind the last one that was handed out."""
    pages = scene.forger.pages()
    last = max(at for at, page in enumerate(pages) if page.record.kind is RecordKind.FACT)
    scene.forger.write([*pages[: last + 1], scene.inserted(pages[last], pages[last].record.time), *pages[last + 1 :]])
    await scene.report()


async def erase_tail(scene: Scene) -> set[str]:
    """A slip whose receipt nobody took."""
    scene.east.stamp("李四")
    scene.forger.write(scene.forger.pages()[:-1])
    scene.east.stamp("王五")
    await scene.report()
    return set()


async def erase_under_seal(scene: Scene) -> set[str]:
    """Somebody took a picture of the seal behind it."""
    scene.east.stamp("李四")
    scene.photograph()
    scene.forger.write(scene.forger.pages()[:-2])
    scene.east.stamp("王五")
    scene.east.stamp("赵六")
    await scene.report()
    return set()


async def back_date_inside(scene: Scene) -> set[str]:
    """Since the last anchor nobody outside knows what time it was: but the day is the same, and goes to a person."""
    scene.east.machine.run(40 * MINUTE)
    receipt = scene.east.stamp("李四")
    pages = scene.forger.pages()
    time = pages[-1].record.time
    forged = Interval(time.lo - 35 * MINUTE, time.hi - 35 * MINUTE)
    scene.forger.write([*pages[:-1], pages[-1].at(forged)])
    await scene.report()
    assert Record.unpack(receipt[:RECORD_SIZE]).time.certain_day() == forged.certain_day() is not None
    return set()


async def change_server(scene: Scene) -> set[str]:
    """The record that he changes stands in a checkpoint that the kiosk keeps."""
    with scene.east.server.store.transaction() as tx:
        tx.run("UPDATE records SET signature = ? WHERE position = 2", bytes(64))
    scene.east.stamp("李四")
    await scene.report()
    return set()


TRIED: dict[str, Callable[[Scene], Awaitable[set[str]]]] = {
    one.__name__: one
    for one in (
        edit, insert_before_receipt, roll_back, erase_held_tail, clock_back, clock_forward, forge_back, forge_forward,
        insert_after_receipt, insert_under_seal, erase_tail, erase_under_seal, back_date_inside, change_server,
    )
}  # fmt: skip


def test_every_attack_of_the_document_is_carried_out() -> None:
    """And no other: the table and this file name the same ones."""
    assert [attack.name for attack in ATTACKS] == list(TRIED)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_an_attack_is_found_out_by_what_the_document_says_and_by_nothing_else(
    scene: Scene, attack: Attack
) -> None:
    """Also where that is nothing."""
    assert scene.caught() == set(), "an ordinary morning alarms nobody"
    told = await TRIED[attack.name](scene)
    assert told | scene.caught() == set(attack.caught)


async def test_two_receipts_under_one_number_prove_fraud_without_anything_else(scene: Scene) -> None:
    """No journal, no server: the two pieces of paper and the kiosk's certificate."""
    scene.hand_out("李四")
    scene.forger.write(scene.forger.pages()[:-1])
    scene.hand_out("王五")
    pins = [pin(x509.load_pem_x509_certificate(scene.east.journal.keys.config.place.certificate.encode()))]
    one, other = examine([Exhibit(str(at), Kind.RECEIPT, held) for at, held in enumerate(scene.receipts[-2:])], pins)
    assert (one.refusal, other.field) == (None, "seq")


async def test_a_second_receipt_is_checked_together_with_the_first(scene: Scene) -> None:
    """By the server's certificate, and refused with the name of what does not fit."""
    place = scene.east.journal.keys.config.place
    pins = [pin(x509.load_pem_x509_certificate(one.encode())) for one in (place.certificate, place.server_certificate)]
    log, seq = scene.east.journal.log, Record.unpack(scene.receipts[0][:RECORD_SIZE]).seq
    text = Witness(scene.east.journal.database, scene.east.journal.keys).second_receipt(log, seq)
    assert text is not None
    receipt = Exhibit("receipt", Kind.RECEIPT, scene.receipts[0])

    def fields(proof: bytes, held: bytes = receipt.data) -> list[str]:
        exhibits = [Exhibit("receipt", Kind.RECEIPT, held), Exhibit("proof", Kind.PROOF, proof)]
        return [answer.field for answer in examine(exhibits, pins)]

    assert fields(text.encode()) == ["", ""]
    assert fields(text.replace("\nindex ", "\nindex 1").encode())[1] == "path"
    assert fields(text.encode()[:-8] + b"AAAAAA=\n")[1] in ("signature", "checkpoint")
    scene.hand_out("李四")
    assert fields(text.encode(), scene.receipts[-1]) == ["", "path"]
    lone = examine([receipt, Exhibit("proof", Kind.PROOF, text.encode())], pins[:1])
    assert lone[1].field == "signature"
    assert examine([Exhibit("x", Kind.PROOF, b"\xff"), receipt], pins)[0].field == "header"
