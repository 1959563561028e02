"""The "sometimes" ledger: rare states that the runs together must have reached, or they prove nothing about them."""

from __future__ import annotations

from collections import Counter
from typing import Final

__all__ = ["STATES", "Ledger"]

STATES: Final[dict[str, str]] = {
    "request lost": "a push or a question that the server never saw",
    "response lost": "the server did it all and the kiosk does not know",
    "response torn": "an answer that was cut short",
    "request repeated": "a push that arrived twice, the second time late",
    "captive portal": "a 200 that is not the server's",
    "partition": "a kiosk cut off for hours",
    "server down": "nobody answers",
    "server restarted": "the docket is built again from the store",
    "server restored": "the database is an older copy",
    "rewind": "a kiosk sent again what it had been told was safe",
    "stale cursor": "a kiosk read the feed again from the start",
    "history read back": "a kiosk that had lost records got them back from the server",
    "late earlier stamp": "a stamp that arrived late took a customer from a provisional owner",
    "late claim": "a slip of a day that had been closed without it",
    "same-day tie": "two slips of one day, and the manager's ruling on them",
    "final": "a ruling that became final",
    "quota hit": "a slip refused because all places were taken",
    "expiry in a partition": "a claim lapsed while its kiosk was cut off",
    "overdue": "a slip not entered in 24 hours",
    "amended": "an amendment that moved the time",
    "renewed": "a renewal that kept the time",
    "withdrawn": "a claim given up",
    "returned": "a slip given back and acknowledged",
    "clock back > 1 h": "the wall clock set back",
    "clock forward > 1 h": "the wall clock set forward",
    "clock frozen": "a wall clock that stood still",
    "machine stalled": "a counter that slept",
    "reboot": "a machine switched off and on",
    "reboot without network": "stamped on the battery clock's word",
    "dead battery": "a battery clock that fell back: grade C",
    "grade C": "a stamp that no anchor bounds from above",
    "promise kept": "a stamp refused because closing up had promised otherwise",
    "disk full at the stamp": "SQLITE_FULL: not stamped, nothing half-done",
    "anchor file behind": "the anchor file could not follow a commit",
    "new life": "a journal on doubt was not continued",
    "fork alarm": "two histories under one name",
    "server ahead": "the server holds more of a journal than its kiosk",
    "clone alarm": "two machines with one kiosk's key",
    "poisoned record": "a record in quarantine",
    "unsynchronised server": "a server that gives no anchors",
    "settled in another order": "arrival order and stamp order differed",
}  # fmt: skip


class Ledger(Counter[str]):
    """Counts how often each state was reached."""

    def note(self, state: str) -> None:
        """Count a state."""
        assert state in STATES, state
        self[state] += 1

    def missing(self) -> list[str]:
        """Return what was never reached."""
        return [state for state in STATES if not self[state]]
