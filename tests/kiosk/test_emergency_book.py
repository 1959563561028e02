"""The emergency book: what was signed on paper while the counter could not stamp comes back with the pen's time."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from kiosk.counter import Form, PaperPage, Session
from kiosk.pen import Pen
from shared_rules.errors import InputError, RefusedError, UnavailableError
from shared_rules.facts import Grade, Need, SlipContent, SlipEntered, SlipStamped
from shared_rules.interval import DAY, HOUR, MINUTE
from shared_rules.words import say
from tests.kiosk.test_desk_by_exception import PINS, Counter, counter

__all__ = ["counter"]

CONTENT = SlipContent(names=("张三",), phones=("13800000001",), need=Need(kind="flat"))


def page(counter: Counter, number: str = "17", *, ago: int = 30 * MINUTE, **changes: Any) -> PaperPage:
    """Return a page that was signed a while ago, as the clerk keys it."""
    pen = counter.machine.true - ago
    whole = PaperPage(number, pen, "101", "B201", Form(content=CONTENT, pool="river"))
    return dataclasses.replace(whole, **changes)


def write_up(counter: Counter, keyed_by: Session, one: PaperPage, cosigner: str = "301") -> Any:
    """Key a page, the contract office beside."""
    return counter.desk.write_up(keyed_by, one, cosigner_badge=f"B{cosigner}", cosigner_pin=PINS[cosigner])


def test_a_page_becomes_a_slip_of_the_pens_minute_and_counts_as_entered(counter: Counter) -> None:
    """The day is the pen's; who keyed and who co-signed stand on it; there is no receipt; no entry is owed."""
    clerk = counter.duty()
    stamped = write_up(counter, clerk, page(counter, " ０17 "))
    (slip,) = [one for one in counter.desk.journal.events() if isinstance(one.fact, SlipStamped)]
    assert isinstance(slip.fact, SlipStamped)
    assert (slip.grade, slip.fact.paper, slip.fact.cosigned_by, slip.fact.stamped_by) == (Grade.P, "17", "301", "201")
    pen = counter.machine.true - 30 * MINUTE
    assert (slip.time.lo, slip.time.hi) == (pen - pen % MINUTE, pen - pen % MINUTE + MINUTE - 1)
    assert counter.machine.true <= slip.fact.written_up_at < counter.machine.true + MINUTE
    assert stamped.receipt == b""
    assert "没有时间凭证" in "".join(line.chinese() for line in stamped.lines)
    assert not counter.desk.entry_queue()
    (row,) = counter.desk.my_claims(counter.desk.people.log_in("B101", PINS["101"]))
    assert (row.claim, row.status) == (slip.fact.slip, "upheld")


def test_the_journal_with_a_page_in_it_verifies_and_goes_on(counter: Counter) -> None:
    """A time of the past between two of now is no fallen clock, and the next slip has the next number."""
    clerk = counter.duty()
    first = write_up(counter, clerk, page(counter, ago=5 * HOUR))
    second = counter.desk.stamp(counter.hand_in(name="李四"), "B201")
    counter.desk.journal.verify()
    assert (first.slip[-1], second.slip[-1]) == ("1", "2")
    assert second.grade is Grade.A
    assert second.time.lo > first.time.hi


@pytest.mark.parametrize("ago", [23 * HOUR, 25 * HOUR])
def test_a_page_keyed_late_stands_alone_until_somebody_else_comes(counter: Counter, ago: int) -> None:
    """That its day is a person's question matters only where another slip names the customer."""
    write_up(counter, counter.duty(), page(counter, ago=ago))
    (row,) = counter.desk.my_claims(counter.desk.people.log_in("B101", PINS["101"]))
    assert row.status == "upheld"


def test_a_page_keyed_a_day_late_never_beats_a_proved_stamp(counter: Counter) -> None:
    """Keyed in time it would have; keyed later, the manager looks at the book."""
    clerk = counter.duty()
    stamped = counter.desk.stamp(counter.hand_in("102"), "B201")
    counter.desk.enter(clerk, stamped.slip)
    outcome = write_up(counter, clerk, page(counter, ago=DAY + HOUR))
    assert outcome.conflict
    assert "销售经理" in outcome.answer.chinese()


REFUSED: list[tuple[str, Callable[[Counter], dict[str, Any]], str]] = [
    ("page", lambda _: {"page": "seventeen"}, "page"),
    ("page zero", lambda _: {"page": "000"}, "page"),
    ("endless page", lambda _: {"page": "1234567"}, "page"),
    ("future", lambda c: {"pen_at": c.machine.true + 2 * MINUTE}, "pen_at"),
    ("nobody", lambda _: {"salesperson": "999"}, "salesperson"),
    ("a clerk hands in", lambda _: {"salesperson": "201"}, "salesperson"),
    ("nobody signed", lambda _: {"signed_by": "999"}, "signed_by"),
    ("a salesperson signed", lambda _: {"signed_by": "102"}, "signed_by"),
    ("no content", lambda _: {"form": Form(pool="river")}, "name"),
    ("a renewal", lambda _: {"form": Form(kind="renew", claim="E-1-000001", pool="river")}, "kind"),
]


@pytest.mark.parametrize(("change", "field"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_cannot_stand_on_a_page_is_refused_by_its_field(
    counter: Counter, change: Callable[[Counter], dict[str, Any]], field: str
) -> None:
    """Nothing is written, and no slip number is spent."""
    clerk, before = counter.duty(), counter.desk.journal.slips
    with pytest.raises(InputError) as refused:
        write_up(counter, clerk, page(counter, **change(counter)))
    assert refused.value.field == field
    assert counter.desk.journal.slips == before


@pytest.mark.parametrize("cosigner", ["101", "401", "501"])
def test_somebody_else_of_the_contract_office_co_signs(counter: Counter, cosigner: str) -> None:
    """Neither a salesperson, nor a supervisor, nor the one who keys the page, also with both roles."""
    keyed_by = counter.duty("501")
    with pytest.raises(RefusedError, match="会签"):
        write_up(counter, keyed_by, page(counter), cosigner=cosigner)
    assert counter.desk.journal.slips == 0


def test_a_wrong_pin_of_the_co_signer_writes_nothing(counter: Counter) -> None:
    """The contract office signs with its own PIN."""
    clerk = counter.duty()
    with pytest.raises(InputError) as refused:
        counter.desk.write_up(clerk, page(counter), cosigner_badge="B301", cosigner_pin="000000")
    assert refused.value.field == "pin"
    assert counter.desk.journal.slips == 0


def test_a_page_is_used_once(counter: Counter) -> None:
    """The second one with that number names the slip that has it."""
    clerk = counter.duty()
    first = write_up(counter, clerk, page(counter))
    with pytest.raises(InputError, match=first.slip) as refused:
        write_up(counter, clerk, page(counter, "0017"))
    assert refused.value.field == "page"
    assert write_up(counter, clerk, page(counter, "18")).slip != first.slip


def test_a_disk_that_fails_between_slip_and_entry_leaves_neither(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both stand in one transaction: a slip without its entry would be owed a second look that was done."""
    clerk, add = counter.duty(), Pen.add

    def failing(self: Pen, kind: Any, body: bytes, reading: Any) -> Any:
        if b"slip_entered" in body or b"SlipEntered" in body:
            raise UnavailableError(say("数据库正被别的程序占用"))
        return add(self, kind, body, reading)

    monkeypatch.setattr(Pen, "add", failing)
    with pytest.raises(UnavailableError):
        write_up(counter, clerk, page(counter))
    monkeypatch.undo()
    facts = [one.fact for one in counter.desk.journal.events()]
    assert not [fact for fact in facts if isinstance(fact, SlipStamped | SlipEntered)]
    assert write_up(counter, clerk, page(counter)).slip.endswith("000001")
