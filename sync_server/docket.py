"""What the reconciler keeps in memory between runs, so that a run costs what is new and not what there is.

All of it follows from the store: a server that starts again reads everything once and is where it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from shared_rules.facts import CollisionSeen, DayClosed, SlipAmended, SlipRenewed, SlipStamped
from shared_rules.settlement import Settlement
from sync_server.archive import floors

if TYPE_CHECKING:
    from shared_rules.facts import Event
    from shared_rules.policy import Policies
    from sync_server.archive import Contents

__all__ = ["Docket"]


@dataclass(slots=True)
class Docket:
    """A settlement that lives on, and what was learned from the facts on the way."""

    settlement: Settlement | None = None
    seen: set[tuple[str, ...]] = field(default_factory=set)
    """Collisions that were noted in the log."""
    days: dict[str, set[date]] = field(default_factory=dict)
    """Pool -> civil days that a stamp touches."""
    closed: dict[str, date] = field(default_factory=dict)
    """Office -> its last closed day: every day before it is closed too, and is not closed again."""
    news: set[str] = field(default_factory=set)
    """Claims whose rulings changed and were not published yet: a run that fails is made up for by the next."""
    due: dict[str, set[str]] = field(default_factory=dict)
    """Claim -> its slips that must go back, as far as their offices were told."""
    _pools: dict[str, str] = field(default_factory=dict)
    _read: int = 0
    _settled: int = 0
    _revision: int = 0

    def read(self, contents: Contents) -> None:
        """Learn from the facts that are new; from all of them again where an anchor gave some another time."""
        if contents.revision != self._revision:
            self._revision, self._read, self.settlement = contents.revision, 0, None
            self.days.clear()
        for event in contents.since(self._read):
            self._learn(event)
        self._read = contents.count

    def _learn(self, event: Event) -> None:
        fact = event.fact
        match fact:
            case CollisionSeen():
                self.seen.add(fact.claims)
            case DayClosed():
                self.closed[fact.office] = max(fact.day, self.closed.get(fact.office, date.min))
            case SlipStamped():
                self._pools[fact.slip] = fact.pool
                self.days.setdefault(fact.pool, set()).update(event.time.days())
            case SlipAmended() | SlipRenewed():
                self.days.setdefault(self._pools.get(fact.claim, ""), set()).update(event.time.days())
            case _:
                pass

    def settle(self, contents: Contents, policies: Policies, as_of: int) -> Settlement:
        """Settle what is new up to an instant; a change of policy settles everything again."""
        promises = floors(contents.logs)
        if self.settlement is None or self.settlement.policies != policies:
            self.settlement = Settlement(policies)
            changes = self.settlement.begin((*contents.events, *promises), as_of)
        else:
            changes = self.settlement.apply((*contents.since(self._settled), *promises), as_of)
        self._settled = contents.count
        self.news.update(changes.claims, (act.claim for act in changes.acts.values()))
        return self.settlement
