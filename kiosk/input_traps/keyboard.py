"""Trap 1: keys typed ahead are delivered one by one, each to the field that the one before has opened.

Textual forwards a key at once to the widget that has the focus, but Tab and every binding run only after the key has
bubbled up to the app, in other queues. A scanner or a fast typist sends `name<Tab>phone` in one burst: the phone then
lands in the name field, or nowhere while a screen opens. Pilot hides this, because it waits after each key.

Here the app keeps terminal keys and pastes in a queue and delivers the next one only when the focused widget, its
ancestors and the app have handled what the last one caused, and the top screen is mounted and has its focus.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from textual import events
from textual.app import App

if TYPE_CHECKING:
    from textual.message_pump import MessagePump
    from textual.screen import Screen

__all__ = ["OrderedKeys"]

PATIENCE: Final = 10.0
"""Seconds after which a widget that never comes to rest no longer holds the keyboard."""
_LOOK: Final = 0.05
"""Seconds between looks at whether a widget we wait for has gone."""


async def _drained(pump: MessagePump) -> None:
    """Wait until `pump` has handled all that stood in its queue; a pump that closes is not waited for."""
    done = asyncio.Event()
    if not pump.call_later(done.set):
        return
    while not done.is_set() and pump.is_running:
        try:
            await asyncio.wait_for(done.wait(), _LOOK)
        except TimeoutError:
            continue


class OrderedKeys(App[int]):
    """An app whose keys and pastes arrive in the order in which they were typed, where they were meant to."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Key | events.Paste] = deque()
        self._delivery: asyncio.Task[None] | None = None

    async def on_event(self, event: events.Event) -> None:
        """Queue what comes from the terminal; everything else goes its usual way."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if self._delivery is None or self._delivery.done():
            self._delivery = asyncio.create_task(self._deliver())

    async def keys_settled(self) -> None:
        """Wait until every key typed so far has done what it does (for tests and for leaving)."""
        while self._delivery is not None and not self._delivery.done():
            await asyncio.wait((self._delivery,))
        await self._at_rest()

    async def _deliver(self) -> None:
        try:
            if not self._idle():  # what the last key caused was waited for then: a single key need not wait again
                await self._at_rest()
            while self._typed and self.is_running:  # no await between this look and the end of the task
                await self._hand_over(self._typed.popleft())
                await self._at_rest()
        except Exception as error:  # noqa: BLE001 - a task of its own: Textual's crash path must still see it
            self._handle_exception(error)

    async def _hand_over(self, event: events.Key | events.Paste) -> None:
        """Let the app itself handle the event, in its own queue, as Textual would have done."""
        done = asyncio.Event()

        async def handle() -> None:
            try:
                await super(OrderedKeys, self).on_event(event)
            finally:
                done.set()

        if self.call_later(handle):
            await done.wait()

    async def _at_rest(self) -> None:
        """Wait until nothing that the last key caused is still under way on the path from the focus to the app."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + PATIENCE
        while self.is_running and loop.time() < give_up:
            screen = self.screen
            for pump in self._path():
                await _drained(pump)
            if screen is self.screen and self._idle():
                return
            await asyncio.sleep(0)

    def _path(self) -> list[MessagePump]:
        return [*(self.focused or self.screen).ancestors_with_self]

    def _idle(self) -> bool:
        """Return whether nothing stands in a queue between the focus and the app, and the screen can take a key."""
        return not any(pump.message_queue_size for pump in self._path()) and self._takes_keys(self.screen)

    def _takes_keys(self, screen: Screen[object]) -> bool:
        """Return whether the screen can take a key; one that opened while the terminal was away gets its focus now."""
        if not (screen.is_mounted and screen.is_running):
            return False
        if screen.focused is None and screen.AUTO_FOCUS != "" and screen.focus_chain:
            self.app_focus = True
            screen.focus_next()
        return True
