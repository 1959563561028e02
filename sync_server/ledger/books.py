"""What an import leaves behind as workbooks: the rows that were rejected, and the opening lists for two signatures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from shared_rules.decision import Status
from shared_rules.facts import SlipAmended, SlipStamped
from shared_rules.interval import to_datetime
from shared_rules.words import Say, say
from sync_server.private_files import private_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from xlsxwriter.worksheet import Worksheet

    from shared_rules.rulings import ClaimRuling
    from sync_server.ledger.columns import Table
    from sync_server.ledger.rows import Dated, Rejected

__all__ = ["write_opening", "write_rejected"]

Speak = Callable[[Say | str], str]
Ruled = Callable[[str], "ClaimRuling | None"]
_Row = tuple[str, str, str, str, str, str, str]
_NARROW, _WIDE = 14, 44
_COLUMNS = ("单号", "确认时间", "客户名称", "联系方式", "有效至", "判定", "核对无误")
_WIDTHS = (14, 17, 26, 26, 12, 40, 10)
_A4 = 9
_IN_FORCE = (Status.UPHELD, Status.AWAITING_ENTRY, Status.WITH_MANAGER, Status.WAITING_CONTRACT)


def write_rejected(path: Path, rejected: Iterable[Rejected], tables: Iterable[Table], speak: Speak) -> None:
    """Write each rejected row as it stood, its place and its reason first, a sheet for each of the ledger's."""
    headings = {table.sheet: table.heading for table in tables}
    by_sheet: dict[str, list[Rejected]] = defaultdict(list)
    for one in rejected:
        by_sheet[one.row.sheet].append(one)
    with private_workbook(path) as book:
        bold = book.add_format({"bold": True})
        for name, ones in by_sheet.items() or (("-", []),):
            sheet = book.add_worksheet(name[:31])
            sheet.write_row(0, 0, [speak("行号"), speak("原因"), *map(_plain, headings.get(name, ()))], bold)
            sheet.set_column(0, 0, _NARROW)
            sheet.set_column(1, 1, _WIDE)
            for line, one in enumerate(sorted(ones, key=lambda one: one.row.number), 1):
                sheet.write_row(line, 0, [one.row.number, speak(one.why), *map(_plain, one.row.cells)])


def write_opening(
    path: Path, facts: Iterable[Dated], ruled: Ruled, names: Mapping[str, str], speak: Speak, *, days: int
) -> None:  # fmt: skip
    """Write a sheet for each salesperson: the claims that begin the register, those in force first, for two signatures.

    `ruled` gives what holds for a claim after settlement, `names` is number -> name, and for so many `days` a time may
    be contested.
    """
    versions = {one.fact.slip: one for one in facts if isinstance(one.fact, SlipStamped | SlipAmended)}
    claims: dict[str, list[_Row]] = defaultdict(list)
    for slip, one in versions.items():
        if isinstance(one.fact, SlipStamped):
            ruling = ruled(slip)
            present = versions.get(ruling.slip, one) if ruling else one
            claims[one.fact.salesperson].append(_opening_row(slip, present, ruling, speak))
    with private_workbook(path) as book:
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for person in sorted(claims):
            sheet = book.add_worksheet(f"{person} {names.get(person, '')}"[:31].strip())
            _for_paper(sheet)
            title = say("期初清单　{name}（{number}）", name=names.get(person, person), number=person)
            sheet.write(0, 0, speak(title), bold)
            sheet.write_row(1, 0, [speak(one) for one in _COLUMNS], bold)
            for line, row in enumerate(sorted(claims[person], key=lambda row: (not row[4], row[1], row[0])), 2):
                sheet.write_row(line, 0, row, wrapped)
            line = len(claims[person]) + 3
            sheet.write(line, 0, speak("业务员签字："))
            sheet.write(line, 3, speak("确认人员签字："))
            if days:
                sheet.write(line + 1, 0, speak(say("对时间有异议，请在 {days} 天内向销售经理提出", days=days)))


def _opening_row(claim: str, present: Dated, ruling: ClaimRuling | None, speak: Speak) -> _Row:
    """Return a claim by its first number, with the time and the content that hold now."""
    assert isinstance(present.fact, SlipStamped | SlipAmended)
    content = present.fact.content
    who = "、".join((*content.names, content.company)).strip("、") if content else ""
    phones = " ".join(content.phones) if content else ""
    if ruling is None:
        return claim, _minute(present.at), who, phones, "", "", ""
    at = ruling.effective_at.lo if ruling.effective_at else present.at
    live = ruling.decision.status in _IN_FORCE and ruling.valid_until is not None
    until = ruling.valid_until.isoformat() if live and ruling.valid_until else ""
    why = ruling.decision.reasons[-1].masked if ruling.decision.reasons else ""
    return claim, _minute(at), who, phones, until, speak(why), ""


def _minute(at: int) -> str:
    return to_datetime(at).strftime("%Y-%m-%d %H:%M")


def _for_paper(sheet: Worksheet) -> None:
    """Lay a sheet out for A4: one page wide, its headings on every page."""
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 1)
    sheet.set_footer("&P / &N")


def _plain(value: Any) -> Any:
    """Return a cell as it is written again: a time as people read it, nothing that a table program would run."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return value.isoformat() if isinstance(value, date) else value
