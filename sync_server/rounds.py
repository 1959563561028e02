"""When the reconciler runs: after anything new, and by the clock, one run at a time, in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool

from shared_rules.words import say
from sync_server.store import persons

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_server.log import ServerLog
    from sync_server.store import Store

__all__ = ["Rounds"]

_LOGGER: Final = logging.getLogger(__name__)


class Rounds:
    """Runs `settle` whenever it was woken, at the latest after `seconds`; a failed run is alarmed and tried again."""

    def __init__(
        self, settle: Callable[[], bool], published: Callable[[], None], *, seconds: float, store: Store, log: ServerLog
    ) -> None:
        self._settle = settle
        self._published = published
        self._seconds = seconds
        self._store = store
        self._log = log
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        self._stopped = asyncio.Event()

    def wake(self) -> None:
        """Ask for a run soon; from any thread, also before the loop runs."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    def stop(self) -> None:
        """Ask `run` to end after the run it is in; from the loop's thread."""
        self._stopped.set()
        self._woken.set()

    async def run(self) -> None:
        """Run until stopped."""
        self._loop = asyncio.get_running_loop()
        while not self._stopped.is_set():
            self._woken.clear()
            began = self._loop.time()
            await run_in_threadpool(self.once)
            await self._rest(self._loop.time() - began)
            try:
                async with asyncio.timeout(self._seconds):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def _rest(self, seconds: float) -> None:
        """Leave the machine to the kiosks for as long as the run took, so that settling never starves the intake."""
        try:
            async with asyncio.timeout(min(seconds, self._seconds)):
                await self._stopped.wait()
        except TimeoutError:
            return

    def once(self) -> None:
        """Run once; whatever goes wrong is logged and alarmed, never raised: pushes must go on being taken in."""
        try:
            if self._settle():
                self._published()
        except Exception as error:
            _LOGGER.exception("settling failed")
            self._alarm(type(error).__name__)

    def _alarm(self, name: str) -> None:
        try:
            with self._store.transaction() as tx:
                sentence = say("自动判定失败（{name}），确认单照常收取：请管理员查看日志", name=name)
                persons.add_alarm(tx, f"settling {name}", sentence, at=self._log.signed_now(tx).now)
        except Exception:
            _LOGGER.exception("the alarm could not be written either")
