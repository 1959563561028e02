"""Who is at the counter: the clerk of the open window, the salesperson before it, and whose sessions still live.

A session lives in memory alone: after a restart everybody says again who they are.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

from kiosk import handover
from kiosk.acts import READERS, STAMPERS
from kiosk.counter import Person, Session
from shared_rules.errors import InputError, RefusedError, UnavailableError
from shared_rules.facts import DutyClosed, DutyOpened, Role
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.journal import Journal
    from kiosk.staff import Staff
    from kiosk.waiting import QueueRows

__all__ = ["Sessions"]

_UNBLOCKERS = (Role.CLERK, Role.CONTRACT_OFFICE, Role.SUPERVISOR, Role.OPERATOR)


class Sessions:
    """The people of one counter."""

    def __init__(
        self, journal: Journal, staff: Staff, office: str, *, queue: Callable[[], QueueRows], wake: Callable[[], None]
    ) -> None:
        self._journal, self._staff, self._office = journal, staff, office
        self._queue, self._wake = queue, wake
        self.duty: Session | None = None
        """The clerk who opened the window."""
        self._tokens = count(1)
        self._live: set[int] = set()

    def open_duty(self, badge: str, pin: str) -> Session:
        """Open the window: a clerk, or the contract office (一.3). Recorded in the journal."""
        self._refuse_open_window()
        person = self._staff.check(badge, pin)
        self._refuse_non_stamper(person)
        return self._open(person)

    @staticmethod
    def _refuse_non_stamper(person: Person) -> None:
        if not person.roles & set(STAMPERS):
            raise RefusedError(say("{name} 不是确认人员或签约室，不能开窗", name=person.name))

    def _open(self, person: Person) -> Session:
        self._journal.append(DutyOpened(clerk=person.number, office=self._office))
        self.duty = self._session(person)
        self._wake()
        return self.duty

    def _refuse_open_window(self) -> None:
        if self.duty is not None:
            raise RefusedError(say("窗口已由 {name} 开着；先关窗再换人", name=self.duty.name))

    def close_duty(self, session: Session, *, until: int = 0) -> int:
        """Close the window; `until` (µs) promises that nothing is stamped before it, 0 = no promise.

        Returns what was promised: 0 where `until` is so far ahead that only a wrong clock can have said it.
        """
        promised = until if self._journal.may_promise(until) else 0
        self._close(session, DutyClosed(clerk=session.number, floor=promised))
        if promised:
            with suppress(UnavailableError):  # the window is closed all the same; the next one's seal covers it
                self._journal.seal()
        return promised

    def hand_over(self, session: Session, badge: str, *, papers: str, to: str, pin: str, remark: str = "") -> Session:
        """Give the window to another clerk on the spot; both badges, and the paper slips that both counted.

        Raises InputError naming badge, papers, to or pin, RefusedError for a successor who may not open a window,
        PinNeededError at the successor's first login here.
        """
        if not self.bears(session, badge):
            raise InputError(say("请 {name} 刷自己的工牌交班", name=session.name), field="badge")
        counted = handover.counted(papers, self._queue(), remark)
        successor = self._staff.check(self._staff.find_in(to, "to").person, pin)
        if successor.number == session.number:
            raise InputError(say("接班的须是另一个人"), field="to")
        self._refuse_non_stamper(successor)
        fact = DutyClosed(clerk=session.number, taken_by=successor.number, papers=counted, remark=remark.strip())
        self._close(session, fact)
        return self._open(successor)

    def _close(self, session: Session, fact: DutyClosed) -> None:
        self.alive(session)
        if self.duty != session:
            raise RefusedError(say("只有开窗的人可以关窗"))
        self._journal.append(fact)
        self.duty = None
        self._live.clear()
        self._wake()

    def log_in(self, badge: str, pin: str) -> Session:
        """Log a salesperson in at the open window; raises PinNeededError at the first login here."""
        return self._log_in(badge, pin, Role.SALESPERSON)

    def come(self, badge: str, pin: str) -> Session:
        """Do the same, also for a supervisor or manager who comes to look."""
        return self._log_in(badge, pin, Role.SALESPERSON, *READERS)

    def _log_in(self, badge: str, pin: str, *roles: Role) -> Session:
        if self.duty is None:
            raise RefusedError(say("窗口还没有开；请确认人员先开窗"))
        person = self._staff.check(badge, pin)
        if not person.roles & set(roles):
            raise RefusedError(say("{name} 不是业务员，不能递交", name=person.name))
        return self._session(person)

    def read_badge(self, badge_or_number: str) -> str:
        """Return what a reader or a person typed, known or not; InputError naming badge for a misread badge."""
        self._staff.refuse_misread(badge_or_number)
        return badge_or_number

    def bears(self, session: Session, badge: str) -> bool:
        """Return whether a badge is that of whoever is logged in; InputError for nobody's."""
        return self._staff.find(badge).person == session.number

    def set_pin(self, badge: str, start_pin: str, new_pin: str) -> Person:
        """Replace the start PIN by an own one; afterwards log in with it."""
        return self._staff.set_pin(badge, start_pin, new_pin)

    def unlock(self, session: Session, pin: str) -> Session:
        """Take the cover off: the person's own PIN, asked of a screen that was left alone."""
        self.alive(session)
        self._staff.check(session.number, pin)
        return session

    def unblock(self, session: Session, number: str) -> None:
        """Let a person try again after five wrong PINs; not oneself."""
        self.alive(session)
        self._forgive(session.person, number)

    def unblock_with(self, badge: str, pin: str, whom: str) -> None:
        """Do the same with badge and PIN, also at a closed window: a supervisor or operator needs no session here."""
        self._forgive(self._staff.check(badge, pin), whom)

    def _forgive(self, by: Person, whom: str) -> None:
        locked = self._staff.find(whom).person
        if not by.roles & set(_UNBLOCKERS) or by.number == locked:
            raise RefusedError(say("解锁须由确认人员、主管或管理员为别人办理"))
        self._staff.forgive(locked)

    def log_out(self, session: Session) -> None:
        """End a salesperson's session."""
        self._live.discard(session.token)

    def _session(self, person: Person) -> Session:
        session = Session(person, next(self._tokens))
        self._live.add(session.token)
        return session

    def alive(self, session: Session) -> None:
        """Refuse a session that has ended."""
        if session.token not in self._live:
            raise RefusedError(say("登录已结束，请重新登录"))
