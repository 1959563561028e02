"""A claim as it stood after an event: its version, its lease, and whether it was live at an instant.

Private to the hearing: what leaves settlement is a ruling (`rulings.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from msgspec.structs import replace

from shared_rules.clauses.reception import end_of_lease, last_valid_day
from shared_rules.customers import Customer
from shared_rules.decision import Reason, SlipView, Status, Verdict
from shared_rules.facts import LogId, Source
from shared_rules.interval import OPEN, Interval, day_of
from shared_rules.policy import Policy
from shared_rules.values import Fixed

__all__ = ["LEASED", "LIVE", "NOBODY", "WAITING", "ClaimState", "Lease", "Release"]

NOBODY: frozenset[str] = frozenset()
LIVE = frozenset({Status.UPHELD, Status.WITH_MANAGER, Status.WAITING_CONTRACT, Status.CLOSED})

WAITING = (Status.WITH_MANAGER, Status.WAITING_CONTRACT)
LEASED = frozenset({Status.UPHELD, Status.WAITING_CONTRACT})
"""A claim that waits for the contract runs on; one that waits for the manager stands still."""


class Release(Fixed, frozen=True):
    """A lease was cut off, because its salesperson's number of places fell (一.5)."""

    at: int
    """First instant at which it held no more."""
    limit: int
    """How many were left."""


class Lease(Fixed, frozen=True):
    """From when the days run, by which policy, and what stretches them."""

    counted_from: date
    """The day of the stamp or renewal; `date.max` where no certain day is known."""
    days: int
    """Civil days from there; the day itself is not counted."""
    policy: Policy
    early: bool = False
    """An early claim runs from the launch (六.3)."""
    suspended_days: int = 0
    """Days a case was open; the lease did not run (二.2.4)."""
    released: Release | None = None

    def until(self, launches: Sequence[tuple[int, date]], closed: frozenset[date]) -> int:
        """Return the last instant of the last valid civil day; OPEN = it has none.

        `launches` are the notices in order (instant, day). A launch that is moved never shortens a lease, and does
        nothing for one that was over when the notice came (六.3).
        """
        if self.released is not None:
            return self.released.at - 1
        if self.counted_from == date.max or (self.early and not launches):
            return OPEN
        policy, stretched = self.policy, self.suspended_days
        end = _end_of(self.counted_from, self.days + stretched, policy, closed)
        for notice, day in launches if self.early else ():
            if (notice, day) == launches[0] or notice <= end:
                end = max(end, _end_of(day, policy.lease.launch_days + stretched, policy, closed))
        return end


@lru_cache(maxsize=4096)
def _end_of(day: date, days: int, policy: Policy, closed: frozenset[date]) -> int:
    """Return the last instant of some civil days after a day: all slips of a day share it."""
    return end_of_lease(last_valid_day(day + timedelta(days=days), policy, closed=closed), policy)


class ClaimState(Fixed, frozen=True):
    """One claim as far as its history has been heard."""

    claim: str
    pool: str
    office: str
    view: SlipView
    policy: Policy
    customer: Customer | None
    effective: Interval
    lease: Lease
    marks: tuple[str, ...]
    """What the customer has in common with others, if anything (二)."""
    recorded: tuple[LogId, int]
    """Log and sequence number of the present version's stamp."""
    until: int = OPEN
    """Last instant of the lease."""
    status: Status = Status.UPHELD
    verdict: Verdict | None = None
    aside: tuple[Reason, ...] = ()
    against: frozenset[str] = NOBODY
    """Claims it lost to, or waits together with."""
    undecided_since: int | None = None
    renewals: int = 0
    doubtful_day: bool = False
    flags: tuple[str, ...] = ()
    needs_entry: str = ""
    """The slip whose second look the present version needs (一.4)."""
    logged: bool | None = None
    """Whether the visitor log has the row that 一.7 asks for; None = nobody asked."""
    deal: str = ""
    """The deal that closed it."""
    source: Source = Source.WALK_IN
    exempt_until: int = 0
    """Last instant up to which it takes no place, taken over from somebody who left."""
    served_by: str = ""
    """A colleague who serves without owning (二.2.3)."""
    doubted: bool = False
    """Whether somebody drew it into a case of which not even the day or the customer is certain."""
    fallback: ClaimState | None = None
    """The version before an amendment that waits for the manager."""
    alive_from: int = 0
    """Instant from which it holds its customer, where it was returned first and came to life (一.6)."""

    @property
    def salesperson(self) -> str:
        """Whose claim it is."""
        return self.view.salesperson

    @property
    def lease_ends(self) -> bool:
        """Whether the lease has a last day; an early claim's and an uncertain day's have none."""
        return self.until != OPEN

    def live_at(self, instant: int) -> bool:
        """Return whether the claim held its customer at an instant; an undecided one's lease does not run."""
        in_time = self.status not in LEASED or instant <= self.until
        return self.status in LIVE and in_time and instant >= self.alive_from

    @property
    def lost_by_time(self) -> bool:
        """Whether it went back because another was earlier, and for nothing else (二.2.1)."""
        return self.status is Status.RETURNED and self.verdict is not None and self.verdict.rule == "二.2.1"

    def leased(self, lease: Lease, until: int) -> ClaimState:
        """Return the claim with another lease."""
        return replace(self, lease=lease, until=until)

    def held(self, other: str, since: int, verdict: Verdict) -> ClaimState:
        """Return the claim waiting together with another one, whose verdict draws it in."""
        status, doubted = verdict.status, verdict.clause == "二.2.4" and bool(verdict.flags)
        waiting = replace(self, against=self.against | {other}, doubted=self.doubted or doubted)
        if self.status is Status.UPHELD or (self.status, status) == (Status.WAITING_CONTRACT, Status.WITH_MANAGER):
            stands_still = status is Status.WITH_MANAGER
            return replace(waiting, status=status, undecided_since=since if stands_still else None)
        return waiting

    def suspended(self, at: int, launches: Sequence[tuple[int, date]]) -> Lease:
        """Return the lease running on after a case: the days it was open do not count, if it ran by then at all."""
        since = day_of(at if self.undecided_since is None else self.undecided_since)
        if self.lease.early:
            since = max(since, launches[0][1]) if launches else day_of(at)
        days = max(0, (day_of(at) - since).days)
        return replace(self.lease, suspended_days=self.lease.suspended_days + days)
