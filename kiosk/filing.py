"""What the desk's verbs compute: problems of a form, the fact it becomes, queues and lists. Pure: no disk, no clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from kiosk.clock import in_doubt
from kiosk.counter import (
    ClaimRow,
    Consequence,
    FieldProblem,
    Form,
    Meter,
    Pending,
    Person,
    Place,
    ReturnRow,
    RulingRow,
    SlipFact,
)
from kiosk.receipt import receipt_lines
from kiosk.register import OfficeRegister, spoken
from shared_rules.clauses.registration import missing_fields
from shared_rules.customers import normal_phone, split_phones
from shared_rules.decision import Decision, Status
from shared_rules.errors import InputError
from shared_rules.facts import (
    Role,
    SlipAmended,
    SlipContent,
    SlipRenewed,
    SlipStamped,
)  # fmt: skip
from shared_rules.holders import holders
from shared_rules.interval import SECOND, Interval, day_of, to_the_minute
from shared_rules.policy import Policy
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from kiosk.pen import Written
    from shared_rules.settlement import Settlement

__all__ = [
    "claim_rows", "completed", "consequence", "fact_of", "meters", "note_lines",
    "office_answer", "problems", "receipt_words", "refuse_unlike", "return_rows", "ruling_rows",
]  # fmt: skip

_MISSING: Final = {
    "name": "请填写客户名称",
    "phone": "请填写联系方式（手机、座机或微信）",
    "company": "单位购买须写清单位全称",
    "contact": "单位购买须写联系人，只有法定代表人姓名不算单位购买",
    "need": "请填写需求",
}
_LONGEST: Final = 200
_RULINGS: Final = 500
"""Rulings in the list; older ones are found through their claims."""


def problems(form: Form, policy: Policy, place: Place) -> tuple[FieldProblem, ...]:
    """Return every field of a form that cannot be taken, with the remedy (一.2, 二.1.4)."""
    found = []
    if form.kind in ("new", "amend"):
        found += [FieldProblem(name, say(_MISSING[name]) if name in _MISSING else say("请填写 {field}", field=name))
                  for name in missing_fields(form.content, policy)]  # fmt: skip
        found += [FieldProblem(name, say("最多 {most} 个字", most=_LONGEST)) for name in _too_long(form.content)]
        found += [FieldProblem("phone", say("“{phone}” 里没有号码，请核对", phone=phone))
                  for phone in form.content.phones if phone.strip() and not normal_phone(phone)]  # fmt: skip
    if form.pool and form.pool not in place.pools:
        found.append(FieldProblem("pool", say("本店不卖 {pool}；请选本店的盘", pool=form.pool)))
    if not form.pool and not form.claim and len(place.pools) != 1:
        found.append(FieldProblem("pool", say("本店卖几个盘，请选一个")))
    if form.kind in ("amend", "renew") and not form.claim:
        found.append(FieldProblem("claim", say("请选要变更或再次确认的单")))
    if form.kind not in ("new", "amend", "renew", "paper"):
        found.append(FieldProblem("kind", say("不认识这种单")))
    return tuple(found)


def _too_long(content: SlipContent) -> list[str]:
    texts = {
        "name": content.names,
        "phone": content.phones,
        "company": (content.company,),
        "contact": (content.contact,),
    }
    return [name for name, values in texts.items() if any(len(value) > _LONGEST for value in values)]


def completed(form: Form, pool: str, today: date) -> Form:
    """Return the form with its pool and the day of reception named."""
    return Form(
        content=form.content, kind=form.kind, claim=form.claim, received_on=form.received_on or today,
        source=form.source, exceptional=form.exceptional, pool=pool,
    )  # fmt: skip


def fact_of(pending: Pending, slip: str, office: str, clerk: Person, reason: str) -> SlipFact:
    """Return the fact that the stamp writes: it commits to what was typed and names both people.

    A person signs in the own role; who has both signs by exception as contract office (一.3).
    """
    form = pending.form
    by_exception = bool(reason) and Role.CONTRACT_OFFICE in clerk.roles
    role = Role.CLERK if Role.CLERK in clerk.roles and not by_exception else Role.CONTRACT_OFFICE
    signed: dict[str, Any] = {
        "slip": slip,
        "salesperson": pending.salesperson,
        "stamped_by": clerk.number,
        "stamped_role": role,
        "handed_in_at": pending.handed_in_at,
        "exceptional": reason,
    }
    if form.kind == "amend":
        return SlipAmended(claim=form.claim, content=form.content, **signed)
    if form.kind == "renew":
        return SlipRenewed(claim=form.claim, **signed)
    return SlipStamped(
        pool=form.pool,
        office=office,
        received_on=form.received_on or day_of(pending.handed_in_at),
        content=None if form.kind == "paper" else form.content,
        source=form.source,
        **signed,
    )


def office_answer(settled: Settlement, claim: str, slip: str) -> tuple[Say, bool]:
    """Return what the check of this office's live slips says after a stamp, and whether the slip cannot stand."""
    ruling = settled.outcomes(claim).get(slip) or settled.ruling(claim)
    status = ruling.decision.status if ruling else Status.UPHELD
    if ruling is None or status in (Status.UPHELD, Status.AWAITING_ENTRY):
        return say("本店已查，全公司待上报"), False
    if status is Status.RETURNED:
        return say("本店已查：与更早的确认冲突，请停止联系该客户，等退单"), True
    if status is Status.WITH_MANAGER:
        return say("本店已查：同日撞单或先后不明，等销售经理判定"), True
    return say("本店已查：{why}", why=ruling.decision.reasons[0].masked), True


def receipt_words(written: Written, place: Place, slip: str, salesperson: str, clerk: str) -> tuple[Say, ...]:
    """Return the receipt's lines; a training kiosk's say that they count for nothing."""
    lines = receipt_lines(written.record, office=place.office_name, slip=slip, salesperson=salesperson, clerk=clerk)
    return (say("【练习】无效凭证"), *lines) if place.practice else lines


def _reasons(decision: Decision) -> tuple[tuple[str, Say], ...]:
    return tuple((reason.clause, reason.masked) for reason in decision.reasons)


def _told(time: Interval | None) -> int:
    """Return the instant people are told of a time, as its receipt does; 0 where none can be told."""
    return 0 if time is None or in_doubt(time) else (time.lo + time.hi) // (2 * SECOND) * SECOND


def claim_rows(register: OfficeRegister, as_of: int, salesperson: str) -> tuple[ClaimRow, ...]:
    """Return a salesperson's claims, the ones that end first on top."""
    contents, rows = register.book().contents, []
    for ruling in register.claims_of(salesperson, as_of):
        claim, word = ruling.claim, register.told(ruling.claim)
        told = word is not None and word.slip == ruling.slip
        rows.append(
            ClaimRow(
                claim=claim, slip=ruling.slip, content=contents.get(ruling.slip, contents.get(claim)),
                status=word.status if word and told else ruling.decision.status.value,
                reasons=tuple((r.clause, spoken(r.sentence)) for r in word.reasons) if word and told
                else _reasons(ruling.decision),
                provisional=bool(word.provisional) if word and told else True,
                effective_at=_told(ruling.effective_at),
                valid_until=ruling.valid_until, by_server=told, pool=ruling.pool,
            )
        )  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (row.valid_until is None, row.valid_until, row.claim)))


def ruling_rows(
    register: OfficeRegister, as_of: int, name_of: Callable[[str], str], salesperson: str = ""
) -> tuple[RulingRow, ...]:
    """Return what the server ruled on this office's claims, the latest first; of one salesperson if one is given."""
    settled, rows = register.settled(as_of), []
    for item, at in register.latest(_RULINGS):
        claim = settled.ruling(item.claim)
        owner = claim.salesperson if claim else ""
        if salesperson in ("", owner):
            reasons = tuple((reason.clause, spoken(reason.sentence)) for reason in item.reasons)
            waits = tuple(spoken(sentence) for sentence in item.pending_on)
            rows.append(RulingRow(
                item.claim, item.slip, name_of(owner) if owner else "", item.status, reasons, waits,
                provisional=bool(item.provisional), at=at,
            ))  # fmt: skip
    return tuple(rows)


def meters(register: OfficeRegister, as_of: int, salesperson: str) -> dict[str, Meter]:
    """Return pool -> how many places a salesperson has and holds, as far as this kiosk knows."""
    claims, found = register.claims_of(salesperson, as_of), {}
    for quota in register.quotas(salesperson, as_of):
        ends = [
            one.valid_until for one in claims
            if one.pool == quota.pool and one.valid_until is not None
            and one.decision.status in (Status.UPHELD, Status.AWAITING_ENTRY)
        ]  # fmt: skip
        full = quota.live >= quota.limit and ends
        found[quota.pool] = Meter(quota.live, quota.limit, min(ends) + timedelta(days=1) if full else None)
    return found


def consequence(row: ClaimRow, policy: Policy, now: int) -> Consequence:
    """Return what an amendment and a renewal of today would each do to a claim."""
    end = day_of(now) + timedelta(days=policy.lease.validity_days)
    return Consequence(row.claim, row.effective_at, row.valid_until, amended_valid_until=end, renewed_valid_until=end)


def refuse_unlike(content: SlipContent | None, phone_again: str) -> None:
    """Raise InputError unless a paper slip's phone was typed twice alike."""
    if content is None:
        raise InputError(say("纸质单须录入内容"), field="name")
    first = sorted(normal_phone(part) for phone in content.phones for part in split_phones(phone))
    again = sorted(normal_phone(part) for part in split_phones(phone_again))
    if first != again:
        raise InputError(say("两遍联系方式不一样，请对着纸质单再输一遍"), field="phone_again")


def return_rows(
    register: OfficeRegister, as_of: int, name_of: Callable[[str], str], *, done: bool = False
) -> tuple[ReturnRow, ...]:
    """Return the slips that must go back: what the server said, else what this office's own slips say.

    With `done`, those that were signed for as well.
    """
    notes, told = register.book().notes, register.returns()
    settled, rows = register.settled(as_of), dict[str, ReturnRow]()
    for slip, ruling in register.going_back(as_of).items():
        if slip in told or (notes.get(slip) == "acknowledged" and not done):
            continue
        word, claim = register.told(ruling.claim), settled.ruling(ruling.claim)
        if word is None or word.slip != slip:
            owner = claim.salesperson if claim else ""
            rows[slip] = ReturnRow(
                slip, ruling.claim, owner, name_of(owner), _reasons(ruling.decision), ruling.due_at or 0,
                provisional=True, note=notes.get(slip, ""),
                holders=tuple(("", name_of(one.salesperson)) for one in holders(settled, ruling)),
            )  # fmt: skip
    for slip, item in told.items():
        if not item.withdrawn and (done or notes.get(slip) != "acknowledged"):
            reasons = tuple((reason.clause, spoken(reason.sentence)) for reason in item.reasons)
            rows[slip] = ReturnRow(
                slip, item.claim, item.salesperson, name_of(item.salesperson), reasons, item.due_at,
                provisional=bool(item.provisional), note=notes.get(slip, ""),
                holders=tuple((one.office, one.salesperson) for one in item.holders),
            )  # fmt: skip
    return tuple(sorted(rows.values(), key=lambda row: (row.due_at, row.slip)))


def note_lines(row: ReturnRow, place: Place) -> tuple[Say, ...]:
    """Return the note of a return; it names no holder (五), unless the policy lets it."""
    due = to_the_minute(row.due_at)
    return (
        *((say("【练习】无效凭证"),) if place.practice else ()),
        say("{office} 退单通知", office=place.office_name),
        say("确认单号：{slip}", slip=row.slip),
        say("业务员：{salesperson}", salesperson=row.salesperson_name),
        *(say("依据 {clause}：{why}", clause=clause, why=why) for clause, why in row.reasons),
        *(_held_by(office or place.office_name, salesperson) for office, salesperson in row.holders),
        say("请停止联系该客户。应在 {due} 前退回", due=due),
        say("暂定：待全公司各店报到后终局") if row.provisional else say("终局"),
    )


def _held_by(office: str, salesperson: str) -> Say:
    if salesperson:
        return say("该客户已由 {office} 的 {salesperson} 确认", office=office, salesperson=salesperson)
    return say("该客户已由 {office} 确认", office=office)
