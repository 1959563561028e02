"""A leader's leave for one look at one customer (五): given to a named person for a purpose, for a day at the longest.

Leave and look are facts of the server's log, so that the register itself answers who was let in, by the same clause on
every machine. The number of a leave is its bearer's key: nobody who was not given it can make one up.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import SERVER_KIOSK, Event, LogId, LookApproved, LookAsked, PersonAdded, Role, SlipStamped
from shared_rules.interval import HOUR, exactly
from shared_rules.settlement import settle
from shared_rules.words import say
from sync_server.archive import policies_in_force
from sync_server.store import journals, persons

if TYPE_CHECKING:
    from shared_rules.facts import Fact
    from shared_rules.rulings import Look as LookAnswer
    from shared_rules.words import Say
    from sync_server.archive import Archive
    from sync_server.log import ServerLog
    from sync_server.sessions import Visitor
    from sync_server.store import Store, Transaction

__all__ = ["LONGEST_HOURS", "Look", "Looks"]

LONGEST_HOURS: Final = 24
_LONGEST_PURPOSE: Final = 2000
_NOW: Final = LogId(SERVER_KIOSK, 0xFFFF)
"""Where a look stands that is being asked for: behind everything of the same instant."""
_PROOF: Final = 12


@dataclass(frozen=True, slots=True)
class Look:
    """A look that was allowed and is on the disk: the claim whose slips may be shown, and on whose word."""

    claim: str
    by: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Looks:
    """Gives leave in the name of a logged-in leader, and takes it up; `secret` makes its number."""

    store: Store
    log: ServerLog
    archive: Archive
    secret: bytes

    def approve(self, visitor: Visitor, requester: str, claim: str, *, purpose: str, hours: int = LONGEST_HOURS) -> str:
        """Let a person look once at the customer of a claim; return the number of the leave, on the disk by then.

        Raises RefusedError (kept in the audit) for who may not give it, InputError naming the field.
        """
        if not purpose.strip() or len(purpose) > _LONGEST_PURPOSE:
            raise InputError(say("请写明查询的用途，最多 {most} 个字", most=_LONGEST_PURPOSE), field="purpose")
        if not 1 <= hours <= LONGEST_HOURS:
            raise InputError(say("批准最短 1 小时，最长 {most} 小时", most=LONGEST_HOURS), field="hours")
        self.archive.read()  # most of it before the database is locked
        with self.store.transaction() as tx:
            reading = self.log.human_now(tx)
            refusal = self._refusal(tx, visitor, requester)
            who = visitor.person, visitor.session
            self._audit(tx, reading.now, who, "approve_look", f"{claim} {requester}", refused=refusal is not None)
            if refusal is None:
                self._check(tx, requester, claim, reading.now)
                until = reading.now + hours * HOUR
                fact = LookApproved(
                    by=visitor.person, requester=requester, customer=claim, purpose=purpose.strip(), until=until
                )
                position = self.log.append(tx, fact, reading)
        if refusal is not None:
            raise RefusedError(refusal, clause="五")
        return self._number(position)

    def _refusal(self, tx: Transaction, visitor: Visitor, requester: str) -> Say | None:
        if Role.LEADER not in visitor.roles:
            return say("只有公司领导可以批准查询；这次操作已记录")
        if (
            visitor.person == requester
            and not policies_in_force(tx).at("", self.log.highest(tx)).access.approver_may_look
        ):
            return say("领导不能批准自己的查询；这次操作已记录")
        return None

    def _check(self, tx: Transaction, requester: str, claim: str, now: int) -> None:
        events = self.archive.read_in(tx).events
        person = persons.person(tx, requester)
        if person is None or person.left:
            raise InputError(say("没有人员 {number}", number=requester), field="for")
        if not any(isinstance(event.fact, SlipStamped) and event.fact.slip == claim for event in events):
            raise InputError(say("没有 {claim} 这份确认单", claim=claim), field="claim")
        if self._answer(tx, events, LookAsked(by=requester, customer=claim), now).allowed:
            raise InputError(say("这位人员对这位客户已有一份没有用过的批准；先用完它，或等它过期"), field="for")

    def take(self, person: str, number: str) -> Look:
        """Take up a leave: the look and its audit row are on the disk when this returns, and the leave is used up.

        Raises RefusedError, kept in the audit, for a number that is unknown, somebody else's, used up or too old.
        """
        with self.store.transaction() as tx:
            reading = self.log.signed_now(tx)
            events = self.archive.read_in(tx).events
            leave = self._leave(tx, events, person, number)
            refusal: Say | None = say("没有这份批准，或不是给您的，或已经用过；本次查询被拒并记录")
            if leave is not None:
                asked = LookAsked(by=person, customer=leave.customer)
                answer = self._answer(tx, events, asked, reading.now)
                refusal = None if answer.allowed else answer.why
                self.log.append(tx, asked, reading)
            about = f"{leave.customer} {number}" if leave is not None else number
            self._audit(tx, reading.now, (person, ""), "look", about, refused=refusal is not None)
        if leave is None or refusal is not None:
            raise RefusedError(refusal or say("没有公司领导批准，不能查询；本次查询被拒并记录"), clause="五")
        return Look(leave.customer, leave.by, leave.purpose)

    def _leave(self, tx: Transaction, events: list[Event], person: str, number: str) -> LookApproved | None:
        """Return the leave of a number if it is this person's newest for its customer; an older one was used up."""
        given = [
            (event, event.fact)
            for event in reversed(events)
            if isinstance(event.fact, LookApproved) and event.fact.requester == person
        ]
        for event, leave in given:
            own = self._number(journals.position_of(tx, event.log, event.seq))
            if hmac.compare_digest(own.encode(), number.encode()):
                newest = next(one for _, one in given if one.customer == leave.customer)
                return leave if newest is leave else None
        return None

    def _answer(self, tx: Transaction, events: list[Event], asked: LookAsked, now: int) -> LookAnswer:
        """Return what the rules say of a look that is asked for now."""
        told = [event for event in events if isinstance(event.fact, PersonAdded) or _about(event.fact, asked)]
        register = settle((*told, Event(exactly(now), _NOW, 0, asked)), policies_in_force(tx), now)
        return register.looks[-1]

    def _number(self, position: int) -> str:
        proof = hmac.new(self.secret, f"look\n{position}".encode(), hashlib.sha256).hexdigest()[:_PROOF]
        return f"{position}-{proof}"

    def _audit(self, tx: Transaction, at: int, who: tuple[str, str], act: str, about: str, *, refused: bool) -> None:
        person, session = who
        persons.add_audit(
            tx, at=at, person=person, session=session, act=act, about=about,
            outcome="refused" if refused else "allowed",
        )  # fmt: skip


def _about(fact: Fact, asked: LookAsked) -> bool:
    if isinstance(fact, LookApproved):
        return fact.requester == asked.by and fact.customer == asked.customer
    return isinstance(fact, LookAsked) and fact.by == asked.by and fact.customer == asked.customer
