"""The way to the server without a network: a letter on a stick, and the server's reply back.

Nothing is persisted on the way: a letter that is lost is written again, one that is taken twice changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared_rules.errors import EvidenceError
from shared_rules.evidence import verify_payload
from shared_rules.facts import LogId
from shared_rules.letters import REPLY_CONTEXT, JournalEnd, Letter, Post, Reply, SignedReply, open_letter, seal
from shared_rules.protocol import MAX_BATCH_BYTES, MAX_BATCH_RECORDS, PushRequest
from shared_rules.wire import decode_canonical
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk.chain import Life
    from kiosk.feed import FeedStore
    from kiosk.journal import Journal

__all__ = ["Heard", "take_reply", "write_letter"]

_ROOM: Final = MAX_BATCH_BYTES - 8 * 1024


@dataclass(frozen=True, slots=True)
class Heard:
    """What a reply brought: records that count as reported now, and new items of the feed."""

    reported: int
    items: int


def write_letter(journal: Journal, feed: FeedStore, *, whole: bool = False) -> tuple[bytes, int]:
    """Return a letter with all that the server has not acknowledged (`whole`: all there is), and how many records.

    It always says how the growing life stands, also where nothing is unsent: that carries the promised floor.
    """
    posts = [
        post for life in journal.chain.lives() if not life.forked for post in _posts(journal, feed, life, whole=whole)
    ]
    letter = Letter(kiosk=journal.log.kiosk, posts=posts)
    return seal(letter, journal.log.kiosk, journal.keys.server, journal.random), sum(
        len(one.push.entries) for one in posts
    )


def _posts(journal: Journal, feed: FeedStore, life: Life, *, whole: bool) -> Iterator[Post]:
    log = LogId(journal.log.kiosk, life.inc)
    head = journal.head(cursor=feed.cursor, log=log)
    after, last = 0 if whole else life.acknowledged, journal.chain.last(life.inc).seq
    while after < last:
        entries = journal.entries(after, MAX_BATCH_RECORDS, _ROOM, log)
        yield Post(inc=life.inc, push=PushRequest(head=head, entries=entries))
        after += len(entries)
    if log == journal.log and last == (0 if whole else life.acknowledged):
        yield Post(inc=life.inc, push=PushRequest(head=head))


def take_reply(journal: Journal, feed: FeedStore, letter: bytes) -> Heard:
    """Take the server's reply; raises WireError or EvidenceError for what is not the server's word to this kiosk.

    An older reply does no harm: what is acknowledged already stays so, items held already are passed over.
    """
    signed = open_letter(letter, journal.keys.signing, SignedReply).reply
    reply = decode_canonical(verify_payload(REPLY_CONTEXT, signed, journal.keys.server), Reply)
    if reply.kiosk != journal.log.kiosk:
        raise EvidenceError(say("这封回信是给别的柜台机的；没有采用"))
    before = journal.unsent
    for end in reply.ends:
        _take_end(journal, LogId(reply.kiosk, end.inc), end)
    if reply.restart:
        feed.reset()
    return Heard(before - journal.unsent, sum(feed.apply(answer) for answer in reply.feed))


def _take_end(journal: Journal, log: LogId, end: JournalEnd) -> None:
    if end.forked:
        journal.forked(log)
    elif end.next - 1 > journal.chain.last(log.inc).seq:
        journal.forked(log, "server_ahead")
    elif end.next - 1 > journal.acknowledged_of(log):
        journal.acknowledge(end.next, end.hash, log)
