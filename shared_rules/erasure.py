"""Erasure of one customer: personal data become tokens that say nothing, and every ruling stays what it was.

A record's body can go, its commitment stands; what takes the body's place is the fact with tokens for the customer's
names and numbers, and dashes for free text. The same name becomes the same token, so that slips which collided go on
colliding. Tokens cannot be half alike, as texts can: who erases compares the register before and after.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from shared_rules.customers import (
    names_somebody,
    normal_company,
    normal_name,
    normal_phone,
    split_names,
    split_phones,
)
from shared_rules.facts import Fact, OldCustomerBrought, SlipContent
from shared_rules.values import Fixed

__all__ = ["FREE_TEXT", "NOT_PERSONAL", "PERSONAL", "Identity", "claims_of", "identity_of", "redacted"]

Token = Callable[[str], str]
"""Kind and normal form -> letters that tell nothing to who has no key."""

PERSONAL: Final = {
    "names": "name", "name": "name", "contact": "name", "contract_name": "name", "phones": "phone", "phone": "phone",
    "company": "company",
}  # fmt: skip
"""Field of a fact or of a slip's content -> kind of what stands there."""
FREE_TEXT: Final = frozenset({
    "text", "reason", "note", "evidence", "exceptional", "purpose", "other", "ground", "customer",
    "answers", "remark",
})  # fmt: skip
"""Fields in which people write anything."""
NOT_PERSONAL: Final = frozenset({(OldCustomerBrought, "names")})
"""Fields of these names that tell of salespeople."""
_ERASED: Final = "—"


class Identity(Fixed, frozen=True):
    """By what one customer is known, in normal forms."""

    names: frozenset[str] = frozenset()
    companies: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()

    def __or__(self, other: Identity) -> Identity:
        return Identity(self.names | other.names, self.companies | other.companies, self.phones | other.phones)


def identity_of(fact: Fact) -> Identity:
    """Return by what a fact says whom it is about."""
    found: dict[str, set[str]] = {"name": set(), "company": set(), "phone": set()}
    for value in (fact, getattr(fact, "content", None)):
        for field in PERSONAL if value is not None else ():
            if (type(value), field) not in NOT_PERSONAL:
                for text in _texts(getattr(value, field, "")):
                    found[PERSONAL[field]] |= {normal for _, normal in _parts(PERSONAL[field], text)}
    return Identity(frozenset(found["name"]), frozenset(found["company"]), frozenset(found["phone"]))


def claims_of(fact: Fact) -> frozenset[str]:
    """Return the claims and slips that a fact speaks of."""
    named = {getattr(fact, name, "") for name in ("slip", "claim", "by_customer")} | {*getattr(fact, "claims", ())}
    return frozenset(name for name in named if name)


def redacted(fact: Fact, customer: Identity, token: Token) -> Fact:
    """Return the fact with tokens where it names the customer, and dashes for free text; the rest stays."""
    return msgspec.structs.replace(fact, **_changes(fact, customer, token))


def _changes(value: msgspec.Struct, customer: Identity, token: Token) -> dict[str, object]:
    changes: dict[str, object] = {}
    for field in value.__struct_fields__:
        held = getattr(value, field)
        if isinstance(held, SlipContent):
            changes[field] = msgspec.structs.replace(held, **_changes(held, customer, token))
        elif held and field in FREE_TEXT:
            changes[field] = dict.fromkeys(held, _ERASED) if isinstance(held, dict) else _ERASED
        elif held and field in PERSONAL and (type(value), field) not in NOT_PERSONAL:
            texts = tuple(_replaced(PERSONAL[field], text, customer, token) for text in _texts(held))
            changes[field] = texts if isinstance(held, tuple) else texts[0]
    return changes


def _texts(held: str | tuple[str, ...]) -> tuple[str, ...]:
    return held if isinstance(held, tuple) else (held,)


def _replaced(kind: str, text: str, customer: Identity, token: Token) -> str:
    """Return a cell in which what is the customer's became tokens; a cell that names nobody of his stays."""
    ours = {"name": customer.names, "company": customer.companies, "phone": customer.phones}[kind]
    parts = _parts(kind, text)
    if not any(normal in ours for _, normal in parts):
        return text
    return "/".join(f"erased{token(f'{kind} {normal}')}" if normal in ours else part for part, normal in parts)


def _parts(kind: str, text: str) -> list[tuple[str, str]]:
    """Return the persons or numbers of a cell, as typed and in normal form; what names nobody is left out."""
    if kind == "company":
        return [(text, normal)] if (normal := normal_company(text)) else []
    if kind == "phone":
        return [(part, normal) for part in split_phones(text) if (normal := normal_phone(part))]
    named = ((part, normal_name(part)) for part in split_names(text))
    return [(part, normal) for part, normal in named if names_somebody(normal)]
