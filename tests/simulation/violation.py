"""What a run ends with when an invariant of architecture.md section 9 does not hold."""

from __future__ import annotations

from typing import Final

__all__ = ["INVARIANTS", "Violation"]

INVARIANTS: Final = {
    0: "nothing fails but with an error of ours",
    1: "no acknowledged slip is lost; what is acknowledged is on the disk",
    2: "pushes sent again, in any order, change nothing",
    3: "settlement from scratch, of the facts in any order, equals the server's docket",
    4: "at most one owner of a customer at any instant",
    5: "a final ruling changes only by a signed human act",
    6: "nobody holds more customers than the quota allows",
    7: "an amendment moves the time, a renewal does not",
    8: "every slip is entered or given back in 24 hours, or stands in the overdue list",
    9: "the true time of every record lies in its interval; a journal's lower bounds never fall; a floor is kept",
    12: "a clone or rollback is alarmed at first contact, and both branches are kept",
    14: "when faults stop, every outbox drains, every day is promised, and every kiosk knows its rulings",
    15: "a poisoned record goes into quarantine and blocks nothing",
}
"""0 is the simulator's own: an exception that is not in the error tree is a bug by itself."""


class Violation(AssertionError):  # noqa: N818 - it is what it says
    """An invariant does not hold."""

    def __init__(self, invariant: int, what: str) -> None:
        super().__init__(f"invariant {invariant} ({INVARIANTS[invariant]}): {what}")
        self.invariant = invariant
