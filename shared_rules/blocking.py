"""Which slips are worth comparing with one slip: those that share a key with it, and no others.

A mobile has its whole number and five partial keys of first and last digits. Whatever single slip of a finger happens
- one digit wrong, missing, too many, two neighbours changed - one of the five stays whole; a test proves it for every
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

__all__ = ["KEYS_VERSION", "hashed", "keys_of", "number_keys"]

KEYS_VERSION: Final = 2
"""Rises whenever a slip gets other keys, so that an index that was kept is made anew."""
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

    The partial keys of a mobile: an edit at digit 9-11 leaves the first whole, at 4-7 the second, at 1-4 the third, at
    7-8 the fourth; two neighbours that change over the seams leave one of the others. Seven digits would do for the
    first, but a whole exchange shares them: most of what they proposed was strangers.
    """
    keys: list[str] = []
    for mobile in contacts.mobiles:
        last = mobile[-7:]
        keys += (
            f"m{mobile}", f"a{mobile[:8]}", f"b{mobile[:3]}{last[-4:]}", f"c{last}", f"d{mobile[:6]}{last[-3:]}",
            f"e{mobile[:7]}{last[-2:]}",
        )  # fmt: skip
    for area, local in contacts.landlines:
        keys += [f"l{area}{local}", f"t{local[-7:]}"]
    keys += [f"w{account}" for account in contacts.accounts]
    return tuple(keys)


def _name_keys(cell: str) -> tuple[str, ...]:
    keys = []
    for person in named(cell):
        if not person.name:
            continue
        if person.name.isascii():
            keys += _turns(person.name)
        else:
            keys += [f"n{person.name}", "s" + " ".join(sorted([blurred(one) or one for one in person.name]))]
            keys += ["r" + one for one in sorted(romanised(person.name))[:_READINGS]]
    return tuple(keys)


def _turns(letters: str) -> list[str]:
    """Return keys for a name in letters wherever it begins: nobody knows whether the family's name stands first."""
    return ["r" + letters[place:] + letters[:place] for place in range(len(letters))]


@lru_cache(maxsize=4096)
def _firm_keys(name: str) -> tuple[str, ...]:
    firm = firm_of(name)
    return (f"u{firm.body}", f"b{firm.body[:3]}") if firm.body else ()


def hashed(key: str, secret: bytes) -> int:
    """Return a key as the register keeps it: 63 bits under a secret, so that the index alone names nobody."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8, key=secret).digest(), "big") >> 1
