"""The ledgers that offices have: read as they are, by the same rules, whole or not at all, twice the same as once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from shared_rules.errors import InputError
from shared_rules.facts import (
    CustomerKind,
    DealClosed,
    Event,
    Grade,
    QuarterReported,
    SlipAmended,
    SlipEntered,
    SlipRenewed,
    SlipStamped,
    VisitLogged,
)
from shared_rules.interval import LATEST, to_datetime
from shared_rules.policy import shipped
from sync_server.ledger.cells import day_of_cell, instant_of_cell, need_of_cells
from sync_server.ledger.columns import tables_of
from sync_server.ledger.rows import Rejected, facts_of
from sync_server.ledger.sheets import read_sheets
from sync_server.ledger_import import Plan, Sight, book_of

FIRST: Any = datetime.fromisoformat("2026-01-05T09:00:54")
"""A workbook's own date: a local time without zone."""


def slip(
    number: str, time: Any, office: str = "东店", person: str = "许平", act: str = "新", *, of: str = "",
    unit: str = "个人", name: str = "张三", contact: str = "", phone: str = "13800000002", need: str = "",
    area: Any = "", received: str = "", source: str = "",
) -> list[Any]:  # fmt: skip
    """Return one row of the slips' table."""
    return [number, time, office, person, act, of, unit, name, contact, phone, need, area, received, source, ""]


SLIPS = [
    ["确认单登记", *[""] * 10],
    [
        *("单号", "确认时间", "售楼处", "业务员", "类别", "原单号", "客户性质", "客户名称", "联系人", "联系方式"),
        *("需求", "面积(㎡)", "接待日期", "来源", "特殊情况说明"),
    ],
    slip("Q1", FIRST, person="王凤", name="李森", phone="16225700579、0755-2363067", need="三居", area=180.0,
         received="2026-01-04", source="渠道"),
    slip("Q2", "2026年1月6日 09时07分", "西店", "D02", "再次确认", of="Q1", name="李森", phone="16225700579"),
    slip("Q3", "2026.01.07 16:09", "西店", "王凤", "变更", of="Q2", name="李森林", phone="１６２２５７００５７９",
         need="四居"),
    slip("Q4", "2026/1/8 9:05:00", unit="单位", name="昌建地产有限公司", contact="刘经理",
         phone="13800000001 微信zhang_33", area="90-120", source="老带新"),
    ["", *[""] * 14],
    slip("Q5", "2026-01-08 09:05", name=""),
    slip("Q6", "上周"),
    slip("Q7", "2026-01-08"),
    slip("Q8", "2026-01-08 09:06", person="老李"),
    slip("Q4", "2026-01-08 09:07"),
    slip("Q9", "2026-01-08 09:08", act="再次确认", of="Q99"),
    slip("Q10", "2026-01-08 09:09", act="转让"),
    slip("Q11", "2026-01-08 09:10", unit="单位", name="昌建"),
    slip("Q12", "2026-01-08 09:11", phone="没有"),
    slip("Q13", "2026-01-08 09:12", received="2026-01-09"),
    slip("", "2026-01-08 09:13"),
    ["合计", 20.0, *[""] * 13],
]  # fmt: skip
VISITS = [
    ["时间", "售楼处", "接待人", "方式", "客户姓名", "电话", "登记时间"],
    ["2026-01-04 14:13", "东店", "王凤", "来人", "李森", "16225700579", "2026-01-04 14:13"],
    ["2026-01-04 15:13", "东店", "王凤", "路过", "李森", "16225700579", ""],
    ["2026-01-04 15:13", "东店", "王凤", "来电", "", "", ""],
]
DEALS = [
    ["日期", "类型", "合同名称", "成交人", "房号"],
    ["2026-01-09", "认购", "昌建地产有限公司", "许平", "8-2803"],
    ["2026-01-09", "租赁", "昌建地产有限公司", "许平", "8-2804"],
    ["", "签约", "昌建地产有限公司", "许平", "8-2805"],
]
RESULTS: list[list[Any]] = [
    ["业务员", "工号", "2025Q4签约", "2026Q1任务完成日"],
    ["王凤", "D01", 5.0, "2026-02-27"],
    ["许平", "D02", "很多", ""],
]
STAFF = [["工号", "姓名", "售楼处"], ["D01", "王凤", "东店"], ["D02", "许平", "西店"]]
SHEETS: dict[str, list[list[Any]]] = {
    "客户确认单": SLIPS,
    "来人来电表": VISITS,
    "成交": DEALS,
    "季度业绩": RESULTS,
    "人员": STAFF,
}


def ledger(path: Path, sheets: dict[str, list[list[Any]]] | None = None) -> Path:
    """Write a workbook as an office would."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        for name, rows in (sheets or SHEETS).items():
            sheet = book.add_worksheet(name)
            for line, row in enumerate(rows):
                sheet.write_row(line, 0, row)
    return path


def read(path: Path, now: int = LATEST) -> tuple[list[tuple[int, Any]], list[Rejected], Plan]:
    """Return (instant, fact) of every row that is one, and the others."""
    tables = tables_of(read_sheets(path))
    plan = Plan(("river", "滨江"))
    book = book_of(tables, plan, {}, {}, Sight(now, lambda _: shipped()))
    facts, rejected = facts_of(tables, book)
    return [(one.at, one.fact) for one in facts], rejected, plan


def test_a_ledger_becomes_the_facts_that_a_counter_writes(tmp_path: Path) -> None:
    """Every form of a date, several numbers in a cell, people by name or number, an act upon an act."""
    facts, _, plan = read(ledger(tmp_path / "ledger.xlsx"))
    by_slip = {fact.slip: (at, fact) for at, fact in facts if isinstance(fact, SlipStamped | SlipAmended | SlipRenewed)}
    assert list(by_slip) == ["Q1", "Q4", "Q2", "Q3"]
    at, first = by_slip["Q1"]
    assert isinstance(first, SlipStamped)
    assert first.content is not None
    assert to_datetime(at).strftime("%m-%d %H:%M:%S") == "01-05 09:00:54"
    assert (first.salesperson, first.received_on, first.source) == ("D01", date(2026, 1, 4), "channel")
    assert first.content.phones == ("16225700579、0755-2363067",)
    assert (first.content.need.kind, first.content.need.area_from) == ("三居", 180)
    unit = by_slip["Q4"][1]
    assert isinstance(unit, SlipStamped)
    assert unit.content is not None
    assert (unit.content.kind, unit.content.company, unit.content.contact) == (
        CustomerKind.COMPANY,
        "昌建地产有限公司",
        "刘经理",
    )
    assert (unit.content.need.area_from, unit.content.need.area_to) == (90, 120)
    assert {fact.claim for _, fact in by_slip.values() if not isinstance(fact, SlipStamped)} == {"Q1"}
    assert {fact.slip for _, fact in facts if isinstance(fact, SlipEntered)} == {"Q1", "Q3", "Q4"}
    assert [fact.by for _, fact in facts if isinstance(fact, VisitLogged)] == ["D01"]
    assert [fact.deal for _, fact in facts if isinstance(fact, DealClosed)] == ["8-2803 2026-01-09"]
    results = {fact.quarter: fact for _, fact in facts if isinstance(fact, QuarterReported)}
    assert results["2025Q4"].signings == 5
    assert results["2026Q1"].target_met_on == date(2026, 2, 27)
    assert plan.offices == {"L1": "东店", "L2": "西店"}
    assert plan.staff == [("D01", "王凤", "L1"), ("D02", "许平", "L2")]


def test_every_row_is_accepted_or_has_its_reason(tmp_path: Path) -> None:
    """Blank lines and totals are no rows; a rejected row stops no other."""
    facts, rejected, _ = read(ledger(tmp_path / "ledger.xlsx"))
    why = {(one.row.sheet, one.row.number): one.why.chinese() for one in rejected}
    assert why == {
        ("客户确认单", 8): "没有客户名称",
        ("客户确认单", 9): "“上周” 不是日期时间；写成 2026-01-05 09:30",
        ("客户确认单", 10): "“2026-01-08” 只有日期，没有几点几分",
        ("客户确认单", 11): "不认识业务员“老李”；人员表里没有，或有两个同名的",
        ("客户确认单", 12): "单号 Q4 已经有了",
        ("客户确认单", 13): "没有原单 Q99，或原单被拒绝",
        ("客户确认单", 14): "不认识类别“转让”；应为新、变更或再次确认",
        ("客户确认单", 15): "单位没有联系人",
        ("客户确认单", 16): "联系方式“没有”里没有号码",
        ("客户确认单", 17): "接待日期晚于确认时间",
        ("客户确认单", 18): "没有单号",
        ("来人来电表", 3): "不认识方式“路过”；应为来人、来电或去电",
        ("来人来电表", 4): "客户姓名和电话都没有",
        ("成交", 3): "不认识成交类型“租赁”；应为认购或签约",
        ("成交", 4): "没有成交日期或合同名称",
        ("季度业绩", 3): "签约套数“很多”不是数",
    }
    assert len(facts) == 11


def test_a_time_to_come_is_rejected(tmp_path: Path) -> None:
    """A ledger tells of the past."""
    _, rejected, _ = read(ledger(tmp_path / "ledger.xlsx"), now=0)
    assert sum(one.why.chinese() == "时间在将来" for one in rejected) >= 3


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (datetime.fromisoformat("2026-01-05T09:30"), "2026-01-05 09:30"),
        ("2026-01-05 09:30", "2026-01-05 09:30"),
        ("２０２６／１／５　９：３０", "2026-01-05 09:30"),
        ("2026年1月5日 9时30分", "2026-01-05 09:30"),
        ("2026.1.5 09:30:59", "2026-01-05 09:30"),
        (46027.395833333336, "2026-01-05 09:30"),
    ],
)  # fmt: skip
def test_a_moment_is_read_in_every_way_of_writing_it(cell: Any, told: str) -> None:
    """Text, full width, Chinese units, a workbook's own number."""
    assert to_datetime(instant_of_cell(cell, "time")).strftime("%Y-%m-%d %H:%M") == told


@pytest.mark.parametrize(
    "cell", ["", "2026-13-05 09:30", "2026-02-30 09:30", "明天", 0.5, "0026-01-05 09:30", date(2026, 1, 5)]
)
def test_what_is_no_moment_is_refused(cell: Any) -> None:
    """No such month or day, no time of day, before all calendars."""
    with pytest.raises(InputError):
        instant_of_cell(cell, "time")


def test_a_day_may_be_missing_but_not_wrong() -> None:
    """Empty is unknown."""
    assert day_of_cell("", "day") is None
    assert day_of_cell(None, "day") is None
    assert day_of_cell("2026年1月5日", "day") == date(2026, 1, 5)
    with pytest.raises(InputError):
        day_of_cell("一月", "day")


@pytest.mark.parametrize(
    ("cell", "band"), [(90.0, (90, 90)), ("90-120平米", (90, 120)), ("120~90", (90, 120)), ("大", (0, 0)), ("", (0, 0))]
)
def test_an_area_is_a_number_or_a_band(cell: Any, band: tuple[int, int]) -> None:
    """What is no area is left out: an unknown need separates nobody."""
    need = need_of_cells("三居", cell)
    assert (need.area_from, need.area_to) == band


def test_a_text_table_is_read_in_both_codings(tmp_path: Path) -> None:
    """What a Chinese table program saves is GB 18030."""
    text = "单号,确认时间,业务员,客户名称,联系方式\nQ1,2026-01-05 09:30,王凤,李森,13800000001\n"
    for coding in ("utf-8-sig", "gb18030"):
        path = tmp_path / f"{coding}.csv"
        path.write_bytes(text.encode(coding))
        assert [row.text("name") for row in tables_of(read_sheets(path))[0].rows] == ["李森"]


@pytest.mark.parametrize("name", ["broken.xlsx", "broken.csv", "missing.xlsx", "other.csv"])
def test_a_file_that_is_no_ledger_is_refused_whole(name: str, tmp_path: Path) -> None:
    """Named, with what it should be."""
    path = tmp_path / name
    if name == "broken.xlsx":
        path.write_bytes(b"PK\x03\x04 not a workbook")
    elif name == "broken.csv":
        path.write_bytes(b"\xff\xff\xff")
    elif name == "other.csv":
        path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        tables_of(read_sheets(path))
    assert caught.value.field == "ledger"


def test_a_map_file_names_headings_that_nobody_could_guess(tmp_path: Path) -> None:
    """And is refused where it names what is no field."""
    path = tmp_path / "ledger.csv"
    path.write_text(
        "凭证,确认时间,业务员,客户名称,联系方式\nQ1,2026-01-05 09:30,王凤,李森,13800000001\n", encoding="utf-8"
    )
    mapping = tmp_path / "map.toml"
    mapping.write_text('[slips]\nslip = "凭证"\n', encoding="utf-8")
    assert tables_of(read_sheets(path), mapping)[0].columns["slip"] == "凭证"
    for wrong in ('[slips]\nnumber = "凭证"\n', '[slip]\nslip = "x"\n', "[slips"):
        mapping.write_text(wrong, encoding="utf-8")
        with pytest.raises(InputError) as caught:
            tables_of(read_sheets(path), mapping)
        assert caught.value.field == "map"


# --- into a server


def xianhou(*arguments: str, cwd: Path, code: int = 0) -> str:
    """Run a command and return what it printed."""
    command = [sys.executable, "-m", "kiosk.cli", "--lang", "zh", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, cwd=cwd, env=None)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def imported(folder: Path) -> list[Event]:
    """Return the imported facts of a server."""
    from sync_server.cli.opening import opened

    with opened(folder) as service:
        return [event for event in service.library.archive.read().events if event.grade is Grade.I]


def test_an_import_is_written_once_and_settled_and_the_second_time_changes_nothing(tmp_path: Path) -> None:
    """Grade I, exact times, new offices and people; rejected rows with reasons; opening lists for two signatures."""
    server, path = tmp_path / "S", ledger(tmp_path / "ledger.xlsx")
    xianhou("server", "init", "--dir", str(server), "--name", "试", cwd=tmp_path)
    assert "哪个楼盘" in xianhou("import", str(path), "--dir", str(server), cwd=tmp_path, code=2)
    assert "没有写入" in xianhou(
        "import", str(path), "--dir", str(server), "--pool", "river=滨江", "--dry-run", cwd=tmp_path
    )
    assert imported(server) == []
    told = xianhou("import", str(path), "--dir", str(server), "--pool", "river=滨江", cwd=tmp_path)
    assert "23 行：将导入 7，以前导入过 0，被拒 16" in told
    assert "单号 ← 单号，确认时间 ← 确认时间" in told
    assert re.search(r"D01 王凤 工牌 XH\d{6}.. 初始密码 \d{6}", told)
    events = imported(server)
    assert len(events) == 11
    assert {event.time.lo == event.time.hi for event in events} == {True}
    again = xianhou("import", str(path), "--dir", str(server), cwd=tmp_path)
    assert "将导入 0，以前导入过 7，被拒 16" in again
    assert imported(server) == events
    assert "✓ 日志" in xianhou("server", "doctor", "--dir", str(server), cwd=tmp_path, code=1)
    rejected = CalamineWorkbook.from_path(tmp_path / "ledger-rejected.xlsx").get_sheet_by_name("客户确认单").to_python()
    assert rejected[0][:3] == ["行号", "原因", "单号"]
    assert rejected[1][:3] == [8.0, "没有客户名称", "Q5"]
    opening = CalamineWorkbook.from_path(tmp_path / "ledger-opening.xlsx")
    assert opening.sheet_names == ["D01 王凤", "D02 许平"]
    page = opening.get_sheet_by_name("D01 王凤").to_python()
    assert page[2][:5] == ["Q1", "2026-01-07 16:09", "李森林", "１６２２５７００５７９", ""]
    assert "期内没有再次确认" in str(page[2][5])
    assert any("确认人员签字：" in row for row in page)
    assert any("对时间有异议，请在 5 天内向销售经理提出" in row for row in page)


def test_a_row_that_was_changed_after_its_import_is_rejected(tmp_path: Path) -> None:
    """The register is not rewritten by a table: a correction is."""
    server, path = tmp_path / "S", ledger(tmp_path / "ledger.xlsx")
    xianhou("server", "init", "--dir", str(server), "--name", "试", cwd=tmp_path)
    xianhou("import", str(path), "--dir", str(server), "--pool", "river=滨江", cwd=tmp_path)
    events = imported(server)
    rows = [list(row) for row in SLIPS]
    rows[2][7] = "李四"
    ledger(path, SHEETS | {"客户确认单": rows})
    assert "将导入 0，以前导入过 6，被拒 17" in xianhou("import", str(path), "--dir", str(server), cwd=tmp_path)
    assert imported(server) == events
    text = CalamineWorkbook.from_path(tmp_path / "ledger-rejected.xlsx").get_sheet_by_name("客户确认单").to_python()
    assert "以前导入过这个单号" in str(text)


def test_a_person_at_a_terminal_is_asked_before_anything_is_written(tmp_path: Path) -> None:
    """What the columns were taken for is on the screen by then; no is the default."""
    server, path = tmp_path / "S", ledger(tmp_path / "ledger.xlsx")
    xianhou("server", "init", "--dir", str(server), "--name", "试", cwd=tmp_path)
    command = [sys.executable, "-m", "kiosk.cli", "--lang", "zh", "import", str(path), "--dir", str(server)]
    person, terminal = os.openpty()
    os.write(person, b"\n")
    done = subprocess.run(
        [*command, "--pool", "river=滨江"], check=True, stdin=terminal, capture_output=True, text=True, timeout=120
    )
    os.close(terminal)
    os.close(person)
    assert done.stdout.index("单号 ← 单号") < done.stdout.index("列和人员都认对了吗")
    assert done.stdout.rstrip().endswith("没有写入")
    assert imported(server) == []


def test_a_trial_settles_without_any_server(tmp_path: Path) -> None:
    """Nothing is written but the rejected rows."""
    told = xianhou("import", str(ledger(tmp_path / "ledger.xlsx")), cwd=tmp_path)
    assert "按随附的制度试算" in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger-rejected.xlsx", "ledger.xlsx"]


def test_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    """Not even a new office."""
    server = tmp_path / "S"
    xianhou("server", "init", "--dir", str(server), "--name", "试", cwd=tmp_path)
    path = tmp_path / "ledger.xlsx"
    path.write_bytes(ledger(tmp_path / "good.xlsx").read_bytes()[:2000])
    assert "读不了 ledger.xlsx" in xianhou(
        "import", str(path), "--dir", str(server), "--pool", "p=楼", cwd=tmp_path, code=2
    )
    assert imported(server) == []
    assert "东店" not in xianhou("server", "office", "list", "--dir", str(server), cwd=tmp_path)
