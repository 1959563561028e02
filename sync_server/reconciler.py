"""Keeps what the offices were told equal to what follows from the facts.

Each run takes in the new facts, closes the business days that every journal of an office promised to be over, settles
what depends on them, and publishes the difference to what was published last. A run that is killed anywhere is simply
run again: everything it writes is compared with what is there. Lapses and finality come with time, so it also runs by
the clock.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from shared_rules.decision import GOES_BACK
from shared_rules.facts import CollisionSeen, DayClosed
from shared_rules.holders import holders
from shared_rules.interval import day_end
from shared_rules.protocol import HolderItem, ReasonItem, ReturnItem, RulingItem, Sentence
from shared_rules.words import Say, say
from sync_server.archive import active_logs, log_name, policies_in_force
from sync_server.docket import Docket
from sync_server.store import cases, feeds, persons, places

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared_rules.decision import Reason
    from shared_rules.settlement import ActRuling, ClaimRuling, Settlement
    from sync_server.archive import Archive, Contents
    from sync_server.feed import Feed
    from sync_server.log import ServerLog
    from sync_server.questions import Questions
    from sync_server.store import Store, Transaction
    from sync_server.store.journals import LogState
    from sync_server.store.places import Kiosk

__all__ = ["Reconciler"]


@dataclass(frozen=True, slots=True)
class Reconciler:
    """One settling writer; `run` is called from one thread at a time."""

    store: Store
    log: ServerLog
    feed: Feed
    archive: Archive
    docket: Docket = field(default_factory=Docket)
    questions: Questions | None = None
    """Asks the offices what equality cannot say; None = nobody is asked."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held by a run, and by whoever looks into the docket."""

    def run(self) -> bool:
        """Settle what is known now and publish what changed; return whether anything did."""
        with self.lock:
            return self._run()

    def _run(self) -> bool:
        contents = self.archive.read()
        self.docket.read(contents)
        with self.store.transaction() as tx:
            as_of = self.log.signed_now(tx).now
            policies = policies_in_force(tx)
        if self._close_days(contents, as_of):
            contents = self.archive.read()
            self.docket.read(contents)
            with self.store.transaction() as tx:
                as_of = self.log.signed_now(tx).now
        settlement = self.docket.settle(contents, policies, as_of)
        with self.store.transaction() as tx:
            told = self._tell(tx, settlement, contents)
            moved = self._cases(tx, settlement)
            self._collisions(tx, settlement)
            asked = self._ask(tx, settlement, contents)
        self.docket.news.clear()
        if self.questions is not None:
            self.questions.kept()
        return told or moved or asked

    def _ask(self, tx: Transaction, settlement: Settlement, contents: Contents) -> bool:
        if self.questions is None:
            return False
        return self.questions.follow(tx, settlement, contents, self.docket.news, self.log.signed_now(tx).now)

    def _close_days(self, contents: Contents, now: int) -> bool:
        """Sign a DayClosed for each office and day of stamps that all of the office's journals promised to be over.

        A revoked kiosk promises nothing and is not waited for: each of its days is over when it is over.
        """
        with self.store.snapshot() as tx:
            offices, kiosks = places.offices(tx), places.kiosks(tx)
        active = active_logs(contents.logs)
        due: list[DayClosed] = []
        for office in offices:
            floor = min(
                (now if one.revoked_at else _floor(active, one) for one in kiosks if one.office == office.office),
                default=0,
            )
            known = {log_name(state.log): state.next - 1 for state in contents.logs if state.office == office.office}
            days = {day for pool in office.pools for day in self.docket.days.get(pool, ())}
            last = self.docket.closed.get(office.office, date.min)
            due += [
                DayClosed(office=office.office, day=day, known=known)
                for day in sorted(days)
                if last < day < date.max and day_end(day) <= floor
            ]
        if due:
            with self.store.transaction() as tx:
                for fact in due:
                    self.log.append(tx, fact)
        return bool(due)

    def _tell(self, tx: Transaction, settlement: Settlement, contents: Contents) -> bool:
        """Publish what changed where it differs from what each office was told last about the same subject."""
        now = self.log.signed_now(tx).now
        offices = {office.office: office.name for office in places.offices(tx)}
        told = False
        for claim in sorted(self.docket.news):
            ruling, outcomes = settlement.ruling(claim), settlement.outcomes(claim)
            if ruling is None:
                continue
            office = contents.office_of[claim]
            told |= self.feed.publish_changed(tx, office, f"ruling {claim}", _ruling_item(ruling, offices), at=now)
            named = {slip: _named(tx, settlement, one, offices) for slip, one in outcomes.items()}
            told |= self._tell_returns(tx, ruling, outcomes, contents, named=named, now=now)
        return told

    def _tell_returns(
        self, tx: Transaction, ruling: ClaimRuling, outcomes: Mapping[str, ClaimRuling | ActRuling],
        contents: Contents, *, named: Mapping[str, tuple[HolderItem, ...]], now: int,
    ) -> bool:  # fmt: skip
        """Tell each office which slips of a claim must go back, and which need not any more."""
        due = {slip: one for slip, one in outcomes.items() if one.decision.status in GOES_BACK}
        told = False
        for slip, one in sorted(due.items()):
            item = _return_item(slip, ruling.salesperson, one, named[slip])
            told |= self.feed.publish_changed(tx, contents.office_of[slip], f"return {slip}", item, at=now)
        for slip in sorted(self._told_returns(tx, ruling.claim, outcomes, contents) - due.keys()):
            office, subject = contents.office_of[slip], f"return {slip}"
            body = feeds.published_body(tx, office, subject)
            if body is not None:
                held = msgspec.json.decode(body, type=ReturnItem)
                item = msgspec.structs.replace(held, withdrawn="yes", holders=())
                told |= self.feed.publish_changed(tx, office, subject, item, at=now)
        self.docket.due[ruling.claim] = set(due)
        return told

    def _told_returns(
        self, tx: Transaction, claim: str, outcomes: Mapping[str, ClaimRuling | ActRuling], contents: Contents
    ) -> set[str]:
        """Return the slips of a claim of which an office was told to give them back; after a start, from the store."""
        if claim in self.docket.due:
            return self.docket.due[claim]
        return {
            slip
            for slip in (claim, *outcomes)
            if feeds.published_body(tx, contents.office_of[slip], f"return {slip}") is not None
        }

    def _cases(self, tx: Transaction, settlement: Settlement) -> bool:
        """Open a case for each same-day collision that waits, and let go of those that are no more."""
        now = self.log.signed_now(tx).now
        waiting = {(item.pool, item.claims, item.edges): item.day for item in settlement.same_day()}
        held = {(row.pool, row.claims, row.edges): row.number for row in cases.cases(tx, state="open")}
        for key, number in held.items():
            if key not in waiting:
                cases.close_case(tx, number, state="gone", at=now)
        for key in sorted(waiting.keys() - held.keys()):
            pool, claims, edges = key
            cases.add_case(tx, pool=pool, day=waiting[key], claims=claims, edges=edges, at=now)
        return waiting.keys() != held.keys()

    def _collisions(self, tx: Transaction, settlement: Settlement) -> None:
        """Note in the log when each collision came to light here; the rules of a later deal ask for that (二.2.2)."""
        rulings = [ruling for claim in self.docket.news if (ruling := settlement.ruling(claim)) is not None]
        pairs = {(min(one.claim, other), max(one.claim, other)) for one in rulings for other in one.against}
        for pair in sorted(pairs - self.docket.seen):
            self.log.append(tx, CollisionSeen(claims=pair))


def _floor(active: Mapping[int, LogState], kiosk: Kiosk) -> int:
    return active[kiosk.kiosk].floor if kiosk.kiosk in active else 0


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


def _named(
    tx: Transaction, settlement: Settlement, ruling: ClaimRuling | ActRuling, offices: Mapping[str, str]
) -> tuple[HolderItem, ...]:
    """Return by name whom the note of a return may name; by default nobody, and then nobody's name is read (五)."""
    items = []
    for holder in holders(settlement, ruling):
        person = persons.person(tx, holder.salesperson) if holder.salesperson else None
        name = person.name if person else holder.salesperson
        items.append(HolderItem(office=offices.get(holder.office, holder.office), salesperson=name))
    return tuple(items)


def _return_item(
    slip: str, salesperson: str, ruling: ClaimRuling | ActRuling, named: tuple[HolderItem, ...]
) -> ReturnItem:
    decision = ruling.decision
    return ReturnItem(
        slip=slip, claim=ruling.claim, salesperson=salesperson, reasons=_reasons(decision.reasons),
        due_at=ruling.due_at or 0, provisional="yes" if decision.provisional else "", holders=named,
    )  # fmt: skip
