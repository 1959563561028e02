"""The reply on the stick: taken only from the pinned server, for this kiosk, and never backwards."""

from __future__ import annotations

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.letters import Heard, take_reply, write_letter
from shared_rules.errors import EvidenceError, WireError
from shared_rules.evidence import sign_payload
from shared_rules.letters import REPLY_CONTEXT, JournalEnd, Letter, Reply, SignedReply, open_letter, seal
from shared_rules.protocol import FEED_CONTEXT, FeedAnswer, NoticeItem, Sentence
from shared_rules.wire import canonical
from tests.kiosk.test_sync import Bench, bench

__all__ = ["bench"]


def written(bench: Bench, *, whole: bool = False) -> Letter:
    """Return what the kiosk wrote, as the server reads it."""
    data, _ = write_letter(bench.journal, bench.feed, whole=whole)
    key = bench.authority.server.key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return open_letter(data, key, Letter)


def reply(
    bench: Bench, *, upto: int = -1, signer: ec.EllipticCurvePrivateKey | None = None, **changes: object
) -> bytes:
    """Return the server's reply that it holds the journal up to a record (default: all)."""
    last = bench.journal.last_seq if upto < 0 else upto
    digest = bench.journal.chain.hash_at(bench.journal.log.inc, last)
    end = JournalEnd(inc=bench.journal.log.inc, next=last + 1, hash=digest.hex() if digest else "0" * 64)
    plain = msgspec.structs.replace(Reply(kiosk=bench.journal.log.kiosk, ends=[end], feed=[]), **changes)
    signed = SignedReply(reply=sign_payload(REPLY_CONTEXT, canonical(plain), signer or bench.authority.server.key))
    return seal(signed, plain.kiosk, bench.journal.keys.signing.public_key(), bench.journal.random)


def test_a_letter_holds_what_is_unsent_in_batches_that_the_server_takes(bench: Bench) -> None:
    """What is acknowledged already is left out, unless all is asked for; the head of the last post speaks for all."""
    bench.stamp(3)
    take_reply(bench.journal, bench.feed, reply(bench, upto=2))
    assert sum(len(post.push.entries) for post in written(bench).posts) == bench.journal.unsent
    assert sum(len(post.push.entries) for post in written(bench, whole=True).posts) == bench.journal.last_seq


def test_a_letter_with_nothing_unsent_still_carries_the_promise(bench: Bench) -> None:
    """The floor is what lets the server close the day."""
    take_reply(bench.journal, bench.feed, reply(bench))
    (post,) = written(bench).posts
    assert (post.inc, post.push.entries) == (bench.journal.log.inc, [])


def test_a_reply_acknowledges_and_brings_the_feed(bench: Bench) -> None:
    """Both, as over the network; the same reply again brings nothing."""
    bench.stamp(2)
    item = bench.authority.item(NoticeItem(sentence=Sentence(msgid="一")))
    unsent = bench.journal.unsent
    answer = reply(bench, feed=[FeedAnswer(items=[item], cursor="e1.1")])
    assert take_reply(bench.journal, bench.feed, answer) == Heard(unsent, 1)
    assert (bench.journal.unsent, bench.feed.cursor) == (0, "e1.1")
    assert take_reply(bench.journal, bench.feed, answer) == Heard(0, 0)


def test_an_older_reply_takes_nothing_back(bench: Bench) -> None:
    """Sticks lie in drawers: what counts as reported stays reported."""
    bench.stamp(2)
    old = reply(bench, upto=1)
    take_reply(bench.journal, bench.feed, reply(bench))
    take_reply(bench.journal, bench.feed, old)
    assert bench.journal.unsent == 0


def test_a_reply_of_another_signer_kind_or_kiosk_is_not_taken(bench: Bench) -> None:
    """Whoever could forge one could make a counter believe that its slips are safe."""
    bench.stamp(1)
    unsent = bench.journal.unsent
    stranger = ec.derive_private_key(4711, ec.SECP256R1())
    with pytest.raises(EvidenceError, match="签名"):
        take_reply(bench.journal, bench.feed, reply(bench, signer=stranger))
    with pytest.raises(EvidenceError, match="别的柜台机"):
        take_reply(bench.journal, bench.feed, reply(bench, kiosk=99))
    payload = canonical(Reply(kiosk=bench.journal.log.kiosk, ends=[], feed=[]))
    other = SignedReply(reply=sign_payload(FEED_CONTEXT, payload, bench.authority.server.key))
    with pytest.raises(EvidenceError, match="签名"):
        take_reply(bench.journal, bench.feed, seal(other, 1, bench.journal.keys.signing.public_key(), bytes_of))
    with pytest.raises(WireError):
        take_reply(bench.journal, bench.feed, b"no letter")
    assert bench.journal.unsent == unsent


def bytes_of(size: int) -> bytes:
    """Return bytes for a key that nobody keeps."""
    return b"\x05" * size


def test_a_server_that_holds_another_history_or_more_of_it_begins_a_new_life(bench: Bench) -> None:
    """As over the network: a fork, or a copy that was put back, is never continued."""
    for changed in ({"forked": 1}, {"next": bench.journal.last_seq + 5}):
        log = bench.journal.log
        bench.stamp(1)
        digest = bench.journal.chain.last(log.inc).hash.hex()
        end = JournalEnd(inc=log.inc, next=bench.journal.last_seq + 1, hash=digest)
        answer = reply(bench, ends=[msgspec.structs.replace(end, **changed)])
        take_reply(bench.journal, bench.feed, answer)
        assert bench.journal.log.inc != log.inc
        assert log.inc not in {post.inc for post in written(bench).posts}


def test_a_reply_with_another_last_hash_acknowledges_nothing(bench: Bench) -> None:
    """The number alone proves nothing."""
    bench.stamp(1)
    unsent = bench.journal.unsent
    end = JournalEnd(inc=bench.journal.log.inc, next=bench.journal.last_seq + 1, hash="1" * 64)
    with pytest.raises(EvidenceError, match="回执"):
        take_reply(bench.journal, bench.feed, reply(bench, ends=[end]))
    assert bench.journal.unsent == unsent


def test_a_restarted_feed_is_read_from_the_start(bench: Bench) -> None:
    """The server was put back from a backup: what it tells now is another history."""
    first = bench.authority.item(NoticeItem(sentence=Sentence(msgid="一")))
    take_reply(bench.journal, bench.feed, reply(bench, feed=[FeedAnswer(items=[first], cursor="e1.1")]))
    bench.authority.seq, bench.authority.last = 0, "0" * 64
    items = [bench.authority.item(NoticeItem(sentence=Sentence(msgid=text))) for text in "甲乙"]
    again = reply(bench, feed=[FeedAnswer(items=items, cursor="e2.2")], restart=1)
    assert take_reply(bench.journal, bench.feed, again).items == 2
    assert [item.seq for item in bench.feed.items()] == [1, 2]
