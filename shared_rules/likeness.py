"""Do two slips name one customer? Field levels, a verdict by a table over them, and the reasons; never one score.

The table is data (verdicts.py). Three answers: same, different, ask a person. Behind an
ask stands the better guess, for measuring only: nothing goes back by a guess. Symmetric in its two slips.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

from shared_rules.customers import folded
from shared_rules.facts import CustomerKind
from shared_rules.firms import FirmLevel, compare_firms
from shared_rules.interval import Trit
from shared_rules.matching import Answer
from shared_rules.numbers import ContactLevel, Contacts, compare_contacts, contacts_of
from shared_rules.patterns import CITY
from shared_rules.people import NameLevel, compare_people
from shared_rules.values import Fixed
from shared_rules.verdicts import VerdictTable, default_table
from shared_rules.words import Say, say

__all__ = ["Likeness", "Profile", "compare", "profile_of"]

_SAME_NAME: Final = (NameLevel.SAME, FirmLevel.SAME)
_OTHER_NAME: Final = (NameLevel.DIFFERENT, NameLevel.MISSING, FirmLevel.DIFFERENT, FirmLevel.MISSING)


class Profile(Fixed, frozen=True):
    """What matching knows of a slip's customer."""

    kind: CustomerKind
    name: str
    """A person's name or a unit's, as typed."""
    contact: str
    """A unit's contact person, as typed."""
    contacts: Contacts
    place: str
    """Where the customer lives, folded; "" = not said."""


class Likeness(Fixed, frozen=True):
    """How alike two slips are."""

    name: NameLevel | FirmLevel
    contact: ContactLevel
    place: Trit
    answer: Answer
    guess: bool
    """Of an ask: the better guess; else the answer."""
    reasons: tuple[Say, ...]

    @property
    def name_alike(self) -> bool:
        """Whether the names have anything in common."""
        return self.name not in _OTHER_NAME

    @property
    def contact_alike(self) -> bool:
        """Whether the ways to reach them have anything in common."""
        return self.contact not in (ContactLevel.DIFFERENT, ContactLevel.MISSING)

    @property
    def name_only(self) -> bool:
        """Whether only the whole name agrees: the presumption of 二.1.3, which a person should check."""
        apart = (ContactLevel.DIFFERENT, ContactLevel.MISSING, ContactLevel.TWO_EDITS)
        return self.name in _SAME_NAME and self.contact in apart

    @property
    def by_rule(self) -> bool:
        """Whether the regulation presumes one customer, needs aside: name or contact agrees (二.1.3)."""
        return self.guess or self.name in _SAME_NAME or self.contact in (ContactLevel.EQUAL, ContactLevel.LANDLINE)


def profile_of(
    kind: str, name: str, *, contact: str = "", phones: Sequence[str] = (), wechat: str = "", place: str = ""
) -> Profile:
    """Return what matching compares of a slip's cells as typed."""
    contacts = contacts_of(tuple(phones), wechat)
    return Profile(CustomerKind(kind), name, contact, contacts, _placed(place))


@lru_cache(maxsize=1024)
def _placed(place: str) -> str:
    return folded(place).removesuffix(CITY)


def compare(a: Profile, b: Profile, table: VerdictTable | None = None, *, lessened: bool = False) -> Likeness:
    """Return how alike two slips are, and what the table makes of it.

    `lessened` says that numbers were left out because they are no evidence: then none is missing, none agrees.
    """
    contact, where = compare_contacts(a.contacts, b.contacts)
    if lessened and contact is ContactLevel.MISSING:
        contact = ContactLevel.DIFFERENT
    kind, name, how = _names(a, b)
    place = Trit.ASK if not a.place or not b.place else Trit.YES if a.place == b.place else Trit.NO
    answer, guess = _read((table or default_table()).cells[kind][contact, name], place)
    reasons = tuple([one for one in (_NAMES[name], how, _CONTACTS[contact], where) if one is not None])
    return Likeness(name, contact, place, answer, guess, reasons)


def _names(a: Profile, b: Profile) -> tuple[str, NameLevel | FirmLevel, Say | None]:
    ours, theirs = a.kind is CustomerKind.COMPANY, b.kind is CustomerKind.COMPANY
    if ours and theirs:
        return ("unit", *compare_firms(a.name, b.name))
    people = compare_people(a.contact if ours else a.name, b.contact if theirs else b.name)
    return ("mixed" if ours or theirs else "person", *people)


@cache
def _read(cell: str, place: Trit) -> tuple[Answer, bool]:
    if cell in ("same", "different"):
        return Answer(cell), cell == "same"
    kind = cell.rstrip("-")
    if (kind == "place" and place is Trit.NO) or (kind == "placed" and place is not Trit.YES):
        return Answer.DIFFERENT, False
    lean = not cell.endswith("-") and {"ask+": True, "ask~": place is not Trit.NO}.get(cell, place is Trit.YES)
    return Answer.ASK, lean


_NAMES: Final[dict[str, Say | None]] = {
    "same": say("名称相同"), "near": say("名称近音或近形"), "order": say("名字颠倒"), "pinyin": None,
    "dropped": say("名字少一字"),
    "partial": None, "one_off": say("名字有一字不同"), "two_near": say("名字近似"), "missing": say("一方没有名称"),
    "different": say("名称不同"), "short": say("单位名称不全"), "sibling": say("相近的另一单位"),
}  # fmt: skip
_CONTACTS: Final[dict[str, Say | None]] = {
    "equal": None, "one_edit": None, "landline": None, "landline_near": None, "two_edits": None,
    "missing": say("一方没有联系方式"), "different": say("联系方式不同"),
}  # fmt: skip
