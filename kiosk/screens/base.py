"""What every screen of the counter has: status on top, one sentence aloud, the keys below, help for the field.

A screen calls the desk's verbs through `attempt`, so that an error of ours always becomes a sentence beside the field
it names, with a ring, and never leaves the screen half changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar, cast

from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Static

from kiosk.desk import PinNeededError
from kiosk.input_traps.leaving import FieldWatch
from kiosk.input_traps.memory import forget_closed_widgets
from kiosk.input_traps.text import FieldKind
from kiosk.keys import KEYS
from kiosk.screens import badges
from kiosk.widgets.choice import Choice
from kiosk.widgets.key_bar import KeyBar
from kiosk.widgets.rows import AloudLine, FieldRow, StatusLine
from kiosk.widgets.slip_input import SlipInput
from shared_rules.errors import InputError, XianhouError
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import Sealed, Session
    from kiosk.desk import Desk
    from shared_rules.checkup import Finding
    from shared_rules.protocol import ClearanceAnswer
    from shared_rules.words import Language

__all__ = ["Counter", "CounterScreen", "key"]

T = TypeVar("T")
R = TypeVar("R")


class Counter(Protocol):
    """What the screens may ask of the app."""

    desk: Desk
    language: Language
    person: Session | None
    """The salesperson at the window; the clerk who opened it is `desk.people.duty`."""

    def speak(self, sentence: Say | str) -> str:
        """Return the sentence in the counter's language, in glyphs of certain width."""
        ...

    def show_status(self, line: StatusLine) -> None:
        """Fill a status line."""
        ...

    def lock(self) -> None:
        """Blank the counter until the PIN is given."""
        ...

    def turn_language(self) -> None:
        """Speak the other language from now on."""
        ...

    def keymap(self) -> dict[str, str]:
        """Return binding id -> key, where keys were moved."""
        ...

    def examine(self) -> list[Finding]:
        """Return what doctor finds; to be called from a thread."""
        ...

    def draws_codes(self) -> bool:
        """Return whether the terminal is high enough for a QR code and draws its blocks one cell wide."""
        ...

    def trouble(self) -> Say | None:
        """Return what stands in the way of the network."""
        ...

    async def clear_to_sign(self, claim: str) -> ClearanceAnswer:
        """Ask the server what stands in the way of signing; UnavailableError where it is silent."""
        ...


def key(action: str, words: str, name: str, *, show: bool = True) -> Binding:
    """Return the binding of a key by its id in `KEYS`."""
    return Binding(KEYS[name], action, words, show=show, id=f"counter.{name}")


class CounterScreen(Screen[R]):
    """One screen; sub-classes give `title`, `body` and the help of their fields."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("back", "返回", "back"),
        key("help_field", "帮助", "help"),
        key("lock", "锁定", "lock"),
        key("all_keys", "全部按键", "all_keys"),
        key("language", "English", "language"),
    ]
    heading_words: ClassVar[str] = ""
    help_words: ClassVar[dict[str, Say | str]] = {}
    """Help by field id; "" is the help of the screen itself."""

    def __init__(self) -> None:
        super().__init__()
        self.watched = FieldWatch(self.field_left)
        self.touched = False
        self.again = False
        """Whether the screen is being laid out anew in another language: nothing is done a second time then."""
        self._spoken: Language = "zh"

    @property
    def counter(self) -> Counter:
        """The app, as far as a screen may know it."""
        return cast("Counter", self.app)

    @property
    def desk(self) -> Desk:
        """The verbs."""
        return self.counter.desk

    def speak(self, sentence: Say | str) -> str:
        """Return the sentence in the counter's language."""
        return self.counter.speak(sentence)

    def compose(self) -> ComposeResult:
        """Lay the lines under each other: nothing docks, nothing pops up."""
        self._spoken = self.counter.language
        yield StatusLine()
        yield from self.head()
        yield from self.body()
        yield AloudLine()
        yield KeyBar(lambda words: self.speak(self.key_words(words)))

    def key_words(self, description: str) -> Say | str:
        """Return what a key is said to do at this moment; `description` is its binding's."""
        return description

    def heading(self) -> Say | str:
        """Return what stands above the body."""
        return self.heading_words

    def head(self) -> Iterable[Widget]:
        """Return the line of the heading."""
        yield Static(self.speak(self.heading()), classes="title", markup=False)

    def body(self) -> Iterable[Widget]:
        """Return the widgets of the screen."""
        return ()

    def on_mount(self) -> None:
        """Fill the status."""
        self.show_status()

    def on_screen_resume(self) -> None:
        """Fill the status again and show what has changed meanwhile."""
        if self._spoken != self.counter.language:
            self.call_later(self.speak_anew)
        self.show_status()
        self.came_back()

    async def speak_anew(self) -> None:
        """Lay the screen out in the counter's present language; what was typed and where one stood stays."""
        texts = {str(box.id): box.as_typed for box in self.query(SlipInput)}
        chosen = {str(choice.id): choice.value for choice in self.query(Choice)}
        at, touched, self.again = self.focused.id if self.focused else None, self.touched, True
        await self.recompose()
        self.on_mount()
        for box in self.query(SlipInput):
            box.fill(texts.get(str(box.id), ""))
        for choice in self.query(Choice):
            choice.value = chosen.get(str(choice.id), choice.value)
        if at:
            self.query(f"#{at}").focus()
        self.call_later(self._spoken_anew, touched=touched)

    def _spoken_anew(self, *, touched: bool) -> None:
        self.touched, self.again = touched, False

    def on_unmount(self) -> None:
        """Leave nothing behind (trap 2)."""
        forget_closed_widgets()

    def came_back(self) -> None:
        """Read again what another screen may have changed."""

    def show_seal(self, sealed: Sealed) -> None:
        """Tell whoever comes back that a window was sealed; the home shows the code itself."""
        self.say_sealed(sealed)

    def say_sealed(self, sealed: Sealed) -> None:
        """Say that a window was sealed, and where its code is, to somebody at work."""
        self.say(say("已封存，封存码已送打印；回主页按 F10 可看（{count} 份）", count=sealed.slips), "good")

    def show_status(self) -> None:
        """Fill the status line."""
        for line in self.query(StatusLine):
            self.counter.show_status(line)

    # --- speaking -------------------------------------------------------------------------------------------

    def say(self, sentence: Say | str, tone: str = "") -> None:
        """Say one sentence above the keys; silent on success, with a ring where it is a refusal."""
        for line in self.query(AloudLine):
            line.say(self.speak(sentence), tone)
        if tone == "wrong":
            self.app.bell()

    def attempt(self, act: Callable[[], T]) -> T | None:
        """Call a verb; an error of ours becomes its sentence, beside its field if it names one of this screen."""
        try:
            return act()
        except PinNeededError:
            raise
        except InputError as error:
            if not self.mark(error.field, error.sentence):
                self.say(error.sentence, "wrong")
        except XianhouError as error:
            self.say(error.sentence, "wrong")
        return None

    def mark(self, field: str, sentence: Say | str) -> bool:
        """Show a problem beside a field, go there and ring; False if this screen has no such field."""
        rows = self.query(f"#row-{field}") if field else ()
        for row in rows:
            if isinstance(row, FieldRow):
                row.mark(self.speak(sentence))
                row.field.focus()
                badges.await_next(row.field)
                self.app.bell()
                return True
        return False

    # --- fields ---------------------------------------------------------------------------------------------

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Note which field a person went to (trap 5)."""
        self.watched.focused(event.widget, self.app)

    def field_left(self, field: Widget) -> None:
        """Mend the field that was really left and take its old problem away."""
        if isinstance(field, SlipInput):
            field.leave()
            if field.kind is FieldKind.CODE:
                badges.left(self, field)

    def on_slip_input_cut(self, message: SlipInput.Cut) -> None:
        """Say what did not go in."""
        sentence = say("这里最多 {limit} 个字，多出的没有放进去：{lost}", limit=message.field.limit, lost=message.lost)
        self.say(sentence, "wrong")

    def on_slip_input_no_pin(self, message: SlipInput.NoPin) -> None:
        """Say where a badge belongs; where one was refused, the next one is put there."""
        message.stop()
        if not badges.taken(self, message.text):
            self.say("密码只有数字；工牌请刷在工牌那一栏，这里没有收", "wrong")

    def value(self, field: str) -> str:
        """Return a field's text, mended."""
        box = self.query_one(f"#{field}", SlipInput)
        box.leave()
        return box.value

    # --- keys -----------------------------------------------------------------------------------------------

    def action_back(self) -> None:
        """Esc: back, asking first if something was typed."""
        self.dismiss(None)

    def action_help_field(self) -> None:
        """F1: say what this field wants."""
        focused = self.focused.id if self.focused is not None and self.focused.id else ""
        words = self.help_words.get(focused) or self.help_words.get("", "此处没有更多说明。")
        self.say(words)

    def action_lock(self) -> None:
        """F2: blank the counter."""
        self.counter.lock()

    def action_all_keys(self) -> None:
        """F12: every key of this screen, and what its fields want."""
        from kiosk.screens.all_keys import AllKeys  # noqa: PLC0415 - it is such a screen itself

        self.app.push_screen(AllKeys(self, self.counter.keymap()))

    def action_language(self) -> None:
        """F7: the other language, at once."""
        self.counter.turn_language()
