"""Clear to sign: before a deal a kiosk asks whether anybody could still have an earlier claim on its customer.

Advice, never a lock: 二.2.2 gives the customer to the closer after three days, so an office that nobody heard from
would otherwise silently lose an older claim. The answer names offices, not customers: whose the other claim is and
what it says stays sealed (五), and a kiosk that asks too often is alarmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared_rules.decision import Status
from shared_rules.errors import InputError
from shared_rules.interval import HOUR, MINUTE
from shared_rules.protocol import ClearanceAnswer
from shared_rules.words import say
from sync_server.archive import active_logs
from sync_server.store import journals, persons, places

if TYPE_CHECKING:
    from shared_rules.settlement import Settlement
    from sync_server.log import ServerLog
    from sync_server.reconciler import Reconciler
    from sync_server.store import Store, Transaction
    from sync_server.store.places import Kiosk

__all__ = ["Clearance"]

_FRESH: Final = 5 * MINUTE
"""A kiosk speaks every quarter of a minute: silent for so long it is out of reach."""
_MOST_IN_AN_HOUR: Final = 60
"""More deals than an office signs in a week: somebody is trying customers out."""
_LIVE: Final = frozenset({
    Status.UPHELD, Status.AWAITING_ENTRY, Status.WITH_MANAGER, Status.WAITING_CONTRACT, Status.CLOSED,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clearance:
    """Answers for the claims of the asking kiosk's own office."""

    store: Store
    log: ServerLog
    reconciler: Reconciler

    def ask(self, kiosk: Kiosk, claim: str) -> ClearanceAnswer:
        """Return what stands in the way of signing on a claim; InputError for one that is not this office's."""
        with self.reconciler.lock:
            settlement = self.reconciler.docket.settlement
            ruling = settlement.ruling(claim) if settlement else None
            if settlement is None or ruling is None or ruling.office != kiosk.office:
                raise InputError(say("{claim} 不是本店的确认单，或服务器还没有收到", claim=claim), field="claim")
            other = _another(settlement, claim, ruling.salesperson)
            waiting = settlement.unentered(ruling.pool)
        with self.store.transaction() as tx:
            now = self.log.signed_now(tx).now
            self._note(tx, kiosk, claim, now)
            silent, upto = _silent(tx, ruling.pool, now)
            names = {office.office: office.name for office in places.offices(tx)}
        return ClearanceAnswer(
            claim=claim, at=now, status=ruling.decision.status.value, heard_upto=upto,
            silent=tuple(names[office] for office in silent), other_claim=int(other),
            unentered=tuple(names.get(office, office) for office in sorted(set(waiting.values()))),
        )  # fmt: skip

    def _note(self, tx: Transaction, kiosk: Kiosk, claim: str, now: int) -> None:
        asker = f"kiosk {kiosk.kiosk}"
        persons.add_audit(tx, at=now, person=asker, session="", act="clear_to_sign", about=claim, outcome="allowed")
        if persons.audited(tx, asker, "clear_to_sign", since=now - HOUR) > _MOST_IN_AN_HOUR:
            sentence = say(
                "{office} 的 {kiosk} 号机一小时内查询签约前核对超过 {most} 次：可能有人在试探客户，请查看",
                office=kiosk.office, kiosk=kiosk.kiosk, most=_MOST_IN_AN_HOUR,
            )  # fmt: skip
            persons.add_alarm(tx, f"probing {kiosk.kiosk} {now // HOUR}", sentence, at=now)


def _another(settlement: Settlement, claim: str, salesperson: str) -> bool:
    """Return whether somebody else has a live claim on a customer with a mark in common."""
    near = (settlement.ruling(name) for name in settlement.circle(claim) - {claim})
    return any(one is not None and one.salesperson != salesperson and one.decision.status in _LIVE for one in near)


def _silent(tx: Transaction, pool: str, now: int) -> tuple[tuple[str, ...], int]:
    """Return the offices of a pool that cannot be heard or have not told all, and up to when all have promised."""
    active = active_logs(tuple(journals.logs(tx)))
    selling = {office.office for office in places.offices(tx) if pool in office.pools}
    asked = [kiosk for kiosk in places.kiosks(tx) if kiosk.office in selling and not kiosk.revoked_at]
    silent: set[str] = set()
    upto = now
    for kiosk in asked:
        state = active.get(kiosk.kiosk)
        if state is None or state.heard_at < now - _FRESH or state.head_seq >= state.next or state.frozen:
            silent.add(kiosk.office)
        upto = min(upto, state.floor if state else 0)
    return tuple(sorted(silent)), upto
