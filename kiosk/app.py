"""The counter's app: which screen stands when, who is at the window, the cover, the status, the sync beside it.

It knows no rule and no store: the desk does. The first paint loads neither; desk and screens come right after it.
Screens may ask what `screens.base.Counter` says and no more.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from kiosk import theme
from kiosk.input_traps.caret import CaretFollows
from kiosk.input_traps.crash import QuietCrash
from kiosk.input_traps.keyboard import OrderedKeys
from kiosk.input_traps.width import PROBE, certain, is_narrow
from kiosk.keys import KEYS, renamed
from kiosk.screens.hours import length
from kiosk.screens.splash import Splash
from kiosk.words import LEXICON
from shared_rules.errors import EvidenceError, UnavailableError, XianhouError
from shared_rules.words import Language, Say, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual import events
    from textual.binding import BindingType

    from kiosk.counter import Session, Status
    from kiosk.desk import Desk
    from kiosk.sync import Sync
    from kiosk.widgets.rows import StatusLine
    from shared_rules.checkup import Finding
    from shared_rules.protocol import ClearanceAnswer

__all__ = ["KioskApp", "Opened"]

SALESPERSON_IDLE: Final = 60.0
"""Seconds without a key after which a salesperson's work is covered."""
CLERK_IDLE: Final = 300.0
"""The same for the clerk's."""
SEAL_IDLE: Final = 5.0
"""Seconds without a key after which a window's seal may come up by itself: not under the fingers of a person."""
_LOOK: Final = 1.0
"""Seconds between looks at the idle time."""
CHECK_IDLE: Final = 60.0
"""Seconds without a key after which the journal may be checked."""
CHECK_EVERY: Final = 86_400.0
"""Seconds between two checks; the first is due as soon as the counter is left alone."""
_STATUS_LOOKS: Final = 10
"""Looks between two readings of the status when nothing happens (the minutes of the oldest unsent act)."""
_HIGH: Final = 33
"""Rows of the terminal from which there is room between the lines."""
_CODE_ROWS: Final = 36
"""Rows from which a receipt's code fits: 31, and status (three in alarm), sentence, keys. A code cut off is none."""


@dataclass(slots=True)
class Opened:
    """What `open_counter` gives: the verbs, and the network beside them (None in a test without one)."""

    desk: Desk
    sync: Sync | None = None
    examine: Callable[[], list[Finding]] | None = None


class KioskApp(OrderedKeys, CaretFollows, QuietCrash, inherit_bindings=False):
    """The counter on one terminal. Ends with code 0, or 2 and `ended_by` where the folder could not be opened."""

    CSS = theme.CSS
    ENABLE_COMMAND_PALETTE = False
    ESCAPE_TO_MINIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = []
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (_HIGH, "-high")]

    def __init__(
        self,
        open_counter: Callable[[], Opened],
        *,
        language: Language = "zh",
        seconds: Callable[[], float] = time.monotonic,
        report: Callable[[str], str] | None = None,
        keys: Mapping[str, str] = KEYS,
        enrol: Callable[[str, str, str], Say] | None = None,
    ) -> None:
        super().__init__()
        self._open_counter = open_counter
        self._enrol = enrol
        self.language: Language = language
        self._keys = dict(keys)
        self.set_keymap(self.keymap())
        self.desk: Desk
        self.sync: Sync | None = None
        self._examine: Callable[[], list[Finding]] | None = None
        self.person: Session | None = None
        self.ended_by: XianhouError | None = None
        self._network: asyncio.Task[None] | None = None
        self._seconds = seconds
        self._last_key = seconds()
        self._looks = 0
        self._checked: float | None = None
        self._checking: asyncio.Task[None] | None = None
        self._papers: asyncio.Task[None] | None = None
        self._narrow = False
        self._opened = False
        if report is not None:
            self.report = report
        self.register_theme(theme.THEME)
        self.theme = theme.THEME.name

    # --- coming up and going down -------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Paint first, load after."""
        self.push_screen(Splash(self.speak("正在打开柜台")))
        self.call_after_refresh(self._open if self._enrol is None else self._ask_to_enrol)

    def _ask_to_enrol(self) -> None:
        from kiosk.screens.enrol import Enrol  # noqa: PLC0415 - after the first paint

        assert self._enrol is not None
        self.push_screen(Enrol(self._enrol), self._enrolled)

    def _enrolled(self, result: str | None) -> None:
        if result == "enrolled":
            self._open()
            return
        if result == "refused":
            self.ended_by = EvidenceError(say("核对码不一致：对方可能不是我们的服务器；请勿使用此目录，通知管理员"))
        self.exit(2, return_code=2)

    def _open(self) -> None:
        from kiosk.screens.start import Start  # noqa: PLC0415 - after the first paint

        try:
            opened = self._open_counter()
        except XianhouError as error:
            self.ended_by = error
            self.exit(2, return_code=2)
            return
        self.desk, self.sync, self._examine = opened.desk, opened.sync, opened.examine
        self._opened = True
        if self.sync is not None:
            self.desk.wake = self.sync.wake
            self._network = asyncio.create_task(self.sync.run())
            self._network.add_done_callback(self._network_ended)
        if self._driver is not None and not self.is_headless:
            self._driver.write(PROBE)
        self.desk.printing.soon = self._print_soon
        self._seal_when_due()
        self._print_soon()
        self.set_interval(_LOOK, self._look)
        self.switch_screen(Start())

    def _network_ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            self._handle_exception(error)

    async def on_unmount(self) -> None:
        """Stop the network, wait for a check and a paper; the folder is closed by whoever opened it."""
        if self._papers is not None:
            await asyncio.gather(self._papers, return_exceptions=True)
        if self._checking is not None:
            await asyncio.gather(self._checking, return_exceptions=True)
        if self._network is not None:
            self._network.cancel()
            await asyncio.gather(self._network, return_exceptions=True)

    def network_changed(self) -> None:
        """Show what the network did; the sync calls this."""
        if self._opened and self.is_running:
            self._show_status_everywhere()

    def end(self) -> None:
        """Leave on a signal: drafts are kept."""
        self._keep_drafts()
        self.exit(0)

    # --- what screens may ask -------------------------------------------------------------------------------

    def speak(self, sentence: Say | str) -> str:
        """Return the sentence in the counter's language, in glyphs of certain width."""
        return certain(renamed(LEXICON.text(sentence, self.language), self._keys))

    def keymap(self) -> dict[str, str]:
        """Return binding id -> key."""
        return {f"counter.{name}": key for name, key in self._keys.items()}

    def turn_language(self) -> None:
        """Speak the other language from now on; screens below follow when they come back."""
        self.language = "en" if self.language == "zh" else "zh"
        from kiosk.screens.base import CounterScreen  # noqa: PLC0415 - after the first paint

        if isinstance(self.screen, CounterScreen):
            self.call_later(self.screen.speak_anew)

    def examine(self) -> list[Finding]:
        """Return what doctor finds; to be called from a thread."""
        if self._examine is None:
            raise UnavailableError(say("这里不能体检；请运行 xianhou doctor"))
        return self._examine()

    def draws_codes(self) -> bool:
        """Return whether a QR code has room here and keeps its shape."""
        return self._narrow and self.size.height >= _CODE_ROWS

    def trouble(self) -> Say | None:
        """Return what stands in the way of the network."""
        return self.sync.state.sentence if self.sync is not None else None

    async def clear_to_sign(self, claim: str) -> ClearanceAnswer:
        """Ask the server what stands in the way of signing; UnavailableError where it is silent."""
        if self.sync is None:
            raise UnavailableError(say("现在问不到服务器：别店可能有更早的确认；可以照常签约，后果由时间先后定"))
        return await self.sync.clear_to_sign(claim)

    def show_status(self, line: StatusLine) -> None:
        """Fill a status line: where, who, how far the slips have got, and one sentence if there must be one."""
        if not self._opened:
            return
        online = self.sync is not None and self.sync.state.online
        status = self.desk.status(online=online, trouble=self.trouble())
        alarm = self.speak(status.sentence) if status.sentence is not None else ""
        line.show((self._place(), self._who()), (self._counts(status), self._unsent(status)), alarm)

    def _place(self) -> str:
        place = self.desk.place
        words = f"{place.office_name}  {'  '.join(place.pools.values())}"
        return f"{self.speak('【练习】')} {words}" if place.practice else words

    def _who(self) -> str:
        duty = self.desk.people.duty
        if duty is None:
            return self.speak("窗口未开")
        clerk = self.speak(say("窗口 {name}", name=duty.name))
        return clerk if self.person is None else f"{self.speak(self.person.called)}  {clerk}"

    def _counts(self, status: Status) -> str:
        counts = say(
            "已盖章 {stamped}　已上报 {reported}　已判定 {ruled}",
            stamped=status.stamped, reported=status.reported, ruled=status.ruled,
        )  # fmt: skip
        return self.speak(counts)

    def _unsent(self, status: Status) -> str:
        away = "" if status.online else self.speak("【离线】")
        if not status.unsent:
            return away + self.speak("全部已上报")
        if not status.oldest_unsent_at:  # before the first time note nobody knows since when
            return away + self.speak(say("待同步 {count}", count=status.unsent))
        oldest = length(self.desk.now() - status.oldest_unsent_at)
        return away + self.speak(say("待同步 {count}，最早 {time}", count=status.unsent, time=oldest))

    # --- idle and covered ---------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Note that somebody is there."""
        from textual.events import InputEvent, Paste  # noqa: PLC0415 - Textual is loaded long since

        if isinstance(event, InputEvent | Paste):
            self._last_key = self._seconds()
        await super().on_event(event)

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        """Take the answer to the width probe."""
        self._narrow = is_narrow(event.x)

    def _look(self) -> None:
        self._looks += 1
        if self._looks % _STATUS_LOOKS == 0:
            self._show_status_everywhere()
            self._seal_when_due()
            self._print_soon()
        self._check_journal_when_alone()
        idle = SALESPERSON_IDLE if self.person is not None else CLERK_IDLE
        if self.desk.people.duty is not None and self._seconds() - self._last_key >= idle:
            self.lock()

    def _seal_when_due(self) -> None:
        from kiosk.screens.base import CounterScreen  # noqa: PLC0415 - after the first paint

        try:
            sealed = self.desk.seals.work(self.language)
        except XianhouError:
            return  # a full disk, say: whoever stamps next hears of it, and the seal is tried again
        if sealed is not None and isinstance(self.screen, CounterScreen):
            if self._seconds() - self._last_key >= SEAL_IDLE:
                self.screen.show_seal(sealed)
            else:
                self.screen.say_sealed(sealed)

    def _check_journal_when_alone(self) -> None:
        now = self._seconds()
        due = self._checked is None or now - self._checked >= CHECK_EVERY
        if due and now - self._last_key >= CHECK_IDLE:
            self._checked = now
            self._checking = asyncio.create_task(self._check_journal())

    async def _check_journal(self) -> None:
        """Check in a thread, by a connection of its own: a clerk who comes back meanwhile waits for nothing."""
        await asyncio.to_thread(self.desk.check_journal)
        if self.is_running:
            self._show_status_everywhere()

    def _print_soon(self) -> None:
        """Print in a thread: a printer without paper holds up nobody."""
        self._papers = self._papers or asyncio.create_task(self._print_waiting())

    async def _print_waiting(self) -> None:
        waited = self.desk.printing.waiting()
        await asyncio.to_thread(self.desk.printing.work)
        self._papers = None
        left = self.desk.printing.waiting()
        if self.is_running and (waited or left):
            self._show_status_everywhere()
        if self.is_running and left and self.desk.printing.trouble is None:
            self._print_soon()  # ordered meanwhile

    def _show_status_everywhere(self) -> None:
        from kiosk.widgets.rows import StatusLine  # noqa: PLC0415 - after the first paint

        for line in self.screen.query(StatusLine):
            self.show_status(line)

    def lock(self) -> None:
        """Cover the counter until the PIN is given; what is typed so far is kept as a draft."""
        from kiosk.screens.lock import Lock  # noqa: PLC0415 - after the first paint

        session = self.person or self.desk.people.duty
        if session is None or isinstance(self.screen, Lock):
            return
        self._keep_drafts()
        self.push_screen(Lock(session, can_end=self.person is not None), self._uncovered)

    def _uncovered(self, result: str | None) -> None:
        self._last_key = self._seconds()
        if result == "end" and self.person is not None:
            self.desk.people.log_out(self.person)
            self.person = None
            self.call_later(self._back_to_covered_home)

    async def _back_to_covered_home(self) -> None:
        """Close everything the salesperson had open, then cover the clerk's home."""
        from kiosk.screens.home import Home  # noqa: PLC0415 - after the first paint

        while not isinstance(self.screen, Home):
            await self.pop_screen()
        self.lock()

    def _keep_drafts(self) -> None:
        from kiosk.screens.form import SlipScreen  # noqa: PLC0415 - after the first paint

        for screen in self.screen_stack:
            if isinstance(screen, SlipScreen):
                screen.keep()
