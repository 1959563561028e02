"""What the columns of a report are called and hold: the same on the screen, in the workbook and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared_rules.decision import Status
from shared_rules.interval import to_datetime
from shared_rules.regulation import CLAUSES
from shared_rules.words import say
from sync_server.report import By
from sync_server.tally import BACK, BAND, Band, Kind, Wait
from sync_server.words import LEXICON

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shared_rules.words import Language, Say
    from sync_server.report import Report, Row
    from sync_server.tally import SlipLine

    Cell = str | int | float

__all__ = [
    "BANDS", "CLAUSE_COLUMNS", "COLOURS", "NOTES", "SLIP_COLUMNS", "STATUSES", "TITLES", "Column", "about",
    "clause_rows", "clause_title", "columns_of", "slip_row", "summary",
]  # fmt: skip

BANDS: Final = {
    Band.STANDS: "成立",
    Band.DEAL: "已成交",
    Band.OVER: "过期或放弃",
    Band.WAITS: "待判",
    Band.RETURNED: "退单",
    Band.REFUSED: "拒收",
    Band.VOID: "无效",
}
STATUSES: Final = {
    Status.UPHELD: "成立",
    Status.AWAITING_ENTRY: "待录入",
    Status.RETURNED: "已退单",
    Status.REFUSED: "拒收",
    Status.VOID: "无效",
    Status.WAITING_CONTRACT: "等合同名称",
    Status.WITH_MANAGER: "等经理判定",
    Status.LAPSED: "已过期",
    Status.WITHDRAWN: "已放弃",
    Status.CLOSED: "已成交",
    Status.LATE: "迟到",
}
COLOURS: Final = {
    Band.STANDS: "#009E73",
    Band.DEAL: "#0072B2",
    Band.OVER: "#56B4E9",
    Band.WAITS: "#F0E442",
    Band.RETURNED: "#D55E00",
    Band.REFUSED: "#E69F00",
    Band.VOID: "#CC79A7",
}
"""Okabe and Ito's palette, which people who see colours differently can tell apart."""
NOTES: Final = (
    "交单按盖章日计入所选期间；判定、名额是出报表时的情况。",
    "新单按这份确认现在的情况计；变更、再次确认按这一次是否成立计。",
    "收下 = 成立 + 已成交 + 过期或放弃；交单 = 收下 + 待判 + 退单 + 拒收 + 无效。",
    "撞单数的是与别人的确认相撞的新单；退回依据中，一份单有几条依据就数几条。",
    "门店一栏：确认单按盖章的门店，名额与成交按业务员所属的门店。",
    "归属套数按判定的归属（可分成）计；等经理判定或不归业务员的不计。",
)
TITLES: Final = {By.SALESPERSON: "业务员", By.OFFICE: "门店", By.OUTCOME: "判定结果"}
_KINDS: Final = {Kind.NEW: "新单", Kind.AMENDED: "变更", Kind.RENEWED: "再次确认"}
_WAITS: Final = {
    Wait.MANAGER: "经理",
    Wait.CONTRACT: "合同名称",
    Wait.DISPUTE: "争议程序",
    Wait.OFFICE: "门店报到",
    Wait.ENTRY: "录入",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in JSON, its heading, and a row's cell; `sums` where the last line adds it up."""

    key: str
    heading: str
    cell: Callable[[Row, Language], Cell]
    sums: bool = True


def _in(language: Language, text: str) -> str:
    return LEXICON.text(text, language)


def _band(band: Band) -> Column:
    return Column(band.value, BANDS[band], lambda row, _: row.tally.bands()[band])


def _kind(kind: Kind) -> Column:
    return Column(kind.value, _KINDS[kind], lambda row, _: row.tally.kinds[kind])


def _because(row: Row, _: Language) -> str:
    """Return the clauses by which slips went back, the most frequent first."""
    found = row.tally.clauses(*BACK)
    return " ".join(f"{clause}×{count}" for clause, count in sorted(found.items(), key=lambda one: (-one[1], one[0])))


def _waits(row: Row, language: Language) -> str:
    return " ".join(f"{_in(language, _WAITS[wait])}×{row.tally.waits[wait]}" for wait in Wait if row.tally.waits[wait])


_SLIPS: Final = (
    Column("handed_in", "交单", lambda row, _: row.tally.handed_in),
    *map(_kind, Kind),
    Column("admitted", "收下", lambda row, _: row.tally.admitted),
    *map(_band, Band),
    Column("collisions", "撞单", lambda row, _: row.tally.collisions),
    Column("final", "终局", lambda row, _: row.tally.final),
    Column("provisional", "暂定", lambda row, _: row.tally.provisional),
)
_WORDS: Final = (
    Column("clauses", "退回依据", _because, sums=False),
    Column("waits_for", "在等", _waits, sums=False),
)
_PEOPLES: Final = (
    Column("live", "占名额", lambda row, _: row.holdings.live),
    Column("quota", "名额", lambda row, _: row.holdings.quota),
    Column("deals", "成交套数", lambda row, _: row.holdings.closed),
    Column("owned", "归属套数", lambda row, _: row.holdings.owned_percent / 100),
)
_BY: Final[Mapping[By, tuple[Column, ...]]] = {
    By.SALESPERSON: (
        Column("name", "业务员", lambda row, _: row.name, sums=False),
        Column("number", "工号", lambda row, _: row.key, sums=False),
        Column("office", "门店", lambda row, _: row.home, sums=False),
        *_SLIPS, *_PEOPLES, *_WORDS,
    ),
    By.OFFICE: (
        Column("name", "门店", lambda row, _: row.name or "—", sums=False),
        Column("number", "编号", lambda row, _: row.key, sums=False),
        *_SLIPS, *_PEOPLES, *_WORDS,
    ),
    By.OUTCOME: (
        Column("name", "判定结果", lambda row, language: _in(language, STATUSES[Status(row.key)]), sums=False),
        *(one for one in _SLIPS if one.key not in {"admitted", *Band}), *_WORDS,
    ),
}  # fmt: skip


def about(report: Report, language: Language) -> str:
    """Return the title: the pool, the days, and the moment of the answer."""
    wanted = report.wanted
    pool = report.names.pools.get(wanted.pool, "") or say("全部楼盘")
    if wanted.first or wanted.last:
        ends = (one.isoformat() if one else "…" for one in (wanted.first, wanted.last))
        days: Say | str = " – ".join(ends)
    else:
        days = say("全部日期")
    at = to_datetime(report.as_of).strftime("%Y-%m-%d %H:%M")
    sentence = say("{pool} 确认单报表　{days}　截至 {at}", pool=pool, days=days, at=at)
    return LEXICON.text(sentence, language)


def summary(report: Report, language: Language) -> list[tuple[str, Cell]]:
    """Return the sums of the whole report, each with its heading."""
    columns = [one for one in columns_of(By.SALESPERSON) if one.sums]
    sums = [(_in(language, one.heading), one.cell(report.total, language)) for one in columns]
    return [*sums, (_in(language, "撞单对数"), report.collisions)]


def columns_of(by: By) -> tuple[Column, ...]:
    """Return the columns of a grouping's table."""
    return _BY[by]


CLAUSE_COLUMNS: Final = ("判定结果", "条款", "内容", "确认单", "占比", "理由中提到")


def clause_rows(report: Report, language: Language) -> list[tuple[str, str, str, int, float, int]]:
    """Return outcome, clause, its title, slips that it leads (they add up), their share of all, slips that name it."""
    tally = report.total.tally
    keys = sorted(
        tally.led.keys() | tally.named.keys(),
        key=lambda key: (list(Band).index(BAND[key[0]]), key[0], -tally.led[key], -tally.named[key], key[1]),
    )
    whole = tally.handed_in or 1
    return [
        (
            _in(language, STATUSES[status]), clause or "—", clause_title(clause, language), tally.led[status, clause],
            tally.led[status, clause] / whole, tally.named[status, clause],
        )
        for status, clause in keys
    ]  # fmt: skip


def clause_title(clause: str, language: Language) -> str:
    """Return what a clause is called."""
    found = CLAUSES.get(clause)
    return "" if found is None else found.title_en if language == "en" else found.title_zh


SLIP_COLUMNS: Final = (
    "单号", "原单号", "类别", "客户", "电话", "业务员", "门店", "盖章时间", "判定结果", "依据", "暂定", "在等",
)  # fmt: skip


def slip_row(report: Report, line: SlipLine, language: Language) -> tuple[str, ...]:
    """Return the cells of one slip, its customer as far as the reader may see."""
    names = report.names
    return (
        line.slip, line.claim, _in(language, _KINDS[line.kind]), line.customer, line.phones,
        names.people.get(line.salesperson, line.salesperson), names.offices.get(line.office, line.office),
        to_datetime(line.stamped_at).strftime("%Y-%m-%d %H:%M"), _in(language, STATUSES[line.status]),
        " ".join(line.clauses), _in(language, "是") if line.provisional else "", _waiting(line, report, language),
    )  # fmt: skip


def _waiting(line: SlipLine, report: Report, language: Language) -> str:
    offices = [report.names.offices.get(one, one) for one in line.dark]
    kinds = [_in(language, _WAITS[wait]) for wait in line.waits if wait is not Wait.OFFICE]
    return " ".join((*kinds, *offices))
