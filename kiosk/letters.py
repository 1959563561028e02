"""The way to the server without a network: a letter on a stick, and the server's reply back.

Nothing is persisted on the way: a letter that is lost is written again, one that is taken twice changes nothing. It
asks for the second receipts of what it brings along.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk.witness import Witness
from shared_rules.errors import EvidenceError
from shared_rules.evidence import verify_payload
from shared_rules.facts import LogId
from shared_rules.letters import (
    REPLY_CONTEXT,
    Asked,
    JournalEnd,
    Letter,
    Post,
    Reply,
    SignedReply,
    open_letter,
    seal,
)
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
    """What a reply brought: records that count as reported now, new items of the feed, and second receipts."""

    reported: int
    items: int
    proofs: int = 0


def write_letter(journal: Journal, feed: FeedStore, *, whole: bool = False) -> tuple[bytes, int]:
    """Return a letter with all that the server has not acknowledged (`whole`: all there is), and how many records.

    It always says how the growing life stands, also where nothing is unsent: that carries the promised floor.
    """
    posts = [
        post for life in journal.chain.lives() if not life.forked for post in _posts(journal, feed, life, whole=whole)
    ]
    letter = Letter(kiosk=journal.log.kiosk, posts=posts, asks=list(_asks(journal)))
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


def _asks(journal: Journal) -> Iterator[Asked]:
    """Return the questions for second receipts; with none missing, whether the server's past is as it was."""
    witness = Witness(journal.database, journal.keys)
    for question in [*witness.questions()] or [witness.check(journal.log)]:
        yield Asked(
            inc=question.log.inc, seqs=list(question.seqs), upto=question.upto, origin=question.origin,
            size=question.size,
        )  # fmt: skip


def take_reply(journal: Journal, feed: FeedStore, letter: bytes) -> Heard:
    """Take the server's reply; raises WireError or EvidenceError for what is not the server's word to this kiosk.

    An older reply does no harm: what is acknowledged already stays so, items held already are passed over. Where the
    server contradicts what it signed before, all else has taken effect when EvidenceError is raised.
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
    items = sum(feed.apply(answer) for answer in reply.feed)
    return Heard(before - journal.unsent, items, _take_proofs(journal, reply))


def _take_proofs(journal: Journal, reply: Reply) -> int:
    witness, taken = Witness(journal.database, journal.keys), 0
    for proven in reply.proofs:
        asked = proven.asked
        question = witness.asked(LogId(reply.kiosk, asked.inc), asked.upto, asked.origin, asked.size)
        taken += witness.take(question, proven.tree)
    return taken


def _take_end(journal: Journal, log: LogId, end: JournalEnd) -> None:
    if end.forked:
        journal.forked(log)
    elif end.next - 1 > journal.chain.last(log.inc).seq:
        journal.forked(log, "server_ahead")
    elif end.next - 1 > journal.acknowledged_of(log):
        journal.acknowledge(end.next, end.hash, log)
