"""The open window: digit keys for what the person at it may do, and how much of it waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from kiosk.counter import Form
from kiosk.screens.ask import Ask
from kiosk.screens.base import CounterScreen
from kiosk.screens.claims import Claims, ends_soon
from kiosk.screens.hours import hours_sentence, moment
from kiosk.screens.login import LogIn, Unblock
from kiosk.screens.queue import Queue
from kiosk.screens.returns import Returns
from kiosk.screens.slip import HandIn
from kiosk.screens.stamp import StampScreen
from kiosk.widgets.menu import Entry, Menu
from kiosk.widgets.rows import Body
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.widget import Widget

    from kiosk.counter import Draft, Session

__all__ = ["Home"]


class Home(CounterScreen[str]):
    """One home for both: the clerk's while nobody is logged in, else the salesperson's."""

    help_words: ClassVar[dict[str, Say | str]] = {"": "按数字键选择；F2 锁定；上下键和回车也可以"}

    def heading(self) -> Say | str:
        """Say whose home it is."""
        person = self.counter.person
        if person is not None:
            return say("业务员 {name}", name=person.name)
        return say("窗口开着，确认人员 {name}", name=self.desk.duty.name if self.desk.duty else "")

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
        if not menus or self.desk.duty is None:
            return
        self.query_one(".title", Static).update(self.speak(self.heading()))
        sentence, tone = hours_sentence(self.desk.windows(), self.desk.now())
        hours = self.query_one("#hours", Static)
        hours.update(self.speak(sentence))
        hours.set_classes(f"said {tone}")
        person = self.counter.person
        menus.first().offer(self._salesperson(person) if person is not None else self._clerk())
        menus.first().focus()

    def _clerk(self) -> list[Entry]:
        pending, entries, returns = self.desk.pending(), self.desk.entry_queue(), self.desk.returns()
        now = self.desk.now()
        overdue = sum(row.due_at < now for row in entries)
        untold = sum(not row.note for row in returns)
        counts = say(
            "待盖章 {stamps}，待录入 {entries}，超时 {overdue}",
            stamps=len(pending),
            entries=len(entries),
            overdue=overdue,
        )
        told = say("{count} 份，未告知 {untold}", count=len(returns), untold=untold)
        return [
            Entry("1", self.speak("业务员登录"), self.speak("递交、变更、再次确认、签收退单")),
            Entry(
                "2", self.speak("盖章与录入"), self.speak(counts), "wrong" if overdue else "waiting" if pending else ""
            ),
            Entry("7", self.speak("要退的单"), self.speak(told), "waiting" if untold else ""),
            Entry("8", self.speak("关窗"), self.speak("交班或下班")),
            Entry("9", self.speak("解锁"), self.speak("密码错五次的人")),
            Entry("0", self.speak("锁定"), self.speak("离开座位")),
        ]

    def _salesperson(self, person: Session) -> list[Entry]:
        claims, now = self.desk.my_claims(person), self.desk.now()
        live = sum(row.status in ("upheld", "awaiting_entry") for row in claims)
        soon = sum(ends_soon(row, now) for row in claims)
        back = sum(row.salesperson == person.number for row in self.desk.returns())
        mine = say("有效 {live}，三天内到期 {soon}", live=live, soon=soon)
        return [
            Entry("1", self.speak("递交确认单"), self.speak("填好后请确认人员盖章")),
            Entry("6", self.speak("我的客户"), self.speak(mine), "waiting" if soon else ""),
            Entry("7", self.speak("签收退单"), self.speak(say("{count} 份", count=back)), "wrong" if back else ""),
            Entry("8", self.speak("纸质单"), self.speak("只按单号盖章，24 小时内录入内容")),
            Entry("9", self.speak("退出"), self.speak("换下一位")),
            Entry("0", self.speak("锁定"), self.speak("离开窗口")),
        ]

    def on_menu_picked(self, message: Menu.Picked) -> None:
        """Do it."""
        person, duty = self.counter.person, self.desk.duty
        if duty is None:
            return
        doing = self._for_salesperson(person) if person is not None else self._for_clerk(duty)
        doing[message.digit]()

    def _for_clerk(self, duty: Session) -> dict[str, Callable[[], object]]:
        return {
            "1": lambda: self.app.push_screen(LogIn(), self._logged_in),
            "2": lambda: self.app.push_screen(Queue(duty)),
            "7": lambda: self.app.push_screen(Returns(duty, own=False)),
            "8": self._ask_to_close,
            "9": lambda: self.app.push_screen(Unblock()),
            "0": self.action_lock,
        }

    def _for_salesperson(self, person: Session) -> dict[str, Callable[[], object]]:
        return {
            "1": lambda: self.app.push_screen(HandIn(person)),
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
            self.desk.log_out(person)
            self.counter.person = None
            self.show_status()
            self.came_back()

    def _paper(self, person: Session) -> None:
        pending = self.attempt(lambda: self.desk.hand_in(person, Form(kind="paper")))
        if pending is not None:
            self.app.push_screen(StampScreen(pending, by=person))

    # --- leaving ----------------------------------------------------------------------------------------------

    def action_back(self) -> None:
        """Esc: a salesperson goes, the clerk is asked."""
        if self.counter.person is not None:
            self._log_out()
        else:
            self._ask_to_close()

    def _ask_to_close(self) -> None:
        answers = (("1", say("不关")), ("2", say("关窗")))
        waiting = len(self.desk.pending())
        remark = say("待盖章 {stamps} 份还在排队", stamps=waiting) if waiting else say("没有单在排队")
        self.app.push_screen(Ask(say("关窗？"), (remark,), answers), self._close)

    def _close(self, answer: str | None) -> None:
        duty = self.desk.duty
        if answer == "2" and duty is not None and self.attempt(lambda: self._close_window(duty)) is not None:
            self.dismiss("closed")

    def _close_window(self, duty: Session) -> Session:
        self.desk.close_duty(duty)
        return duty
