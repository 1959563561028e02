"""The second receipt without a network: a letter asks for it, the reply brings it and shows the server's past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from kiosk.letters import Heard, take_reply, write_letter
from shared_rules.errors import EvidenceError, WireError
from shared_rules.interval import MINUTE
from shared_rules.letters import Asked, Letter, open_letter, seal
from shared_rules.protocol import MAX_PROOFS
from tests.together.test_second_receipt import east, holds, keys_folder, proofs, witness

if TYPE_CHECKING:
    from tests.together.forger import Office

__all__ = ["east", "keys_folder"]


def written(east: Office) -> bytes:
    """Return a letter of what is unsent."""
    east.machine.run(MINUTE)
    return write_letter(east.journal, east.feed, whole=False)[0]


def answered(east: Office, letter: bytes) -> bytes:
    """Return the server's reply to a letter."""
    east.server.source.now = east.machine.true
    return east.server.service.letters.take(letter).reply


def read(east: Office, reply: bytes) -> Heard:
    """Take a reply."""
    return take_reply(east.journal, east.feed, reply)


def asks(east: Office, letter: bytes) -> list[Asked]:
    """Return what a letter asks to have proved."""
    return open_letter(letter, east.server.service.keys.server.key, Letter).asks


def test_the_reply_to_a_letter_brings_the_second_receipts_of_what_it_carried(east: Office) -> None:
    """Slips and seals, as over the network; the next letter asks only whether the past has stayed as it was."""
    east.journal.seal()
    reply = answered(east, written(east))
    heard = read(east, reply)
    assert read(east, reply).proofs == 0
    assert (heard.proofs, sorted(proofs(east))) == (3, sorted(proofs(east)))
    assert len(proofs(east)) == 3
    assert all(holds(east, seq, text) for seq, text in proofs(east).items())
    (ask,) = asks(east, written(east))
    checkpoint = witness(east).checkpoint()
    assert checkpoint is not None
    assert (ask.seqs, ask.origin, ask.size) == ([], checkpoint.origin, checkpoint.size)


async def test_network_and_stick_take_turns(east: Office) -> None:
    """Whatever the one has proved the other does not ask for; what a late reply says is held against nothing."""
    first = answered(east, written(east))
    east.stamp()
    await east.round()
    proved, held = proofs(east), witness(east).checkpoint()
    assert len(proved) == 3
    assert read(east, first).proofs == 0
    assert (proofs(east), witness(east).checkpoint()) == (proved, held)
    east.stamp()
    (ask,) = asks(east, letter := written(east))
    assert len(ask.seqs) == 1
    assert read(east, answered(east, letter)).proofs == 1
    assert read(east, answered(east, letter)).proofs == 0
    await east.round()
    assert len(proofs(east)) == 4
    assert east.sync.state.sentence is None


def test_a_long_time_without_a_network_is_proved_by_one_letter(east: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question asks for a few; the reply answers all of them out of one state of the log."""
    monkeypatch.setattr("kiosk.witness.MAX_PROOFS", 2)
    for number in range(5):
        east.stamp(phone=f"1390000000{number}")
    letter = written(east)
    assert [len(ask.seqs) for ask in asks(east, letter)][:3] == [2, 2, 2]
    assert read(east, answered(east, letter)).proofs == 7
    assert len(proofs(east)) == 7
    assert len({text.partition("xianhou/")[2] for text in proofs(east).values()}) == 1


def test_a_letter_without_some_of_its_records_proves_the_others_and_asks_again(east: Office) -> None:
    """A post may be lost on the way to the server's database: nothing counts as proved that is not."""
    letter = open_letter(written(east), east.server.service.keys.server.key, Letter)
    posts = [msgspec.structs.replace(one, push=msgspec.structs.replace(one.push, entries=one.push.entries[:-1]))
             for one in letter.posts]  # fmt: skip
    key = east.server.service.keys.server.key.public_key()
    short = seal(msgspec.structs.replace(letter, posts=posts), letter.kiosk, key, east.journal.random)
    assert read(east, answered(east, short)).proofs == 1
    again = written(east)
    assert sum(len(ask.seqs) for ask in asks(east, again)) == 2
    assert read(east, answered(east, again)).proofs == 2
    assert len(proofs(east)) == 2


def test_a_past_that_was_changed_is_found_out_by_letter_and_all_else_takes_effect(east: Office) -> None:
    """The evidence is kept, the records count as reported."""
    read(east, answered(east, written(east)))
    with east.server.store.transaction() as tx:
        tx.run("UPDATE records SET signature = ? WHERE position = 1", bytes(64))
    east.stamp()
    with pytest.raises(EvidenceError, match="不一致"):
        read(east, answered(east, written(east)))
    assert len(witness(east).contradictions()) == 1
    assert east.journal.unsent == 0


def test_a_question_for_more_than_may_be_asked_is_no_letter(east: Office) -> None:
    """As over the network: what one question may cost is bounded."""
    key = east.server.service.keys.server.key
    letter = open_letter(written(east), key, Letter)
    greedy = msgspec.structs.replace(letter, asks=[Asked(inc=1, seqs=list(range(MAX_PROOFS + 1)))])
    with pytest.raises(WireError, match="读不懂"):
        answered(east, seal(greedy, letter.kiosk, key.public_key(), east.journal.random))
