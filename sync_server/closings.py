"""The sales manager's act on an office that is not heard from: a day closed without it, signed with the reason.

From then on the rulings of that day, and of the days before it, are final without the office; what it stamped then and
the server did not hold at the signature is late and goes the way of a dispute (三): it flips nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import DayClosed
from shared_rules.interval import HOUR, day_end
from shared_rules.words import say
from sync_server.archive import active_logs, log_name
from sync_server.library import may_rule
from sync_server.store import journals, persons, places

if TYPE_CHECKING:
    from shared_rules.facts import LogId
    from sync_server.log import ServerLog
    from sync_server.sessions import Visitor
    from sync_server.store import Store, Transaction
    from sync_server.store.journals import LogState
    from sync_server.store.places import Kiosk

__all__ = ["Closings", "DarkOffice"]

_LONGEST_REASON: Final = 2000


@dataclass(frozen=True, slots=True)
class DarkOffice:
    """An office not heard from for too long; `heard_at` of its quietest kiosk (microseconds), 0 = never."""

    office: str
    name: str
    heard_at: int


@dataclass(frozen=True, slots=True)
class Closings:
    """Closes days without an office in the name of a logged-in person; `dark_hours` of silence make an office dark."""

    store: Store
    log: ServerLog
    dark_hours: int

    def dark(self) -> tuple[DarkOffice, ...]:
        """Return the offices that somebody must look after, the longest silent first."""
        with self.store.transaction() as tx:
            now = self.log.signed_now(tx).now
            heard = {
                office.office: DarkOffice(office.office, office.name, min(_heard(tx, office.office), default=now))
                for office in places.offices(tx)
            }
        limit = now - self.dark_hours * HOUR
        return tuple(sorted((one for one in heard.values() if one.heard_at < limit), key=lambda one: one.heard_at))

    def close_without(self, visitor: Visitor, office: str, day: str, reason: str) -> None:
        """Close an office's day (ISO) and all before it; everything is on the disk when this returns.

        Raises RefusedError for a person who may not, InputError naming the field.
        """
        if not may_rule(visitor):
            raise RefusedError(say("只有销售部经理或公司领导可以代为封账"), clause="三")
        wanted, why = _day(day), _reason(reason)
        with self.store.transaction() as tx:
            place = places.office(tx, office)
            if place is None:
                raise InputError(say("没有门店 {office}", office=office), field="office")
            reading = self.log.human_now(tx)
            if day_end(wanted) >= reading.now:
                raise InputError(say("{day} 还没有过完；过完才能封账", day=day), field="day")
            if _promised(tx, office, wanted):
                raise InputError(
                    say("{office} 已经报到过 {day}，不必代为封账", office=place.name, day=day), field="day"
                )
            known = {log_name(log): seq for log, seq in _known(tx, office)}
            fact = DayClosed(
                office=office, day=wanted, known=known, without=(office,), closed_by=visitor.person,
                session=visitor.session, reason=why,
            )  # fmt: skip
            self.log.append(tx, fact, reading)
            persons.add_audit(
                tx, at=reading.now, person=visitor.person, session=visitor.session, act="close_without",
                about=f"{office} {day}", outcome="done",
            )  # fmt: skip


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(say("日期应写成 2026-03-02 这样"), field="day") from error


def _reason(text: str) -> str:
    if not text.strip():
        raise InputError(say("请写明代为封账的理由；理由会记入日志"), field="reason")
    if len(text) > _LONGEST_REASON:
        raise InputError(say("理由最多 {most} 个字", most=_LONGEST_REASON), field="reason")
    return text.strip()


def _states(tx: Transaction, office: str) -> list[tuple[Kiosk, LogState | None]]:
    """Return the kiosks of an office that may still stamp, each with the life of its journal that counts."""
    active = active_logs(tuple(journals.logs(tx)))
    own = [kiosk for kiosk in places.kiosks(tx) if kiosk.office == office and not kiosk.revoked_at]
    return [(kiosk, active.get(kiosk.kiosk)) for kiosk in own]


def _heard(tx: Transaction, office: str) -> list[int]:
    return [state.heard_at if state else 0 for _, state in _states(tx, office)]


def _promised(tx: Transaction, office: str, day: date) -> bool:
    return all(state is not None and state.floor >= day_end(day) for _, state in _states(tx, office))


def _known(tx: Transaction, office: str) -> list[tuple[LogId, int]]:
    return [(state.log, state.next - 1) for state in journals.logs(tx) if state.office == office]
