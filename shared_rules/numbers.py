"""How near two sets of ways to reach somebody are: mobiles, landlines, WeChat ids, each with the digit that differs.

A number in one set that is in the other is the strongest evidence there is, unless it is a switchboard's: landlines
are levels of their own. Every single slip of a finger - one digit wrong, missing, too many, or two neighbours
changed - is one edit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from operator import ne
from typing import Final

from shared_rules.customers import is_plain_mobile, normal_phone, split_phones
from shared_rules.edits import Edit, one_edit
from shared_rules.patterns import WECHAT
from shared_rules.values import Fixed
from shared_rules.words import Say, say

__all__ = ["ContactLevel", "Contacts", "compare_contacts", "contacts_of"]


class ContactLevel(StrEnum):
    """From the same to nothing in common."""

    EQUAL = "equal"
    """A mobile number or a WeChat id in common."""
    ONE_EDIT = "one_edit"
    LANDLINE = "landline"
    """Only a landline in common: perhaps a switchboard."""
    LANDLINE_NEAR = "landline_near"
    """A landline but for its area code or one digit."""
    TWO_EDITS = "two_edits"
    MISSING = "missing"
    DIFFERENT = "different"


_MOBILE_SIZE: Final = 11
_LOCAL: Final = (7, 8)
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_NEARLY_MOBILE: Final = re.compile(r"1\d{9,11}")
_TWO_CODE: Final = re.compile("010|02")
_LOOKALIKE: Final = str.maketrans("ol", "01")
_PLAIN_LANDLINE: Final = re.compile(r"(010|02\d|0[3-9]\d\d)-?(\d{7,8})", re.ASCII)
_PLAIN_ACCOUNT: Final = re.compile(r"(?!wx|vx|wechat|weixin|mobile|unknown)[a-df-wyz][a-z0-9_]{5,19}", re.ASCII)
"""An id in which nothing can be a label, an extension (`x12`) or a word for "none"."""


class Contacts(Fixed, frozen=True):
    """The ways to reach somebody, in normal form, sorted."""

    mobiles: tuple[str, ...]
    landlines: tuple[tuple[str, str], ...]
    """Area code ("" = not written) and local number."""
    accounts: tuple[str, ...]
    """WeChat ids, with 0 for o and 1 for l."""


@lru_cache(maxsize=4096)
def contacts_of(phones: tuple[str, ...], wechat: str = "") -> Contacts:
    """Return the numbers and ids of a slip's cells as typed; a WeChat id that is a mobile number counts as one."""
    mobiles, landlines, accounts = set(), set(), set()
    for cell in (*phones, WECHAT.sub("", wechat.strip()) if wechat else ""):
        if is_plain_mobile(cell):
            mobiles.add(cell)
            continue
        if landline := _PLAIN_LANDLINE.fullmatch(cell):
            landlines.add((landline[1], landline[2]))
            continue
        if _PLAIN_ACCOUNT.fullmatch(cell):
            accounts.add(cell.translate(_LOOKALIKE))
            continue
        for part in split_phones(cell):
            number = normal_phone(part).partition("#")[0]
            if _NEARLY_MOBILE.fullmatch(number):
                mobiles.add(number)
            elif number.isdigit() and len(number) >= min(_LOCAL):
                landlines.add(_landline(number))
            elif number:
                accounts.add(WECHAT.sub("", number).translate(_LOOKALIKE))
    return Contacts(tuple(sorted(mobiles)), tuple(sorted(landlines)), tuple(sorted(accounts)))


def _landline(number: str) -> tuple[str, str]:
    if len(number) <= max(_LOCAL):
        return "", number
    code = 3 if _TWO_CODE.match(number) else 4
    return (number[:code], number[code:]) if number.startswith("0") else ("", number)


def compare_contacts(a: Contacts, b: Contacts) -> tuple[ContactLevel, Say | None]:
    """Return the best level between two sets, and where the nearest pair differs; symmetric."""
    found = _mobile_or_account(a, b) or _landline_or_digits(a, b)
    if found is not None:
        return found
    known = (a.mobiles or a.landlines or a.accounts) and (b.mobiles or b.landlines or b.accounts)
    return (ContactLevel.DIFFERENT if known else ContactLevel.MISSING), None


def _in_common(ours: tuple[object, ...], theirs: tuple[object, ...]) -> bool:
    """Return whether two short tuples share a value; sets cost more than they save."""
    for one in ours:  # noqa: SIM110 - a generator costs more than the loop, a hundred thousand times
        if one in theirs:
            return True
    return False


def _mobile_or_account(a: Contacts, b: Contacts) -> tuple[ContactLevel, Say] | None:
    if _in_common(a.mobiles, b.mobiles):
        return ContactLevel.EQUAL, say("手机号相同")
    if _in_common(a.accounts, b.accounts):
        return ContactLevel.EQUAL, say("微信号相同")
    edit = _edits(a.mobiles, b.mobiles) or _account_edit(a.accounts, b.accounts)
    if edit is None:
        return None
    if _in_common(a.landlines, b.landlines):
        return ContactLevel.EQUAL, say("座机相同，{edit}", edit=edit)
    return ContactLevel.ONE_EDIT, edit


def _landline_or_digits(a: Contacts, b: Contacts) -> tuple[ContactLevel, Say] | None:
    if _in_common(a.landlines, b.landlines):
        return ContactLevel.LANDLINE, say("座机相同，可能是总机")
    if _landlines_near(a.landlines, b.landlines):
        return ContactLevel.LANDLINE_NEAR, say("座机相近")
    for x in a.mobiles:
        for y in b.mobiles:
            if _two_digits(x, y):
                return ContactLevel.TWO_EDITS, say("手机号有两位不同")
    return None


def _edits(ours: Iterable[str], theirs: Iterable[str]) -> Say | None:
    for x in ours:
        for y in theirs:
            found = one_edit(x, y)
            if found is not None:
                return say(_EDITS[found[0]], place=found[1])
    return None


def _account_edit(ours: tuple[str, ...], theirs: tuple[str, ...]) -> Say | None:
    if not ours or not theirs:
        return None
    near = any(len(x) > 6 and len(y) > 6 and one_edit(x, y) is not None for x in ours for y in theirs)
    return say("微信号差一个字符") if near else None


def _landlines_near(ours: Iterable[tuple[str, str]], theirs: Iterable[tuple[str, str]]) -> bool:
    for area, local in ours:
        for other_area, other_local in theirs:
            if local == other_local or (area == other_area and one_edit(local, other_local) is not None):
                return True
    return False


def _two_digits(a: str, b: str) -> bool:
    if len(a) != len(b):
        return False
    apart = sum(map(ne, a, b))
    return apart == 2 or (apart in (3, 4) and sorted(a) == sorted(b))


_EDITS: Final = {
    Edit.MISSING: "手机号少一位（第 {place} 位）",
    Edit.OTHER: "手机号第 {place} 位不同",
    Edit.SWAPPED: "手机号第 {place} 位起两位颠倒",
}
