"""What the whole register answers besides claims: disputes, penalties, looks, routes, report lines."""

from __future__ import annotations

from collections.abc import Mapping

from shared_rules.chronicle import LAST, Place
from shared_rules.clauses.reports import contact_details
from shared_rules.clauses.routing import received_by
from shared_rules.decision import Status
from shared_rules.facts import Event, OldCustomerBrought, Role, StaffIntroArrived
from shared_rules.hearing import Hearing
from shared_rules.hearing.matters import course_of
from shared_rules.procedure import dispute_ruling, looks
from shared_rules.rulings import NOBODYS, DealRuling, DisputeRuling, Look, Penalty, ReportLine, Route

__all__ = ["matters"]

Matters = tuple[
    tuple[DisputeRuling, ...], tuple[Penalty, ...], tuple[Look, ...], tuple[Route, ...], tuple[ReportLine, ...]
]


def matters(hearing: Hearing, as_of: int, deals: Mapping[str, DealRuling]) -> Matters:
    """Return disputes, proposed penalties, looks, routes and report lines, each in the order of their facts.

    `deals` says whose each deal is.
    """
    hearing.now, background = LAST, hearing.background
    courses = [course_of(hearing, dispute, LAST) for dispute in sorted(background.disputes)]
    asked = sorted(background.asked, key=lambda one: one[0])
    return (
        tuple(dispute_ruling(course, as_of) for course in courses),
        tuple(penalty for course in courses for penalty in course.penalties),
        looks(asked, hearing.policies.at("", as_of), background.with_role(Role.LEADER)),
        tuple(route for place, event in asked if (route := _route(hearing, place, event, deals)) is not None),
        _report_lines(hearing),
    )


def _route(hearing: Hearing, place: Place, event: Event, deals: Mapping[str, DealRuling]) -> Route | None:
    """Return who receives a newcomer whom an old customer brings (一.8), or a customer of staff (六.5)."""
    at, fact = event.time.lo, event.fact
    if isinstance(fact, StaffIntroArrived):
        return Route(at, fact.name, fact.received_by, "六.5", fact.introduced_by)
    if not isinstance(fact, OldCustomerBrought):
        return None
    claim = hearing.claims.at(fact.by_customer, place)
    deal = hearing.background.deals.known.get(fact.by_customer)
    bought = deal is not None and bool(deal.closings) and deal.closed_at <= at and not deal.cancelled_at
    to = received_by(
        fact.names, fact.on_duty, hearing.policies.at(claim.pool if claim else "", at),
        original=claim.salesperson if claim else _whose(deals.get(fact.by_customer)),
        accompanied=bool(fact.accompanied),
        confirmed=claim is not None and claim.live_at(at),
        bought=bought or (claim is not None and claim.status is Status.CLOSED),
    )  # fmt: skip
    return Route(at, fact.name, to, "一.8", fact.by_customer)


def _whose(deal: DealRuling | None) -> str:
    """Return whose customer bought: the deal's owner, or, where no one person is, who closed it."""
    if deal is None:
        return ""
    return deal.closer if deal.owner in NOBODYS else deal.owner


def _report_lines(hearing: Hearing) -> tuple[ReportLine, ...]:
    """Return the lines of daily reports, with what offends in those that are refused (一.10)."""
    lines = [
        ReportLine(at, line.by, line.claim, contact_details(line.text, hearing.policies.at("", at)))
        for told in hearing.background.lines.values()
        for at, line in told
    ]
    return tuple(sorted(lines, key=lambda line: (line.at, line.claim, line.by, line.offending)))
