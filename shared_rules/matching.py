"""Does slip A name the same customer as slip B? Version 1: equality of normal forms, explained field by field.

二 (head) and 二.1.3: needs basically equal AND (name OR contact basically equal). Three answers; the third is a
person's to give. The relation is symmetric and never inferred onward: A~B and B~C do not make A~C.
"""

from __future__ import annotations

from enum import StrEnum

from shared_rules.customers import Customer, NormalNeed, names_somebody
from shared_rules.facts import CustomerKind
from shared_rules.interval import Trit
from shared_rules.policy import Policy
from shared_rules.values import Fixed
from shared_rules.words import Say, say

__all__ = ["Answer", "Match", "marks", "masked", "same_customer"]


class Answer(StrEnum):
    """Same, different, or a question for a person."""

    SAME = "same"
    DIFFERENT = "different"
    ASK = "ask"


class Match(Fixed, frozen=True):
    """The answer for two slips, with what was equal and why."""

    answer: Answer
    reasons: tuple[Say, ...]
    """For an authorised case; at the counter only `masked` is said."""
    name_alike: bool
    contact_alike: bool
    need: Trit
    """Whether the needs are basically equal; ASK = one of them is unknown."""

    @property
    def name_only(self) -> bool:
        """Whether only the names agree (the presumption of 二.1.3 that a person should check)."""
        return self.name_alike and not self.contact_alike


def same_customer(a: Customer, b: Customer, policy: Policy) -> Match:
    """Return whether two slips name one customer under a policy; symmetric in `a` and `b`."""
    names = _names_alike(a, b)
    phones = [phone for phone in a.phones if phone in b.phones]
    need = _needs_agree(a.need, b.need, policy)
    reasons = (
        *(say("名称相同：{name}", name=name) for name in names),
        *(say("联系方式相同：{phone}", phone=phone) for phone in phones),
        *((say("需求不同"),) if need is Trit.NO else ()),
        *((say("需求有一方未写，不作区分"),) if need is Trit.ASK else ()),
    )
    answer = _answer(bool(phones), bool(names), a, b, policy)
    if need is Trit.NO or (need is Trit.ASK and policy.same.need_required):
        answer = Answer.DIFFERENT
    return Match(answer, reasons, bool(names), bool(phones), need)


def marks(customer: Customer) -> tuple[str, ...]:
    """Return what two slips must have in common, at least one of them, to be the same customer under any policy.

    An index over it finds every candidate, so that no slip need be compared with all others.
    """
    people = [f"name {name}" for name in customer.names if name]
    if customer.contact and customer.contact not in customer.names:
        people.append(f"name {customer.contact}")
    company = [f"company {customer.company}"] if customer.company else []
    return (*people, *company, *[f"phone {phone}" for phone in customer.phones])


def masked(*, name_alike: bool, contact_alike: bool) -> Say:
    """Return what may be said without leave: which kind of field is alike, nothing of its content (五)."""
    if name_alike and contact_alike:
        return say("名称和联系方式相近")
    return say("联系方式相近") if contact_alike else say("名称相近")


def _names_alike(a: Customer, b: Customer) -> tuple[str, ...]:
    if a.kind is CustomerKind.COMPANY and b.kind is CustomerKind.COMPANY:
        # two units are the same by their own name; one contact person may serve many units
        return (a.company,) if a.company and a.company == b.company else ()
    return tuple(sorted(_persons(a) & _persons(b)))


def _persons(customer: Customer) -> frozenset[str]:
    people = customer.names if customer.kind is CustomerKind.PERSON else (*customer.names, customer.contact)
    return frozenset(name for name in people if names_somebody(name))


def _needs_agree(a: NormalNeed, b: NormalNeed, policy: Policy) -> Trit:
    answers = [_FIELDS[name](a, b, policy.same.area_tolerance_percent) for name in policy.same.need_fields]
    if Trit.NO in answers:
        return Trit.NO
    return Trit.ASK if Trit.ASK in answers else Trit.YES


def _kinds_agree(a: NormalNeed, b: NormalNeed, _tolerance: int) -> Trit:
    return _equal(a.kind, b.kind)


def _units_agree(a: NormalNeed, b: NormalNeed, _tolerance: int) -> Trit:
    return _equal(a.units, b.units)


def _areas_agree(a: NormalNeed, b: NormalNeed, tolerance: int) -> Trit:
    if not a.area_to or not b.area_to:
        return Trit.ASK
    widest = max(a.area_to, b.area_to) * tolerance // 100
    apart = max(a.area_from, b.area_from) - min(a.area_to, b.area_to)
    return Trit.YES if apart <= widest else Trit.NO


def _equal(one: str | int, other: str | int) -> Trit:
    if not one or not other:
        return Trit.ASK
    return Trit.YES if one == other else Trit.NO


_FIELDS = {"kind": _kinds_agree, "units": _units_agree, "area": _areas_agree}


def _answer(contact: bool, name: bool, a: Customer, b: Customer, policy: Policy) -> Answer:
    """Return what the policy's key makes of equal fields."""
    surnames = {person[0] for person in _persons(a)} & {person[0] for person in _persons(b)}
    equal = {
        "name_or_phone": contact,
        "phone": contact,
        "phone_and_surname": contact and bool(surnames),
        "company": bool(a.company) and a.company == b.company,
    }[policy.match.key]
    if equal:
        return Answer.SAME
    return _BY_NAME[policy.match.name_only] if name and policy.match.key == "name_or_phone" else Answer.DIFFERENT


_BY_NAME = {
    "presume_same": Answer.SAME,
    "query_first": Answer.ASK,
    "invalid_unless_proven": Answer.DIFFERENT,
    "ignore": Answer.DIFFERENT,
}
