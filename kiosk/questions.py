"""身份核对: what the server asks about own slips, and what the clerk hears from the own salesperson (二.1.3).

Nothing is known here of the other slip. What is said is written as it is said; it rules nothing at this counter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared_rules.errors import InputError
from shared_rules.facts import QuestionAnswered, Role
from shared_rules.questioning import CONTACT, NAME
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.acts import Acts
    from kiosk.counter import Session
    from shared_rules.facts import SlipContent

__all__ = ["LEAD", "QuestionDesk", "QuestionRow", "alike"]

LEAD: Final = "问递交这份单的业务员，照原话写；不要打听对方是谁，也不要说哪里相近"
"""What is said to the clerk before the questions."""
_ALIKE: Final[dict[tuple[str, ...], Say]] = {(NAME,): say("名称相近"), (CONTACT,): say("联系方式相近")}
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question about one of this office's slips that nobody here has answered yet."""

    question: str
    slip: str
    claim: str
    salesperson: str
    salesperson_name: str
    content: SlipContent | None
    """What stands on the own slip; None = it was stamped at another kiosk."""
    grounds: tuple[str, ...]
    asks: tuple[str, ...]
    due_at: int


def alike(row: QuestionRow) -> Say:
    """Return in one word which fields are alike; never with what (五)."""
    return _ALIKE.get(row.grounds, say("名称和联系方式相近"))


@dataclass(frozen=True, slots=True)
class QuestionDesk:
    """Reads the open questions and writes the answers."""

    acts: Acts

    def rows(self) -> tuple[QuestionRow, ...]:
        """Return what still has to be asked, the most urgent first."""
        register = self.acts.register
        items = register.questions().values()
        waiting = [item for item in items if not (item.withdrawn or item.answered)]
        if not waiting:
            return ()
        book = register.book()
        found = [
            QuestionRow(
                item.question, item.slip, item.claim, item.salesperson, self.acts.staff.name(item.salesperson),
                book.contents.get(item.slip), item.grounds, item.asks, item.due_at,
            )
            for item in waiting
            if item.question not in book.answered
        ]  # fmt: skip
        return tuple(sorted(found, key=lambda row: (row.due_at, row.slip)))

    def answer(self, session: Session, question: str, answers: Mapping[str, str], *, knows: bool = True) -> None:
        """Write down what the own salesperson said; `knows` False = the salesperson cannot say, then no answers count.

        Raises InputError naming the field that is missing or too long, RefusedError for anybody but a clerk.
        """
        self.acts.allowed(session, Role.CLERK, Role.CONTRACT_OFFICE)
        row = next((row for row in self.rows() if row.question == question), None)
        if row is None:
            raise InputError(say("这项核对已经不用回答"), field="question")
        said = {name: answers.get(name, "").strip() for name in row.asks} if knows else {}
        for name, text in said.items():
            if len(text) > _LONGEST:
                raise InputError(say("最多 {most} 个字", most=_LONGEST), field=name)
        if knows and not any(said.values()):
            raise InputError(say("请至少写一项；都说不上来就选“说不上来”"), field=row.asks[0])
        self.acts.write(QuestionAnswered(
            question=question, claim=row.claim, salesperson=row.salesperson, clerk=session.number,
            answers={name: text for name, text in said.items() if text},
        ))  # fmt: skip
