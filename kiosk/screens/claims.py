"""A salesperson's own customers, the ones that end first on top; change or renew with the warning side by side."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from textual.widgets import Static

from kiosk.counter import Form
from kiosk.screens.ask import Ask
from kiosk.screens.base import CounterScreen, key
from kiosk.screens.find import ListScreen
from kiosk.screens.hours import hours_sentence, moment
from kiosk.screens.showing import content_lines, who
from kiosk.screens.slip import HandIn
from kiosk.screens.slip_fields import values_of
from kiosk.screens.stamp import StampScreen, table
from kiosk.widgets.menu import Entry, Menu
from kiosk.widgets.page_table import Column, Listed, PageTable
from kiosk.widgets.rows import Body
from shared_rules.facts import Role, SlipContent
from shared_rules.interval import day_of
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import ClaimRow, Meter, Session

__all__ = ["STATUS_WORDS", "Claims", "ends_soon"]

STATUS_WORDS: Final = {
    "upheld": "有效", "awaiting_entry": "待录入", "returned": "已退单", "refused": "拒收", "void": "无效",
    "waiting_contract": "等合同名称", "with_manager": "等经理判定", "lapsed": "已过期", "withdrawn": "已放弃",
    "closed": "已成交", "late": "迟到",
}  # fmt: skip
_LIVE: Final = ("upheld", "awaiting_entry")
_COLUMNS: Final = (
    ("客户", 18), ("状态", 10), ("有效到", 12), ("还有", 6), ("确认时间", 12), ("单号", 14), ("判定", 12), ("原因", 0),
)  # fmt: skip
_SOON_DAYS: Final = 3
_BLOCKS: Final = 20
"""Width of the bar of places."""


def ends_soon(row: ClaimRow, now: int) -> bool:
    """Return whether a live claim ends within three days."""
    soon = day_of(now) + timedelta(days=_SOON_DAYS)
    return row.status in _LIVE and row.valid_until is not None and row.valid_until <= soon


class Claims(ListScreen):
    """我的客户."""

    BINDINGS: ClassVar[list[BindingType]] = [key("refresh", "刷新", "refresh")]
    help_words: ClassVar[dict[str, Say | str]] = {
        "": "最先到期的在上面；回车打开，变更或再次确认",
        "claims": "上下键选一行，回车打开",
    }

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._rows: tuple[ClaimRow, ...] = ()

    def heading(self) -> Say | str:
        """Name the list."""
        return say("我的客户　{name}", name=self.session.name)

    def body(self) -> Iterable[Widget]:
        """Lay out the counts and the table."""
        yield Static("", classes="said", id="counts", markup=False)
        columns = [Column(self.speak(title), width) for title, width in _COLUMNS]
        yield PageTable(columns, Listed(()), id="claims")

    def on_mount(self) -> None:
        """Read the list."""
        super().on_mount()
        self.came_back()

    def came_back(self) -> None:
        """Read the list again."""
        tables = self.query(PageTable)
        if not tables:
            return
        self._rows = self.desk.my_claims(self.session)
        tables.first().show(Listed([self._line(row) for row in self._rows]))
        live = sum(row.status in _LIVE for row in self._rows)
        soon = sum(ends_soon(row, self.desk.now()) for row in self._rows)
        lines = [self.speak(say("有效 {live}，三天内到期 {soon}", live=live, soon=soon))]
        names = self.desk.place.pools
        lines += [self._places(names.get(pool, pool), one) for pool, one in self.desk.meters(self.session).items()]
        self.query_one("#counts", Static).update("\n".join(lines))

    def _places(self, pool: str, meter: Meter) -> str:
        """Draw the places of a pool: as many blocks as are held, out of twenty."""
        filled = min(_BLOCKS, round(_BLOCKS * meter.live / max(1, meter.limit)))
        bar = "#" * filled + "." * (_BLOCKS - filled)
        words = say("{pool} 名额 {live}/{limit}", pool=pool, live=meter.live, limit=meter.limit)
        free = say("已满，{day} 起有空位", day=meter.free_on.isoformat()) if meter.free_on else ""
        return f"[{bar}] {self.speak(words)}　{self.speak(free)}".rstrip()

    def _line(self, row: ClaimRow) -> tuple[str, ...]:
        tone = "wrong" if row.status in ("returned", "refused", "void", "late") else ""
        tone = "waiting" if ends_soon(row, self.desk.now()) else tone
        until = row.valid_until.isoformat() if row.valid_until else ""
        ruled = self.speak("暂定") if row.provisional else self.speak("终局")
        why = self.speak(row.reasons[0][1]) if row.reasons and row.status not in _LIVE else ""
        status = self.speak(STATUS_WORDS.get(row.status, row.status))
        left = (row.valid_until - day_of(self.desk.now())).days if row.valid_until and row.status in _LIVE else None
        days = "" if left is None else self.speak(say("{days} 天", days=left))
        name = who(row.content) or self.speak("纸质单")
        return (name, status, until, days, moment(row.effective_at), row.claim, ruled, why, tone)

    def on_page_table_chosen(self, message: PageTable.Chosen) -> None:
        """Open a claim."""
        self.app.push_screen(Claim(self.session, self._rows[message.row]))

    def action_refresh(self) -> None:
        """F5: read again."""
        self.came_back()
        self.say("已刷新")


class Claim(CounterScreen[str]):
    """One claim: what 变更 and 再次确认 would each do stands side by side before either is chosen (一.6, 六.3)."""

    help_words: ClassVar[dict[str, Say | str]] = {
        "": "内容有变才用变更：时间改为今天；只是还在跟进就用再次确认：时间不变，有效期顺延"
    }

    def __init__(self, session: Session, row: ClaimRow) -> None:
        super().__init__()
        self.session = session
        self.row = row

    def heading(self) -> Say | str:
        """Name the claim."""
        return say("{who}　{claim}", who=who(self.row.content), claim=self.row.claim)

    def body(self) -> Iterable[Widget]:
        """Lay out the claim, the two consequences and the window's hours."""
        row = self.row
        until = row.valid_until.isoformat() if row.valid_until else ""
        head = [
            (self.speak("状态"), self.speak(STATUS_WORDS.get(row.status, row.status))),
            (self.speak("确认时间"), moment(row.effective_at) or self.speak("待服务器核定")),
            (self.speak("有效到"), until),
            (self.speak("判定"), self.speak("暂定") if row.provisional else self.speak("终局")),
            *((clause, self.speak(sentence)) for clause, sentence in row.reasons),
        ]
        lines = content_lines(row.content or SlipContent(), self.speak, mask=True)
        shown = [*head, *((self.speak(label), text) for label, text in lines)]
        sentence, tone = hours_sentence(self.desk.windows(), self.desk.now())
        yield Body(Static(table(shown), classes="said"), Menu())
        yield Static(self.speak(sentence), classes=f"said {tone}", markup=False)

    def on_mount(self) -> None:
        """Offer what can be done with this claim, or say why nothing can."""
        super().on_mount()
        self.query_one(Menu).offer(self._choices())

    def _choices(self) -> list[Entry]:
        result = self.attempt(lambda: self.desk.consequence(self.session, self.row.claim))
        if result is None:
            return []
        given_up = moment(result.effective_at) or self.speak("待服务器核定")
        change = say(
            "时间改为今天，放弃 {given_up}；有效期至 {until}",
            given_up=given_up,
            until=result.amended_valid_until.isoformat(),
        )
        renew = say("时间不变（{kept}）；有效期至 {until}", kept=given_up, until=result.renewed_valid_until.isoformat())
        return [
            Entry("1", self.speak("变更"), self.speak(change), "waiting"),
            Entry("2", self.speak("再次确认"), self.speak(renew), "good"),
            Entry("3", self.speak("放弃此客户"), self.speak("不再联系，名额空出")),
        ]

    def on_menu_picked(self, message: Menu.Picked) -> None:
        """Change, renew or give up."""
        if message.digit == "1":
            values = values_of(self.row.content or SlipContent())
            form = HandIn(self.session, values, claim=self.row.claim, since=self.row.effective_at)
            self.app.push_screen(form, self._done)
        elif message.digit == "2":
            self._renew()
        else:
            answers = (("1", say("不放弃")), ("2", say("放弃，不能恢复")))
            self.app.push_screen(Ask(say("放弃 {who}？", who=who(self.row.content)), (), answers), self._give_up)

    def _renew(self) -> None:
        window = self.desk.windows()
        duty = self.desk.people.duty
        if window.open or not window.spans or duty is None or not duty.may(Role.CONTRACT_OFFICE):
            self._hand_in("")
            return
        answers = tuple((str(place), reason) for place, reason in enumerate(window.reasons, 1))
        self.app.push_screen(
            Ask(say("时段外盖章的原因"), (), answers),
            lambda digit: self._hand_in(dict(answers)[digit]) if digit else None,
        )

    def _hand_in(self, exceptional: str) -> None:
        form = Form(kind="renew", claim=self.row.claim, exceptional=exceptional)
        pending = self.attempt(lambda: self.desk.hand_in(self.session, form))
        if pending is not None:
            self.app.push_screen(StampScreen(pending, by=self.session), self._done)

    def _done(self, result: str | None) -> None:
        if result != "again":
            self.dismiss(result)

    def _give_up(self, answer: str | None) -> None:
        if answer == "2" and self.attempt(self._withdraw) is not None:
            self.dismiss("withdrawn")

    def _withdraw(self) -> str:
        self.desk.withdraw(self.session, self.row.claim)
        return self.row.claim
