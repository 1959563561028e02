"""What a clause is asked, what it may answer, and how answers become one decision.

Every clause is a function `(Situation, Policy) -> Verdict | None`. All clauses are asked; a verdict takes out those
that the policy's table of precedence lets it beat, which are kept as set aside. No survivor, or survivors that differ,
is itself an outcome: the sales manager decides. Never "first wins".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Final

import msgspec
from msgspec.structs import replace

from shared_rules.facts import Grade, Role, SlipContent, Source
from shared_rules.interval import Interval, Trit
from shared_rules.policy import Policy
from shared_rules.regulation import regulation_digest
from shared_rules.values import Fixed
from shared_rules.words import Say, say

__all__ = [
    "GOES_BACK",
    "Contract",
    "Decision",
    "Notice",
    "Presumption",
    "QuotaStanding",
    "Reason",
    "Repose",
    "Rival",
    "Situation",
    "SlipView",
    "Status",
    "Verdict",
    "decide",
    "weigh",
]


class Status(StrEnum):
    """What holds for a claim."""

    UPHELD = "upheld"
    AWAITING_ENTRY = "awaiting_entry"
    RETURNED = "returned"
    REFUSED = "refused"
    VOID = "void"
    WAITING_CONTRACT = "waiting_contract"
    WITH_MANAGER = "with_manager"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    LATE = "late"


GOES_BACK: Final = (Status.RETURNED, Status.REFUSED)
"""A slip of one of these goes back to its salesperson within its hours (一.4)."""


class Presumption(StrEnum):
    """On what the sameness of two slips rests (二, 二.1.3)."""

    BOTH = "both"
    CONTACT = "contact"
    NAME = "name"
    FOUND = "found"
    KIN = "kin"
    ASKED = "asked"


class Reason(Fixed, frozen=True):
    """A clause with its facts: `sentence` for an authorised case, `masked` for the counter (五)."""

    clause: str
    sentence: Say
    masked: Say
    slips: tuple[str, ...] = ()


class Verdict(Fixed, frozen=True):
    """A clause's answer: the status it demands, and the rule by which the precedence table knows it."""

    clause: str
    status: Status
    reason: Reason
    part: str = ""
    """What tells several rules of one clause apart in the table of precedence."""
    flags: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    """Claims it lost to, or waits together with."""
    shares: tuple[tuple[str, int], ...] = ()
    also: tuple[Reason, ...] = ()
    """Reasons of other clauses that demand the same."""
    over: tuple[str, ...] = ()
    """Claims that it takes the customer from; `loses` is what they are told."""
    loses: Reason | None = None

    @property
    def rule(self) -> str:
        """Name of the rule in the table of precedence."""
        return self.part or self.clause

    def reasons(self) -> tuple[Reason, ...]:
        """Return its own reason and those of the clauses that agree."""
        return (self.reason, *self.also)


class Decision(Fixed, frozen=True):
    """The outcome for a claim with everything needed to explain it and to run it again."""

    status: Status
    shares: tuple[tuple[str, int], ...]
    reasons: tuple[Reason, ...]
    set_aside: tuple[Reason, ...]
    pending_on: tuple[Say, ...]
    provisional: bool
    policy: str
    pending_keys: tuple[str, ...] = ()
    """What `pending_on` says, as stable keys for programs: `manager`, `office:X`, `entry:SLIP`, `dispute:D`.

    An open dispute does not make a final ruling provisional again: only a person's act changes it.
    """
    regulation: str = msgspec.field(default_factory=regulation_digest)

    def because(self) -> tuple[str, ...]:
        """Return the clauses that gave the outcome, each once, in the order of the reasons."""
        return tuple(dict.fromkeys(reason.clause for reason in self.reasons))


class SlipView(Fixed, frozen=True):
    """A slip as the clauses of registration see it, at its own stamp."""

    slip: str
    claim: str
    salesperson: str
    stamped_by: str
    stamped_role: Role
    stamp: Interval
    handed_in_at: int
    """Instant; 0 = the stamp."""
    grade: Grade
    content: SlipContent | None
    exceptional: str


class Rival(Fixed, frozen=True):
    """A live claim of another, or of the same, salesperson that names the same customer."""

    claim: str
    salesperson: str
    effective: Interval
    earlier: Trit
    """Whether its effective day lies before the judged slip's day."""
    presumption: Presumption
    same_content: bool = False
    doubtful_day: bool = False
    """A paper slip written up too late to count as its day."""
    kinds_differ: bool = False
    """A unit against a person (二.2.3)."""
    asserted: bool = False
    """One of the two times was written by hand or imported: a person says it, so that only its day ranks."""
    later: bool = False
    """Whether its effective day certainly lies behind the judged slip's day (六.5)."""


class Repose(Fixed, frozen=True):
    """A deal whose closer keeps the customer, because the collision was found too late (二.2.2)."""

    deal: str
    closer: str
    closed_at: int
    against: tuple[str, ...]
    """The closer's claim, or the claims that the closer keeps the customer from."""
    manager: bool = False
    """The policy leaves it to the manager, because only a dark office hid the collision."""
    late_sync: bool = False


class Contract(Fixed, frozen=True):
    """The name on the contract between a unit's claim and a person's (二.2.3)."""

    name: str
    mine: bool
    """Whether the judged slip bears it."""
    theirs: tuple[str, ...]
    """Rivals that bear it."""


class Notice(Fixed, frozen=True):
    """A notice of reserved customers that names this one (六.4)."""

    at: int
    closed_before: bool = False
    reported_before: bool = False


class Situation(Fixed, frozen=True):
    """Everything a clause may look at when one slip is judged."""

    view: SlipView
    rivals: tuple[Rival, ...] = ()
    """Live at the slip's own stamp, in the order of their effective times."""
    act: str = "new"
    """`new`, `amend`, `renew`, `found`."""
    effective: Interval = Interval(0, 0)
    """The time that orders the claim (一.3, 一.6, 六.5)."""
    renewals: int = 0
    logged: bool | None = None
    """Whether the visitor log has the row that 一.7 asks for; None = nobody asked."""
    quota: QuotaStanding | None = None
    """Of the salesperson at the stamp, this claim left out."""
    source: Source = Source.WALK_IN
    reposes: tuple[Repose, ...] = ()
    contract: Contract | None = None
    notice: Notice | None = None
    slips_before: int = 0
    """How many slips the salesperson had handed in that day before this one."""
    first_visit: int | None = None
    """Instant of the customer's first visit, where somebody logged one."""
    followed_by_house: bool = False
    """Whether the house itself follows the customer."""
    evidence: bool = False
    """Whether a renewal brought evidence."""


class QuotaStanding(Fixed, frozen=True):
    """How many customers a salesperson holds in a pool, and how many are allowed (一.5)."""

    limit: int
    live: int
    refused: bool = False
    """A clerk refused the slip in question."""


Ask = Callable[[Situation, Policy], Verdict | None]
MANAGER_DECIDES: Final = "二.2.4"
_WAITING: Final = (Status.WITH_MANAGER, Status.WAITING_CONTRACT)


def decide(situation: Situation, policy: Policy, clauses: Sequence[Ask]) -> tuple[Verdict | None, tuple[Reason, ...]]:
    """Return the surviving verdict (None = nothing stands against the slip) and the reasons set aside."""
    verdicts = []
    for ask in clauses:
        verdict = ask(situation, policy)
        if verdict is not None:
            verdicts.append(verdict)
    return weigh(verdicts, policy) if verdicts else (None, ())


def weigh(verdicts: Sequence[Verdict], policy: Policy) -> tuple[Verdict | None, tuple[Reason, ...]]:
    """Return the verdict that survives the policy's precedence, and the reasons set aside."""
    if len(verdicts) < 2:
        return (verdicts[0] if verdicts else None), ()
    left = [
        one for one in verdicts if not any(_beats(other, one, policy) and _covers(other, one) for other in verdicts)
    ]
    survivors = [one for one in left if not any(_beats(one, other, policy) for other in left)]
    aside = tuple(reason for verdict in verdicts if verdict not in survivors for reason in verdict.reasons())
    if len({verdict.status for verdict in survivors}) != 1:
        return _to_the_manager(verdicts), tuple(reason for verdict in verdicts for reason in verdict.reasons())
    first, *others = survivors
    waiting = [verdict for verdict in verdicts if verdict.status in _WAITING]
    agreeing = waiting if first.status in _WAITING else survivors
    return replace(
        first,
        also=(*first.also, *(reason for verdict in others for reason in verdict.reasons())),
        flags=_all(verdict.flags for verdict in survivors),
        against=_all(verdict.against for verdict in agreeing),
    ), aside


def _beats(one: Verdict, other: Verdict, policy: Policy) -> bool:
    return other.rule in policy.precedence.beats.get(one.rule, ())


def _covers(one: Verdict, other: Verdict) -> bool:
    """Return whether a verdict speaks of all claims of another; who wins against one has not won against all."""
    return not one.over or set(other.against) <= set(one.over)


def _all(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for part in parts for one in part))


def _to_the_manager(verdicts: Sequence[Verdict]) -> Verdict:
    clauses = "、".join(sorted({verdict.clause for verdict in verdicts}))
    sentence = say("{clauses} 的结论不一致，由销售经理判定", clauses=clauses)
    reason = Reason(MANAGER_DECIDES, sentence, sentence, verdicts[0].reason.slips)
    against = tuple(dict.fromkeys(claim for verdict in verdicts for claim in verdict.against))
    return Verdict(MANAGER_DECIDES, Status.WITH_MANAGER, reason, against=against, flags=("clauses_differ",))
