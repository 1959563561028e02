"""Cells as people fill them: moments and days in every form, numbers, an area with its unit."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Any, Final

from shared_rules.errors import InputError
from shared_rules.facts import Need
from shared_rules.interval import FIRST_DAY, LAST_DAY, SHANGHAI, from_datetime
from shared_rules.words import say
from sync_server.ledger.headings import AREA

__all__ = ["day_of_cell", "instant_of_cell", "need_of_cells"]

_MOMENT: Final = re.compile(
    r"(\d{4})\D(\d{1,2})\D(\d{1,2})\D?(?:\s*T?\s*(\d{1,2})\D(\d{1,2})(?:\D(\d{1,2}))?\D?(?:\.\d+)?)?"
)
_SERIAL_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's day zero, a local time without zone


def instant_of_cell(value: Any, field: str) -> int:
    """Return the instant of a cell in the offices' time; InputError where it is none, or has no time of day."""
    moment = _moment(value)
    if moment is None or not FIRST_DAY <= moment.date() <= LAST_DAY:
        raise InputError(say("“{cell}” 不是日期时间；写成 2026-01-05 09:30", cell=_shown(value)), field=field)
    if _without_time(value):
        raise InputError(say("“{cell}” 只有日期，没有几点几分", cell=_shown(value)), field=field)
    return from_datetime(moment.replace(tzinfo=SHANGHAI))


def day_of_cell(value: Any, field: str) -> date | None:
    """Return the civil day of a cell, None where it is empty; InputError where it is none."""
    if value is None or not _shown(value):
        return None
    moment = _moment(value)
    if moment is None or not FIRST_DAY <= moment.date() <= LAST_DAY:
        raise InputError(say("“{cell}” 不是日期；写成 2026-01-05", cell=_shown(value)), field=field)
    return moment.date()


def need_of_cells(kind: str, area: Any) -> Need:
    """Return a need: the type as typed, the area in square metres or a band of it; what is no area is left out."""
    text = _shown(area)
    found = AREA.match(text) if text else None
    if found is None:
        return Need(kind=kind)
    first, last = int(found[1]), int(found[2] or found[1])
    return Need(kind=kind, area_from=min(first, last), area_to=max(first, last))


def _shown(value: Any) -> str:
    return unicodedata.normalize("NFKC", str(value)).strip() if value is not None else ""


def _without_time(value: Any) -> bool:
    if isinstance(value, datetime | float | int):
        return False
    if isinstance(value, date):
        return True
    found = _MOMENT.fullmatch(_shown(value))
    return found is not None and found[4] is None


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a local time; its zone is set by the caller
    if isinstance(value, float | int):
        return _SERIAL_ZERO + timedelta(days=float(value)) if 1 < value < 2_958_466 else None
    found = _MOMENT.fullmatch(_shown(value))
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - as above
    except ValueError:
        return None
