"""身份核对 at the counter: what the server asks, what the clerk may see of it, and the record that answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import QuestionAnswered
from shared_rules.interval import HOUR
from shared_rules.protocol import QuestionItem
from shared_rules.questioning import QUESTIONS
from tests.kiosk.counters import SALES, Kiosk, press, shown
from tests.kiosk.test_daily_work import SIZE, at_home, fill, written

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    """Return a counter at 09:10."""
    return Kiosk(tmp_path / "kiosk")


def ask(kiosk: Kiosk, slip: str, name: str = "q1", *, withdrawn: str = "", answered: str = "") -> None:
    """Let the server ask about a slip."""
    kiosk.tell(QuestionItem(
        question=name, slip=slip, claim=slip, salesperson=SALES, grounds=("name",), asks=tuple(QUESTIONS),
        due_at=kiosk.desk.now() + 22 * HOUR, withdrawn=withdrawn, answered=answered,
    ))  # fmt: skip


async def test_the_clerk_is_told_asks_and_writes_the_answers_down(kiosk: Kiosk) -> None:
    """F3 from home, Enter, the answers, F9: one record; the line at home, in the queue and at a shift change goes."""
    clerk = kiosk.duty()
    slip = kiosk.stamped("张伟", "13800000001").slip
    ask(kiosk, slip)
    kiosk.desk.people.close_duty(clerk)
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot)
        assert "身份核对 1 项待回答" in shown(app)
        await press(pilot, "2")
        assert "待核对身份 1" in shown(app)
        await press(pilot, "escape", "8")
        assert "身份核对 1 项还没有问" in shown(app)
        await press(pilot, "escape", "f3")
        assert all(word in shown(app) for word in (slip, "陈明", "张伟", "名称相近"))
        await press(pilot, "enter")
        assert "住哪一片" in shown(app)
        await press(pilot, "enter")
        await fill(pilot, "城西", "", "三栋二单元", "太太")
        await press(pilot, "f9")
        assert "没有要核对的单" in shown(app)
        await press(pilot, "escape")
        assert "待回答" not in shown(app)
        await press(pilot, "8")
        assert "还没有问" not in shown(app)
    assert written(kiosk, QuestionAnswered) == [
        QuestionAnswered(
            question="q1",
            claim=slip,
            salesperson=SALES,
            clerk="201",
            answers={"district": "城西", "viewed": "三栋二单元", "companions": "太太"},
        )
    ]


async def test_whoever_cannot_say_says_so(kiosk: Kiosk) -> None:
    """An empty form is refused beside its field; `cannot say` is an answer too, without any text."""
    clerk = kiosk.duty()
    ask(kiosk, kiosk.stamped("张伟", "13800000001").slip)
    kiosk.desk.people.close_duty(clerk)
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot)
        await press(pilot, "f3", "enter", "f9")
        assert "请至少写一项" in shown(app)
        assert written(kiosk, QuestionAnswered) == []
        await press(pilot, "up", "right", "f9")
    assert [fact.answers for fact in written(kiosk, QuestionAnswered)] == [{}]


async def test_a_salesperson_at_the_window_is_not_shown_the_questions(kiosk: Kiosk) -> None:
    """They are the clerk's to ask: the key does nothing while a salesperson is logged in."""
    clerk = kiosk.duty()
    ask(kiosk, kiosk.stamped("张伟", "13800000001").slip)
    kiosk.desk.people.close_duty(clerk)
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot, salesperson=SALES)
        assert "待回答" not in shown(app)
        await press(pilot, "f3")
        assert "名称相近" not in shown(app)


def test_a_question_goes_when_the_server_takes_it_back_or_has_the_answers(kiosk: Kiosk) -> None:
    """Another kiosk of the office answered, or nobody need know any more."""
    kiosk.duty()
    slip = kiosk.stamped("张伟", "13800000001").slip
    ask(kiosk, slip, "q1")
    ask(kiosk, slip, "q2")
    assert len(kiosk.desk.questions.rows()) == 2
    ask(kiosk, slip, "q1", withdrawn="yes")
    ask(kiosk, slip, "q2", answered="yes")
    assert kiosk.desk.questions.rows() == ()


def test_only_a_clerk_answers_and_only_what_is_asked(kiosk: Kiosk) -> None:
    """A salesperson is refused; an unknown question, nothing said, and too long a text name their fields."""
    clerk = kiosk.duty()
    ask(kiosk, kiosk.stamped("张伟", "13800000001").slip)
    with pytest.raises(RefusedError):
        kiosk.desk.questions.answer(kiosk.log_in(), "q1", {"district": "城西"})
    for question, answers, field in (
        ("q9", {"district": "城西"}, "question"), ("q1", {}, "district"), ("q1", {"viewed": "长" * 201}, "viewed"),
    ):  # fmt: skip
        with pytest.raises(InputError) as caught:
            kiosk.desk.questions.answer(clerk, question, answers)
        assert caught.value.field == field
    assert written(kiosk, QuestionAnswered) == []


def test_a_slip_of_another_kiosk_shows_its_number_only(kiosk: Kiosk) -> None:
    """What this kiosk did not stamp it does not know."""
    kiosk.duty()
    ask(kiosk, "E-2-000009")
    (row,) = kiosk.desk.questions.rows()
    assert (row.slip, row.content) == ("E-2-000009", None)


def test_questions_are_forgotten_with_the_servers_older_database(kiosk: Kiosk) -> None:
    """It asks again what it still wants to know; what was answered here stays answered."""
    clerk = kiosk.duty()
    slip = kiosk.stamped("张伟", "13800000001").slip
    ask(kiosk, slip)
    kiosk.desk.questions.answer(clerk, "q1", {}, knows=False)
    kiosk.desk.feed.reset()
    assert kiosk.desk.register.questions() == {}
