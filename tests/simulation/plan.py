"""What a run is like: everything is drawn from its seed before anything happens."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from shared_rules.interval import HOUR, MINUTE

__all__ = ["HAZARDS", "Hazard", "Plan"]

HAZARDS: Final[dict[str, float]] = {
    "partition": 3.0,
    "portal": 1.0,
    "server_down": 1.5,
    "server_restart": 1.0,
    "server_restored": 1.2,
    "server_unsynchronised": 0.6,
    "wall_forward": 1.0,
    "wall_back": 1.5,
    "wall_frozen": 0.8,
    "stall": 0.8,
    "reboot": 2.0,
    "dead_battery": 1.0,
    "database_restored": 1.0,
    "machine_rolled_back": 1.2,
    "cloned": 0.8,
    "image_cloned": 0.8,
    "anchor_lost": 0.6,
    "disk_full": 1.2,
    "poisoned": 1.0,
}
"""What can befall the house, and how often against each other. Revocation of a kiosk has its place here, with
"revocation with data in flight" in the ledger, as soon as the server can revoke."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """Something that goes wrong once."""

    at: int
    """Microseconds from the first midnight."""
    kind: str
    kiosk: int
    """Index among the machines that there are by then."""
    lasts: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The rates and mishaps of one run."""

    days: int
    lost_request: float
    lost_response: float
    repeated: float
    torn: float
    delay: int
    """Longest way of a message, microseconds."""
    slips: int
    """Slips that an office tries to hand in in a day."""
    late_entries: float
    no_entries: float
    acts: float
    """How many of the slips are amendments, renewals and withdrawals."""
    hazards: tuple[Hazard, ...]

    @classmethod
    def draw(cls, rng: random.Random) -> Plan:
        """Draw a run."""
        days = rng.choice((2, 2, 3, 3))
        bad = rng.choice((0.0, 0.3, 1.0, 1.0))
        hazards = tuple(
            sorted((_hazard(rng, days) for _ in range(rng.choice((0, 1, 2, 3, 4, 6)))), key=lambda one: one.at)
        )
        return cls(
            days=days,
            lost_request=bad * rng.uniform(0, 0.2),
            lost_response=bad * rng.uniform(0, 0.2),
            repeated=bad * rng.uniform(0, 0.2),
            torn=bad * rng.uniform(0, 0.1),
            delay=rng.choice((MINUTE // 60, MINUTE // 2, 3 * MINUTE)),
            slips=rng.choice((3, 5, 7)),
            late_entries=rng.choice((0.0, 0.1, 0.3)),
            no_entries=rng.choice((0.0, 0.05, 0.2)),
            acts=rng.choice((0.2, 0.4)),
            hazards=hazards,
        )


def _hazard(rng: random.Random, days: int) -> Hazard:
    kind = rng.choices(tuple(HAZARDS), weights=tuple(HAZARDS.values()))[0]
    # mostly in the hours in which people work
    hour = rng.choice((7, 9, 9, 10, 12, 15, 16, 16, 17, 19, 23))
    at = (rng.randrange(days) * 24 + hour) * HOUR + rng.randrange(60) * MINUTE
    return Hazard(at, kind, rng.randrange(12), rng.choice((10 * MINUTE, HOUR, 5 * HOUR, 20 * HOUR, 50 * HOUR)))
