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
from shared_rules.rulings import ActRuling, ClaimRuling, DealRuling, DisputeRuling, Register
from shared_rules.settlement import settle
from shared_rules.words import Say, say

__all__ = ["Judgement", "Miss", "judge"]


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

    @property
    def met(self) -> bool:
        """Whether every expectation was met."""
        return not self.misses


def judge(case: Case) -> Judgement:
    """Judge a case by the same call as server and kiosk."""
    register = settle(events_of(case.facts), case.policies, case.as_of)
    claims = {name: _claim(ruling) for name, ruling in register.claims.items()}
    acts = {name: _plain(ruling) for name, ruling in register.acts.items()}
    duties = msgspec.to_builtins(register.duties)
    answer = {
        "id": case.id,
        "claims": claims,
        "acts": acts,
        "deals": [_deal(deal) for deal in register.deals],
        "quota": _quota(register),
        "disputes": {one.dispute: _dispute(one) for one in register.disputes},
        "routing": [
            {"name": one.name, "to": one.to, "referrer": one.referrer, "because": [one.clause]}
            for one in register.routes
        ],
        "penalties": [
            {"dispute": one.dispute, "person": one.person, "yuan": one.yuan, "because": ["四"]}
            for one in register.penalties
        ],
        "looks": [
            {"by": one.by, "customer": one.customer, "allowed": one.allowed, "why": one.why.chinese(),
             "because": ["五"]} for one in register.looks
        ],
        "reports": [
            {"by": one.by, "claim": one.claim, "refused": bool(one.offending), "because": ["一.10"],
             "spans": [list(span) for span in one.offending]} for one in register.report_lines
        ],
        "duties": {name: list(value) for name, value in sorted(duties.items())},
    }  # fmt: skip
    misses = tuple(_misses(case, answer))
    return Judgement(case, register, answer | {"met": not misses}, misses)


def _deal(ruling: DealRuling) -> dict[str, Any]:
    who = {"shares": dict(ruling.shares)} if ruling.shares else {"owner": ruling.owner}
    return {"deal": ruling.deal, "closer": ruling.closer, **who, "because": list(ruling.because()),
            "flags": list(ruling.flags)}  # fmt: skip


def _dispute(ruling: DisputeRuling) -> dict[str, Any]:
    return {
        "state": ruling.state,
        "claims": list(ruling.claims),
        "parties": list(ruling.parties),
        "late": list(ruling.late),
        "winner": ruling.winner,
        "shares": dict(ruling.shares),
        "waits_for": list(ruling.waits_for),
        "due_on": ruling.due_on.isoformat() if ruling.due_on else None,
        "refused": [
            {"by": one.by, "because": [one.clause], "why": one.why.chinese()} for one in ruling.refused
        ],
    }  # fmt: skip


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
        "salesperson": ruling.salesperson,
        "served_by": ruling.served_by,
        "effective_at": _instant(ruling.effective_at.lo) if ruling.effective_at else None,
        "valid_until": ruling.valid_until.isoformat() if ruling.valid_until else None,
        "due_at": _instant(ruling.due_at) if ruling.due_at else None,
        "against": list(ruling.against),
        "flags": list(ruling.flags),
        "shares": dict(ruling.decision.shares),
        "policy": ruling.decision.policy,
        "regulation": ruling.decision.regulation,
    }


def _misses(case: Case, answer: dict[str, Any]) -> Iterable[Miss]:
    for kind, wanted in (("claims", case.expect.claims), ("acts", case.expect.acts)):
        for name, expected in sorted(wanted.items()):
            if name not in answer[kind]:
                yield Miss(f"{kind}.{name}", "…", "–")
            else:
                yield from _compare(f"{kind}.{name}", expected, answer[kind][name])
    for name, slips in sorted(case.expect.duties.items()):
        if sorted(slips) != sorted(answer["duties"].get(name, ())):
            yield Miss(f"duties.{name}", str(sorted(slips)), str(sorted(answer["duties"].get(name, ()))))
    for kind in ("quota", "disputes", "deals", "routing", "penalties", "looks", "reports"):
        yield from _differences(kind, getattr(case.expect, kind), answer[kind])


def _differences(where: str, wanted: Any, got: Any) -> Iterable[Miss]:
    """Compare what is named, and nothing else: tables key by key, lists item by item, `because` as a set."""
    if isinstance(wanted, str) and isinstance(got, dict):
        where, got = f"{where}.state", got.get("state")
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key, value in sorted(wanted.items()):
            yield from _differences(f"{where}.{key}", value, got.get(key))
    elif _are_tables(wanted) and _are_tables(got) and len(wanted) == len(got):
        for number, (one, other) in enumerate(zip(wanted, got, strict=True)):
            yield from _differences(f"{where}[{number}]", one, other)
    elif wanted is not None and not _as_said(where.rpartition(".")[2], wanted, got):
        yield Miss(where, str(_shown(wanted)), "–" if got is None else str(_shown(got)))


def _are_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _as_said(key: str, wanted: Any, got: Any) -> bool:
    if key == "because":
        return set(wanted) == set(got or ())
    return set(wanted) <= set(got or ()) if key == "flags" else bool(wanted == got)


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
