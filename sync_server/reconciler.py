"""Keeps what the offices were told equal to what follows from the facts.

Each run reads all facts, closes the business days that every journal of an office promised to be over, settles from
scratch, and publishes the difference to what was published last. A run that is killed anywhere is simply run again:
everything it writes is compared with what is there. Lapses and finality come with time, so it also runs by the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from shared_rules.decision import Status
from shared_rules.facts import CollisionSeen, DayClosed, SlipAmended, SlipRenewed, SlipStamped
from shared_rules.interval import day_end
from shared_rules.protocol import ReasonItem, ReturnItem, RulingItem, Sentence
from shared_rules.settlement import settle
from shared_rules.wire import canonical
from shared_rules.words import Say, say
from sync_server.archive import active_logs, floors, log_name, policies_in_force
from sync_server.store import cases, feeds, places

if TYPE_CHECKING:
    from shared_rules.decision import Reason
    from shared_rules.settlement import ActRuling, ClaimRuling, Register
    from sync_server.archive import Archive, Contents
    from sync_server.feed import Feed
    from sync_server.log import ServerLog
    from sync_server.store import Store, Transaction

__all__ = ["Reconciler"]

_GOES_BACK = (Status.RETURNED, Status.REFUSED)


@dataclass(frozen=True, slots=True)
class Reconciler:
    """One settling writer; `run` is called from one thread at a time."""

    store: Store
    log: ServerLog
    feed: Feed
    archive: Archive

    def run(self) -> bool:
        """Settle everything that is known now and publish what changed; return whether anything did."""
        contents = self.archive.read()
        if self._close_days(contents):
            contents = self.archive.read()
        with self.store.transaction() as tx:
            as_of = self.log.signed_now(tx).now
            policies = policies_in_force(tx)
        register = settle((*contents.events, *floors(contents.logs)), policies, as_of)
        with self.store.transaction() as tx:
            told = self._tell(tx, register, contents)
            moved = self._cases(tx, register)
            self._collisions(tx, register, contents)
        return told or moved

    def _close_days(self, contents: Contents) -> bool:
        """Sign a DayClosed for each office and day of stamps that all of the office's journals promised to be over."""
        with self.store.snapshot() as tx:
            offices, kiosks = places.offices(tx), places.kiosks(tx)
        active = active_logs(contents.logs)
        due: list[DayClosed] = []
        for office in offices:
            own = [kiosk.kiosk for kiosk in kiosks if kiosk.office == office.office]
            floor = min((active[kiosk].floor if kiosk in active else 0 for kiosk in own), default=0)
            known = {log_name(state.log): state.next - 1 for state in contents.logs if state.office == office.office}
            due += [
                DayClosed(office=office.office, day=day, known=known)
                for day in sorted(_days_of_stamps(contents, set(office.pools)))
                if _last_closed(contents, office.office) < day < date.max and day_end(day) <= floor
            ]
        if due:
            with self.store.transaction() as tx:
                for fact in due:
                    self.log.append(tx, fact)
        return bool(due)

    def _tell(self, tx: Transaction, register: Register, contents: Contents) -> bool:
        """Publish what differs from what each office was told last about the same subject."""
        now = self.log.signed_now(tx).now
        before = feeds.published(tx)
        offices = {office.office: office.name for office in places.offices(tx)}
        bodies: dict[tuple[str, str], RulingItem | ReturnItem] = {
            (contents.office_of[claim], f"ruling {claim}"): _ruling_item(ruling, offices)
            for claim, ruling in register.claims.items()
        }
        for slip, notice in _returns(register).items():
            bodies[contents.office_of[slip], f"return {slip}"] = notice
        for (office, subject), body in before.items():
            if subject.startswith("return ") and (office, subject) not in bodies:
                told = msgspec.json.decode(body, type=ReturnItem)
                bodies[office, subject] = msgspec.structs.replace(told, withdrawn="yes")
        news = [key for key, item in bodies.items() if before.get(key) != canonical(item)]
        for office, subject in sorted(news):
            self.feed.publish_changed(tx, office, subject, bodies[office, subject], at=now)
        return bool(news)

    def _cases(self, tx: Transaction, register: Register) -> bool:
        """Open a case for each same-day collision that waits, and let go of those that are no more."""
        now = self.log.signed_now(tx).now
        waiting = {(item.pool, item.claims, item.edges): item.day for item in register.same_day}
        held = {(row.pool, row.claims, row.edges): row.number for row in cases.cases(tx, state="open")}
        for key, number in held.items():
            if key not in waiting:
                cases.close_case(tx, number, state="gone", at=now)
        for key in sorted(waiting.keys() - held.keys()):
            pool, claims, edges = key
            cases.add_case(tx, pool=pool, day=waiting[key], claims=claims, edges=edges, at=now)
        return waiting.keys() != held.keys()

    def _collisions(self, tx: Transaction, register: Register, contents: Contents) -> None:
        """Note in the log when each collision came to light here; the rules of a later deal ask for that."""
        seen = {event.fact.claims for event in contents.events if isinstance(event.fact, CollisionSeen)}
        pairs = {
            (min(claim, other), max(claim, other))
            for claim, ruling in register.claims.items()
            for other in ruling.against
        }
        for pair in sorted(pairs - seen):
            self.log.append(tx, CollisionSeen(claims=pair))


def _days_of_stamps(contents: Contents, pools: set[str]) -> set[date]:
    """Return the civil days that a stamp of these pools touches."""
    pool_of = {event.fact.slip: event.fact.pool for event in contents.events if isinstance(event.fact, SlipStamped)}
    days: set[date] = set()
    for event in contents.events:
        fact = event.fact
        claim = fact.slip if isinstance(fact, SlipStamped) else getattr(fact, "claim", "")
        if isinstance(fact, SlipStamped | SlipAmended | SlipRenewed) and pool_of.get(claim) in pools:
            days.update(event.time.days())
    return days


def _last_closed(contents: Contents, office: str) -> date:
    """Return the last day an office has closed: every day before it is closed too, and is not closed again."""
    facts = (event.fact for event in contents.events if isinstance(event.fact, DayClosed))
    return max((fact.day for fact in facts if fact.office == office), default=date.min)


def _returns(register: Register) -> dict[str, ReturnItem]:
    """Return the notice of every slip that must go back to its salesperson, by slip number."""
    outcomes: dict[str, ClaimRuling | ActRuling] = {ruling.slip: ruling for ruling in register.claims.values()}
    outcomes |= register.acts
    return {
        slip: _return_item(slip, register.claims[ruling.claim].salesperson, ruling)
        for slip, ruling in sorted(outcomes.items())
        if ruling.decision.status in _GOES_BACK
    }


def _sentence(sentence: Say, offices: dict[str, str]) -> Sentence:
    """Return a sentence as it travels: an office by its name, a sentence inside it in Chinese."""
    args = {name: value.chinese() if isinstance(value, Say) else str(value) for name, value in sentence.args}
    if "office" in args:
        args["office"] = offices.get(args["office"], args["office"])
    return Sentence(msgid=sentence.msgid, args=args)


def _reasons(reasons: tuple[Reason, ...]) -> tuple[ReasonItem, ...]:
    """Return reasons as the counter may see them: masked, without the other side's slips (五)."""
    return tuple(ReasonItem(clause=reason.clause, sentence=_sentence(reason.masked, {})) for reason in reasons)


def _pending(ruling: ClaimRuling) -> tuple[Say, ...]:
    """Return what a ruling waits for, as the counter needs it.

    Other slips that await entry become one sentence: named one by one, each entry anywhere in the pool would change
    what hangs over every claim of the day, and every office would be told of all of them again.
    """
    own, others = [], False
    for item in ruling.decision.pending_on:
        slip = dict(item.args).get("slip", ruling.slip)
        others |= slip not in (ruling.slip, ruling.claim)
        if slip in (ruling.slip, ruling.claim):
            own.append(item)
    return (*own, *((say("当天还有确认单待录入"),) if others else ()))


def _ruling_item(ruling: ClaimRuling, offices: dict[str, str]) -> RulingItem:
    decision = ruling.decision
    return RulingItem(
        claim=ruling.claim, slip=ruling.slip, status=decision.status.value, reasons=_reasons(decision.reasons),
        provisional="yes" if decision.provisional else "",
        pending_on=tuple(_sentence(item, offices) for item in _pending(ruling)),
        effective_at=ruling.effective_at.lo if ruling.effective_at else 0,
        valid_until=ruling.valid_until.isoformat() if ruling.valid_until else "",
    )  # fmt: skip


def _return_item(slip: str, salesperson: str, ruling: ClaimRuling | ActRuling) -> ReturnItem:
    decision = ruling.decision
    return ReturnItem(
        slip=slip, claim=ruling.claim, salesperson=salesperson, reasons=_reasons(decision.reasons),
        due_at=ruling.due_at or 0, provisional="yes" if decision.provisional else "",
    )  # fmt: skip
