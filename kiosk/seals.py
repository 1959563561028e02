"""封存: when a hand-in window ends, and at closing up, the journal gets a seal whose code anybody may photograph.

It needs no network, freezes every stamp before it in whoever's pocket holds the photograph, and carries the promise to
stamp nothing earlier any more. Each window is sealed once; where the counter did not run when it ended, at the next
moment that it does. A seal that was written and not yet printed is printed whenever somebody looks after it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.counter import Sealed
from kiosk.receipt import seal_lines
from shared_rules.interval import DAY
from shared_rules.journal import Record
from shared_rules.protocol import Entry
from shared_rules.seals import SealBody, last_end
from shared_rules.wire import decode_canonical
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.acts import Acts
    from kiosk.printing import Printing
    from shared_rules.policy import Policy
    from shared_rules.words import Language

__all__ = ["Seals"]

_PAPER = "seal"


@dataclass(frozen=True, slots=True)
class Seals:
    """The seals of one kiosk."""

    acts: Acts
    printing: Printing
    policy: Callable[[str], Policy]
    """Pool -> the policy in force now."""
    page: Callable[[], str]
    """The address at which a code can be checked, "" = none."""

    def work(self, language: Language) -> Sealed | None:
        """Seal the window that is over, order the paper of the last seal, and return what was sealed just now."""
        written = self.acts.journal.seal(self._due())
        last = self.last()
        if last is not None and not self.printing.copies(_PAPER, last.name):
            self.print(last, language)
        if written is None:
            return None
        self.acts.wake()
        return last

    def _due(self) -> int:
        """Return the end of the window that was over last for certain; without windows the day is one (一.1)."""
        pools = self.acts.place.pools
        spans = {span for pool in pools for span in self.policy(pool).hand_in.spans() or ((0, DAY),)}
        return last_end(spans, self.acts.journal.now().time.lo)

    def last(self) -> Sealed | None:
        """Return the last seal of the journal that grows, None = there is none yet."""
        entry = self.acts.journal.last_seal()
        return None if entry is None else self._sealed(entry)

    def _sealed(self, entry: Entry) -> Sealed:
        record, body = Record.unpack(entry.record), decode_canonical(entry.body, SealBody)
        place = self.acts.place
        lines = seal_lines(record, body, office=place.office_name)
        if place.practice:
            lines = (say("【练习】无效凭证"), *lines)
        name = f"{place.office}-{place.kiosk}-{record.log.inc}.{record.seq}"
        return Sealed(name, body.end, record.time, body.slips, entry.record + entry.signature, lines)

    def print(self, sealed: Sealed, language: Language) -> int:
        """Order a seal on paper and return which copy it is."""
        return self.printing.put(_PAPER, sealed.name, sealed.lines, language, sealed.receipt, page=self.page())
