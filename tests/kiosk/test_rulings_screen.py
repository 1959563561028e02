"""The rulings that came are read at the counter, each with its sentence and its clauses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.screens.claims import Claims
from shared_rules.interval import DAY
from shared_rules.protocol import ReasonItem, RulingItem, Sentence
from tests.kiosk.counters import CLERK, OTHER, PINS, SALES, Kiosk, press, shown, write

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot


async def log_in(pilot: Pilot[int], number: str) -> None:
    """Badge, PIN, F9."""
    await write(pilot, f"B{number}")
    await press(pilot, "enter")
    await write(pilot, PINS[number])
    await press(pilot, "f9")


def ruled(kiosk: Kiosk, slip: str, status: str, clause: str, words: str, *, waits: str = "") -> None:
    """Let the server rule."""
    kiosk.tell(RulingItem(
        claim=slip, slip=slip, status=status, provisional="yes" if waits else "",
        reasons=(ReasonItem(clause=clause, sentence=Sentence(msgid=words)),),
        pending_on=(Sentence(msgid=waits),) if waits else (),
    ))  # fmt: skip


async def test_a_ruling_is_read_with_its_sentence_clause_and_what_it_waits_for(tmp_path: Path) -> None:
    """The clerk sees all of the office, a salesperson's claim shows its own reasons; no holder is named."""
    kiosk = Kiosk(tmp_path / "kiosk")
    kiosk.duty()
    first = kiosk.stamped("张三", "13800000001")
    kiosk.machine.run(DAY)
    second = kiosk.stamped("张三", "13800000001", by=OTHER)
    kiosk.desk.people.close_duty(kiosk.desk.people.duty)  # type: ignore[arg-type]
    ruled(kiosk, first.slip, "upheld", "二.2.1", "没有更早的确认", waits="西店报到")
    ruled(kiosk, second.slip, "returned", "二.2.1", "已有更早的确认，请停止联系该客户")
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        await log_in(pilot, CLERK)
        assert "已判定 2" in shown(app)
        await press(pilot, "6")
        text = shown(app)
        assert text.index(second.slip) > 0
        assert "已退单" in text
        assert "李娜" in text
        await press(pilot, "f3")
        await write(pilot, second.slip)
        await press(pilot, "f9", "enter")
        text = shown(app)
        assert "已有更早的确认，请停止联系该客户" in text
        assert "二.2.1" in text
        assert "终局" in text
        assert "陈明" not in text
        await press(pilot, "escape", "escape", "1")
        await log_in(pilot, SALES)
        await press(pilot, "6")
        assert isinstance(app.screen, Claims)
        await press(pilot, "enter")
        text = shown(app)
        assert "没有更早的确认" in text
        assert "暂定" in text


def test_a_salesperson_reads_only_rulings_on_the_own_slips(tmp_path: Path) -> None:
    """Nobody sees a colleague's customers ruled on (五)."""
    kiosk = Kiosk(tmp_path / "kiosk")
    clerk = kiosk.duty()
    own, other = kiosk.stamped("张三", "13800000001"), kiosk.stamped("李四", "13800000002", by=OTHER)
    for stamped in (own, other):
        ruled(kiosk, stamped.slip, "upheld", "二.2.1", "没有更早的确认")
    assert [row.slip for row in kiosk.desk.rulings(kiosk.log_in(SALES))] == [own.slip]
    assert {row.slip for row in kiosk.desk.rulings(clerk)} == {own.slip, other.slip}
