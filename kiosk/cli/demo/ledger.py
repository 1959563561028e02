"""The demo's ledger: a small file as an office keeps it, messy on purpose, read strictly but never tidied.

Tidying is the product's own work: full-width digits, +86, traditional characters and blanks reach the counter as typed.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

from shared_rules.errors import InputError
from shared_rules.interval import SHANGHAI, from_datetime
from shared_rules.words import say

__all__ = ["OFFICE_NAMES", "Row", "read_ledger"]

_COLUMNS = (
    "日期",
    "时间",
    "门店",
    "业务员",
    "类别",
    "客户名称",
    "单位名称",
    "联系人",
    "联系方式",
    "需求",
    "办理",
    "备注",
)
_OFFICES = {"东店": "east", "西店": "west"}
OFFICE_NAMES = {office: name for name, office in _OFFICES.items()}
_PARTS = {"没有再来": "lapses", "西店先到服务器": "rival", "同一天，东店": "same_day"}
_ACTS = {"新单": "new", "变更": "amend", "再次确认": "renew"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the ledger: when, where and by whom, and the slip's fields as typed."""

    at: int
    """Instant of the hand-in, microseconds."""
    office: str
    salesperson: str
    company: bool
    name: str
    unit: str
    contact: str
    phone: str
    need: str
    act: str
    """`new`, `amend` or `renew`."""
    part: str
    """What the story needs the row for: `lapses`, `rival`, `same_day`, or "" for none."""


def read_ledger(text: str | None = None) -> tuple[Row, ...]:
    """Return the ledger's rows in the order of their times; raises InputError naming line and column."""
    text = files(__package__).joinpath("ledger.csv").read_text(encoding="utf-8") if text is None else text
    reader = csv.DictReader(text.splitlines())
    if tuple(reader.fieldnames or ()) != _COLUMNS:
        raise InputError(say("台账的表头不对，应为：{columns}", columns="、".join(_COLUMNS)), field="header")
    return tuple(sorted((_row(number, cells) for number, cells in enumerate(reader, 2)), key=lambda row: row.at))


def _row(number: int, cells: dict[str, str]) -> Row:
    try:
        moment = datetime.fromisoformat(f"{cells['日期']}T{cells['时间']}").replace(tzinfo=SHANGHAI)
        office, act = _OFFICES[cells["门店"].strip()], _ACTS[cells["办理"].strip()]
    except (ValueError, KeyError) as error:
        raise InputError(
            say("台账第 {line} 行无法读取，请改正：{cell}", line=number, cell=str(error)), field=str(number)
        ) from error
    return Row(
        at=from_datetime(moment), office=office, salesperson=cells["业务员"].strip(), company=cells["类别"] == "单位",
        name=cells["客户名称"], unit=cells["单位名称"], contact=cells["联系人"], phone=cells["联系方式"],
        need=cells["需求"], act=act,
        part=next((part for words, part in _PARTS.items() if words in cells["备注"]), ""),
    )  # fmt: skip
