"""Which slips are worth comparing with one slip: those that share a key with it, and no others.

A mobile has its whole number and four partial keys of first and last digits. Whatever single slip of a finger happens
- one digit wrong, missing, too many, two neighbours changed - one of the four stays whole; a test proves it for every
place. Names share a key when they are equal or sound alike, units when brand and trade do.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Final

from shared_rules.facts import CustomerKind
from shared_rules.firms import firm_of
from shared_rules.likeness import Profile
from shared_rules.numbers import Contacts
from shared_rules.people import named
from shared_rules.sounds import blurred, romanised

__all__ = ["hashed", "keys_of", "number_keys"]

_READINGS: Final = 4
"""Of a name whose characters have several readings: who writes it in letters means one of them."""


def keys_of(profile: Profile) -> tuple[str, ...]:
    """Return the keys of a slip, each once, in a fixed order."""
    keys = [*number_keys(profile.contacts)]
    if profile.kind is CustomerKind.COMPANY:
        keys += _firm_keys(profile.name)
        keys += _name_keys(profile.contact)
    else:
        keys += _name_keys(profile.name)
    return tuple(dict.fromkeys(keys))


def number_keys(contacts: Contacts) -> tuple[str, ...]:
    """Return the keys of all numbers and ids.

    The partial keys of a mobile: an edit at digit 8-11 leaves the first whole, at 4-7 the second, at 1-4 the third; two
    neighbours that change over the seams leave one of the others.
    """
    keys: list[str] = []
    for mobile in contacts.mobiles:
        first, last = mobile[:7], mobile[-7:]
        keys += (f"m{mobile}", f"a{first}", f"b{mobile[:3]}{last[-4:]}", f"c{last}", f"d{first[:6]}{last[-3:]}")
    for area, local in contacts.landlines:
        keys += [f"l{area}{local}", f"t{local[-7:]}"]
    keys += [f"w{account}" for account in contacts.accounts]
    return tuple(keys)


@lru_cache(maxsize=4096)
def _name_keys(cell: str) -> tuple[str, ...]:
    keys = []
    for person in named(cell):
        if not person.name:
            continue
        if person.name.isascii():
            keys.append(f"r{_turned(person.name)}")
        else:
            keys += [f"n{person.name}", "s" + " ".join(sorted(blurred(one) or one for one in person.name))]
            keys += [f"r{_turned(one)}" for one in sorted(romanised(person.name))[:_READINGS]]
    return tuple(keys)


def _turned(name: str) -> str:
    """Return the same for a name in letters whether the family's or the given name stands first."""
    first, twice, size = min(name), name + name, len(name)
    return min([twice[place : place + size] for place in range(size) if name[place] == first])


@lru_cache(maxsize=4096)
def _firm_keys(name: str) -> tuple[str, ...]:
    firm = firm_of(name)
    return (f"u{firm.body}", f"b{firm.body[:3]}") if firm.body else ()


def hashed(key: str, secret: bytes) -> int:
    """Return a key as the register keeps it: 63 bits under a secret, so that the index alone names nobody."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8, key=secret).digest(), "big") >> 1
