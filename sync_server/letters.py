"""Letters from kiosks without a network: taken in as their pushes would be, and answered by a signed reply.

The rulings are made by the running server afterwards. Whoever carries the stick may take the same letter in again a
little later: nothing changes by that, and the reply is a newer one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared_rules.errors import RefusedError
from shared_rules.evidence import sign_payload
from shared_rules.facts import LogId
from shared_rules.letters import (
    REPLY_CONTEXT,
    JournalEnd,
    Letter,
    Post,
    Proven,
    Reply,
    SignedReply,
    addressee,
    open_letter,
    seal,
)
from shared_rules.wire import canonical
from shared_rules.words import say
from sync_server.feed import StaleCursorError
from sync_server.intake import Fork, Revoked
from sync_server.pki import public_key_of
from sync_server.store import journals, places

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared_rules.protocol import FeedAnswer
    from sync_server.feed import Feed
    from sync_server.intake import Intake
    from sync_server.pki import Keys
    from sync_server.store import Store, Transaction
    from sync_server.tree import Tree

__all__ = ["Answered", "Letters"]


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply for the stick, and what the letter brought."""

    reply: bytes
    kiosk: int
    records: int
    """In the letter; what was held already is among them."""
    items: int
    """Of the feed, in the reply."""


@dataclass(frozen=True, slots=True)
class Letters:
    """Takes letters in."""

    store: Store
    intake: Intake
    feed: Feed
    tree: Tree
    keys: Keys
    random: Callable[[int], bytes]

    def take(self, letter: bytes) -> Answered:
        """Take a letter in and return the reply.

        Raises WireError or EvidenceError for what is no letter to this server, UnknownLogError, BadSignatureError or
        RevokedError as a push would: what was taken in before that stays, and may come again.
        """
        content = open_letter(letter, self.keys.server.key, Letter)
        number = addressee(letter)
        if content.kiosk != number or not content.posts:
            raise RefusedError(say("信件的抬头与内容不符；没有采用"))
        reply = self._reply(content, {post.inc: self._push(number, post) for post in content.posts})
        signed = SignedReply(reply=sign_payload(REPLY_CONTEXT, canonical(reply), self.keys.server.key))
        with self.store.snapshot() as tx:
            kiosk = places.kiosk(tx, number)
        assert kiosk is not None
        records = sum(len(post.push.entries) for post in content.posts)
        sealed = seal(signed, number, public_key_of(kiosk.certificate.encode()), self.random)
        return Answered(sealed, number, records, sum(len(answer.items) for answer in reply.feed))

    def _push(self, number: int, post: Post) -> bool:
        """Take one push in; return whether the life has two histories."""
        outcome = self.intake.push(LogId(number, post.inc), post.push)
        if isinstance(outcome, Revoked):
            raise outcome.error
        return isinstance(outcome, Fork)

    def _reply(self, letter: Letter, forked: dict[int, bool]) -> Reply:
        with self.store.snapshot() as tx:
            kiosk, head = self.intake.identify(tx, letter.posts[-1].push.head, letter.kiosk)
            held = [state for state in journals.logs(tx) if state.log.kiosk == letter.kiosk]
            ends = [
                JournalEnd(inc=one.log.inc, next=one.next, hash=one.hash, forked=int(forked[one.log.inc]))
                for one in held
                if one.log.inc in forked
            ]
            try:
                feed, restart = self._feed(tx, kiosk.office, head.cursor), 0
            except StaleCursorError:
                feed, restart = self._feed(tx, kiosk.office, ""), 1
            proofs = [
                Proven(asked=one, tree=self.tree.prove(tx, LogId(letter.kiosk, one.inc), one.seqs, one.size))
                for one in letter.asks
            ]
        return Reply(kiosk=letter.kiosk, ends=ends, feed=feed, restart=restart, proofs=proofs)

    def _feed(self, tx: Transaction, office: str, cursor: str) -> list[FeedAnswer]:
        pages = [self.feed.read(tx, office, cursor)]
        while pages[-1].more:
            pages.append(self.feed.read(tx, office, pages[-1].cursor))
        return pages
