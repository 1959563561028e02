"""What deals mean for a slip that is judged: who keeps the customer (二.2.2), the name on the contract (二.2.3)."""

from __future__ import annotations

from datetime import timedelta

from shared_rules.background import log_topic
from shared_rules.claims import ClaimState
from shared_rules.clauses.contracts import bears_the_name
from shared_rules.clauses.repose import found_too_late
from shared_rules.deals import Deal
from shared_rules.decision import Contract, Notice, Presumption, Repose, Rival
from shared_rules.interval import day_of
from shared_rules.policy import Policy
from shared_rules.roll import Roll

__all__ = ["contract_of", "notice_of", "repose_without_slip", "reposes_of"]


def reposes_of(roll: Roll, state: ClaimState, rivals: tuple[Rival, ...]) -> tuple[Repose, ...]:
    """Return the deals whose closers keep the customer, for or against a slip (二.2.2)."""
    if not roll.background.deals.known:
        return ()
    known = [rival for rival in rivals if rival.presumption is not Presumption.ASKED]
    both = [state, *(one for rival in known if (one := roll.claim(rival.claim)) is not None)]
    found = (_repose(roll, state, deal, known) for deal in _deals(roll, both))
    return tuple(one for one in found if one is not None)


def _deals(roll: Roll, states: list[ClaimState]) -> list[Deal]:
    """Return the deals about any of these claims, in order."""
    deals = {deal.deal: deal for one in states for deal in roll.background.deals.about(one.claim, one.customer)}
    return [deal for _, deal in sorted(deals.items()) if deal.pool in ("", states[0].pool)]


def _repose(roll: Roll, state: ClaimState, deal: Deal, rivals: list[Rival]) -> Repose | None:
    policy = roll.policies.at(state.pool, deal.closed_at)
    anchor = deal.anchor(policy.repose.anchor)
    mine = deal.closer == state.salesperson
    others = [one for one in rivals if one.salesperson not in (state.salesperson, deal.closer if mine else "")]
    others = others if mine else [one for one in others if one.salesperson == deal.closer]
    without_slip = not mine and not policy.repose.requires_slip and deal.closed_at <= state.view.stamp.lo
    if anchor is None or not (others or without_slip):
        return None
    late = _found_too_late(roll, state, deal, [one.claim for one in others] or [""], anchor)
    hidden = any(_hidden(roll, state, name, anchor, policy) for name in late)
    if not late or (hidden and policy.repose.on_late_sync == "by_time"):
        return None
    against = tuple(name for name in late if name)
    manager = hidden and policy.repose.on_late_sync == "manager"
    return Repose(deal.deal, deal.closer, deal.closed_at, against, manager=manager, late_sync=hidden)


def repose_without_slip(roll: Roll, state: ClaimState, at: int) -> Repose | None:
    """Return the deal of another without any slip whose closer keeps the customer from a claim, found at an instant."""
    for deal in _deals(roll, [state]):
        policy = roll.policies.at(state.pool, deal.closed_at)
        anchor = deal.anchor(policy.repose.anchor)
        if anchor is None or policy.repose.requires_slip or deal.closer == state.salesperson or deal.closed_at > at:
            continue
        if any(one.salesperson == deal.closer for one in roll.bearing(state.pool, state.marks)):
            continue
        if found_too_late(anchor, _found_at(roll, state, None), policy) and not 0 < deal.cancelled_at <= at:
            return Repose(deal.deal, deal.closer, deal.closed_at, ())
    return None


def _found_too_late(roll: Roll, state: ClaimState, deal: Deal, names: list[str], anchor: int) -> list[str]:
    """Return the claims ("" = none, the closer has no slip) with which the collision was found too late."""
    policy = roll.policies.at(state.pool, deal.closed_at)
    found = {name: _found_at(roll, state, roll.claim(name)) for name in names}
    return [
        name for name, at in found.items() if found_too_late(anchor, at, policy) and not 0 < deal.cancelled_at <= at
    ]


def _found_at(roll: Roll, state: ClaimState, other: ClaimState | None) -> int:
    """Return when a collision came to light: told by somebody, else when the second record was in one place."""
    both = [state] if other is None else [state, other]
    told = roll.background.seen_at(*(one.claim for one in both))
    if told is not None:
        return told
    for one in both:
        roll.watchers.watch(log_topic(one.recorded[0]), roll.now)
    received = [roll.background.received_at(*one.recorded) for one in both]
    if all(at is not None for at in received):
        return max(at for at in received if at is not None)
    return max(one.view.stamp.lo for one in both)


def _hidden(roll: Roll, state: ClaimState, claim: str, anchor: int, policy: Policy) -> bool:
    """Return whether both slips were stamped in time, so that only a dark office hid the collision."""
    other = roll.claim(claim) if claim else None
    if other is None:
        return False
    latest = day_of(max(state.view.stamp.lo, other.view.stamp.lo))
    return latest <= day_of(anchor) + timedelta(days=policy.repose.days) and state.office != other.office


def contract_of(roll: Roll, state: ClaimState, rivals: tuple[Rival, ...], policy: Policy) -> Contract | None:
    """Return the name on the latest standing contract between a unit's claim and a person's (二.2.3)."""
    if not rivals or state.customer is None:
        return None
    across = [one for rival in rivals if rival.kinds_differ and (one := roll.claim(rival.claim)) is not None]
    if not across:
        return None
    standing = [deal for deal in _deals(roll, [state, *across]) if not deal.cancelled_at]
    if not standing:
        return None
    deal = max(standing, key=lambda one: (one.named_at, one.deal))
    name = deal.names[-1]
    theirs = tuple(one.claim for one in across if one.customer and bears_the_name(one.customer, name, policy))
    return Contract(name, bears_the_name(state.customer, name, policy), theirs)


def notice_of(roll: Roll, state: ClaimState) -> Notice | None:
    """Return the notice of reserved customers that names this one, and what the salesperson had done before (六.4)."""
    at = roll.background.named_in_a_notice(state.marks) if roll.background.reserved else None
    if at is None:
        return None
    closed = any(
        deal.closer == state.salesperson and deal.closed_at < at and not deal.cancelled_at
        for deal in roll.background.deals.about(state.claim, state.customer)
    )
    reported = any(when < at for when in roll.reported(state.claim, state.salesperson, state.policy))
    return Notice(at, closed_before=closed, reported_before=reported)
