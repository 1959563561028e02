"""All facts that have automatic effect, in memory: what settlement and the authorised reader look at.

Read from the store in the order of arrival and never forgotten while the server runs. Left out are the branches of a
fork, what a frozen journal brought, what lies in quarantine, and records that are no facts.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

from shared_rules.errors import XianhouError
from shared_rules.facts import (
    SERVER_KIOSK,
    Event,
    FloorPromised,
    LogId,
    SlipAmended,
    SlipRenewed,
    SlipStamped,
)
from shared_rules.interval import exactly
from shared_rules.journal import Record, RecordKind
from shared_rules.policy import Policies, load_policy
from shared_rules.wire import decode_fact
from sync_server.chains import Chains
from sync_server.store import journals, places

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared_rules.policy import Policy
    from sync_server.store import Store, Transaction
    from sync_server.store.journals import Kept, LogState

__all__ = ["Archive", "Contents", "active_logs", "floors", "log_name", "policies_in_force"]

_PAGE: Final = 2000
_READABLE: Final = ("", "body")
"""A body that an older release could not read is tried again by every later one."""
_LOGGER: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Contents:
    """What was known at one moment: facts, the journals' state, and at which office each slip was stamped.

    Facts are shared with the archive, which only ever appends: a copy would cost the whole register at every round.
    """

    count: int
    """How many of the archive's facts were known."""
    logs: tuple[LogState, ...]
    office_of: Mapping[str, str]
    position: int
    _events: list[Event]

    @property
    def events(self) -> list[Event]:
        """All facts, in the order of arrival."""
        return self.since(0)

    def since(self, known: int) -> list[Event]:
        """Return the facts that came after the first `known` ones."""
        return self._events[known : self.count]


@dataclass(slots=True)
class Archive:
    """Grows with the store; safe to use from several threads."""

    store: Store
    _events: list[Event] = field(default_factory=list)
    _office_of: dict[str, str] = field(default_factory=dict)
    _chains: Chains = field(default_factory=Chains)
    _position: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self) -> Contents:
        """Return everything that has arrived up to now."""
        with self.store.snapshot() as tx:
            return self.read_in(tx)

    def read_in(self, tx: Transaction) -> Contents:
        """Return everything that has arrived as a transaction sees it, which has written no record itself."""
        with self._lock:
            self._catch_up(tx)
            logs = tuple(journals.logs(tx))
            return Contents(len(self._events), logs, self._office_of, self._position, self._events)

    def highest_slip(self, kiosk: int) -> int:
        """Return the highest counter of a kiosk's slip numbers, 0 = it stamped none."""
        numbers = (
            event.fact.slip.rpartition("-")[2]
            for event in self.read().events
            if event.log.kiosk == kiosk and isinstance(event.fact, SlipStamped | SlipAmended | SlipRenewed)
        )
        return max((int(number) for number in numbers if number.isascii() and number.isdigit()), default=0)

    def _catch_up(self, tx: Transaction) -> None:
        while kept := journals.records_after(tx, self._position, most=_PAGE):
            for item in kept:
                self._chains.follow(item)
                event = _event(item)
                if event is not None:
                    self._events.append(event)
                    if isinstance(event.fact, SlipStamped | SlipAmended | SlipRenewed):
                        self._office_of[event.fact.slip] = item.office or self._office_said(event.fact)
            self._position = kept[-1].position
        self._chains.reached(journals.logs(tx))

    def _office_said(self, fact: SlipStamped | SlipAmended | SlipRenewed) -> str:
        """Return the office of an imported slip: the server's journal is no office's."""
        return fact.office if isinstance(fact, SlipStamped) else self._office_of.get(fact.claim, "")


def _event(item: Kept) -> Event | None:
    if item.branch or item.frozen or item.quarantine not in _READABLE:
        return None
    try:
        record = Record.unpack(item.entry.record)
        if record.kind is not RecordKind.FACT:
            return None
        fact = decode_fact(item.redacted or item.entry.body)
    except XianhouError as error:
        _LOGGER.warning("record %d is not interpreted: %s", item.position, error)
        return None
    return Event(record.time, record.log, record.seq, fact, record.grade)


def active_logs(logs: tuple[LogState, ...]) -> dict[int, LogState]:
    """Return the journal of each kiosk that counts: its newest life (a minted one replaces the one before)."""
    newest: dict[int, LogState] = {}
    for state in sorted(logs, key=lambda state: (state.first, state.log)):
        if state.log.kiosk != SERVER_KIOSK:
            newest[state.log.kiosk] = state
    return newest


def floors(logs: tuple[LogState, ...]) -> list[Event]:
    """Return the promises that stand now, as facts; derived from the latest signed heads, never stored."""
    return [
        Event(exactly(state.heard_at), state.log, 0, FloorPromised(
            office=state.office, floor=state.floor, kiosk=state.log.kiosk, inc=state.log.inc
        ))
        for state in active_logs(logs).values()
        if state.floor
    ]  # fmt: skip


def log_name(log: LogId) -> str:
    """Return the name of a journal as `DayClosed.known` writes it."""
    return f"{log.kiosk}.{log.inc}"


def policies_in_force(tx: Transaction) -> Policies:
    """Return every pool's schedule of policies."""
    schedules: dict[str, list[tuple[date, Policy]]] = {}
    for pool, start, held, text in places.policies(tx):
        policy = load_policy(text, name=held.rpartition("@")[0])
        schedules.setdefault(pool, []).append((date.fromisoformat(start), policy))
    return Policies.of(schedules)
