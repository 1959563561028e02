"""The open window: digit keys for what the person at it may do, and how much of it waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from kiosk.acts import READERS
from kiosk.counter import Form
from kiosk.screens.ask import Ask
from kiosk.screens.base import CounterScreen, key
from kiosk.screens.claims import Claims, ends_soon
from kiosk.screens.deals import CloseDeal
from kiosk.screens.doctor import Doctor
from kiosk.screens.handover import HandOver
from kiosk.screens.hours import hours_sentence, moment
from kiosk.screens.login import LogIn, Unblock
from kiosk.screens.notices import Notices
from kiosk.screens.paper import Correct, EmergencyPage
from kiosk.screens.query_slips import open_query
from kiosk.screens.questions import Questions, waiting_words
from kiosk.screens.queue import Queue
from kiosk.screens.renewals import Renewals
from kiosk.screens.reports import Report
from kiosk.screens.returns import Returns
from kiosk.screens.rulings import Rulings
from kiosk.screens.seal import Seal, show_last_seal
from kiosk.screens.slip import HandIn
from kiosk.screens.stamp import StampScreen
from kiosk.screens.visits import Visits
from kiosk.widgets.menu import Entry, Menu
from kiosk.widgets.rows import Body
from shared_rules.facts import Role
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import Draft, Sealed, Session

__all__ = ["Home"]


class Home(CounterScreen[str]):
    """One home for both: the clerk's while nobody is logged in, else the salesperson's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("notices", "公告栏", "notices"),
        key("questions", "身份核对", "find"),
        key("examine", "体检", "refresh"),
        key("seal", "封存码", "reprint", show=False),
    ]
    help_words: ClassVar[dict[str, Say | str]] = {
        "": "按数字键选择；F2 锁定；F3 身份核对；F6 公告栏；上下键和回车也可以"
    }

    def heading(self) -> Say | str:
        """Say whose home it is."""
        person = self.counter.person
        if person is not None:
            return person.called
        return say("窗口开着，确认人员 {name}", name=self.desk.people.duty.name if self.desk.people.duty else "")

    def body(self) -> Iterable[Widget]:
        """Lay out hours and menu."""
        yield Static("", classes="said", id="hours", markup=False)
        yield Body(Menu())

    def on_mount(self) -> None:
        """Fill the menu."""
        super().on_mount()
        self.came_back()

    def came_back(self) -> None:
        """Fill title, hours and menu for whoever is here now."""
        menus = self.query(Menu)
        if not menus or self.desk.people.duty is None:
            return
        self.query_one(".title", Static).update(self.speak(self.heading()))
        sentence, tone = hours_sentence(self.desk.windows(), self.desk.now())
        hours = self.query_one("#hours", Static)
        hours.update(self.speak(sentence))
        hours.set_classes(f"said {tone}")
        person = self.counter.person
        menus.first().offer(self._clerk() if person is None else self._of(person))
        menus.first().focus()
        self.refresh_bindings()
        self._say_what_waits(person)

    def _say_what_waits(self, person: Session | None) -> None:
        """Say what no line of the menu stands for: the clerk's questions first, then notices."""
        questions = self.desk.questions.rows() if person is None else ()
        if questions:
            tone = "wrong" if questions[0].due_at < self.desk.now() else "waiting"
            self.say(waiting_words(questions), tone)
        elif self.desk.people.duty is not None:
            unread = self.desk.notices.unread(person or self.desk.people.duty)
            self.say(say("有 {count} 条新公告，按 F6 看", count=unread) if unread else "", "waiting")

    def _clerk(self) -> list[Entry]:
        pending, entries, returns = self.desk.pending(), self.desk.entry_queue(), self.desk.returns.rows()
        now = self.desk.now()
        overdue = entries.overdue(now)
        untold = sum(not row.note for row in returns)
        counts = say(
            "待盖章 {stamps}，待录入 {entries}，超时 {overdue}",
            stamps=len(pending),
            entries=len(entries),
            overdue=overdue,
        )
        told = say("{count} 份，未告知 {untold}", count=len(returns), untold=untold)
        return [
            Entry("1", self.speak("业务员登录"), self.speak("递交、变更、再次确认、签收退单；主管看查询单")),
            Entry(
                "2", self.speak("盖章与录入"), self.speak(counts), "wrong" if overdue else "waiting" if pending else ""
            ),
            *self._contract_office(),
            Entry("4", self.speak("来人来电表"), self.speak("登记来人、来电，看轮到谁")),
            Entry("5", self.speak("补录与更正"), self.speak("应急本补录；写错的字和号码")),
            Entry("6", self.speak("判定"), self.speak(say("已判定 {count}", count=self.desk.register.ruled()))),
            Entry("7", self.speak("要退的单"), self.speak(told), "waiting" if untold else ""),
            Entry("8", self.speak("关窗"), self.speak("交班或打烊")),
            Entry("9", self.speak("解锁"), self.speak("密码错五次的人")),
            Entry("0", self.speak("锁定"), self.speak("离开座位")),
        ]

    def _contract_office(self) -> list[Entry]:
        if self.desk.people.duty is None or not self.desk.people.duty.may(Role.CONTRACT_OFFICE):
            return []
        return [Entry("3", self.speak("认购与签约"), self.speak("签前先查有没有更早的确认"))]

    def _of(self, person: Session) -> list[Entry]:
        """Return what somebody who has logged in may do: a supervisor or manager who sells nothing only looks."""
        if person.may(Role.SALESPERSON):
            return self._salesperson(person)
        filed = say("当天 {count} 份，对照双方日报", count=len(self.desk.queries.rows(person)))
        return [
            Entry("3", self.speak("查询单"), self.speak(filed)),
            Entry("9", self.speak("退出"), self.speak("换下一位")),
            Entry("0", self.speak("锁定"), self.speak("离开窗口")),
        ]

    def _salesperson(self, person: Session) -> list[Entry]:
        claims, now = self.desk.my_claims(person), self.desk.now()
        live = sum(row.status in ("upheld", "awaiting_entry") for row in claims)
        soon = sum(ends_soon(row, now) for row in claims)
        back = sum(row.salesperson == person.number for row in self.desk.returns.rows())
        mine, reads = say("有效 {live}，三天内到期 {soon}", live=live, soon=soon), person.may(*READERS)
        return [
            Entry("1", self.speak("递交确认单"), self.speak("填好后请确认人员盖章")),
            Entry("2", self.speak("批量再次确认"), self.speak("快到期的一起办"), "waiting" if soon else ""),
            Entry("3", self.speak("查询单"), self.speak("交查询单，或看当天的" if reads else "对归属有异议")),
            Entry("4", self.speak("来人来电表"), self.speak("当天接待、接听的都登记")),
            Entry("5", self.speak("业务日报表"), self.speak(self._of_the_report())),
            Entry("6", self.speak("我的客户"), self.speak(mine), "waiting" if soon else ""),
            Entry("7", self.speak("签收退单"), self.speak(say("{count} 份", count=back)), "wrong" if back else ""),
            Entry("8", self.speak("纸质单"), self.speak("只按单号盖章，24 小时内录入内容")),
            Entry("9", self.speak("退出"), self.speak("换下一位")),
            Entry("0", self.speak("锁定"), self.speak("离开窗口")),
        ]

    def _of_the_report(self) -> Say | str:
        count = self.desk.policy().report.copies
        return "按客户编号写，打印三份" if count == 3 else say("按客户编号写，打印 {count} 份", count=count)

    def action_examine(self) -> None:
        """F5: say whether this machine is well."""
        self.app.push_screen(Doctor())

    def action_seal(self) -> None:
        """F10: the last seal, for whoever wants to photograph it."""
        show_last_seal(self)

    def show_seal(self, sealed: Sealed) -> None:
        """Show the code of a window that has just been sealed, unless a salesperson is at work here."""
        if self.counter.person is None:
            self.app.push_screen(Seal(sealed))
        else:
            self.say_sealed(sealed)

    def on_menu_picked(self, message: Menu.Picked) -> None:
        """Do it."""
        person, duty = self.counter.person, self.desk.people.duty
        if duty is None:
            return
        doing = self._for_salesperson(person) if person is not None else self._for_clerk(duty)
        doing[message.digit]()

    def on_menu_scanned(self, message: Menu.Scanned) -> None:
        """A badge at the clerk's home is a salesperson who comes; at a salesperson's home another's covers it first."""
        person = self.counter.person
        if person is None:
            if self.attempt(lambda: self.desk.people.read_badge(message.code)) is not None:
                self.app.push_screen(LogIn(message.code), self._logged_in)
            return
        own = self.attempt(lambda: self.desk.people.bears(person, message.code))
        if own is False:
            self.action_lock()
        elif own:
            self.say(say("{name} 已经登录", name=person.name))

    def _for_clerk(self, duty: Session) -> dict[str, Callable[[], object]]:
        return {
            "1": lambda: self.app.push_screen(LogIn(), self._logged_in),
            "2": lambda: self.app.push_screen(Queue(duty)),
            "3": lambda: self.app.push_screen(CloseDeal(duty)),
            "4": lambda: self.app.push_screen(Visits(duty)),
            "5": lambda: self._ask_which_paper(duty),
            "6": lambda: self.app.push_screen(Rulings(duty)),
            "7": lambda: self.app.push_screen(Returns(duty, own=False)),
            "8": self._ask_to_close,
            "9": lambda: self.app.push_screen(Unblock()),
            "0": self.action_lock,
        }

    def _for_salesperson(self, person: Session) -> dict[str, Callable[[], object]]:
        return {
            "1": lambda: self.app.push_screen(HandIn(person)),
            "2": lambda: self.app.push_screen(Renewals(person)),
            "3": lambda: open_query(self, person),
            "4": lambda: self.app.push_screen(Visits(person)),
            "5": lambda: self.app.push_screen(Report(person)),
            "6": lambda: self.app.push_screen(Claims(person)),
            "7": lambda: self.app.push_screen(Returns(person, own=True)),
            "8": lambda: self._paper(person),
            "9": self._log_out,
            "0": self.action_lock,
        }

    # --- salespeople come and go --------------------------------------------------------------------------------

    def _logged_in(self, result: str | None) -> None:
        person = self.counter.person
        if result is None or person is None:
            return
        self.show_status()
        self.came_back()
        draft = self.desk.draft(person)
        if draft is not None:
            self._offer(person, draft)

    def _offer(self, person: Session, draft: Draft) -> None:
        remark = say("存于 {time}", time=moment(draft.saved_at))
        answers = (("1", say("恢复，接着填")), ("2", say("放弃")))
        self.app.push_screen(
            Ask(say("有一张没交的单"), (remark,), answers), lambda answer: self._resume(person, draft, answer)
        )

    def _resume(self, person: Session, draft: Draft, answer: str | None) -> None:
        if answer == "1":
            self.app.push_screen(HandIn(person, draft.values, at=draft.at, touched=True))
        elif answer == "2":
            self.desk.drop_draft(person, draft.name)

    def _log_out(self) -> None:
        person = self.counter.person
        if person is not None:
            self.desk.people.log_out(person)
            self.counter.person = None
            self.show_status()
            self.came_back()

    def _paper(self, person: Session) -> None:
        pools = tuple(self.desk.place.pools.items())
        if len(pools) == 1:
            self._hand_in_paper(person, pools[0][0])
            return
        answers = tuple((str(place), name) for place, (_, name) in enumerate(pools, 1))
        self.app.push_screen(
            Ask(say("纸质单是哪个盘的？"), (), answers),
            lambda digit: self._hand_in_paper(person, pools[int(digit) - 1][0]) if digit else None,
        )

    def _hand_in_paper(self, person: Session, pool: str) -> None:
        pending = self.attempt(lambda: self.desk.hand_in(person, Form(kind="paper", pool=pool)))
        if pending is not None:
            self.app.push_screen(StampScreen(pending, by=person))

    def _ask_which_paper(self, duty: Session) -> None:
        answers = (("1", say("补录应急本")), ("2", say("更正写错的单")))
        self.app.push_screen(Ask(say("补录与更正"), (), answers), lambda answer: self._open_paper(answer, duty))

    def _open_paper(self, answer: str | None, duty: Session) -> None:
        if answer:
            self.app.push_screen(EmergencyPage(duty) if answer == "1" else Correct(duty))

    def action_notices(self) -> None:
        """F6: the board."""
        session = self.counter.person or self.desk.people.duty
        if session is not None:
            self.app.push_screen(Notices(session))

    def action_questions(self) -> None:
        """F3: what the clerk has to ask the own salespeople."""
        if self.counter.person is None and self.desk.people.duty is not None:
            self.app.push_screen(Questions(self.desk.people.duty))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The questions are the clerk's, and their key is there while there are some."""
        if action == "questions":
            return self.counter.person is None and bool(self.desk.questions.rows())
        return super().check_action(action, parameters)

    # --- leaving ----------------------------------------------------------------------------------------------

    def action_back(self) -> None:
        """Esc: a salesperson goes, the clerk is asked."""
        if self.counter.person is not None:
            self._log_out()
        else:
            self._ask_to_close()

    def _ask_to_close(self) -> None:
        opens = self.desk.windows().next_open
        answers = (
            ("1", say("不关")),
            ("2", say("交班，别人接着开窗")),
            ("3", say("打烊，到 {time} 以前不再盖章", time=moment(opens))),
            ("4", say("当面交接班：点清纸质单，两人刷工牌")),
        )
        self.app.push_screen(Ask(say("关窗？"), self._left_over(), answers), lambda answer: self._close(answer, opens))

    def _left_over(self) -> tuple[Say, ...]:
        """Say what goes to whoever comes next: waiting stamps, entries, notes nobody was given, questions not asked."""
        pending, entries, returns = self.desk.pending(), self.desk.entry_queue(), self.desk.returns.rows()
        untold, asked = sum(not row.note for row in returns), len(self.desk.questions.rows())
        left = [
            say("待盖章 {stamps} 份还在排队", stamps=len(pending)) if pending else say("没有单在排队"),
            say("待录入 {entries} 份，最早 {time} 以前", entries=len(entries), time=moment(entries[0].due_at))
            if entries else say("没有单待录入"),
            say("退单 {count} 份还没有告知业务员", count=untold) if untold else say("退单都已告知"),
            *([say("身份核对 {count} 项还没有问", count=asked)] if asked else []),
        ]  # fmt: skip
        return tuple(left)

    def _close(self, answer: str | None, opens: int) -> None:
        duty = self.desk.people.duty
        if answer == "4" and duty is not None:
            self.app.push_screen(HandOver(duty, self._left_over()))
        if answer not in ("2", "3") or duty is None:
            return
        until = opens - 1 if answer == "3" else 0
        promised = self.attempt(lambda: (self.desk.people.close_duty(duty, until=until),))
        if promised is None:
            return
        self.dismiss("closed")
        if promised[0]:
            show_last_seal(self)
