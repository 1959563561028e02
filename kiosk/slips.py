"""What the own journal says of each slip, kept event by event: a long register costs no more than a short one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared_rules.facts import (
    Event,
    LogId,
    QuestionAnswered,
    SlipAmended,
    SlipContent,
    SlipCorrected,
    SlipEntered,
    SlipRenewed,
    SlipReturned,
    SlipStamped,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

__all__ = ["SlipBook", "who", "whole_number"]


def who(content: SlipContent | None) -> str:
    """Return the customer's name for a list: the principal, or the unit; "" for a paper slip that is not typed in."""
    if content is None:
        return ""
    return content.company or (content.names[0] if content.names else content.contact)


def whole_number(typed: str, known: Iterable[str]) -> str:
    """Return the slip's number that somebody means by its last digits (`12` for `E-1-000012`), if it is the only one.

    Anything else is returned as it was typed: whoever looks it up says that it is none.
    """
    text = typed.strip()
    found = {number for number in known if _means(text.casefold(), number.casefold())}
    return found.pop() if len(found) == 1 else text


def _means(typed: str, number: str) -> bool:
    counter = number.rpartition("-")[2]
    return typed == number or (typed.isascii() and typed.isdigit() and typed.lstrip("0") == counter.lstrip("0"))


@dataclass(slots=True)
class SlipBook:
    """Grows with the own journal."""

    _contents: dict[str, SlipContent] = field(default_factory=dict)
    _notes: dict[str, str] = field(default_factory=dict)
    _stamped: dict[LogId, list[int]] = field(default_factory=dict)
    """Journal -> sequence numbers of its stamps, rising."""
    _answered: set[str] = field(default_factory=set)
    _seen: int = 0

    def catch_up(self, events: Sequence[Event]) -> None:
        """Take the events that are new."""
        for event in events[self._seen :]:
            self._take(event)
        self._seen = len(events)

    def _take(self, event: Event) -> None:
        fact = event.fact
        if isinstance(fact, SlipStamped | SlipAmended | SlipRenewed):
            self._stamped.setdefault(event.log, []).append(event.seq)
        match fact:
            case SlipStamped(content=content) | SlipEntered(content=content) if content is not None:
                self._contents[fact.slip] = content
            case SlipAmended() | SlipCorrected():
                self._contents[fact.slip] = fact.content
            case SlipReturned() if self._notes.get(fact.slip) != "acknowledged":
                self._notes[fact.slip] = fact.note
            case QuestionAnswered():
                self._answered.add(fact.question)
            case _:
                pass

    @property
    def contents(self) -> Mapping[str, SlipContent]:
        """Slip -> what stands on it, as last corrected."""
        return self._contents

    @property
    def notes(self) -> Mapping[str, str]:
        """Slip -> how far its return has got: printed, shown, acknowledged."""
        return self._notes

    @property
    def answered(self) -> AbstractSet[str]:
        """Questions that were answered at this kiosk."""
        return self._answered

    def counted(self, acknowledged_of: Callable[[LogId], int]) -> tuple[int, int]:
        """Return how many slips this kiosk stamped, and how many of them the server acknowledged."""
        stamped = sum(len(places) for places in self._stamped.values())
        reported = sum(bisect_right(places, acknowledged_of(log)) for log, places in self._stamped.items())
        return stamped, reported
