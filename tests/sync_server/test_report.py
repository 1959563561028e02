"""Reports: every number follows from the settled register, and nobody's name or phone leaves without leave (五)."""

from __future__ import annotations

import json
import stat
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from python_calamine import CalamineWorkbook

from kiosk.cli import Words
from shared_rules.decision import Status
from shared_rules.errors import InputError, RefusedError, UnavailableError
from shared_rules.facts import DealClosed, Need, Role, SlipAmended, SlipContent, SlipEntered, SlipRenewed
from shared_rules.interval import DAY, HOUR
from sync_server.cli.reports import report as command
from sync_server.report import By, Report, Reports, Wanted
from sync_server.report_book import write_book
from sync_server.report_chart import write_chart
from sync_server.report_columns import COLOURS, STATUSES
from sync_server.report_data import as_data
from sync_server.tally import BAND, Band, Kind, SlipLine, Tally, Wait, grouped
from tests.sync_server.conftest import NINE, House, rebuilt
from tests.sync_server.test_looks import LEADER

CUSTOMERS = ("张三丰", "李四光", "王五德", "赵六安")
PHONES = ("13800000001", "13900000002", "13700000003", "13600000004")


@pytest.fixture
def busy(town: House) -> House:
    """Return a town after ten days: a winner and a loser, a same-day case, an amendment, a renewal, a deal, a paper."""
    town.person("L", Role.LEADER)
    town.person("S", Role.AUDITOR)
    east, west = town.kiosks
    first = east.stamp(NINE, by="A", name=CUSTOMERS[0], phone=PHONES[0])
    second = east.stamp(NINE + HOUR // 2, by="C", name=CUSTOMERS[1], phone=PHONES[1])
    west.stamp(NINE + DAY, by="B", name=CUSTOMERS[0], phone="138-0000-0001")  # returned: the earlier stamp owns
    west.stamp(NINE + 2 * DAY, by="B", name=CUSTOMERS[2], phone=PHONES[2])
    east.stamp(NINE + 2 * DAY, by="A", name=CUSTOMERS[2], phone=PHONES[2])  # the same day: the manager's
    east.fact(SlipRenewed(slip=east.number(), claim=first, salesperson="A", stamped_by="K"), NINE + 3 * DAY)
    content = SlipContent(names=(CUSTOMERS[1],), phones=(PHONES[1],), need=Need(kind="三居"))
    changed = east.number()
    amended = SlipAmended(slip=changed, claim=second, salesperson="C", stamped_by="K", content=content)
    east.fact(amended, NINE + 3 * DAY)
    east.fact(SlipEntered(slip=changed, entered_by="K"), NINE + 3 * DAY)
    east.fact(SlipRenewed(slip=east.number(), claim="east-1-99", salesperson="C", stamped_by="K"), NINE + 3 * DAY)
    west.stamp(NINE + 3 * DAY, by="B", name=CUSTOMERS[3], phone=PHONES[3], entered=False)
    deal = DealClosed(
        deal="8-101", closer="A", contract_name=CUSTOMERS[0], kind="signing", claims=(first,), pool="river"
    )
    east.fact(deal, NINE + 3 * DAY + HOUR)
    town.source.now = NINE + 3 * DAY + 2 * HOUR
    town.push(east, floor=NINE + 3 * DAY - HOUR)
    town.push(west)
    return town


def made(house: House, **wanted: Any) -> Report:
    """Return a report."""
    return house.service.reports.make(Wanted(**wanted))


def test_each_slip_counts_once_with_what_the_register_says(busy: House) -> None:
    """Kinds, outcomes with their clauses, collisions, what waits, quota and deals, person by person."""
    report = made(busy)
    rows = {row.key: row for row in report.rows[By.SALESPERSON]}
    assert {key: row.tally.handed_in for key, row in rows.items()} == {"A": 3, "B": 3, "C": 3}
    assert rows["A"].tally.kinds == Counter({Kind.NEW: 2, Kind.RENEWED: 1})
    assert rows["A"].tally.statuses() == Counter({Status.CLOSED: 1, Status.UPHELD: 1, Status.WITH_MANAGER: 1})
    assert rows["B"].tally.statuses() == Counter({Status.RETURNED: 1, Status.WITH_MANAGER: 1, Status.AWAITING_ENTRY: 1})
    assert rows["B"].tally.clauses(Band.RETURNED) == Counter({"二.2.1": 1})
    assert rows["C"].tally.led == Counter(
        {(Status.UPHELD, "一.3"): 1, (Status.UPHELD, "一.6"): 1, (Status.REFUSED, "六.3"): 1}
    )
    assert [rows[key].tally.collisions for key in "ABC"] == [2, 2, 0]
    assert report.collisions == 2
    assert [(rows[key].holdings.live, rows[key].holdings.closed) for key in "ABC"] == [(1, 1), (2, 0), (1, 0)]
    assert rows["A"].holdings.owned_percent == 100
    assert (rows["A"].home, rows["B"].home, rows["A"].name) == ("east店", "west店", "人A")
    offices = {row.key: row for row in report.rows[By.OFFICE]}
    assert (offices["east"].tally.handed_in, offices["west"].tally.handed_in) == (6, 3)
    assert offices["west"].tally.waits[Wait.MANAGER] == 1
    assert offices["west"].tally.dark["west"] == 3
    assert (report.total.tally.final, report.total.tally.provisional) == (1, 8)


def settled(house: House) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return slip -> status and clauses as the server's own reconciler settled them."""
    house.settle()
    settlement = house.service.reconciler.docket.settlement
    assert settlement is not None
    register = settlement.register()
    rulings = {name: one.decision for name, one in register.claims.items()}
    rulings |= {name: one.decision for name, one in register.acts.items()}
    return {name: (decision.status, decision.because()) for name, decision in rulings.items()}


def test_the_lines_are_the_rulings_of_the_server(busy: House) -> None:
    """What the report reads by itself is what the running server ruled, slip by slip."""
    lines = made(busy).lines
    assert {line.slip: (line.status, line.clauses) for line in lines} == settled(busy)


def test_a_report_writes_nothing_but_its_audit_row(busy: House) -> None:
    """No ruling is published, no day closed, no record appended: that is the running server's."""

    def written() -> tuple[int, int, int]:
        with busy.store.snapshot() as tx:
            counts = [tx.one(f"SELECT count(*) AS rows FROM {table}") for table in ("records", "feed", "audit")]
        records, feed, audit = (int(one["rows"]) for one in counts if one)
        return records, feed, audit

    records, feed, audit = written()
    made(busy, slips=True)
    assert written() == (records, feed, audit + 1)


def test_days_and_pool_choose_the_slips(busy: House) -> None:
    """Both ends count; another pool has none; a slip's day is that of its stamp."""
    assert made(busy, first=date(2026, 3, 3), last=date(2026, 3, 4)).total.tally.handed_in == 3
    assert made(busy, pool="river").total.tally.handed_in == 9
    busy.office("north", pool="hill")
    assert made(busy, pool="hill").total.tally.handed_in == 0
    assert made(busy, pool="hill").total.holdings.closed == 0


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"pool": "lake"}, "pool"),
        ({"first": date(2026, 3, 3), "last": date(2026, 3, 2)}, "to"),
        ({"approval": "1-000000000000"}, "as"),
        ({"person": "nobody"}, "as"),
    ],
)
def test_what_cannot_be_reported_names_its_field(busy: House, wanted: dict[str, Any], field: str) -> None:
    """Before anything is read."""
    with pytest.raises(InputError) as wrong:
        made(busy, **wanted)
    assert wrong.value.field == field


# --- totals

LINES = st.lists(
    st.builds(
        SlipLine,
        slip=st.text("0123456789", min_size=1, max_size=6),
        claim=st.just("1"),
        kind=st.sampled_from(Kind),
        pool=st.sampled_from(["p", "q"]),
        office=st.sampled_from(["east", "west", ""]),
        salesperson=st.sampled_from("ABCDE"),
        stamped_at=st.integers(0, 10**15),
        day=st.dates(),
        status=st.sampled_from(Status),
        clauses=st.lists(st.sampled_from(["一.5", "二.2.1", "六.3"]), unique=True).map(tuple),
        provisional=st.booleans(),
        waits=st.lists(st.sampled_from(Wait), unique=True).map(tuple),
        dark=st.lists(st.sampled_from(["east", "west"]), unique=True).map(tuple),
        collides=st.booleans(),
    )
)


@given(LINES)
def test_every_grouping_adds_up_to_the_same_whole(lines: list[SlipLine]) -> None:
    """By salesperson, office and outcome: each count of the whole is the sum over the groups."""
    whole = Tally()
    for line in lines:
        whole.add(line)
    for key in ("salesperson", "office", "status", "pool", "kind"):
        merged = Tally()
        for tally in grouped(lines, lambda line, key=key: str(getattr(line, key))).values():  # type: ignore[misc]
            merged.merge(tally)
        assert merged == whole
    assert whole.handed_in == len(lines) == whole.bands().total() == whole.statuses().total() == whole.led.total()
    assert whole.final + whole.provisional == len(lines)
    assert whole.admitted + sum(whole.bands()[band] for band in Band if band not in ("stands", "deal", "over")) == len(
        lines
    )


def test_every_outcome_has_a_band_a_word_and_every_band_a_colour_of_its_own() -> None:
    """A new outcome that nobody placed would fall out of the sums."""
    assert set(BAND) == set(Status) == set(STATUSES)
    assert set(COLOURS) == set(Band)
    assert len(set(COLOURS.values())) == len(Band)


def test_the_tables_of_a_report_add_up(busy: House) -> None:
    """Also what is counted of people: quotas and deals."""
    report = made(busy)
    for by in By:
        merged = Tally()
        for row in report.rows[by]:
            merged.merge(row.tally)
        assert merged == report.total.tally
    for by in (By.SALESPERSON, By.OFFICE):
        held = [row.holdings for row in report.rows[by]]
        assert sum(held[1:], held[0]) == report.total.holdings


# --- leave


def told(house: House, tmp_path: Path, *words: str) -> str:
    """Return everything that the command gives out in every form."""
    book, shown = tmp_path / "report.xlsx", ""
    for form in ((), ("--json",)):
        where = ["--dir", str(house.config.folder), "--slips", "--xlsx", str(book), *form, *words]
        done = CliRunner().invoke(command, where, obj=Words("zh"))
        assert done.exit_code == 0, done.output
        shown += done.output
    sheets = CalamineWorkbook.from_path(str(book))
    return shown + "\n".join(str(sheets.get_sheet_by_name(name).to_python()) for name in sheets.sheet_names)


def test_no_form_of_a_report_tells_a_customer(busy: House, tmp_path: Path) -> None:
    """Names and numbers are masked on the screen, as data and in the workbook."""
    shown = told(busy, tmp_path)
    assert not [text for text in (*CUSTOMERS, *PHONES, "138-0000-0001") if text in shown]
    assert "张**" in shown
    assert "138****0001" in shown


def test_a_report_without_its_slips_holds_no_customer_at_all(busy: House) -> None:
    """What is not shown is not handed out either; listed, even the value in memory is masked."""
    assert {line.customer + line.phones for line in made(busy).lines} == {""}
    listed = "".join(line.customer + line.phones for line in made(busy, slips=True).lines)
    assert not [text for text in (*CUSTOMERS, *PHONES) if text in listed]


def test_an_approval_shows_one_customer_once(busy: House) -> None:
    """That claim's slips, to the person it was given to; all others stay masked, and the next report masks all."""
    number = busy.service.looks.approve(LEADER, "S", "east-1-1", purpose="核对佣金")
    report = made(busy, slips=True, person="S", approval=number)
    data = as_data(report, (By.OFFICE,))
    clear = {one["slip"]: (one["customer"], one["phones"]) for one in data["slips"] if not one["masked"]}
    assert clear == {"east-1-1": (CUSTOMERS[0], PHONES[0]), "east-1-4": (CUSTOMERS[0], PHONES[0])}
    assert not [one for one in data["slips"] if one["masked"] and any(name in one["customer"] for name in CUSTOMERS)]
    assert data["look"] == {"claim": "east-1-1", "by": "L", "purpose": "核对佣金"}
    with pytest.raises(RefusedError):
        made(busy, slips=True, person="S", approval=number)
    assert all(one["masked"] for one in as_data(made(busy, slips=True, person="S"), ())["slips"])


def test_the_command_masks_all_but_the_approved_customer(busy: House, tmp_path: Path) -> None:
    """On the screen; the purpose and the leader stand below the list."""
    number = busy.service.looks.approve(LEADER, "S", "east-1-1", purpose="核对佣金")
    where = ["--dir", str(busy.config.folder), "--by", "office", "--approval", number, "--as", "S"]
    refused = CliRunner().invoke(command, [*where, "--chart", str(tmp_path / "x.pdf")], obj=Words("zh"))
    assert (refused.exit_code, ".png" in refused.output) == (2, True)
    # the machine's clock is past the test's: an approval of then has run out, and nothing at all is shown
    done = CliRunner().invoke(command, where, obj=Words("en"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert CUSTOMERS[0] not in done.output


def statements(house: House, reports: Reports) -> list[str]:
    """Return what a report by an approval asks of the database, in order."""
    number = house.service.looks.approve(LEADER, "S", "east-1-1", purpose="核对佣金")
    fresh = rebuilt(house)
    found: list[str] = []
    fresh.store._connection().conn.set_trace_callback(found.append)
    reports = replace(
        reports, store=fresh.store, log=fresh.service.log, archive=fresh.service.library.archive,
        looks=replace(fresh.service.looks, archive=fresh.service.library.archive),
    )  # fmt: skip
    reports.make(Wanted(slips=True, person="S", approval=number))
    return found


def committed_before_read(found: list[str]) -> bool:
    """Return whether an audit row was on the disk before the first record was read."""
    audit = next(at for at, text in enumerate(found) if text.startswith('INSERT INTO "audit"'))
    commit = next(at for at, text in enumerate(found) if at > audit and text == "COMMIT")
    read = next(at for at, text in enumerate(found) if "FROM records r" in text)
    return commit < read


def test_the_audit_row_is_on_the_disk_before_anything_is_read(busy: House) -> None:
    """Invariant 10, as the database saw it; the row of the look itself is there before a name is put anywhere."""
    found = statements(busy, busy.service.reports)
    assert committed_before_read(found)
    assert sum(text.startswith('INSERT INTO "audit"') for text in found) == 2
    assert found[-1] == "COMMIT"


class ReadingFirst(Reports):
    """The sabotage: looks first, and notes it afterwards."""

    def _note(self, wanted: Wanted) -> None:
        self.archive.read()
        super()._note(wanted)


def test_a_report_that_reads_first_is_noticed(busy: House) -> None:
    """So the test above can fail."""
    mine = busy.service.reports
    assert not committed_before_read(statements(busy, ReadingFirst(mine.store, mine.log, mine.archive, mine.looks)))


def test_where_the_audit_cannot_be_written_nothing_is_shown(busy: House) -> None:
    """A disk that refuses the row refuses the report, masked or not."""
    with busy.store.transaction() as tx:
        tx.run("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT raise(ABORT, 'disk full'); END")
    with pytest.raises(UnavailableError, match="disk full"):
        made(busy)


def test_a_refused_look_leaves_its_rows_and_no_report(busy: House) -> None:
    """Who asked, for what, and that it was refused."""
    with pytest.raises(RefusedError):
        made(busy, slips=True, person="S", approval="9-000000000000")
    with busy.store.snapshot() as tx:
        rows = tx.rows("SELECT person, act, outcome FROM audit WHERE person = 'S' ORDER BY number")
    assert [tuple(row.values()) for row in rows] == [("S", "report", "allowed"), ("S", "look", "refused")]


# --- files


def test_the_workbook_says_what_the_report_says(busy: House, tmp_path: Path) -> None:
    """A sheet for each grouping, read back cell by cell; sums below; only its user may read it."""
    report, path = made(busy, slips=True), tmp_path / "report.xlsx"
    write_book(path, report, tuple(By), "zh")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {one.name for one in tmp_path.iterdir()} == {"data", "report.xlsx"}
    book = CalamineWorkbook.from_path(str(path))
    assert book.sheet_names == ["总览", "业务员", "门店", "判定结果", "条款", "确认单"]
    for name, by in (("业务员", By.SALESPERSON), ("门店", By.OFFICE), ("判定结果", By.OUTCOME)):
        _, _, headings, *rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        at = headings.index("交单")
        assert [row[at] for row in rows if row[0] and row[0] != "合计"] == [
            one.tally.handed_in for one in report.rows[by]
        ]
        assert [row[at] for row in rows if row[0] == "合计"] == [9]
    slips = book.get_sheet_by_name("确认单").to_python(skip_empty_area=False)
    assert [row[0] for row in slips[3:]] == [line.slip for line in report.lines]


def test_a_cell_is_text_whatever_it_begins_with(busy: House, tmp_path: Path) -> None:
    """A customer named like a formula runs nowhere."""
    busy.kiosks[1].stamp(busy.source.now, by="B", name="=HYPERLINK(1)", phone="13500000005")
    busy.push(busy.kiosks[1], len(busy.kiosks[1].entries) - 2)
    path = tmp_path / "report.xlsx"
    write_book(path, made(busy, slips=True), (By.OFFICE,), "en")
    slips = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Slips").to_python()
    assert slips[-1][3] == "=***"


def colours(path: Path) -> Counter[str]:
    """Return how many dots of a picture have each colour of a band."""
    with Image.open(path) as image:
        found = image.convert("RGB").getcolors(1 << 24) or []
    near = {band: tuple(int(text[at : at + 2], 16) for at in (1, 3, 5)) for band, text in COLOURS.items()}
    dots: Counter[str] = Counter()
    for count, dot in found:
        for band, colour in near.items():
            if max(abs(a - b) for a, b in zip(dot, colour, strict=True)) <= 6:  # type: ignore[arg-type]
                dots[band] += count
    return dots


def test_the_picture_has_a_bar_as_long_as_its_count_and_says_it_in_words(busy: House, tmp_path: Path) -> None:
    """Dots of each colour stand to each other as the slips do; names and numbers stand in the file's description."""
    report, path = made(busy), tmp_path / "report.png"
    write_chart(path, report, (By.OFFICE,), "zh")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    dots, bands = colours(path), report.total.tally.bands()
    assert set(dots) == set(bands)
    swatch = 22 * 22  # of the legend, at two dots a point
    one = (dots[Band.STANDS] - swatch) / bands[Band.STANDS]
    for band, count in bands.items():
        assert (dots[band] - swatch) / count == pytest.approx(one, rel=0.12), band
    with Image.open(path) as image:
        words = image.info["Description"]
        assert image.info["Title"].startswith("全部楼盘")
    assert "east店" in words
    assert "退单 1（11.1%）" in words
    assert not [name for name in CUSTOMERS if name in words]


def test_a_picture_as_svg_is_a_picture_and_says_its_words_in_english(busy: House, tmp_path: Path) -> None:
    """Drawn as outlines, so that it looks the same everywhere; the description is there for who cannot see it."""
    path = tmp_path / "report.svg"
    write_chart(path, made(busy, pool="river"), tuple(By), "en")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<svg")
    assert "<desc>9 slips handed in: 6 new, 1 amended, 2 renewed; 2 collisions" in text
    assert "人A" in text
    assert "The earlier stamp owns" in text
    assert [band for band in Band if COLOURS[band].lower() in text.lower()]


def test_an_empty_register_makes_an_empty_report(house: House, tmp_path: Path) -> None:
    """No division by nothing, no picture without a page."""
    report = made(house, slips=True)
    write_book(tmp_path / "report.xlsx", report, tuple(By), "zh")
    write_chart(tmp_path / "report.svg", report, tuple(By), "zh")
    assert as_data(report, tuple(By))["total"]["handed_in"] == 0
    done = CliRunner().invoke(command, ["--dir", str(house.config.folder), "--slips"], obj=Words("en"))
    assert (done.exit_code, "There are no slips" in done.output) == (0, True)


def test_a_file_that_cannot_be_written_is_said_before_anything_is_read(busy: House, tmp_path: Path) -> None:
    """So that no approval is used up for nothing; a folder that is full leaves no half file."""
    where = ["--dir", str(busy.config.folder), "--xlsx", str(tmp_path / "none" / "report.xlsx")]
    done = CliRunner().invoke(command, where, obj=Words("zh"))
    assert (done.exit_code, "没有文件夹" in done.output) == (2, True)
    with busy.store.snapshot() as tx:
        assert tx.rows("SELECT * FROM audit WHERE act = 'report'") == []
    (tmp_path / "report.xlsx").mkdir()
    with pytest.raises(UnavailableError, match=r"report\.xlsx"):
        write_book(tmp_path / "report.xlsx", made(busy), tuple(By), "zh")
    assert {one.name for one in tmp_path.iterdir()} == {"data", "report.xlsx"}


def test_the_command_speaks_english_and_gives_data(busy: House) -> None:
    """Codes in the data, words on the screen, no Chinese among them but names."""
    where = ["--dir", str(busy.config.folder), "--by", "outcome"]
    shown = CliRunner().invoke(command, where, obj=Words("en"))
    assert "returned" in shown.output
    data = json.loads(CliRunner().invoke(command, [*where, "--json"], obj=Words("en")).stdout)
    assert set(data["by"]) == {"outcome"}
    assert data["total"]["handed_in"] == 9
    assert sum(one["slips"] for one in data["outcomes"]) == 9
