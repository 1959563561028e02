"""When two claims are alike enough that a person has to be asked, and what is asked (二.1.3).

Settlement rules by equal names and numbers. What is only alike, and what it presumes from the name alone, becomes one
question with the same neutral words at both offices. A question returns nothing and upholds nothing: a finding does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from shared_rules.blocking import keys_of
from shared_rules.customers import Customer, customer_of, normal_name
from shared_rules.facts import CustomerKind, SlipContent
from shared_rules.interval import Trit
from shared_rules.likeness import Likeness, Profile, compare, profile_of
from shared_rules.matching import Answer, same_customer
from shared_rules.numbers import Contacts
from shared_rules.policy import Policy
from shared_rules.values import Fixed
from shared_rules.words import Say, say

__all__ = ["CONTACT", "MANY_NAMES", "NAME", "QUESTIONS", "Asked", "Described", "question"]

QUESTIONS: Final[Mapping[str, Say]] = {
    "district": say("客户住在哪一片？"),
    "workplace": say("客户在哪儿上班？"),
    "viewed": say("看的是哪一套、什么户型？"),
    "companions": say("看房时谁和客户一起来？"),
}
"""What both clerks ask, each the own salesperson: field of the answer -> the question. None of it leads."""
NAME: Final = "name"
CONTACT: Final = "contact"
NOTHING: Final[frozenset[str]] = frozenset()
MANY_NAMES: Final = 5
"""A number borne by so many different names is no evidence: a couple with both parents comes to four, the fifth
name makes it an agency's, a switchboard's or a salesperson's own."""


@dataclass(frozen=True)
class Described:
    """A claim's customer as it is compared; each form is made once, when it is first wanted."""

    content: SlipContent

    @cached_property
    def profile(self) -> Profile:
        """What likeness compares."""
        content = self.content
        unit = content.kind is CustomerKind.COMPANY
        name = content.company if unit else "/".join(content.names)
        contact = content.contact or "/".join(content.names) if unit else ""
        return profile_of(content.kind, name, contact=contact, phones=content.phones)

    @cached_property
    def customer(self) -> Customer:
        """What settlement compares."""
        return customer_of(self.content)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """By which it is found."""
        return keys_of(self.profile)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Its whole numbers and ids, as keys."""
        return tuple(key for key in self.keys if key[0] in "mlw")

    @property
    def called(self) -> str:
        """The name that a number is counted under."""
        profile = self.profile
        return normal_name(profile.name) or normal_name(profile.contact)


class Asked(Fixed, frozen=True):
    """Why a person has to be asked."""

    grounds: tuple[str, ...]
    """`name`, `contact` or both: all that the counter is told."""
    presumed: bool
    """Whether settlement rules on the equal name alone until somebody answers."""
    likeness: Likeness
    """Levels and reasons, for whoever may see both slips."""


def question(a: Described, b: Described, policy: Policy, *, idle: frozenset[str] = NOTHING) -> Asked | None:
    """Return why two claims of different salespeople need a person; None = nothing is to be asked. Symmetric.

    `idle` are numbers (as keys) that too many names bear: they count for nothing here.
    """
    match = same_customer(a.customer, b.customer, policy)
    apart = match.need is Trit.NO or (match.need is Trit.ASK and policy.same.need_required)
    if apart or (match.answer is Answer.SAME and not match.name_only):
        return None
    found = compare(_lessened(a.profile, idle), _lessened(b.profile, idle), policy.verdicts, lessened=bool(idle))
    grounds = _grounds(found, policy)
    if match.answer is not Answer.DIFFERENT:
        return Asked(grounds or (NAME,), presumed=True, likeness=found)
    if found.answer is Answer.DIFFERENT or not grounds:
        return None
    return Asked(grounds, presumed=False, likeness=found)


def _grounds(found: Likeness, policy: Policy) -> tuple[str, ...]:
    """Return which kinds of field are alike, those left out that mean nothing under the policy."""
    names_count = policy.match.key == "name_or_phone" and policy.match.name_only in ("presume_same", "query_first")
    name = found.name_alike and (names_count or found.contact_alike)
    return (*((NAME,) if name else ()), *((CONTACT,) if found.contact_alike else ()))


def _lessened(profile: Profile, idle: frozenset[str]) -> Profile:
    """Return a profile without the numbers that are no evidence."""
    if not idle:
        return profile
    held = profile.contacts
    kept = Contacts(
        tuple(mobile for mobile in held.mobiles if f"m{mobile}" not in idle),
        tuple((area, local) for area, local in held.landlines if f"l{area}{local}" not in idle),
        tuple(account for account in held.accounts if f"w{account}" not in idle),
    )
    return Profile(profile.kind, profile.name, profile.contact, kept, profile.place)
