"""Asks both offices where two live claims may be one customer and equality cannot say so (二.1.3).

It runs in the reconciler's transaction, after each settlement. A slip that is new, changed or live again is compared
with the live claims that share a key with it, never with all; what the equal name alone returned is asked, too. Each
office hears the same neutral questions about its own slip and nothing of the other (五). No question returns a slip.

Everything kept in memory follows from the store: a run that failed is made up for by the next, and a server that
starts again compares nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from shared_rules.blocking import KEYS_VERSION, hashed
from shared_rules.decision import Status
from shared_rules.facts import FindingMade, QuestionAnswered
from shared_rules.interval import HOUR
from shared_rules.protocol import QuestionItem
from shared_rules.questioning import CONTACT, MANY_NAMES, QUESTIONS, Asked, Described, question
from sync_server.alike import Alike
from sync_server.store import questions as rows
from sync_server.store import register
from sync_server.store.questions import QuestionRow, Side
from sync_server.store.register import Indexed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shared_rules.facts import Event
    from shared_rules.rulings import ClaimRuling
    from shared_rules.settlement import Settlement
    from sync_server.archive import Contents
    from sync_server.feed import Feed
    from sync_server.store import Transaction

__all__ = ["Questions", "asked_between"]

_LIVE: Final = frozenset({
    Status.UPHELD, Status.AWAITING_ENTRY, Status.WITH_MANAGER, Status.WAITING_CONTRACT, Status.CLOSED,
})  # fmt: skip
_BEFORE_THE_RETURN: Final = 2 * HOUR
"""So long before a slip must be back the answers are due: the note is printed then (一.4)."""
_NAME_ONLY: Final = "name_only"
_Pair = tuple[str, str]


class _Round(NamedTuple):
    """What one run sees."""

    tx: Transaction
    settlement: Settlement
    contents: Contents
    now: int


@dataclass(slots=True)
class Questions:
    """One pool of questions for the one settling writer; `secret` keys the hashes of names and numbers."""

    feed: Feed
    secret: bytes
    _alike: Alike | None = None
    _asked: set[str] = field(default_factory=set)
    """Claims that an open question may be about."""
    _found: set[frozenset[str]] = field(default_factory=set)
    """Pairs of which people found out what they are."""
    _touched: set[str] = field(default_factory=set)
    _answers: list[Event] = field(default_factory=list)
    _read: int = 0

    def follow(
        self, tx: Transaction, settlement: Settlement, contents: Contents, news: Iterable[str], now: int
    ) -> bool:
        """Open, change and end questions as the claims of `news` have changed; return whether an office was told."""
        if self._alike is None:
            self._alike = _filled(tx)
            self._asked = {claim for row in rows.questions(tx, state=rows.OPEN) for claim in row.claims}
        self._hear(contents)
        seen = _Round(tx, settlement, contents, now)
        for event in self._answers:
            self._take_answer(seen, event)
        pairs: dict[_Pair, QuestionRow | None] = {}
        for claim in sorted(self._touched.union(news)):
            for other in self._partners(seen, claim):
                pairs.setdefault((min(claim, other), max(claim, other)), None)
            pairs |= {row.claims: row for row in self._open_about(tx, claim)}
        return sum(self._judge(seen, pair, row) for pair, row in sorted(pairs.items())) > 0

    def kept(self) -> None:
        """Forget what a run had to make up for: its transaction is on the disk."""
        self._touched.clear()
        self._answers.clear()

    # --- what is new

    def _hear(self, contents: Contents) -> None:
        for event in contents.since(self._read):
            if isinstance(event.fact, FindingMade):
                self._found.add(frozenset(event.fact.claims))
                self._touched.update(event.fact.claims)
            elif isinstance(event.fact, QuestionAnswered):
                self._answers.append(event)
        self._read = contents.count

    def _take_answer(self, seen: _Round, event: Event) -> None:
        """Note the answers of an office about its own claim; whatever else is said names no question of that office."""
        fact = event.fact
        assert isinstance(fact, QuestionAnswered)
        row = rows.question_of(seen.tx, fact.question)
        side = next((side for side in row.sides if side.name == fact.question), None) if row else None
        ruling = seen.settlement.ruling(fact.claim)
        office = next((state.office for state in seen.contents.logs if state.log == event.log), "")
        if row is None or side is None or ruling is None or side.claim != fact.claim or ruling.office != office:
            return
        if event.time.lo > side.answered_at:
            rows.note_answer(seen.tx, row, side.name, event.time.lo)
            self._touched.add(side.claim)

    # --- who may be the same

    def _partners(self, seen: _Round, claim: str) -> Iterator[str]:
        """Yield the claims that a claim has to be judged with now: alike ones, and those it lost to by name alone."""
        ruling = seen.settlement.ruling(claim)
        if ruling is None:
            return
        if _presumed_away(ruling) or ruling.decision.status is Status.WITH_MANAGER:
            yield from ruling.against
        keys = self._index(seen, ruling)
        if keys is not None and self._alike is not None:
            yield from self._alike.near(claim, keys)

    def _index(self, seen: _Round, ruling: ClaimRuling) -> tuple[int, ...] | None:
        """Keep the indices equal to a claim; return its keys where it has to be compared: new, changed, live again."""
        assert self._alike is not None
        claim, live = ruling.claim, ruling.decision.status in _LIVE
        content = seen.settlement.content(claim)
        if content is None:
            return None
        digest = hashed(f"{KEYS_VERSION}\n{msgspec.json.encode(content).decode()}", self.secret)
        held = register.indexed(seen.tx, claim)
        if held is None or held.digest != digest:
            described = Described(content)
            keys = tuple(self._hashed(ruling.pool, key) for key in described.keys)
            self._alike.drop(claim, held.keys if held else ())
            called = self._hashed(ruling.pool, described.called)
            held = Indexed(claim, digest, called, live, keys)
            register.put(seen.tx, held)
        elif held.live != live:
            register.set_live(seen.tx, claim, live=live)
        else:
            return None
        if not live:
            self._alike.drop(claim, held.keys)
            return None
        self._alike.add(claim, held.keys)
        return held.keys

    def _hashed(self, pool: str, key: str) -> int:
        return register.key_of(pool, key, self.secret)

    def _open_about(self, tx: Transaction, claim: str) -> list[QuestionRow]:
        if claim not in self._asked:
            return []
        found = [row for row in rows.questions_about(tx, claim) if row.state == rows.OPEN]
        if not found:
            self._asked.discard(claim)
        return found

    # --- what becomes of a pair

    def _judge(self, seen: _Round, pair: _Pair, held: QuestionRow | None) -> bool:
        """Open, change or end the question about a pair; return whether an office was told something new."""
        found = frozenset(pair) in self._found
        asked = None if found else asked_between(seen.settlement, pair, lambda pool, key: self._names(seen, pool, key))
        if asked is not None:
            row = self._opened(seen, pair, held, asked)
        elif held is not None:
            rows.end(seen.tx, held.number, "found" if found else "moot")
            row = held
        else:
            return False
        return self._tell(seen, row, withdrawn=asked is None)

    def _names(self, seen: _Round, pool: str, key: str) -> int:
        return register.borne_by(seen.tx, self._hashed(pool, key), most=MANY_NAMES)

    def _opened(self, seen: _Round, pair: _Pair, held: QuestionRow | None, asked: Asked) -> QuestionRow:
        rulings = [one for claim in pair if (one := seen.settlement.ruling(claim)) is not None]
        later = _later(rulings)
        due = (later.due_at or 0) - _BEFORE_THE_RETURN
        due -= due % HOUR  # both offices are told: the minute would say when the other slip was stamped
        if held is not None and (held.grounds, held.presumed, held.due_at) == (asked.grounds, asked.presumed, due):
            return held
        self._asked.update(pair)
        sides = (Side(pair[0], self._name(*pair)), Side(pair[1], self._name(*reversed(pair))))
        row = QuestionRow(0, later.pool, *sides, asked.grounds, asked.presumed, seen.now, due)
        return rows.open_again(seen.tx, row)

    def _name(self, own: str, other: str) -> str:
        """Return the name of a question at one office: from it nobody can tell the other's."""
        return f"{hashed(f'question {own} {other}', self.secret):016x}"

    def _tell(self, seen: _Round, row: QuestionRow, *, withdrawn: bool) -> bool:
        told = False
        for side in row.sides:
            ruling = seen.settlement.ruling(side.claim)
            if ruling is None:
                continue
            item = QuestionItem(
                question=side.name, slip=ruling.slip, claim=side.claim, salesperson=ruling.salesperson,
                grounds=row.grounds, asks=tuple(QUESTIONS), due_at=row.due_at,
                answered="yes" if side.answered_at else "", withdrawn="yes" if withdrawn else "",
            )  # fmt: skip
            told |= self.feed.publish_changed(seen.tx, ruling.office, f"question {side.name}", item, at=seen.now)
        return told


def asked_between(settlement: Settlement, pair: _Pair, names: Callable[[str, str], int]) -> Asked | None:
    """Return why two claims need a person now; `names` counts under how many names a pool's number (key) stands."""
    one, other = (settlement.ruling(claim) for claim in pair)
    if one is None or other is None or one.salesperson == other.salesperson or one.pool != other.pool:
        return None
    live = [ruling.decision.status in _LIVE for ruling in (one, other)]
    lost = [_presumed_away(mine) and theirs.claim in mine.against for mine, theirs in ((one, other), (other, one))]
    contents = [settlement.content(claim) for claim in pair]
    if not all(map(max, live, lost)) or not any(live) or None in contents:
        return None
    first, second = (Described(content) for content in contents if content is not None)
    policy = settlement.policies.at(one.pool, _later([one, other]).stamped_at.lo)
    asked = question(first, second, policy)
    if asked is not None and CONTACT in asked.grounds:
        idle = frozenset(key for key in {*first.numbers, *second.numbers} if names(one.pool, key) >= MANY_NAMES)
        asked = question(first, second, policy, idle=idle)
    return None if asked is None or (any(lost) and not asked.presumed) else asked


def _presumed_away(ruling: ClaimRuling) -> bool:
    """Return whether a slip goes back only because the names are equal."""
    return ruling.decision.status is Status.RETURNED and _NAME_ONLY in ruling.flags


def _later(rulings: list[ClaimRuling]) -> ClaimRuling:
    return max(rulings, key=lambda one: (one.stamped_at.lo, one.claim))


def _filled(tx: Transaction) -> Alike:
    """Return the index of the live claims as the register's own index has them: no slip is read for it."""
    alike = Alike()
    for item in register.live_ones(tx):
        alike.add(item.claim, item.keys)
    return alike
