"""The counter by lines: a screen reader reads every word of it, and every act is the same fact as on the screens."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
import pytest

from kiosk.plain import PlainCounter
from kiosk.words import LEXICON
from shared_rules.badges import made
from shared_rules.facts import (
    CustomerKind,
    DutyClosed,
    QuestionAnswered,
    Role,
    SlipEntered,
    SlipReturned,
    SlipStamped,
)
from shared_rules.interval import DAY, HOUR
from tests.kiosk.counters import CLERK, OFFICE, OTHER, PINS, SALES, START_PIN, Kiosk, facts_of
from tests.kiosk.test_daily_work import written
from tests.kiosk.test_questions import ask
from tests.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from shared_rules.words import Language


@dataclass
class Script:
    """Answers given in order; every line that was told is kept."""

    answers: list[str]
    told: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    async def ask(self, question: str, *, secret: bool = False) -> str:
        if not self.answers:
            raise EOFError
        self.told.append(question)
        if secret:
            self.secrets.append(question)
        return self.answers.pop(0)

    def tell(self, text: str) -> None:
        self.told.append(text)


async def played(kiosk: Kiosk, *answers: str, language: Language = "zh") -> list[str]:
    """Answer line by line, and return everything that was said."""
    script = Script(list(answers))
    await PlainCounter(kiosk.desk, script, lambda one: LEXICON.text(one, language), language).run()
    assert script.answers == [], "answers nobody asked for"
    return script.told


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    """Return a counter at 09:10."""
    return Kiosk(tmp_path / "kiosk")


OPEN = (f"B{CLERK}", PINS[CLERK])
IN = (f"B{SALES}", PINS[SALES])


async def test_a_slip_is_handed_in_stamped_and_entered_by_lines(kiosk: Kiosk) -> None:
    """Number, time and the office's own check are told; then the second look; then the window is closed."""
    told = await played(
        kiosk, *OPEN, "1", *IN, "1", "王小明", "13800138000", "住宅", f"B{CLERK}", "2", "1", "5"
    )  # fmt: skip
    facts = facts_of(kiosk)
    stamped = next(fact for fact in facts if isinstance(fact, SlipStamped))
    assert stamped.content is not None
    assert (stamped.salesperson, stamped.content.names) == (SALES, ("王小明",))
    assert any(isinstance(fact, SlipEntered) for fact in facts)
    assert isinstance(facts[-1], DutyClosed)
    assert any(stamped.slip in line for line in told)
    assert list(kiosk.folder.spool.glob(f"{stamped.slip}-receipt-*.txt"))


async def test_a_units_slip_asks_for_unit_and_contact(kiosk: Kiosk) -> None:
    """The name may stay empty then."""
    await played(kiosk, *OPEN, "1", *IN, "2", "滨江置业有限公司", "刘经理", "", "021-55550000", "", f"B{CLERK}", "5")
    content = next(e.fact.content for e in kiosk.desk.journal.events() if isinstance(e.fact, SlipStamped))
    assert content is not None
    assert (content.kind, content.company, content.contact) == (CustomerKind.COMPANY, "滨江置业有限公司", "刘经理")


async def test_the_contract_office_is_asked_why_it_stamps_outside_the_hours(kiosk: Kiosk) -> None:
    """By number, from the reasons that the policy knows (一.3); the reason stands in the record."""
    kiosk.machine.run(3 * HOUR)
    office = (f"B{OFFICE}", PINS[OFFICE])
    await played(kiosk, *office, "1", *IN, "1", "王小明", "13800138000", "", "1", f"B{OFFICE}", "5")
    stamped = [event.fact for event in kiosk.desk.journal.events() if isinstance(event.fact, SlipStamped)]
    assert [(one.stamped_role, one.exceptional) for one in stamped] == [
        (Role.CONTRACT_OFFICE, kiosk.desk.windows().reasons[0])
    ]


async def test_an_empty_line_goes_back_and_a_wrong_answer_is_said_in_words(kiosk: Kiosk) -> None:
    """Nothing is half done; a slip without its stamp waits in the queue."""
    told = await played(
        kiosk, f"B{CLERK}", "000000", *OPEN, "9", "", "1", *IN, "1", "王小明", "没有", "", "1", *IN, "1", "王小明",
        "13800138000", "", "", "5",
    )  # fmt: skip
    said = "\n".join(told)
    assert "密码不对" in said
    assert "请输入 1 到 5" in said
    assert "里没有号码" in said
    assert len(kiosk.desk.pending()) == 1
    assert not any(isinstance(event.fact, SlipStamped) for event in kiosk.desk.journal.events())


async def test_returns_are_read_out_and_told(kiosk: Kiosk) -> None:
    """The note without the holder; the act is recorded once."""
    clerk = kiosk.duty()
    kiosk.stamped("张三", "13800000001")
    kiosk.machine.run(DAY)
    kiosk.desk.journal.anchored(kiosk.authority.note(kiosk.machine), kiosk.machine.tick(), kiosk.machine.tick())
    kiosk.stamped("张三", "13800000001", by=OTHER)
    kiosk.desk.people.close_duty(clerk)
    told = await played(kiosk, *OPEN, "3", "1", "5")
    assert any("13800000001" in line for line in told) is False
    assert [event.fact.note for event in kiosk.desk.journal.events() if isinstance(event.fact, SlipReturned)] == [
        "shown"
    ]


async def test_the_first_login_sets_an_own_pin_by_lines(tmp_path: Path) -> None:
    """Asked twice, hidden; in English too."""
    kiosk = Kiosk(tmp_path / "kiosk", pins_set=False)
    badge = f"B{CLERK}"
    told = await played(
        kiosk, badge, START_PIN, "604135", "111", badge, START_PIN, "604135", "604135", "5", language="en"
    )  # fmt: skip
    assert any("PIN" in line for line in told)
    assert not any("一" <= letter <= "鿿" for line in told for letter in line.replace("王芳", ""))
    assert Role.CLERK in kiosk.desk.staff.person(kiosk.desk.staff.find(badge)).roles


def asked(kiosk: Kiosk) -> str:
    """Let the server ask about a slip that is stamped now; return its number."""
    clerk = kiosk.duty()
    slip = kiosk.stamped("张伟", "13800000001").slip
    ask(kiosk, slip)
    kiosk.desk.people.close_duty(clerk)
    return slip


async def test_questions_are_listed_and_answered_by_lines_as_on_the_screen(kiosk: Kiosk) -> None:
    """The own slip only, without its number; the same record, what was left out is not in it, and the list is empty."""
    slip = asked(kiosk)
    told = await played(kiosk, *OPEN, "4", "1", "1", "城西", "", "三栋二单元", "太太", "4", "5")
    assert written(kiosk, QuestionAnswered) == [
        QuestionAnswered(
            question="q1", claim=slip, salesperson=SALES, clerk=CLERK,
            answers={"district": "城西", "viewed": "三栋二单元", "companions": "太太"},
        )
    ]  # fmt: skip
    assert any(all(word in line for word in (slip, "陈明", "张伟", "名称相近")) for line in told)
    assert not any("13800000001" in line for line in told)
    assert told.count("没有要核对的单") == 2


async def test_who_cannot_say_says_so_by_lines_too(kiosk: Kiosk) -> None:
    """Nothing is asked then; an empty line before that writes nothing."""
    asked(kiosk)
    told = await played(kiosk, *OPEN, "4", "1", "", "4", "1", "2", "5")
    assert [fact.answers for fact in written(kiosk, QuestionAnswered)] == [{}]
    assert not any("哪一片" in line for line in told)


async def test_an_answer_that_cannot_be_taken_is_asked_for_again(kiosk: Kiosk) -> None:
    """Too long, or nothing at all: said in words, the other answers stay; an empty line leaves without a record."""
    asked(kiosk)
    told = await played(
        kiosk, *OPEN, "4", "1", "1", "", "", "", "", "", "4", "1", "1", "", "长" * 201, "三栋", "", "城里", "5"
    )  # fmt: skip
    assert any("请至少写一项" in line for line in told)
    assert [fact.answers for fact in written(kiosk, QuestionAnswered)] == [{"workplace": "城里", "viewed": "三栋"}]


async def test_a_question_about_a_slip_of_another_kiosk_says_so_in_english_too(kiosk: Kiosk) -> None:
    """Its content is not here."""
    ask(kiosk, "E-2-000009")
    told = await played(kiosk, *OPEN, "4", "", "5", language="en")
    assert any("E-2-000009" in line and "not stamped at this kiosk" in line for line in told)


async def test_a_misread_badge_is_asked_for_again_before_the_pin(kiosk: Kiosk) -> None:
    """With the remedy in words; an empty line goes back from there too."""
    badge = made(482913)
    kiosk.tell(msgspec.structs.replace(kiosk.desk.staff.items()[CLERK], badge=badge))
    told = await played(kiosk, badge[:-1], "", badge[:-1], badge, PINS[CLERK], "5")
    assert [line for line in told if "再刷一次" in line] == ["工牌没有读对，请再刷一次；还不行就输入工号"] * 2
    assert sum("密码" in line for line in told) == 1


def test_the_command_speaks_over_a_pipe(tmp_path: Path) -> None:
    """A real process: the lines end, and it ends; what was stamped stands."""
    kiosk = Kiosk(tmp_path / "kiosk")
    kiosk.desk.close()
    answers = "\n".join(OPEN) + "\n5\n"
    done = subprocess.run(
        [sys.executable, "-m", "kiosk.cli", "kiosk", "--plain", "--dir", str(kiosk.folder.root)], input=answers,
        capture_output=True, text=True, cwd=ROOT, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "窗口开着，确认人员 王芳" in done.stdout
    kiosk.open()
    kiosk.desk.close()
