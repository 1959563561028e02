"""一: how a slip is handed in, filled in, stamped, entered and amended."""

from __future__ import annotations

from datetime import date, timedelta

from shared_rules.decision import Presumption, Reason, Situation, SlipView, Status, Verdict
from shared_rules.facts import ASSERTED, CustomerKind, Role, SlipContent
from shared_rules.interval import DAY, HOUR, Interval, Trit, day_of, day_start, exactly, time_of_day, to_the_minute
from shared_rules.policy import Policy
from shared_rules.regulation import clause
from shared_rules.words import Say, say

__all__ = [
    "amendment_refused",
    "come_to_life",
    "deadline_of_entry",
    "deadline_of_loss",
    "deadline_of_return",
    "given_up",
    "handed_in_outside_the_windows",
    "held_to_the_next_window",
    "in_a_window",
    "incomplete",
    "missing_fields",
    "overtaken",
    "signed_by_the_wrong_person",
    "waits_for_entry",
]


def _refusal(clause_id: str, situation: Situation, sentence: Say) -> Verdict:
    return Verdict(clause_id, Status.REFUSED, Reason(clause_id, sentence, sentence, (situation.view.slip,)))


def in_a_window(moment: Interval, policy: Policy) -> Trit:
    """Return whether an instant lies in a hand-in window of its local day (一.1)."""
    spans = policy.hand_in.spans()
    if not spans:
        return Trit.YES
    begin, width = time_of_day(moment.lo), moment.hi - moment.lo
    if width >= DAY:
        return Trit.ASK
    end, tail = begin + width, 0 if policy.hand_in.end_inclusive else 1
    answer = Trit.NO
    for midnight in (0, DAY) if end >= DAY else (0,):
        for opens, closes in spans:
            first, last = midnight + opens, midnight + closes - tail
            if first <= begin and end <= last:
                return Trit.YES
            if first <= end and begin <= last:
                answer = Trit.ASK
    return answer


@clause("一.1", digest="b051bcb9c5a7a3a1")
def handed_in_outside_the_windows(situation: Situation, policy: Policy) -> Verdict | None:
    """Refuse an ordinary slip handed in outside the windows; an exceptional stamp (一.3) is admitted at any time."""
    view = situation.view
    if view.grade in ASSERTED or policy.hand_in.outside == "hold_to_next":
        return None
    if in_a_window(_tested(view, policy), policy) is not Trit.NO or _is_exceptional(situation, policy):
        return None
    windows = "、".join(policy.hand_in.windows)
    return _refusal("一.1", situation, say("递交不在时段 {windows} 内；特殊情况可由签约室盖章", windows=windows))


def _tested(view: SlipView, policy: Policy) -> Interval:
    by_ticket = policy.hand_in.test_on == "hand_in" and view.handed_in_at
    return exactly(view.handed_in_at) if by_ticket else view.stamp


def held_to_the_next_window(view: SlipView, policy: Policy, closed: frozenset[date]) -> Interval:
    """Return what orders a slip by its stamp: handed in outside the windows it may count from the next one (一.1)."""
    if policy.hand_in.outside != "hold_to_next" or view.grade in ASSERTED or view.exceptional:
        return view.stamp
    moment = _tested(view, policy)
    if in_a_window(moment, policy) is not Trit.NO:
        return view.stamp
    day, spans = day_of(moment.lo), sorted(policy.hand_in.spans())
    opens = [day_start(day) + first for first, _ in spans if day_start(day) + first > moment.lo]
    while not opens or day in closed:
        day += timedelta(days=1)
        opens = [day_start(day) + spans[0][0]]
    return exactly(opens[0])


def _is_exceptional(situation: Situation, policy: Policy) -> bool:
    view = situation.view
    if view.exceptional in policy.stamp.always_admitted_reasons and policy.hand_in.outside != "exceptional_only":
        return True
    return bool(view.exceptional) and view.stamped_role in policy.stamp.exceptional_roles


def missing_fields(content: SlipContent, policy: Policy) -> tuple[str, ...]:
    """Return the mandatory fields that a slip's content lacks, in the policy's order (一.2, 二.1.4)."""
    company = content.kind is CustomerKind.COMPANY
    wanted = policy.slip.mandatory_company_fields if company else policy.slip.mandatory_fields
    return tuple([name for name in wanted if not _filled(content, name)])


def _filled(content: SlipContent, name: str) -> bool:
    match name:
        case "name":
            texts = content.names
        case "phone":
            texts = content.phones
        case "company" | "contact":
            texts = (getattr(content, name),)
        case "need":
            texts = (content.need.kind,)
        case _:
            texts = (content.other.get(name, ""),)
    return "".join(texts).strip() != ""


@clause("一.2", digest="cbad4259548fadb0")
def incomplete(situation: Situation, policy: Policy) -> Verdict | None:
    """Refuse a slip that lacks a mandatory field; a paper slip stamped by number alone is judged once entered."""
    if situation.view.content is None or situation.act == "renew":
        return None
    missing = missing_fields(situation.view.content, policy)
    missing = tuple(name for name in missing if name not in ("company", "contact")) if missing else ()
    if not missing:
        return None
    status = Status.VOID if policy.slip.incomplete == "void" else Status.REFUSED
    sentence = say("确认单缺少必填内容：{fields}", fields="、".join(missing))
    return Verdict("一.2", status, Reason("一.2", sentence, sentence, (situation.view.slip,)))


@clause("一.3", digest="a8796663c42d50fd")
def signed_by_the_wrong_person(situation: Situation, policy: Policy) -> Verdict | None:
    """Refuse an own stamp, a stamp by a role that may not, and a substitute's stamp without a reason."""
    view = situation.view
    if view.stamped_by == view.salesperson and not policy.stamp.self_stamp:
        return _refusal("一.3", situation, say("不能给自己递交的单盖章"))
    if view.stamped_role is Role.CLERK:
        return None
    if view.stamped_role not in policy.stamp.exceptional_roles:
        return _refusal("一.3", situation, say("盖章人没有盖章的职责"))
    if not view.exceptional:
        return _refusal("一.3", situation, say("代签须写明特殊情况的原因"))
    return None


@clause("一.4", digest="5fe0b9990c9ca102")
def waits_for_entry(slip: str, stamp: Interval, policy: Policy, closed: frozenset[date]) -> Verdict:
    """Say that an otherwise good slip still waits for the clerk's second look, and until when."""
    due = to_the_minute(deadline_of_entry(stamp, policy, closed))
    sentence = say("已盖章，待录入，应在 {due} 前录入", due=due)
    return Verdict("一.4", Status.AWAITING_ENTRY, Reason("一.4", sentence, sentence, (slip,)))


def given_up(slip: str, *, withdrawn: bool) -> Verdict:
    """Return why a claim ended: its salesperson withdrew it (六.3), or its paper slip was never entered (一.4)."""
    clause_id = "六.3" if withdrawn else "一.4"
    sentence = say("业务员已撤回确认") if withdrawn else say("纸质单未能录入，经理宣布遗失")
    status = Status.WITHDRAWN if withdrawn else Status.VOID
    return Verdict(clause_id, status, Reason(clause_id, sentence, sentence, (slip,)))


def deadline_of_entry(stamp: Interval, policy: Policy, closed: frozenset[date]) -> int:
    """Return the instant by which a slip must be entered (一.4); `closed` are the days declared closed (一.1)."""
    return _hours_after(stamp.lo, policy.entry.entry_hours, policy, closed)


def deadline_of_loss(stamp: Interval, policy: Policy, closed: frozenset[date]) -> int:
    """Return the instant from which a slip that is not entered is the manager's task (一.4)."""
    return _hours_after(stamp.lo, policy.entry.lost_after_hours, policy, closed)


def deadline_of_return(stamp: Interval, policy: Policy, closed: frozenset[date]) -> int:
    """Return the instant by which a slip must be back (一.4)."""
    return _hours_after(stamp.lo, policy.entry.return_hours, policy, closed)


def _hours_after(start: int, hours: int, policy: Policy, closed: frozenset[date]) -> int:
    """Return the instant some hours after another: by the clock, or counted only while the office is open (一.4)."""
    left = hours * HOUR
    if not policy.entry.business_hours:
        return start + left
    day = day_of(start)
    opens, closes = policy.entry.open_span()
    while True:
        begin, end = max(start, day_start(day) + opens), day_start(day) + closes
        if day not in closed and begin < end:
            if left <= end - begin:
                return begin + left
            left -= end - begin
        day += timedelta(days=1)


def come_to_life(slip: str, policy: Policy) -> Verdict:
    """Return that a returned slip stands, because the claim it lost to is no more, or moved behind it (一.6)."""
    if policy.amendment.returned_revives == "by_time":
        sentence = say("在先的确认已失效或时间已后移，本单按原来的时间恢复有效")
    else:
        sentence = say("在先的确认已失效，本单恢复有效")
    return Verdict("一.6", Status.UPHELD, Reason("一.6", sentence, sentence, (slip,)))


def overtaken(slip: str, other: str) -> Reason:
    """Return why a claim stands no more: one that had been returned came to life by its own, earlier time (一.6)."""
    sentence = say("{claim} 曾被退回，现按原来的时间恢复，早于本单", claim=other)
    masked = say("一份曾被退回的单按原来的时间恢复，早于本单，请停止联系该客户")
    return Reason("一.6", sentence, masked, (slip, other))


@clause("一.6", digest="4a5ac9277a5e3b96")
def amendment_refused(situation: Situation, policy: Policy) -> Verdict | None:  # noqa: ARG001 - the clauses' shape
    """Refuse an amendment whose new content belongs to an earlier claim; the old version keeps its time."""
    if situation.act != "amend":
        return None
    earlier = tuple(
        rival.claim
        for rival in situation.rivals
        if rival.earlier is Trit.YES and rival.presumption is not Presumption.ASKED and not rival.doubtful_day
    )
    if not earlier:
        return None
    day = day_of(situation.view.stamp.lo).isoformat()
    sentence = say(
        "{day} 的变更与更早的确认 {claims} 冲突，变更不成立，原确认和原时间不变", day=day, claims="、".join(earlier)
    )
    masked = say("{day} 的变更与更早的确认冲突，变更不成立，原确认和原时间不变", day=day)
    reason = Reason("一.6", sentence, masked, (situation.view.slip, *earlier))
    return Verdict("一.6", Status.REFUSED, reason, against=earlier)
