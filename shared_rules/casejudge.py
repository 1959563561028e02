"""Judges a case by `settle` and compares the answer with what the case expects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from shared_rules.caseevents import events_of
from shared_rules.casefile import Case, ClaimExpectation
from shared_rules.decision import Status
from shared_rules.interval import to_datetime
from shared_rules.rulings import ActRuling, ClaimRuling, Register
from shared_rules.settlement import settle
from shared_rules.words import Say, say

__all__ = ["Judgement", "Miss", "judge"]

_NOT_YET = ("deals", "disputes", "routing", "penalties", "looks")


@dataclass(frozen=True, slots=True)
class Miss:
    """An expectation that was not met."""

    where: str
    wanted: str
    got: str

    def sentence(self) -> Say:
        """Return the miss as a sentence."""
        return say("{where}：应为 {wanted}，实为 {got}", where=self.where, wanted=self.wanted, got=self.got)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A judged case: the answer as plain data (the JSON of `--json`), and what was missed."""

    case: Case
    register: Register
    answer: dict[str, Any]
    misses: tuple[Miss, ...]
    not_coded: tuple[str, ...]
    """Clauses that facts of the case need and that are not coded yet."""

    @property
    def met(self) -> bool:
        """Whether every expectation was met."""
        return not self.misses


def judge(case: Case) -> Judgement:
    """Judge a case by the same call as server and kiosk."""
    register = settle(events_of(case.facts), case.policies, case.as_of)
    not_coded = tuple(sorted({clause for fact in case.facts for clause in fact.clauses}))
    claims = {name: _claim(ruling) for name, ruling in register.claims.items()}
    acts = {name: _plain(ruling) for name, ruling in register.acts.items()}
    misses = tuple(_misses(case, register, claims, acts))
    duties = msgspec.to_builtins(register.duties)
    answer = {
        "id": case.id,
        "claims": claims,
        "acts": acts,
        "deals": [],
        "quota": _quota(register),
        "duties": {name: list(value) for name, value in sorted(duties.items())},
        "not_coded": list(not_coded),
        "met": not misses,
    }
    return Judgement(case, register, answer, misses, not_coded)


def _quota(register: Register) -> dict[str, dict[str, int]]:
    """Return who may hold how many and holds how many; a pool is named where a case has several."""
    several = len({one.pool for one in register.quotas}) > 1
    return {
        f"{one.salesperson}@{one.pool}" if several else one.salesperson: {"limit": one.limit, "live": one.live}
        for one in register.quotas
    }


def _instant(value: int) -> str:
    return to_datetime(value).isoformat()


def _plain(ruling: ClaimRuling | ActRuling) -> dict[str, Any]:
    decision = ruling.decision
    return {
        "status": decision.status.value,
        "because": list(decision.because()),
        "set_aside": [reason.clause for reason in decision.set_aside],
        "pending_on": list(decision.pending_keys),
        "provisional": decision.provisional,
    }


def _claim(ruling: ClaimRuling) -> dict[str, Any]:
    return _plain(ruling) | {
        "effective_at": _instant(ruling.effective_at.lo) if ruling.effective_at else None,
        "valid_until": ruling.valid_until.isoformat() if ruling.valid_until else None,
        "due_at": _instant(ruling.due_at) if ruling.due_at else None,
        "against": list(ruling.against),
        "flags": list(ruling.flags),
        "shares": dict(ruling.decision.shares),
        "policy": ruling.decision.policy,
        "regulation": ruling.decision.regulation,
    }


def _misses(case: Case, register: Register, claims: dict[str, Any], acts: dict[str, Any]) -> Iterable[Miss]:
    for kind, wanted, got in (("claims", case.expect.claims, claims), ("acts", case.expect.acts, acts)):
        for name, expected in sorted(wanted.items()):
            if name not in got:
                yield Miss(f"{kind}.{name}", "…", "–")
            else:
                yield from _compare(f"{kind}.{name}", expected, got[name])
    duties = msgspec.to_builtins(register.duties)
    for name, slips in sorted(case.expect.duties.items()):
        if sorted(slips) != sorted(duties.get(name, ())):
            yield Miss(f"duties.{name}", str(sorted(slips)), str(sorted(duties.get(name, ()))))
    yield from _quota_misses(case, _quota(register))
    for name in _NOT_YET:
        if getattr(case.expect, name):
            yield Miss(name, str(getattr(case.expect, name)), "–")


def _quota_misses(case: Case, quota: dict[str, dict[str, int]]) -> Iterable[Miss]:
    for person, numbers in sorted(case.expect.quota.items()):
        for key, number in sorted(numbers.items()):
            got = quota.get(person, {}).get(key)
            if got != number:
                yield Miss(f"quota.{person}.{key}", str(number), "–" if got is None else str(got))


def _compare(where: str, expected: Status | ClaimExpectation, got: dict[str, Any]) -> Iterable[Miss]:
    if isinstance(expected, Status):
        expected = ClaimExpectation(status=expected)
    for key in ClaimExpectation.__struct_fields__:
        wanted = getattr(expected, key)
        if wanted is not None and not _equal(key, wanted, got.get(key)):
            yield Miss(f"{where}.{key}", str(_shown(wanted)), str(_shown(got.get(key))))


def _equal(key: str, wanted: Any, got: Any) -> bool:
    match key:
        case "because" | "pending_on":
            return set(wanted) == set(got)
        case "flags":
            return set(wanted) <= set(got or ())
        case "effective_at" | "due_at":
            return got is not None and datetime.fromisoformat(got) == wanted
        case "valid_until":
            return bool(got == wanted.isoformat())
        case "status":
            return bool(got == wanted.value)
        case _:
            return bool(got == wanted)


def _shown(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
