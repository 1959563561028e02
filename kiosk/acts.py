"""What every verb of the counter stands on: who is logged in, and the one way into the journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared_rules.errors import RefusedError
from shared_rules.facts import Role
from shared_rules.words import say

if TYPE_CHECKING:
    from kiosk.counter import Place, Session
    from kiosk.journal import Journal
    from kiosk.pen import Written
    from kiosk.register import OfficeRegister
    from kiosk.staff import Staff
    from shared_rules.facts import Fact

__all__ = ["READERS", "STAMPERS", "Acts"]

STAMPERS = (Role.CLERK, Role.CONTRACT_OFFICE)
READERS = (Role.SUPERVISOR, Role.MANAGER)
"""Who mediates and who rules: they look at query slips and reports (三.1, 二.2.4)."""


@dataclass(frozen=True, slots=True)
class Acts:
    """Given to each group of verbs; `alive` refuses a session that has ended, `wake` tells the network."""

    journal: Journal
    register: OfficeRegister
    staff: Staff
    place: Place
    alive: Callable[[Session], None]
    wake: Callable[[], None]
    now: Callable[[], int]

    def allowed(self, session: Session, *roles: Role) -> None:
        """Refuse a session that has ended, or that has none of these roles."""
        self.alive(session)
        if not session.may(*roles):
            raise RefusedError(say("这一步不由 {name} 办理", name=session.name))

    def clerk(self, session: Session) -> None:
        """Refuse whoever may not stamp."""
        self.alive(session)
        if not session.may(*STAMPERS):
            raise RefusedError(say("这一步由确认人员办理"))

    def write(self, fact: Fact) -> Written:
        """Write a fact; when this returns, it is on the disk."""
        written = self.journal.append(fact)
        self.wake()
        return written
