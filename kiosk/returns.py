"""退单: what goes back to its salesperson, with the note that says why, until the salesperson has signed for it (一.4).

The archive is not browsed (五): a slip that went back comes out by its number, to its own salesperson alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk import filing
from kiosk.slips import whole_number
from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import SlipReturned
from shared_rules.words import say

if TYPE_CHECKING:
    from kiosk.acts import Acts
    from kiosk.counter import ReturnRow, Session
    from kiosk.printing import Printing
    from shared_rules.words import Language, Say

__all__ = ["Returns"]


@dataclass(frozen=True, slots=True)
class Returns:
    """The returns of one kiosk."""

    acts: Acts
    printing: Printing

    def rows(self) -> tuple[ReturnRow, ...]:
        """Return the slips that must go back, the most urgent first; acknowledged ones are gone (一.4)."""
        return self._read(done=False)

    def _read(self, *, done: bool) -> tuple[ReturnRow, ...]:
        acts = self.acts
        return filing.return_rows(acts.register, acts.now(), acts.staff.name, done=done)

    def own(self, session: Session, number: str) -> ReturnRow:
        """Return one of a salesperson's own returned slips by its number, also long after it was signed for.

        Nobody looks through what went back (五): who knows the number of an own slip gets this one.
        """
        self.acts.alive(session)
        own = {row.slip: row for row in self._read(done=True) if row.salesperson == session.number}
        row = own.get(whole_number(number, own))
        if row is None:
            raise InputError(say("您没有退回的 {slip}；请核对单号", slip=number), field="wanted")
        return row

    def note(self, slip: str) -> tuple[Say, ...]:
        """Return the note of a slip: masked reasons, "stop contact", and the holder only if the policy says so."""
        return filing.note_lines(self._row(slip), self.acts.place)

    def own_note(self, session: Session, number: str) -> tuple[Say, ...]:
        """Return the note of an own returned slip, also of one that was signed for."""
        return filing.note_lines(self.own(session, number), self.acts.place)

    def _row(self, slip: str) -> ReturnRow:
        row = next((row for row in self.rows() if row.slip == slip), None)
        if row is None:
            raise InputError(say("{slip} 不在退单之列", slip=slip), field="slip")
        return row

    def print(self, session: Session, slip: str, language: Language) -> int:
        """Print the note of a return and record that it was printed."""
        self.acts.clerk(session)
        copy = self.printing.put("return", slip, self.note(slip), language)
        self.record(session, slip, "printed")
        return copy

    def record(self, session: Session, slip: str, note: str) -> None:
        """Record a return: `printed` or `shown` by the clerk, `acknowledged` by the salesperson; then it is done."""
        self.acts.alive(session)
        row = self._row(slip)
        if note == "acknowledged" and session.number != row.salesperson:
            raise RefusedError(say("退单由 {name} 本人签收", name=row.salesperson_name))
        if note != "acknowledged":
            self.acts.clerk(session)
        self.acts.write(SlipReturned(slip=slip, returned_by=session.number, note=note))
