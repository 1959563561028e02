"""Letters taken in by the server: as safe as pushes over the network, answered by a signed reply."""

from __future__ import annotations

import os

import pytest

from shared_rules.errors import EvidenceError, RefusedError, WireError
from shared_rules.evidence import sign_payload, verify_payload
from shared_rules.interval import MINUTE
from shared_rules.letters import REPLY_CONTEXT, Letter, Post, Reply, SignedReply, open_letter, seal
from shared_rules.protocol import HEAD_CONTEXT, Head
from shared_rules.wire import canonical, decode_canonical
from sync_server.intake import BadSignatureError, RevokedError, UnknownLogError
from tests.sync_server.conftest import NINE, House
from tests.sync_server.fakes import FakeKiosk


def letter(town: House, kiosk: FakeKiosk, *posts: Post, number: int = 0) -> bytes:
    """Return a letter of a kiosk; without posts, its whole journal in two."""
    split = len(kiosk.entries) // 2
    halves = [Post(inc=kiosk.inc, push=kiosk.push(0, split)), Post(inc=kiosk.inc, push=kiosk.push(split))]
    content = Letter(kiosk=kiosk.log.kiosk, posts=list(posts) or halves)
    return seal(content, number or kiosk.log.kiosk, town.service.keys.server.key.public_key(), os.urandom)


def opened(town: House, kiosk: FakeKiosk, sealed: bytes) -> Reply:
    """Return a reply as the kiosk reads it."""
    signed = open_letter(sealed, kiosk.key, SignedReply).reply
    return decode_canonical(verify_payload(REPLY_CONTEXT, signed, town.service.keys.server.key.public_key()), Reply)


def test_a_letter_is_taken_in_as_its_pushes_would_be_and_again_changes_nothing(town: House) -> None:
    """The reply names the end of the journal and carries the office's feed; the rulings follow."""
    east = town.kiosks[0]
    slip = east.stamp(NINE, by="A", name="张三", phone="13800000001")
    town.source.now = NINE + 5 * MINUTE
    first = town.service.letters.take(letter(town, east))
    (end,) = opened(town, east, first.reply).ends
    assert (end.next, end.hash, end.forked) == (len(east.entries) + 1, east.last.hex(), 0)
    assert (first.kiosk, first.records) == (east.log.kiosk, len(east.entries))
    town.settle()
    again = town.service.letters.take(letter(town, east))
    assert again.items > first.items
    bodies = opened(town, east, again.reply).feed
    assert slip in str([item.payload for page in bodies for item in page.items])
    assert [alarm.sentence.chinese() for alarm in town.service.alarms()] == []


def test_a_fork_in_a_letter_is_kept_alarmed_and_told(town: House) -> None:
    """As over the network: both branches stay, and the kiosk learns that it must begin a new life."""
    east = town.kiosks[0]
    town.source.now = NINE + 5 * MINUTE
    clone = east.clone()
    east.stamp(NINE, by="A", name="张三", phone="13800000001")
    town.push(east)
    clone.stamp(NINE, by="A", name="李四", phone="13900000002")
    (end,) = opened(town, clone, town.service.letters.take(letter(town, clone)).reply).ends
    assert end.forked == 1
    assert len(town.service.alarms()) == 1


def test_a_cursor_of_another_history_gets_the_feed_from_the_start(town: House) -> None:
    """The kiosk is told to begin anew."""
    east = town.kiosks[0]
    head = decode_canonical(east.head().payload, Head)
    plain = canonical({**{name: getattr(head, name) for name in head.__struct_fields__}, "cursor": "e0.9.abc"})
    push = east.push()
    signed = sign_payload(HEAD_CONTEXT, plain, east.key)
    post = Post(inc=east.inc, push=type(push)(head=signed, entries=push.entries))
    reply = opened(town, east, town.service.letters.take(letter(town, east, post)).reply)
    assert reply.restart == 1
    assert sum(len(page.items) for page in reply.feed) > 0


def test_what_a_push_would_refuse_a_letter_is_refused_for(town: House) -> None:
    """Another's key, a stranger, a revoked kiosk, a header that lies, no posts, no letter: a typed error each."""
    east, west = town.kiosks
    town.source.now = NINE + 5 * MINUTE
    forged = FakeKiosk(answer=east.answer)
    forged.genesis(NINE)
    with pytest.raises(BadSignatureError):
        town.service.letters.take(letter(town, forged))
    with pytest.raises(RefusedError, match="不符"):
        town.service.letters.take(letter(town, east, number=west.log.kiosk))
    empty = seal(Letter(kiosk=1, posts=[]), 1, town.service.keys.server.key.public_key(), os.urandom)
    with pytest.raises(RefusedError, match="不符"):
        town.service.letters.take(empty)
    with pytest.raises(WireError):
        town.service.letters.take(b"PK" * 100)
    with pytest.raises(EvidenceError, match="打不开"):
        town.service.letters.take(seal(Letter(kiosk=1, posts=[]), 1, east.key.public_key(), os.urandom))
    town.service.enrolment.revoke(east.log.kiosk, "被盗")
    with pytest.raises(RevokedError):
        town.service.letters.take(letter(town, east))
    assert not [fact for fact in town.service.reconciler.archive.read().events if fact.log == east.log]


def test_a_kiosk_that_was_never_enrolled_here_is_unknown(town: House) -> None:
    """Its letter may even be sealed to this server: the public key is no secret."""
    east = town.kiosks[0]
    stranger = Letter(kiosk=99, posts=[Post(inc=east.inc, push=east.push())])
    with pytest.raises(UnknownLogError):
        town.service.letters.take(seal(stranger, 99, town.service.keys.server.key.public_key(), os.urandom))
