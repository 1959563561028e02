"""Makes the tables of docs/sync.md; tests/test_sync_tables.py drives every cell through the real code."""

from __future__ import annotations

from enum import Enum
from typing import Final

__all__ = [
    "KIOSK",
    "SERVER",
    "Event",
    "Held",
    "Outcome",
    "Reaction",
    "Relation",
    "Standing",
    "kiosk_table",
    "server_table",
]


class Held(Enum):
    """What the server has of the journal that a push is about."""

    UNKNOWN = "kiosk never enrolled"
    NEW = "nothing of it yet"
    OPEN = "holds 1…n"
    FROZEN = "frozen by a fork"


class Relation(Enum):
    """How a batch and its head stand to what is held."""

    HEARTBEAT = "no records, head as held"
    NEXT = "records from n+1 on"
    DUPLICATE = "records held already"
    OVERLAP = "some held, some new"
    BEYOND = "first record above n+1"
    OTHER_HASH = "a held number, another hash"
    OTHER_PAST = "no records, head with another past"
    UNREADABLE = "next record, body does not fit it"
    HOLE = "numbers not consecutive"
    FOREIGN = "a record of another journal"
    BAD_KEY = "head signed by another key"
    TOO_MANY = "more than 500 records"


class Outcome(Enum):
    """What the server does; each answer but the first three is a problem document of that type."""

    KEPT = "200, kept"
    SAME = "200, nothing new"
    QUARANTINED = "200, kept without effect, alarm"
    GAP = "409 `gap`, nothing kept"
    FORK = "409 `fork`, both kept, frozen, alarm"
    MALFORMED = "400 `malformed`, nothing kept"
    BAD_SIGNATURE = "403 `bad-signature`, nothing kept"
    UNKNOWN_LOG = "404 `unknown-log`, nothing kept"
    TOO_LARGE = "413 `too-large`, nothing kept"


_NOTHING: Final = "cannot be: nothing is held"
_R, _O = Relation, Outcome
_KNOWN: Final = {
    _R.HEARTBEAT: _O.SAME, _R.NEXT: _O.KEPT, _R.DUPLICATE: _O.SAME, _R.OVERLAP: _O.KEPT, _R.BEYOND: _O.GAP,
    _R.OTHER_HASH: _O.FORK, _R.OTHER_PAST: _O.FORK, _R.UNREADABLE: _O.QUARANTINED, _R.HOLE: _O.MALFORMED,
    _R.FOREIGN: _O.MALFORMED, _R.BAD_KEY: _O.BAD_SIGNATURE, _R.TOO_MANY: _O.TOO_LARGE,
}  # fmt: skip
_NEEDS_HELD: Final = (_R.DUPLICATE, _R.OVERLAP, _R.OTHER_HASH, _R.OTHER_PAST)
SERVER: Final[dict[tuple[Held, Relation], Outcome | str]] = (
    {(Held.UNKNOWN, one): _NOTHING if one in _NEEDS_HELD else _O.UNKNOWN_LOG for one in Relation}
    | {(Held.UNKNOWN, _R.TOO_MANY): _O.TOO_LARGE}
    | {(Held.NEW, one): _NOTHING if one in _NEEDS_HELD else outcome for one, outcome in _KNOWN.items()}
    | {(held, one): outcome for held in (Held.OPEN, Held.FROZEN) for one, outcome in _KNOWN.items()}
)
"""A cell is what happens, or the reason why it cannot."""


class Standing(Enum):
    """One life of the journal beside what the server last said it holds."""

    LEVEL = "all acknowledged"
    UNSENT = "records unsent"


class Event(Enum):
    """What comes back for a push."""

    FITS = "200, `next` and `hash` are ours"
    LESS = "200, holds less than before"
    OTHER = "200, `hash` is not ours"
    MORE = "200, `next` beyond our head"
    GAP = "`gap` below what it had"
    GAP_SAME = "`gap` where it stood"
    GAP_OTHER = "`gap`, `hash` is not ours"
    FORK = "`fork`"
    TOO_LARGE = "`too-large`"
    MALFORMED = "`malformed`"
    UNKNOWN_LOG = "`unknown-log`"
    BAD_SIGNATURE = "`bad-signature`"
    REVOKED = "`revoked`"
    STALE_CURSOR = "`stale-cursor` (not an answer to a push)"
    UNAVAILABLE = "`unavailable`"
    NEWER = "a problem type of a later release"
    BROKEN = "5xx without a problem document"
    PORTAL = "200 of a captive portal"
    ELSEWHERE = "3xx or 4xx of a stranger"
    CUT = "200, cut short"
    LOST = "no answer"


class Reaction(Enum):
    """What the kiosk does; its records stay with it in every one of them."""

    ACKNOWLEDGED = "acknowledged up to the head"
    AGAIN = "counts as unsent again, sent at once"
    STANDS = "nothing changes, sent again next round"
    WAITS = "nothing changes, a sentence on the screen, sent again next round"
    STRANGER = "nothing changes, the stranger is named, sent again next round"
    DISBELIEVED = "not believed: nothing changes, a person is told"
    NEW_LIFE = "this life is set aside, a new one begins, a person is told"


_E, _A = Event, Reaction
_REACTIONS: Final = {
    _E.FITS: _A.ACKNOWLEDGED, _E.LESS: _A.AGAIN, _E.OTHER: _A.DISBELIEVED, _E.MORE: _A.NEW_LIFE, _E.GAP: _A.AGAIN,
    _E.GAP_SAME: _A.STANDS, _E.GAP_OTHER: _A.NEW_LIFE, _E.FORK: _A.NEW_LIFE, _E.PORTAL: _A.STRANGER,
    _E.ELSEWHERE: _A.STRANGER, _E.CUT: _A.STRANGER, _E.LOST: _A.STANDS,
}  # fmt: skip
KIOSK: Final = {(one, event): _REACTIONS.get(event, _A.WAITS) for one in Standing for event in Event}


def server_table() -> str:
    """Return the server's side as Markdown."""
    rows = [[one.value, *(_cell(SERVER[held, one]) for held in Held)] for one in Relation]
    return _table(["batch", *(held.value for held in Held)], rows)


def kiosk_table() -> str:
    """Return the kiosk's side as Markdown."""
    rows = [[event.value, *(KIOSK[one, event].value for one in Standing)] for event in Event]
    return _table(["answer", *(one.value for one in Standing)], rows)


def _cell(cell: Outcome | str) -> str:
    return cell.value if isinstance(cell, Outcome) else f"*{cell}*"


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n\n"
