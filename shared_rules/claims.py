"""A claim while its history is heard: its version, its lease, and whether it was live at an instant.

Mutable on purpose and private to the hearing: what leaves settlement is frozen (`rulings.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from shared_rules.clauses.reception import last_valid_day
from shared_rules.customers import Customer
from shared_rules.decision import Reason, Situation, SlipView, Status, Verdict
from shared_rules.facts import LogId
from shared_rules.interval import Interval, day_end, day_of
from shared_rules.policy import Policy

__all__ = ["ClaimState", "Lease"]

_LIVE = frozenset({Status.UPHELD, Status.WITH_MANAGER, Status.CLOSED})


@dataclass(slots=True)
class Lease:
    """From when the days run, by which policy, and what stretches them."""

    counted_from: date
    """The day of the stamp or renewal; `date.max` where no certain day is known."""
    policy: Policy
    early: bool = False
    """An early claim runs from the launch (六.3)."""
    suspended_days: int = 0
    """Days a case was open; the lease did not run (二.2.4)."""

    def last_day(self, launch: date | None, closed: frozenset[date]) -> date | None:
        """Return the last valid civil day, None = open-ended."""
        if self.early:
            if launch is None:
                return None
            plain = launch + timedelta(days=self.policy.lease.launch_days)
            return max(plain, self._plain(closed))
        last = self._plain(closed)
        return None if last == date.max else last

    def _plain(self, closed: frozenset[date]) -> date:
        if self.counted_from == date.max:
            return date.max
        return last_valid_day(self.counted_from + timedelta(days=self.suspended_days), self.policy, closed=closed)


@dataclass(slots=True)
class ClaimState:
    """One claim as far as its history has been heard."""

    claim: str
    pool: str
    office: str
    view: SlipView
    policy: Policy
    customer: Customer | None
    effective: Interval
    lease: Lease
    recorded: tuple[LogId, int]
    """Log and sequence number of the present version's stamp."""
    status: Status = Status.UPHELD
    verdict: Verdict | None = None
    aside: tuple[Reason, ...] = ()
    situation: Situation | None = None
    against: set[str] = field(default_factory=set)
    undecided_since: int | None = None
    renewals: int = 0
    doubtful_day: bool = False
    flags: tuple[str, ...] = ()
    entered: bool = True
    logged: bool | None = None
    """Whether the visitor log has the row that 一.7 asks for; None = nobody asked."""
    fallback: ClaimState | None = None
    """The version before an amendment that waits for the manager."""

    def live_at(self, instant: int, launch: date | None, closed: frozenset[date]) -> bool:
        """Return whether the claim held its customer at an instant; an undecided one's lease does not run."""
        if self.status not in _LIVE:
            return False
        if self.status is not Status.UPHELD:
            return True
        last = self.lease.last_day(launch, closed)
        return last is None or instant <= day_end(last)

    def judged(self) -> Situation:
        """Return the situation the present version was judged in."""
        return self.situation or Situation(self.view, self.customer)

    def hold(self, other: str, since: int) -> None:
        """Leave the claim to the manager together with another one."""
        self.against.add(other)
        if self.status is Status.UPHELD:
            self.status = Status.WITH_MANAGER
            self.undecided_since = since

    def release(self, other: str, at: int) -> None:
        """Take another claim out of the case; without any left the claim is upheld and its lease runs on."""
        self.against.discard(other)
        if self.status is Status.WITH_MANAGER and not self.against:
            self.status = Status.UPHELD
            self.resume(at)

    def resume(self, at: int) -> None:
        """Let the lease run on after a case: the days it was open do not count."""
        since = at if self.undecided_since is None else self.undecided_since
        self.lease.suspended_days += (day_of(at) - day_of(since)).days
        self.undecided_since = None
