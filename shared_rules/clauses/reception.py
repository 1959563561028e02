"""六: how customers are received: hand-over, advance registration, the lease, reserved and introduced customers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from shared_rules.decision import Presumption, Reason, Situation, Status, Verdict
from shared_rules.facts import Source
from shared_rules.interval import MINUTE, Interval, day_end, day_start, exactly
from shared_rules.policy import Policy
from shared_rules.regulation import clause
from shared_rules.words import say

__all__ = [
    "earlier_by_arrival",
    "end_of_lease",
    "handed_to_the_earlier",
    "last_valid_day",
    "not_renewable",
    "ordered_by_arrival",
    "ordered_by_report",
    "registered_too_late",
    "reserved_for_the_company",
    "takes_a_place",
]


@clause("六.1", digest="9debfb7351aac058")
def ordered_by_report(stamp: Interval, lines: Sequence[int], policy: Policy) -> Interval:
    """Return what orders a claim: its stamp, or, where the daily report is the basis, its first line there."""
    if policy.hand_over.basis == "slip" or not lines:
        return stamp
    return min(stamp, exactly(min(lines)))


@clause("六.1", digest="9debfb7351aac058")
def handed_to_the_earlier(slip: str) -> Verdict:
    """Return that a claim ended because its salesperson handed the customer to the earliest confirmer (六.1)."""
    sentence = say("已将客户转交最早确认的业务员")
    return Verdict("六.1", Status.WITHDRAWN, Reason("六.1", sentence, sentence, (slip,)))


@clause("六.2", digest="d0e307a1a0fb81ab")
def takes_a_place(source: Source, policy: Policy) -> bool:
    """Return whether a customer counts towards the quota: one registered in advance is a claim like any other."""
    return source is not Source.PRE_REGISTERED or policy.pre_registration.counts_in_quota


@clause("六.2", digest="d0e307a1a0fb81ab")
def registered_too_late(situation: Situation, policy: Policy) -> Verdict | None:
    """Hold a slip void that was not stamped long enough before the customer's first visit (六.2)."""
    lead, visit = policy.slip.lead_minutes, situation.first_visit
    if not lead or visit is None or situation.act != "new" or visit >= situation.view.stamp.lo + lead * MINUTE:
        return None
    sentence = say("报备须早于客户首次到访至少 {minutes} 分钟", minutes=lead)
    return Verdict("六.2", Status.VOID, Reason("六.2", sentence, sentence, (situation.view.slip,)), "lead")


@clause("六.3", digest="caf61d9c8bbfc3fc")
def last_valid_day(last: date, policy: Policy, *, closed: frozenset[date] = frozenset()) -> date:
    """Return the last civil day of a lease whose days are counted out: closed days at the end are rolled over.

    Public holidays are days like others, unless the policy lists them.
    """
    holidays = policy.lease.public_holidays
    while policy.lease.roll_over_closed_days and (last in closed or (holidays and policy.lease.is_holiday(last))):
        last += timedelta(days=1)
    return last


def end_of_lease(last: date, policy: Policy) -> int:
    """Return the last instant of a lease's last day: midnight, or when its last hand-in window closes (一.1)."""
    if policy.lease.day_end == "midnight" or not policy.hand_in.windows:
        return day_end(last)
    return day_start(last) + max(closes for _, closes in policy.hand_in.spans())


@clause("六.3", digest="caf61d9c8bbfc3fc")
def not_renewable(situation: Situation, policy: Policy) -> Verdict | None:
    """Refuse a renewal beyond the cap, without its evidence, or too late where a policy knows no restart."""
    if situation.act not in ("renew", "restart"):
        return None
    lease, slips = policy.lease, (situation.view.slip,)
    if situation.act == "renew" and lease.renewal_cap and situation.renewals >= lease.renewal_cap:
        sentence = say("再次确认最多 {cap} 次，已用完", cap=lease.renewal_cap)
    elif situation.act == "renew" and lease.renewal_evidence and not situation.evidence:
        sentence = say("再次确认须附证明")
    elif situation.act == "restart" and lease.after_lapse == "refuse":
        sentence = say("有效期已过，不能再续")
    elif situation.act == "restart" and lease.after_lapse == "new_unless_followed" and situation.followed_by_house:
        sentence = say("有效期已过，公司已在跟进，不能再续")
    else:
        return None
    return Verdict("六.3", Status.REFUSED, Reason("六.3", sentence, sentence, slips))


@clause("六.4", digest="c43faf6eb805ad4d")
def reserved_for_the_company(situation: Situation, policy: Policy) -> Verdict | None:
    """Refuse a customer announced as the developer's, unless the policy keeps what was won before the notice."""
    notice = situation.notice
    if notice is None or (notice.at > situation.view.stamp.lo and _kept(situation, policy)):
        return None
    sentence = say("该客户在发展商关系客户通知之列，不作业务员确认")
    return Verdict("六.4", Status.REFUSED, Reason("六.4", sentence, sentence, (situation.view.slip,)))


def _kept(situation: Situation, policy: Policy) -> bool:
    notice = situation.notice
    assert notice is not None
    return {
        "kept": True,
        "reported": notice.reported_before,
        "closed_and_reported": notice.reported_before and notice.closed_before,
    }[policy.reserved.earlier_claims]


@clause("六.5", digest="bc1350cc4ef9fefc")
def ordered_by_arrival(stamp: Interval, arrival: int | None, policy: Policy) -> Interval:
    """Return what orders the claim on an introduced customer: the arrival at the sales office (text incomplete)."""
    return stamp if arrival is None or policy.staff_intro.effective == "stamp" else exactly(arrival)


@clause("六.5", digest="bc1350cc4ef9fefc")
def earlier_by_arrival(situation: Situation, policy: Policy) -> Verdict | None:  # noqa: ARG001 - the clauses' shape
    """Give an introduced customer to who received the arrival, where other slips came on later days (六.5)."""
    if situation.source is not Source.STAFF_INTRO:
        return None
    others = [
        rival
        for rival in situation.rivals
        if rival.salesperson != situation.view.salesperson and rival.presumption is not Presumption.ASKED
    ]
    if not others or not all(rival.later for rival in others):
        return None
    over = tuple(rival.claim for rival in others)
    slips = (situation.view.slip, *over)
    sentence = say("内部介绍的客户以到达时间为准，早于 {claims}（原文不全）", claims="、".join(over))
    masked = say("内部介绍的客户以到达时间为准，时间在先（原文不全）")
    told = say("内部介绍的客户以到达时间为准，已有更早的到达，请停止联系该客户（原文不全）")
    loses = Reason("六.5", told, told, slips)
    return Verdict("六.5", Status.UPHELD, Reason("六.5", sentence, masked, slips), over=over, loses=loses)
