"""Erasure of one customer (personal-information law): bodies and salts go for good, the chain and every ruling stay.

What is erased is every record that names the customer by a claim or by a number, at the server and, by the feed, at the
kiosks. A claim that still lives is not erased, and nothing is where any ruling would change.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared_rules.decision import Status
from shared_rules.erasure import Identity, claims_of, identity_of, redacted
from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import SERVER_KIOSK, RecordErased, SlipStamped
from shared_rules.protocol import ErasureItem
from shared_rules.wire import encode_fact
from shared_rules.words import say
from sync_server.standing import settled_now
from sync_server.store import journals, persons, register

if TYPE_CHECKING:
    from shared_rules.facts import Event
    from shared_rules.rulings import Register
    from sync_server.archive import Archive
    from sync_server.feed import Feed
    from sync_server.log import ServerLog
    from sync_server.store import Store, Transaction

__all__ = ["Erasure", "Plan"]

_OVER: Final = frozenset({
    Status.LAPSED, Status.WITHDRAWN, Status.RETURNED, Status.REFUSED, Status.VOID,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be erased."""

    claims: tuple[str, ...]
    events: tuple[Event, ...]
    customer: Identity


@dataclass(frozen=True, slots=True)
class Erasure:
    """Finds and erases; `secret` makes the tokens, so that nobody can guess a number from its token."""

    store: Store
    log: ServerLog
    feed: Feed
    archive: Archive
    secret: bytes

    def plan(self, claim: str) -> Plan:
        """Return what would be erased; InputError for a claim that is none, RefusedError while one of them lives."""
        events = self.archive.read().events
        plan = _closure(events, claim)
        if not plan.events:
            raise InputError(say("没有 {claim} 这份确认单", claim=claim), field="claim")
        register = self._settled(events)
        living = [one for one in plan.claims if one in register.claims and _lives(register, one)]
        if living:
            raise RefusedError(say("{claims} 仍有效或有未了结的事项，不能删除", claims="、".join(living)))
        return plan

    def erase(self, plan: Plan, reason: str) -> int:
        """Erase, and return how many records; RefusedError, and nothing done, where any ruling would change."""
        if not reason.strip():
            raise InputError(say("请写明删除的原因；原因会记入日志"), field="reason")
        events = self.archive.read().events
        chosen = {(event.log, event.seq): self._redacted(event, plan) for event in plan.events}
        after = [chosen.get((event.log, event.seq), event) for event in events]
        if _outcome(self._settled(events)) != _outcome(self._settled(after)):
            raise RefusedError(say("删除会改变别的判定，没有删除；请等这些判定终局、期满以后再办"))
        with self.store.transaction() as tx:
            for event in chosen.values():
                self._erase(tx, event, reason.strip())
            for claim in plan.claims:
                register.forget(tx, claim)
            persons.add_audit(
                tx, at=self.log.signed_now(tx).now, person="operator", session="", act="erase",
                about=" ".join(plan.claims), outcome=reason.strip(),
            )  # fmt: skip
        self.store.forget()
        return len(chosen)

    def _erase(self, tx: Transaction, event: Event, reason: str) -> None:
        text, log = encode_fact(event.fact), event.log
        position = journals.position_of(tx, log, event.seq)
        journals.erase_body(tx, position, text)
        self.log.append(
            tx, RecordErased(kiosk=log.kiosk, inc=log.inc, seq=event.seq, redacted=text.decode(), reason=reason)
        )
        if log.kiosk != SERVER_KIOSK:
            state = journals.log_state(tx, log)
            item = ErasureItem(kiosk=log.kiosk, inc=log.inc, seq=event.seq, redacted=text.decode())
            self.feed.publish(tx, state.office if state else "", item, at=self.log.signed_now(tx).now)

    def _redacted(self, event: Event, plan: Plan) -> Event:
        return event._replace(fact=redacted(event.fact, plan.customer, self._token))

    def _token(self, text: str) -> str:
        digest = hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()[:16]
        return digest.translate(str.maketrans("0123456789abcdef", "abcdefghijklmnop"))

    def _settled(self, events: list[Event]) -> Register:
        return settled_now(self.store, self.log, events).register()


def _closure(events: list[Event], claim: str) -> Plan:
    """Return every record about the customer of a claim: by claim, by number, until nothing more is found."""
    customer, claims = Identity(), {claim}
    found: dict[tuple[object, int], Event] = {}
    grown = -1
    while grown != len(found):
        grown = len(found)
        for event in events:
            whose = identity_of(event.fact)
            if (event.log, event.seq) in found or not (
                claims & claims_of(event.fact) or customer.phones & whose.phones
            ):
                continue
            found[event.log, event.seq] = event
            customer |= whose
            if isinstance(event.fact, SlipStamped):
                claims.add(event.fact.slip)
    named = tuple(event for event in found.values() if _tells(event, customer))
    stamped = (event.fact.slip for event in named if isinstance(event.fact, SlipStamped))
    return Plan(tuple(stamped), named, customer)


def _tells(event: Event, customer: Identity) -> bool:
    return redacted(event.fact, customer, lambda _: "") != event.fact


def _lives(register: Register, claim: str) -> bool:
    decision = register.claims[claim].decision
    return decision.provisional or decision.status not in _OVER


def _outcome(register: Register) -> dict[str, object]:
    """Return what must not change: every claim's standing, and every deal's owners."""
    claims = {
        claim: (one.decision.status, one.decision.provisional, one.valid_until, one.against)
        for claim, one in register.claims.items()
    }
    deals = {deal.deal: (deal.owner, deal.shares) for deal in register.deals}
    return {"claims": claims, "deals": deals}
