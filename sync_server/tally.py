"""Counting rulings: one line for each slip with what holds for it, and the same counts for any group of lines.

Every count of a `Tally` is a sum over its lines, so that the groups of any grouping add up to the same whole.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from shared_rules.decision import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

__all__ = ["BACK", "BAND", "Band", "Kind", "SlipLine", "Tally", "Wait", "grouped"]


class Kind(StrEnum):
    """What was handed in."""

    NEW = "new"
    AMENDED = "amended"
    RENEWED = "renewed"


class Band(StrEnum):
    """What became of a slip, as a reader of many slips wants to know it."""

    STANDS = "stands"
    DEAL = "deal"
    OVER = "over"
    WAITS = "waits"
    RETURNED = "returned"
    REFUSED = "refused"
    VOID = "void"


BAND: Final = {
    Status.UPHELD: Band.STANDS,
    Status.AWAITING_ENTRY: Band.STANDS,
    Status.CLOSED: Band.DEAL,
    Status.LAPSED: Band.OVER,
    Status.WITHDRAWN: Band.OVER,
    Status.WITH_MANAGER: Band.WAITS,
    Status.WAITING_CONTRACT: Band.WAITS,
    Status.LATE: Band.WAITS,
    Status.RETURNED: Band.RETURNED,
    Status.REFUSED: Band.REFUSED,
    Status.VOID: Band.VOID,
}
BACK: Final = (Band.RETURNED, Band.REFUSED, Band.VOID)
"""Slips that do not hold."""
_ADMITTED: Final = (Band.STANDS, Band.DEAL, Band.OVER)


class Wait(StrEnum):
    """What keeps a ruling from being final, or from being one."""

    MANAGER = "manager"
    CONTRACT = "contract"
    DISPUTE = "dispute"
    OFFICE = "office"
    ENTRY = "entry"


@dataclass(frozen=True, slots=True)
class SlipLine:
    """One slip with what holds for it now; the customer is for lists, masked, and never counted."""

    slip: str
    claim: str
    kind: Kind
    pool: str
    office: str
    salesperson: str
    stamped_at: int
    """Instant, the earliest of the stamp's interval."""
    day: date
    status: Status
    clauses: tuple[str, ...]
    """Of its reasons; the first one leads."""
    provisional: bool
    waits: tuple[Wait, ...] = ()
    dark: tuple[str, ...] = ()
    """Offices that have not reported past its day."""
    collides: bool = False
    """Whether it is a claim that stood against another salesperson's."""
    customer: str = ""
    phones: str = ""
    masked: bool = True


@dataclass(slots=True)
class Tally:
    """Counts of slips."""

    kinds: Counter[Kind] = field(default_factory=Counter)
    led: Counter[tuple[Status, str]] = field(default_factory=Counter)
    """(Outcome, clause that leads its reasons) -> slips; each slip once."""
    named: Counter[tuple[Status, str]] = field(default_factory=Counter)
    """(Outcome, clause among its reasons) -> slips; a slip counts once for each of its clauses."""
    waits: Counter[Wait] = field(default_factory=Counter)
    dark: Counter[str] = field(default_factory=Counter)
    """Office that has not reported -> slips that wait for it."""
    provisional: int = 0
    collisions: int = 0

    def add(self, line: SlipLine) -> None:
        """Count one more slip."""
        self.kinds[line.kind] += 1
        self.led[line.status, next(iter(line.clauses), "")] += 1
        self.named.update((line.status, clause) for clause in line.clauses)
        self.waits.update(line.waits)
        self.dark.update(line.dark)
        self.provisional += line.provisional
        self.collisions += line.collides

    def merge(self, other: Tally) -> None:
        """Count everything that another tally counted."""
        self.kinds.update(other.kinds)
        self.led.update(other.led)
        self.named.update(other.named)
        self.waits.update(other.waits)
        self.dark.update(other.dark)
        self.provisional += other.provisional
        self.collisions += other.collisions

    @property
    def handed_in(self) -> int:
        """How many slips."""
        return self.kinds.total()

    @property
    def final(self) -> int:
        """How many rulings nothing but a signed human act can change any more."""
        return self.handed_in - self.provisional

    @property
    def admitted(self) -> int:
        """How many slips were taken in, whatever became of them since."""
        bands = self.bands()
        return sum(bands[band] for band in _ADMITTED)

    def bands(self) -> Counter[Band]:
        """Return how many slips fell into each band."""
        found: Counter[Band] = Counter()
        for (status, _), count in self.led.items():
            found[BAND[status]] += count
        return found

    def statuses(self) -> Counter[Status]:
        """Return how many slips have each outcome."""
        found: Counter[Status] = Counter()
        for (status, _), count in self.led.items():
            found[status] += count
        return found

    def clauses(self, *bands: Band) -> Counter[str]:
        """Return how many slips of these bands each clause gave a reason for."""
        found: Counter[str] = Counter()
        for (status, clause), count in self.named.items():
            if BAND[status] in bands:
                found[clause] += count
        return found


def grouped(lines: Iterable[SlipLine], key: Callable[[SlipLine], str]) -> dict[str, Tally]:
    """Return a tally for each group of lines."""
    groups: dict[str, Tally] = {}
    for line in lines:
        tally = groups.get(key(line))
        if tally is None:
            tally = groups[key(line)] = Tally()
        tally.add(line)
    return groups
