"""Badge (or number) and PIN; at the first login here an own PIN is set, then the same login goes on by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from kiosk.desk import PinNeededError
from kiosk.input_traps.text import FieldKind
from kiosk.screens.base import CounterScreen, key
from kiosk.widgets.rows import Body, FieldRow
from kiosk.widgets.slip_input import SlipInput
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import Session

__all__ = ["LogIn", "Login", "NewPin", "Unblock", "with_own_pin"]

_LONGEST_PIN = 12
_HINT = "刷工牌，输入密码，按 F9"
_PIN_HINT = "6 到 12 位数字，只有自己知道；两遍要一样"


class Login(CounterScreen[str]):
    """Two fields; sub-classes say what opens. F9 tries; the PIN's field is emptied whatever comes of it."""

    BINDINGS: ClassVar[list[BindingType]] = [key("save", "登录", "save"), key("clear", "清空", "clear")]
    help_words: ClassVar[dict[str, Say | str]] = {
        "badge": "刷工牌；没带工牌就输入工号",
        "pin": "自己的密码；第一次登录用管理员给的初始密码，登录后换成自己的",
        "": _HINT,
    }
    hint_words: ClassVar[str] = _HINT

    def body(self) -> Iterable[Widget]:
        """Lay out the two fields."""
        yield Body(
            Static(self.speak(self.hint_words), classes="hint", markup=False),
            Static(""),
            FieldRow(self.speak("工牌或工号"), SlipInput(FieldKind.CODE, limit=40, id="badge")),
            FieldRow(self.speak("密码"), SlipInput(FieldKind.SECRET, limit=_LONGEST_PIN, id="pin")),
            Static(""),
            *self.below(),
        )

    def below(self) -> Iterable[Widget]:
        """Return what stands under the fields."""
        return ()

    def action_save(self) -> None:
        """F9: try."""
        box = self.query_one("#pin", SlipInput)
        badge, pin = self.value("badge"), box.value
        for row in self.query(FieldRow):
            row.mark()
        if not badge:
            self.mark("badge", say("请先刷工牌或输入工号"))
        elif not pin:
            self.mark("pin", say("请输入密码"))
        else:
            box.value = ""
            self.enter(badge, pin)

    def enter(self, badge: str, pin: str) -> None:
        """Call the desk's verb."""
        raise NotImplementedError

    def action_clear(self) -> None:
        """F8: empty both."""
        for box in self.query(SlipInput):
            box.value = ""
        self.query_one("#badge").focus()


class LogIn(Login):
    """Somebody logs in at the open window, to hand in or to look; dismisses with nothing, the app knows who."""

    heading_words: ClassVar[str] = "业务员登录"

    def __init__(self, badge: str = "") -> None:
        super().__init__()
        self._badge = badge

    def on_mount(self) -> None:
        """Put in the badge that was scanned before this screen was there; the PIN is left to its owner."""
        super().on_mount()
        if self._badge and not self.again:
            self.query_one("#badge", SlipInput).fill(self._badge)
            self.query_one("#pin", SlipInput).focus()

    def enter(self, badge: str, pin: str) -> None:
        """Log in."""
        with_own_pin(self, badge, pin, self._log_in)

    def _log_in(self, badge: str, pin: str) -> None:
        session = self.attempt(lambda: self.desk.people.come(badge, pin))
        if session is not None:
            self.counter.person = session
            self.dismiss("in")


class NewPin(CounterScreen[str]):
    """The first login at this kiosk: an own PIN, typed twice; dismisses with it once the desk took it."""

    BINDINGS: ClassVar[list[BindingType]] = [key("save", "保存", "save")]
    heading_words: ClassVar[str] = "第一次登录：换成自己的密码"
    help_words: ClassVar[dict[str, Say | str]] = {"": _PIN_HINT}

    def __init__(self, badge: str, start_pin: str) -> None:
        super().__init__()
        self._badge = badge
        self._start_pin = start_pin

    def body(self) -> Iterable[Widget]:
        """Lay out the two fields."""
        yield Body(
            Static(self.speak(_PIN_HINT), classes="hint", markup=False),
            Static(""),
            FieldRow(self.speak("新密码"), SlipInput(FieldKind.SECRET, limit=_LONGEST_PIN, id="new_pin")),
            FieldRow(self.speak("再输一遍"), SlipInput(FieldKind.SECRET, limit=_LONGEST_PIN, id="again")),
        )

    def action_save(self) -> None:
        """F9: both the same, and good enough for the desk."""
        first, second = (self.query_one(f"#{name}", SlipInput).value for name in ("new_pin", "again"))
        for row in self.query(FieldRow):
            row.mark()
        if first != second:
            self.query_one("#again", SlipInput).value = ""
            self.mark("again", say("两遍不一样，请再输一遍"))
        elif self.attempt(lambda: self.desk.people.set_pin(self._badge, self._start_pin, first)) is not None:
            self.dismiss(first)

    def action_lock(self) -> None:
        """Nobody is logged in yet."""


class Unblock(CounterScreen[str]):
    """After five wrong PINs somebody else lets a person try again."""

    BINDINGS: ClassVar[list[BindingType]] = [key("save", "解锁", "save")]
    heading_words: ClassVar[str] = "解锁密码错五次的人"
    help_words: ClassVar[dict[str, Say | str]] = {"": "先确认是本人，再刷其工牌或输入工号，按 F9"}

    def body(self) -> Iterable[Widget]:
        """Lay out the field."""
        yield Body(
            Static(self.speak(self.help_words[""]), classes="hint", markup=False),
            Static(""),
            FieldRow(self.speak("工牌或工号"), SlipInput(FieldKind.CODE, limit=40, id="badge")),
        )

    def action_save(self) -> None:
        """F9: let them try again."""
        badge, duty = self.value("badge"), self.desk.people.duty
        if duty is not None and self.attempt(lambda: self._unblock(duty, badge)) is not None:
            self.dismiss("unblocked")

    def _unblock(self, duty: Session, badge: str) -> str:
        self.desk.people.unblock(duty, badge)
        return badge


def with_own_pin(screen: CounterScreen[str], badge: str, pin: str, go_on: Callable[[str, str], None]) -> None:
    """Try `go_on(badge, pin)`; where the start PIN was given, have an own one set first and go on with that."""
    try:
        go_on(badge, pin)
    except PinNeededError:
        screen.app.push_screen(NewPin(badge, pin), lambda own: go_on(badge, own) if own else None)
