"""The fields of a slip as texts, and back: no Textual here, so that it is tested by itself.

A form holds texts by field id; the desk takes a `SlipContent`. What cannot be read (an area, a day) is refused with its
field and the remedy; what is missing is the desk's to judge (一.2, 二.1.4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from shared_rules.errors import InputError
from shared_rules.facts import CustomerKind, Need, SlipContent, Source
from shared_rules.words import say

__all__ = ["FIELDS", "NEEDS", "SOURCES", "area_of", "content_of", "day_of_text", "phones_of", "values_of"]

FIELDS: Final = ("kind", "company", "name", "kin", "contact", "phone", "need", "area", "units", "received_on", "source")
"""Ids of the fields in their order on the form."""

NEEDS: Final = (
    ("", "未说"), ("住宅", "住宅"), ("商铺", "商铺"), ("写字楼", "写字楼"), ("车位", "车位"), ("别墅", "别墅"),
)  # fmt: skip
"""What is wanted, value and message id; an unknown need never separates two customers (二)."""

SOURCES: Final = (
    (Source.WALK_IN.value, "来访"), (Source.CALL.value, "来电"), (Source.OLD_CUSTOMER.value, "老客户"),
    (Source.PRE_REGISTERED.value, "提前备案"), (Source.STAFF_INTRO.value, "员工介绍"), (Source.CHANNEL.value, "渠道"),
)  # fmt: skip

_COMMA: Final = "、"
_APART: Final = re.compile(r"[、，,;；/]+")
_AREA: Final = re.compile(r"(\d{1,5})(?:\s*\D\s*(\d{1,5}))?")
_DAY: Final = re.compile(r"(?:(\d{4})\D)?(\d{1,2})\D(\d{1,2})\D?")


def phones_of(text: str) -> tuple[str, ...]:
    """Return the numbers of a phone field: several stand apart by 、 or a comma, spaces may stand inside one."""
    return tuple(part.strip() for part in _APART.split(text) if part.strip())


def area_of(text: str) -> tuple[int, int]:
    """Return the area band in square metres: `90`, `90-120`; empty = not said."""
    if not text:
        return 0, 0
    match = _AREA.fullmatch(text)
    if match is None:
        raise InputError(say("面积写成 90 或 90-120（平方米）；没说就空着"), field="area")
    first, last = int(match[1]), int(match[2] or match[1])
    return min(first, last), max(first, last)


def day_of_text(text: str, today: date) -> date:
    """Return the civil day of `03-02`, `2026-03-02`, `3月2日`; empty = today. A day to come is refused."""
    if not text:
        return today
    match = _DAY.fullmatch(text)
    try:
        day = date(int(match[1] or today.year), int(match[2]), int(match[3])) if match else None
    except ValueError:
        day = None
    if match is None or day is None:
        raise InputError(say("接待日期写成 03-02 或 2026-03-02；今天接待的就空着"), field="received_on")
    if day > today and not match[1]:
        day = day.replace(year=day.year - 1)
    if day > today:
        raise InputError(say("接待日期在今天之后，请改成接待客户的那一天"), field="received_on")
    return day


def _units(text: str) -> int:
    if not text:
        return 0
    if not text.isdecimal() or not 1 <= int(text) <= 999:
        raise InputError(say("套数写一个数字，如 1；没说就空着"), field="units")
    return int(text)


def content_of(values: Mapping[str, str]) -> SlipContent:
    """Return the slip's content as typed; raises InputError with the field that cannot be read."""
    area_from, area_to = area_of(values.get("area", ""))
    company = values.get("kind") == CustomerKind.COMPANY.value
    names = [values.get("name", ""), *_APART.split(values.get("kin", ""))]
    return SlipContent(
        kind=CustomerKind.COMPANY if company else CustomerKind.PERSON,
        names=tuple(name.strip() for name in names if name.strip()),
        company=values.get("company", "") if company else "",
        contact=values.get("contact", ""),
        phones=phones_of(values.get("phone", "")),
        need=Need(
            kind=values.get("need", ""), area_from=area_from, area_to=area_to, units=_units(values.get("units", ""))
        ),
    )


def values_of(content: SlipContent) -> dict[str, str]:
    """Return the texts of a form that holds this content."""
    need = content.need
    area = "" if not need.area_to else f"{need.area_from}-{need.area_to}"
    return {
        "kind": content.kind.value,
        "company": content.company,
        "name": content.names[0] if content.names else "",
        "kin": _COMMA.join(content.names[1:]),
        "contact": content.contact,
        "phone": _COMMA.join(content.phones),
        "need": need.kind,
        "area": str(need.area_to) if need.area_from == need.area_to and need.area_to else area,
        "units": str(need.units) if need.units else "",
    }
