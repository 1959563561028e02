"""柜台的逐行方式: hand-in, stamp, entry and returns as questions and answers, for screen readers and serial lines.

One question a line, one answer a line; nothing is drawn, nothing moves. An empty answer goes back. It calls the same
verbs as the screens, and knows no terminal: lines come in and go out by what it is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kiosk.counter import Form
from kiosk.desk import PinNeededError
from kiosk.hours import asks_reason
from kiosk.questions import LEAD, alike
from kiosk.slips import who
from shared_rules.errors import InputError, XianhouError
from shared_rules.facts import CustomerKind, Need, SlipContent
from shared_rules.interval import to_the_minute
from shared_rules.questioning import QUESTIONS
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.counter import QueueRow, ReturnRow, Session
    from kiosk.desk import Desk
    from kiosk.questions import QuestionRow
    from shared_rules.words import Language

__all__ = ["Lines", "PlainCounter"]


class Lines(Protocol):
    """Where the questions go and the answers come from."""

    async def ask(self, question: str, *, secret: bool = False) -> str:
        """Return one line; EOFError where there are no more."""

    def tell(self, text: str) -> None:
        """Print one line."""


class _BackError(Exception):
    """An empty answer: back to the menu."""


@dataclass(slots=True)
class PlainCounter:
    """One counter by lines."""

    desk: Desk
    lines: Lines
    speak: Callable[[Say | str], str]
    language: Language

    async def run(self) -> None:
        """Answer until the clerk leaves or the lines end; then the window is closed without a promise."""
        try:
            while True:
                if self.desk.people.duty is None:
                    await self._open()
                elif not await self._menu(self.desk.people.duty):
                    return
        except EOFError:
            return

    # --- asking and telling

    def _tell(self, *sentences: Say | str) -> None:
        for sentence in sentences:
            self.lines.tell(self.speak(sentence))

    async def _ask(self, question: Say | str, *, secret: bool = False, may_be_empty: bool = False) -> str:
        words = self.speak(question)
        colon = " " if words.endswith(("？", "?")) else ": "
        answer = (await self.lines.ask(words + colon, secret=secret)).strip()
        if not answer and not may_be_empty:
            raise _BackError
        return answer

    async def _choose(self, question: Say | str, *answers: Say | str) -> int:
        """Return the number of an answer, from 1."""
        self._tell(question, *(f"{number} {self.speak(answer)}" for number, answer in enumerate(answers, 1)))
        while True:
            digit = await self._ask(say("请输入数字"))
            if digit.isascii() and digit.isdigit() and 1 <= int(digit) <= len(answers):
                return int(digit)
            self._tell(say("请输入 1 到 {most}；空行返回", most=len(answers)))

    async def _badge(self, question: Say | str) -> str:
        """Ask for a badge or number until it is no misread badge."""
        while True:
            try:
                return self.desk.people.read_badge(await self._ask(question))
            except InputError as error:
                self._tell(error.sentence)

    async def _credentials(self, log_in: Callable[[str, str], Session]) -> Session:
        badge = await self._badge(say("工牌或工号"))
        pin = await self._ask(say("密码"), secret=True)
        try:
            return log_in(badge, pin)
        except PinNeededError:
            own = await self._ask(say("第一次登录：换成自己的密码"), secret=True)
            if own != await self._ask(say("再输一遍"), secret=True):
                self._tell(say("两遍不一样，请再输一遍"))
                raise _BackError from None
            self.desk.people.set_pin(badge, pin, own)
            return log_in(badge, own)

    # --- what can be done

    async def _open(self) -> None:
        self._tell(say("窗口未开"))
        try:
            await self._credentials(self.desk.people.open_duty)
        except _BackError:
            return
        except XianhouError as error:
            self._tell(error.sentence)

    def _seal(self) -> None:
        """Tell what was sealed since somebody last answered."""
        try:
            sealed = self.desk.seals.work(self.language)
        except XianhouError as error:
            self._tell(error.sentence)
            return
        if sealed is not None:
            self._tell(*sealed.lines)

    async def _menu(self, duty: Session) -> bool:
        self._seal()
        pending, entries, returns = self.desk.pending(), self.desk.entry_queue(), self.desk.returns.rows()
        self._tell(say("待盖章 {stamps}，待录入 {entries}", stamps=len(pending), entries=len(entries)))
        questions = self.desk.questions.rows()
        doing = [self._hand_in, self._enter, self._return, self._questions]
        try:
            digit = await self._choose(
                say("窗口开着，确认人员 {name}", name=duty.name), say("递交确认单"), say("录入"),
                say("要退的单 {count}", count=len(returns)), say("身份核对 {count}", count=len(questions)), say("关窗"),
            )  # fmt: skip
            if digit > len(doing):
                self.desk.people.close_duty(duty)
                return False
            await doing[digit - 1](duty)
        except _BackError:
            pass
        except XianhouError as error:
            self._tell(error.sentence)
        return True

    async def _hand_in(self, _: Session) -> None:
        self._tell(say("业务员登录"))
        person = await self._credentials(self.desk.people.log_in)
        try:
            form = Form(pool=await self._pool(), content=await self._content(), exceptional=await self._reason())
            problems = self.desk.check(form)
            if problems:
                self._tell(*(problem.sentence for problem in problems))
                return
            pending = self.desk.hand_in(person, form)
            self._tell(say("已递交，请确认人员核对后盖章"))
            badge = await self._badge(say("确认人员工牌（空行不盖章，单留在队里）"))
            stamped = self.desk.stamp(pending.id, badge)
            self._tell(*stamped.lines)
            self.desk.print_receipt(stamped, self.language)
        finally:
            self.desk.people.log_out(person)

    async def _pool(self) -> str:
        pools = tuple(self.desk.place.pools.items())
        if len(pools) == 1:
            return pools[0][0]
        return pools[await self._choose(say("盘"), *(name for _, name in pools)) - 1][0]

    async def _reason(self) -> str:
        window = self.desk.windows()
        if not asks_reason(self.desk.people.duty, window):
            return ""
        return window.reasons[await self._choose(say("特殊原因"), *window.reasons) - 1]

    async def _content(self) -> SlipContent:
        company = await self._choose(say("客户类别"), say("个人"), say("单位")) == 2
        unit = await self._ask(say("单位全称")) if company else ""
        contact = await self._ask(say("联系人")) if company else ""
        name = await self._ask(say("客户姓名"), may_be_empty=company)
        phone = await self._ask(say("电话"))
        need = await self._ask(say("需求（没说就空着）"), may_be_empty=True)
        return SlipContent(
            kind=CustomerKind.COMPANY if company else CustomerKind.PERSON, company=unit, contact=contact,
            names=(name,) if name else (), phones=(phone,), need=Need(kind=need),
        )  # fmt: skip

    async def _enter(self, duty: Session) -> None:
        for row in self.desk.entry_queue():
            self._tell(*self._row(row))
            if row.content is None:
                self._tell(say("纸质单的内容请在屏幕方式里录入"))
            elif await self._choose(say("录入？"), say("录入"), say("跳过")) == 1:
                self.desk.enter(duty, row.slip)
                self._tell(say("已录入 {slip}", slip=row.slip))
        self._tell(say("都看过了"))

    def _row(self, row: QueueRow) -> tuple[Say | str, ...]:
        content = row.content or SlipContent()
        due = to_the_minute(row.due_at)
        return (
            say("{slip}　{name}　须在 {due} 以前录入", slip=row.slip, name=row.salesperson_name, due=due),
            say("客户 {names} {company}", names="、".join(content.names), company=content.company),
            say("电话 {phones}", phones="、".join(content.phones)),
        )

    async def _return(self, duty: Session) -> None:
        rows: tuple[ReturnRow, ...] = self.desk.returns.rows()
        for row in rows:
            self._tell(*self.desk.returns.note(row.slip))
            if not row.note and await self._choose(say("告知业务员了吗？"), say("已告知"), say("还没有")) == 1:
                self.desk.returns.record(duty, row.slip, "shown")
        self._tell(say("都看过了"))

    async def _questions(self, duty: Session) -> None:
        """List what has to be asked of the own salespeople, and write down what they say (二.1.3)."""
        while rows := self.desk.questions.rows():
            lines = [self._asked(row) for row in rows]
            row = rows[await self._choose(say("身份核对：哪一份？"), *lines) - 1]
            self._tell(LEAD, say("问不到的那一项空着，按回车"))
            knows = await self._choose(say("业务员"), say("能回答"), say("说不上来")) == 1
            answers = {name: await self._ask(QUESTIONS[name], may_be_empty=True) for name in row.asks if knows}
            await self._answer(duty, row, answers, knows=knows)
        self._tell(say("没有要核对的单"))

    async def _answer(self, duty: Session, row: QuestionRow, answers: dict[str, str], *, knows: bool) -> None:
        """Write the answers; one that cannot be taken is asked for again, an empty line then goes back."""
        while True:
            try:
                self.desk.questions.answer(duty, row.question, answers, knows=knows)
            except InputError as error:
                if error.field not in answers:
                    raise
                self._tell(error.sentence)
                answers[error.field] = await self._ask(QUESTIONS[error.field])
            else:
                self._tell(say("已记下 {slip} 的回答", slip=row.slip))
                return

    def _asked(self, row: QuestionRow) -> Say:
        due = to_the_minute(row.due_at)
        return say(
            "{slip}　{name}　客户 {customer}　{alike}　须在 {due} 以前回答", slip=row.slip, name=row.salesperson_name,
            customer=who(row.content) or say("（不是本机盖的单）"), alike=alike(row), due=due,
        )  # fmt: skip
