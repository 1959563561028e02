"""All facts that have automatic effect, in memory: what settlement and the authorised reader look at.

Read from the store in the order of arrival and never forgotten while the server runs. Left out are the branches of a
fork, what a frozen journal brought, what lies in quarantine, and records that are no facts. Each fact bears the time
that all of its journal proves by now: an anchor that comes later may change it, and is then said to have revised.
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
    Grade,
    LogId,
    SlipAmended,
    SlipRenewed,
    SlipStamped,
)
from shared_rules.interval import Interval, exactly
from shared_rules.journal import Record, RecordKind
from shared_rules.policy import Policies, load_policy
from shared_rules.solving import Solver
from shared_rules.wire import decode_fact
from sync_server.chains import Chains
from sync_server.links import UNPROVED
from sync_server.store import journals, places

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from shared_rules.policy import Policy
    from sync_server.store import Store, Transaction
    from sync_server.store.journals import Kept, LogState

__all__ = ["Archive", "Contents", "active_logs", "floors", "log_name", "policies_in_force"]

_PAGE: Final = 2000
_READABLE: Final = ("", "body")
"""A body that an older release could not read is tried again by every later one."""
_NO_FACT: Final = -1
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
    revision: int = 0
    """Grows when a fact that was known before bears another time now: whoever took it in must begin again."""
    uncertain: frozenset[str] = frozenset()
    """Claims with a stamp whose civil day nobody can tell."""
    imported: AbstractSet[str] = frozenset()
    """Claims whose first stamp was imported (grade I)."""

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
    _solvers: dict[LogId, Solver] = field(default_factory=dict)
    _uncertain: dict[int, str] = field(default_factory=dict)
    """Number of a stamp's fact -> its claim."""
    _imported: set[str] = field(default_factory=set)
    _position: int = 0
    _revision: int = 0
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
            return Contents(
                len(self._events), logs, self._office_of, self._position, self._events, self._revision,
                frozenset(self._uncertain.values()), self._imported,
            )  # fmt: skip

    def highest_slip(self, kiosk: int) -> int:
        """Return the highest counter of a kiosk's slip numbers, 0 = it stamped none."""
        numbers = (
            event.fact.slip.rpartition("-")[2]
            for event in self.read().events
            if event.log.kiosk == kiosk and isinstance(event.fact, SlipStamped | SlipAmended | SlipRenewed)
        )
        return max((int(number) for number in numbers if number.isascii() and number.isdigit()), default=0)

    def _catch_up(self, tx: Transaction) -> None:
        known = len(self._events)
        while kept := journals.records_after(tx, self._position, most=_PAGE):
            for item in kept:
                self._chains.follow(item)
                record = _record(item)
                if record is None:
                    continue
                event = _event(item, record)
                if event is not None:
                    self._events.append(event)
                    if isinstance(event.fact, SlipStamped | SlipAmended | SlipRenewed):
                        self._office_of[event.fact.slip] = item.office or self._office_said(event.fact)
                    if isinstance(event.fact, SlipStamped) and event.grade is Grade.I:
                        self._imported.add(event.fact.slip)
                if record.log.kiosk != SERVER_KIOSK:
                    solver = self._solvers.setdefault(record.log, Solver())
                    solver.add(record, _NO_FACT if event is None else len(self._events) - 1)
            self._position = kept[-1].position
        self._chains.reached(journals.logs(tx))
        self._solve(known)

    def _solve(self, known: int) -> None:
        """Give every fact the time that its journal proves by now; `known` facts were handed out before."""
        changed: dict[int, Interval] = {}
        for solver in self._solvers.values():
            changed |= solver.changes()
        if any(number < known for number in changed if number != _NO_FACT):
            self._events = self._events.copy()  # whoever reads the list of a moment ago reads on in that
            self._revision += 1
        for number in sorted(changed.keys() - {_NO_FACT}):
            event = self._events[number] = self._events[number]._replace(time=changed[number])
            if isinstance(event.fact, SlipStamped | SlipAmended):
                self._uncertain.pop(number, None)
                if event.time.certain_day() is None:
                    claim = event.fact.slip if isinstance(event.fact, SlipStamped) else event.fact.claim
                    self._uncertain[number] = claim

    def _office_said(self, fact: SlipStamped | SlipAmended | SlipRenewed) -> str:
        """Return the office of an imported slip: the server's journal is no office's."""
        return fact.office if isinstance(fact, SlipStamped) else self._office_of.get(fact.claim, "")


def _record(item: Kept) -> Record | None:
    """Return a record of a journal's own history that is proved to be the kiosk's, None for others."""
    if item.branch or item.quarantine in UNPROVED:
        return None
    return Record.unpack(item.entry.record)


def _event(item: Kept, record: Record) -> Event | None:
    if item.frozen or item.quarantine not in _READABLE or record.kind is not RecordKind.FACT:
        return None
    try:
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
