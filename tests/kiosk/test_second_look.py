"""The second look, and slips that go back: what the clerk has to do within its hours (一.4), over a real journal."""

from __future__ import annotations

from datetime import date

import pytest

from shared_rules.data import policy_text
from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import SlipContent, SlipEntered, SlipReturned
from shared_rules.interval import DAY, MINUTE
from shared_rules.protocol import ClosedDaysItem, HolderItem, PolicyItem, ReturnItem
from tests.kiosk.counters import OTHER, Kiosk, facts_of
from tests.kiosk.test_desk import PERSON, kiosk

__all__ = ["kiosk"]

OFFICE_HOURS = policy_text("default").replace("business_hours = false", "business_hours = true")


def test_the_queue_and_the_return_are_due_by_office_hours_where_the_policy_says_so(kiosk: Kiosk) -> None:
    """一.4, business_hours: three days of eight hours, and none on a day declared closed; both lists agree."""
    kiosk.duty()
    kiosk.tell(PolicyItem(pool="river", start=date(2026, 1, 1), policy="other", text=OFFICE_HOURS))
    kiosk.stamped("张三", "13800000001", by=OTHER)
    kiosk.machine.run(DAY)
    stamped = kiosk.stamped("张三", "13800000001")
    for days, shut in ((3, ()), (4, (date(2026, 3, 5),))):
        kiosk.tell(*(ClosedDaysItem(first=day, last=day) for day in shut))
        (back,) = kiosk.desk.returns.rows()
        waiting = kiosk.desk.entry_queue().find(stamped.slip)
        assert waiting is not None
        assert waiting.due_at == back.due_at == stamped.time.lo + days * DAY


def test_entries_are_ordered_by_the_time_left_and_done_by_the_clerk(kiosk: Kiosk) -> None:
    """一.4: what was stamped first is due first; a salesperson does not enter."""
    duty = kiosk.duty()
    first = kiosk.stamped("张三", "13800000001").slip
    kiosk.machine.run(10 * MINUTE)
    second = kiosk.stamped("李四", "13800000002").slip
    assert [row.slip for row in kiosk.desk.entry_queue()] == [first, second]
    assert kiosk.desk.entry_queue()[0].due_at < kiosk.desk.entry_queue()[1].due_at
    with pytest.raises(RefusedError, match="确认人员"):
        kiosk.desk.enter(kiosk.log_in(), first)
    kiosk.desk.enter(duty, first)
    assert [row.slip for row in kiosk.desk.entry_queue()] == [second]
    with pytest.raises(InputError) as raised:
        kiosk.desk.enter(duty, first)
    assert raised.value.field == "slip"


def test_a_paper_slip_is_stamped_by_number_and_its_phone_entered_twice_alike(kiosk: Kiosk) -> None:
    """Two different phones, or a missing one, and nothing is entered."""
    duty = kiosk.duty()
    slip = kiosk.stamped("", "", kind="paper").slip
    (row,) = kiosk.desk.entry_queue()
    assert row.content is None
    for content, again, field in [
        (None, "", "name"),
        (PERSON, "13800000002", "phone_again"),
        (SlipContent(names=("张三",)), "", "phone"),
    ]:
        with pytest.raises(InputError) as raised:
            kiosk.desk.enter(duty, slip, content, phone_again=again)
        assert raised.value.field == field
    kiosk.desk.enter(duty, slip, PERSON, phone_again="138 0000 0001")
    fact = facts_of(kiosk)[-1]
    assert isinstance(fact, SlipEntered)
    assert fact.content == PERSON
    assert not kiosk.desk.entry_queue()


# --- slips that go back


def test_a_return_is_printed_and_done_only_by_its_salespersons_signature(kiosk: Kiosk) -> None:
    """The note names clause and remedy, never the holder; a second print is marked."""
    duty = kiosk.duty()
    kiosk.stamped("张三", "13800000001")
    kiosk.machine.run(DAY)
    late = kiosk.stamped("张三", "13800000001", by=OTHER).slip
    assert [kiosk.desk.returns.print(duty, late, "zh") for _ in range(2)] == [1, 2]
    first, second = ((kiosk.folder.spool / f"{late}-return-{copy}.txt").read_text(encoding="utf-8") for copy in (1, 2))
    assert "二.2.1" in first
    assert "陈明" not in first
    assert "补打" not in first
    assert "【补打】第 2 份" in second
    assert kiosk.desk.returns.rows()[0].note == "printed"
    with pytest.raises(RefusedError, match="李娜 本人"):
        kiosk.desk.returns.record(kiosk.log_in(), late, "acknowledged")
    with pytest.raises(RefusedError, match="确认人员"):
        kiosk.desk.returns.record(kiosk.log_in(OTHER), late, "shown")
    kiosk.desk.returns.record(kiosk.log_in(OTHER), late, "acknowledged")
    assert kiosk.desk.returns.rows() == ()
    with pytest.raises(InputError) as raised:
        kiosk.desk.returns.note(late)
    assert raised.value.field == "slip"
    assert [fact.note for fact in facts_of(kiosk) if isinstance(fact, SlipReturned)] == [
        "printed", "printed", "acknowledged",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("whom", "line"),
    [("nobody", ""), ("office", "该客户已由 东店 确认"), ("salesperson", "该客户已由 东店 的 陈明 确认")],
)
def test_the_note_names_the_holder_as_far_as_the_policy_lets_it(kiosk: Kiosk, whom: str, line: str) -> None:
    """一.4, reveal_holder: from this office's own slips first, then from the server's word; screen and paper alike."""
    text = policy_text("default").replace('"nobody"', f'"{whom}"')
    kiosk.tell(PolicyItem(pool="river", start=date(2026, 1, 1), policy="other", text=text))
    duty = kiosk.duty()
    kiosk.stamped("张三", "13800000001")
    kiosk.machine.run(DAY)
    late = kiosk.stamped("张三", "13800000001", by=OTHER).slip
    said = [one.chinese() for one in kiosk.desk.returns.note(late)]
    assert [one for one in said if one.startswith("该客户已由")] == ([line] if line else [])
    kiosk.desk.returns.print(duty, late, "zh")
    paper = (kiosk.folder.spool / f"{late}-return-1.txt").read_text(encoding="utf-8")
    assert ("陈明" in paper) == (whom == "salesperson")
    assert not line or line in paper
    kiosk.tell(ReturnItem(
        slip=late, claim=late, salesperson=OTHER, reasons=(), due_at=1,
        holders=(HolderItem(office="城西店", salesperson="周涛"),),
    ))  # fmt: skip
    assert "该客户已由 城西店 的 周涛 确认" in [one.chinese() for one in kiosk.desk.returns.note(late)]


def test_a_full_disk_at_the_printer_leaves_the_stamp_standing(kiosk: Kiosk) -> None:
    """The spool cannot be written: said on the top line, tried again, and nothing is ordered twice."""
    kiosk.duty()
    stamped = kiosk.stamped("张三", "13800000001")
    spool = kiosk.folder.spool
    spool.write_text("in the way")
    kiosk.desk.print_receipt(stamped, "zh")
    sentence = kiosk.desk.status(online=True).sentence
    assert sentence is not None
    assert "1 份没打出来，会自动再试：打印件写不进磁盘；盖章已生效" in sentence.chinese()
    spool.unlink()
    kiosk.desk.printing.work()
    assert kiosk.desk.status(online=True).sentence is None
    path = spool / f"{stamped.slip}-receipt-1.txt"
    text = path.read_text(encoding="utf-8")
    assert stamped.slip in text
    assert "补打" not in text
    assert "可能重复" not in text
    assert path.stat().st_mode & 0o777 == 0o600
