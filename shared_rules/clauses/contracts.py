"""二.2.3: between a unit and a person the name on the contract decides; and 一.9, the slip of a closing's day."""

from __future__ import annotations

from shared_rules.customers import Customer, normal_company, normal_name
from shared_rules.decision import Contract, Presumption, Reason, Rival, Situation, Status, Verdict
from shared_rules.facts import CustomerKind
from shared_rules.interval import Interval, Trit, day_of
from shared_rules.policy import Policy
from shared_rules.regulation import clause
from shared_rules.words import Say, say

__all__ = [
    "bears_the_name",
    "chosen_by_the_customer",
    "contract_decides",
    "in_time_for_closing",
    "renamed_after_ruling",
]


@clause("一.9", digest="7dfb6d72cfcb4d78")
def in_time_for_closing(stamp: Interval, closed_at: int, policy: Policy) -> bool:
    """Return whether a slip was there for a closing: stamped before it, or on its day, where that suffices."""
    if policy.closing.slip_by == "closing":
        return stamp.lo <= closed_at
    return day_of(stamp.lo) <= day_of(closed_at)


def bears_the_name(customer: Customer, name: str, policy: Policy) -> bool:
    """Return whether a contract's name is the one a slip confirms: the unit, the person, or kin on the slip."""
    if customer.kind is CustomerKind.COMPANY:
        return bool(customer.company) and customer.company == normal_company(name)
    names = customer.names if policy.contract.kin_match else customer.names[:1]
    return normal_name(name) in names


@clause("二.2.3", digest="ad38f7789d68cadc")
def contract_decides(situation: Situation, policy: Policy) -> Verdict | None:
    """Let a unit's and a person's claim wait for the contract; its name then decides, among equals the earlier."""
    if not situation.rivals or policy.contract.unit_against_person != "by_contract":
        return None
    rivals = [
        rival
        for rival in situation.rivals
        if rival.kinds_differ
        and rival.salesperson != situation.view.salesperson
        and rival.presumption is not Presumption.ASKED
    ]
    if not rivals:
        return None
    contract = situation.contract
    if contract is None:
        return _waits(situation, rivals)
    bearing = [rival for rival in rivals if rival.claim in contract.theirs]
    if not (contract.mine or bearing):
        return _manager(situation.view.slip, tuple(rival.claim for rival in rivals))
    if not contract.mine:
        return _lost(situation, contract, bearing)
    return _among_equals(situation, contract, rivals, bearing)


def chosen_by_the_customer(slip: str, to: str, at: int) -> Verdict:
    """Return that a customer's written choice moved the claim (二.2.3; a switch)."""
    day = day_of(at).isoformat()
    sentence = say("客户于 {day} 书面选择 {to}", day=day, to=to)
    masked = say("客户于 {day} 书面选择了经办人", day=day)
    return Verdict("二.2.3", Status.UPHELD, Reason("二.2.3", sentence, masked, (slip,)), "choice")


def _among_equals(situation: Situation, contract: Contract, rivals: list[Rival], bearing: list[Rival]) -> Verdict:
    """Both bear the name: the earlier day; else the judged slip takes the customer from those that do not."""
    earlier = [rival for rival in bearing if rival.earlier is Trit.YES]
    if earlier:
        return _lost(situation, contract, earlier)
    if bearing:
        return _manager(situation.view.slip, tuple(rival.claim for rival in rivals))
    over = tuple(rival.claim for rival in rivals)
    sentence = say("合同名称为 {name}，与本单一致", name=contract.name)
    masked = say("合同名称与本单一致，归本人")
    slips = (situation.view.slip, *over)
    loses = Reason("二.2.3", say("合同名称为 {name}，与本单不一致", name=contract.name), _told(), slips)
    return Verdict("二.2.3", Status.UPHELD, Reason("二.2.3", sentence, masked, slips), over=over, loses=loses)


def _lost(situation: Situation, contract: Contract, to: list[Rival]) -> Verdict:
    against = tuple(rival.claim for rival in to)
    sentence = (
        say("合同名称为 {name}，与 {claims} 同样一致，时间在后", name=contract.name, claims="、".join(against))
        if contract.mine
        else say("合同名称为 {name}，与本单不一致", name=contract.name)
    )
    reason = Reason("二.2.3", sentence, _told(), (situation.view.slip, *against))
    return Verdict("二.2.3", Status.RETURNED, reason, against=against)


def _told() -> Say:
    return say("合同名称与他人的确认一致，请停止联系该客户")


def _waits(situation: Situation, rivals: list[Rival]) -> Verdict:
    against = tuple(rival.claim for rival in rivals)
    sentence = say("单位与个人相撞（{claims}），等合同名称", claims="、".join(against))
    masked = say("单位与个人相撞，等合同名称；双方都可继续服务")
    reason = Reason("二.2.3", sentence, masked, (situation.view.slip, *against))
    return Verdict("二.2.3", Status.WAITING_CONTRACT, reason, against=against)


def renamed_after_ruling(slip: str, against: tuple[str, ...]) -> Verdict:
    """Return that a name changed after a person had ruled: the matter is before the manager again (二.2.3)."""
    return _manager(slip, against)


def _manager(slip: str, against: tuple[str, ...]) -> Verdict:
    sentence = say("合同名称与哪一方的关系不清楚，或判定之后又变了，由销售经理判定")
    reason = Reason("二.2.3", sentence, sentence, (slip, *against))
    return Verdict("二.2.3", Status.WITH_MANAGER, reason, against=against)
