"""What this kiosk lost and the server still holds: read back life by life, believed only as what our own keys signed.

A database put back from a backup, or a machine set up anew, has lost records that the server acknowledged. They stand
in lives that have ended: nothing is ever appended to those again, so they can be filled up behind the growing one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.database import transaction
from shared_rules.errors import EvidenceError
from shared_rules.facts import LogId, SlipAmended, SlipRenewed, SlipStamped
from shared_rules.words import say

if TYPE_CHECKING:
    from kiosk.journal import Journal
    from shared_rules.facts import Fact
    from shared_rules.journal import ChainHead
    from shared_rules.protocol import LogAnswer

__all__ = ["History"]


class History:
    """Which of this kiosk's lives the server holds more of than this database."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._wanted = set(journal.keys.config.place.lives) - {life.inc for life in journal.chain.lives()}
        self._settled: dict[int, int] = {}
        """How far each life was asked for to the end; a twin of this machine may have written on since."""

    def missing(self, log: LogId, seq: int) -> bool:
        """Note that the server holds a life up to `seq`; False = it was asked for that much and did not give it."""
        if seq <= self._settled.get(log.inc, -1):
            return False
        self._wanted.add(log.inc)
        return True

    def wants(self, log: LogId) -> bool:
        """Return whether a life is still to be filled up: until then nobody can tell what of it is unsent."""
        return log.inc in self._wanted

    def next(self) -> LogId | None:
        """Return the ended life to ask for, None = all is here."""
        ended = sorted(self._wanted - {self._journal.log.inc})
        return LogId(self._journal.log.kiosk, ended[0]) if ended else None

    def take(self, log: LogId, answer: LogAnswer) -> bool:
        """Put a page of a life back, and return whether facts came that the screens should show.

        Raises EvidenceError, and leaves that life alone, where a record is not ours or does not follow.
        """
        journal = self._journal
        try:
            with transaction(journal.database):
                facts = journal.chain.put_back(log.inc, answer.entries, journal.keys.certificates)
                for position, event in facts:
                    _spend(journal, position, event.fact)
                end = _whole(journal.chain.last(log.inc), answer)
                journal.chain.acknowledge(log.inc, end.seq)
        except EvidenceError:
            self.leave(log)
            raise
        if end.seq >= answer.next - 1 or not answer.entries:
            self._done(log, answer.next - 1)
        return bool(facts)

    def leave(self, log: LogId) -> None:
        """Ask for this life no more, and send nothing of it: the server holds another history, or none."""
        if any(life.inc == log.inc for life in self._journal.chain.lives()):
            with transaction(self._journal.database):
                self._journal.chain.set_forked(log.inc)
        self._done(log, 0)

    def _done(self, log: LogId, seq: int) -> None:
        self._wanted.discard(log.inc)
        self._settled[log.inc] = seq


def _whole(end: ChainHead, answer: LogAnswer) -> ChainHead:
    if end.seq == answer.next - 1 and end.hash.hex() != answer.hash:
        raise EvidenceError(say("服务器给回的日志与本机的对不上；没有采用，请管理员查看"))
    return end


def _spend(journal: Journal, position: int, fact: Fact) -> None:
    """Note a slip number as used, so that none is given twice."""
    if isinstance(fact, SlipStamped | SlipAmended | SlipRenewed):
        journal.database.run("INSERT OR IGNORE INTO slips VALUES (?, ?)", fact.slip, position)
