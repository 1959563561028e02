"""The sales manager's act on a case (二.2.4, 三.3): a ruling signed into the server's log, once, with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import RulingMade
from shared_rules.wire import canonical
from shared_rules.words import say
from sync_server.library import may_rule
from sync_server.store import cases, persons

if TYPE_CHECKING:
    from sync_server.library import CaseView, Library
    from sync_server.log import ServerLog
    from sync_server.sessions import Visitor
    from sync_server.store import Store

__all__ = ["NOBODY", "CaseMovedError", "Rulings"]

NOBODY: Final = "nobody"
"""What the form sends where no claim is upheld."""
_LONGEST_REASON: Final = 2000


class CaseMovedError(RefusedError):
    """The case was ruled, or its slips changed, while the page was open."""


@dataclass(frozen=True, slots=True)
class Rulings:
    """Rules on cases in the name of a logged-in person."""

    store: Store
    log: ServerLog
    library: Library

    def rule(self, visitor: Visitor, number: int, *, winner: str, reason: str) -> None:
        """Rule that the claim `winner` (or NOBODY) is upheld; everything is on the disk when this returns.

        Raises InputError naming the field, RefusedError for a person who may not, CaseMovedError where the case is
        not what the page showed.
        """
        view = self.library.case(visitor, number)
        self._check(visitor, view, winner, reason)
        fact = _fact(visitor, view, winner, reason.strip())
        with self.store.transaction() as tx:
            reading = self.log.human_now(tx)
            if not cases.close_case(tx, number, state="ruled", at=reading.now, ruling=canonical(fact)):
                raise CaseMovedError(say("本案已经判定或已撤销；请回到列表查看"))
            self.log.append(tx, fact, reading)
            persons.add_audit(
                tx, at=reading.now, person=visitor.person, session=visitor.session, act="ruling", about=str(number),
                outcome="done",
            )  # fmt: skip

    def _check(self, visitor: Visitor, view: CaseView, winner: str, reason: str) -> None:
        if view.state != "open":
            raise CaseMovedError(say("本案已经判定或已撤销；请回到列表查看"))
        if not may_rule(visitor) or view.barred is not None:
            raise RefusedError(view.barred or say("只有销售部经理或公司领导可以判定"), clause=view.clause)
        if winner not in (NOBODY, *(slip.claim for slip in view.slips)):
            raise InputError(say("请选定一方，或选“都不成立”"), field="winner")
        if not reason.strip():
            raise InputError(say("请写明判定理由；理由会与判定一起记入日志"), field="reason")
        if len(reason) > _LONGEST_REASON:
            raise InputError(say("判定理由最多 {most} 个字", most=_LONGEST_REASON), field="reason")


def _fact(visitor: Visitor, view: CaseView, winner: str, reason: str) -> RulingMade:
    """Return the ruling: it speaks of the winner and of those that collide with it, edge by edge.

    Where A collides with B and B with C but not A with C, a ruling for A returns B alone; C is settled anew.
    """
    claims = tuple(slip.claim for slip in view.slips)
    if winner == NOBODY:
        winner, losers = "", claims
    else:
        losers = tuple(claim for claim in claims if {(claim, winner), (winner, claim)} & set(view.edges))
    return RulingMade(
        claims=tuple(sorted({*losers, winner} - {""})), winner=winner, losers=tuple(sorted(losers)), clause=view.clause,
        ruled_by=visitor.person, session=visitor.session, reason=reason,
    )  # fmt: skip
