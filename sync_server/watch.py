"""The server's look at itself once a day: every page, every chain, every body; what is wrong becomes an alarm."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from shared_rules.errors import XianhouError
from shared_rules.interval import day_of
from shared_rules.words import say
from sync_server.chains import walk
from sync_server.store import persons

if TYPE_CHECKING:
    from datetime import date

    from sync_server.log import ServerLog
    from sync_server.store import Store

__all__ = ["DailyCheck"]

_LOGGER: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class DailyCheck:
    """Ask it as often as you like: it looks once a day of the server's clock, and at the first time after a start."""

    store: Store
    log: ServerLog
    _done: date | None = field(default=None)

    def once(self) -> bool:
        """Look unless today was looked at, and return whether it was done and all is well; never raises for damage."""
        today = day_of(self.log.clock.read().now)
        if self._done == today:
            return False
        try:
            self.store.check_pages(quick=True)
            walk(self.store)
        except XianhouError as error:
            _LOGGER.exception("the database is damaged")
            self._alarm(error, today)
            return False
        self._done = today
        return True

    def _alarm(self, error: XianhouError, today: date) -> None:
        try:
            with self.store.transaction() as tx:
                sentence = say("每日检查发现数据库有问题（{why}）：请管理员运行 xianhou server doctor", why=str(error))
                persons.add_alarm(tx, f"damage {today.isoformat()}", sentence, at=self.log.signed_now(tx).now)
        except XianhouError:
            _LOGGER.exception("the alarm could not be written either")
