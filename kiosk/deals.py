"""Subscription and signing at the contract office's counter (二.2.2, 二.2.3), and the query slip of a party (三.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk.slips import whole_number
from shared_rules.errors import InputError
from shared_rules.facts import DealClosed, DisputeFiled, Role, SlipStamped
from shared_rules.words import say

if TYPE_CHECKING:
    from kiosk.acts import Acts
    from kiosk.counter import Session

__all__ = ["KINDS", "Deals"]

KINDS: Final = {"subscription": "认购", "signing": "签约"}
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Deals:
    """Writes what happens to a customer after the slip."""

    acts: Acts

    def close(
        self, session: Session, *, deal: str, kind: str, closer: str, contract_name: str,
        claims: tuple[str, ...] = (), pool: str = "",
    ) -> str:  # fmt: skip
        """Record a subscription or signing; return the deal's number. Raises InputError naming the field.

        `pool` "" = the office's only one.
        """
        self.acts.allowed(session, Role.CONTRACT_OFFICE)
        number = deal.strip()
        if not number or len(number) > _LONGEST:
            raise InputError(say("请写房号或合同号"), field="deal")
        if kind not in KINDS:
            raise InputError(say("请选认购或签约"), field="kind")
        if not contract_name.strip() or len(contract_name) > _LONGEST:
            raise InputError(say("请写合同上的姓名或单位全称"), field="contract_name")
        item = self.acts.staff.find_in(closer, "closer")
        if Role.SALESPERSON not in item.roles:
            raise InputError(say("{name} 不是业务员", name=item.name), field="closer")
        stamped = {event.fact.slip for event in self.acts.register.events() if isinstance(event.fact, SlipStamped)}
        claims = tuple(whole_number(claim, stamped) for claim in claims)
        for claim in claims:
            _refuse_unknown(claim, stamped)
        if pool not in (self.acts.place.pools if len(self.acts.place.pools) > 1 else ("", *self.acts.place.pools)):
            raise InputError(say("本店卖几个盘，请选一个"), field="pool")
        self.acts.write(DealClosed(
            deal=number, closer=item.person, contract_name=contract_name.strip(), kind=kind, claims=claims,
            pool=pool or next(iter(self.acts.place.pools), ""),
        ))  # fmt: skip
        return number

    def query(self, session: Session, claim: str, other: str) -> str:
        """File a query slip about an own claim, against another's if its number is known; return the query's number."""
        self.acts.allowed(session, Role.SALESPERSON)
        own = {
            event.fact.slip for event in self.acts.register.events()
            if isinstance(event.fact, SlipStamped) and event.fact.salesperson == session.number
        }  # fmt: skip
        claim = whole_number(claim, own)
        if claim not in own:
            raise InputError(say("请写您自己那份确认单的单号"), field="claim")
        if other and other == claim:
            raise InputError(say("对方的单号不能是自己的；不知道就空着"), field="other")
        taken = sum(isinstance(event.fact, DisputeFiled) for event in self.acts.register.events())
        log = self.acts.journal.log
        number = f"Q-{self.acts.place.office}-{log.kiosk}-{log.inc}-{taken + 1}"
        self.acts.write(DisputeFiled(dispute=number, claims=(claim, other) if other else (claim,), by=session.number))
        return number


def _refuse_unknown(claim: str, stamped: set[str]) -> None:
    if claim not in stamped:
        raise InputError(
            say("{claim} 不是本机的确认单；别店的客户可空着，由服务器按姓名对", claim=claim), field="claims"
        )
