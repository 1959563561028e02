"""Facts of a case that need no look at the rest of it: each becomes one fact of the product."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from shared_rules import casefacts as case
from shared_rules.facts import (
    AppealDecided,
    Appealed,
    ClosedDaysDeclared,
    CollisionSeen,
    CustomerChose,
    DealCancelled,
    DealClosed,
    DealRenamed,
    DisputeFiled,
    Fact,
    FindingMade,
    FollowedUp,
    HandedOver,
    HelpGiven,
    Launched,
    LogQueried,
    LookApproved,
    LookAsked,
    NameStruck,
    OldCustomerBrought,
    OpeningListed,
    PersonAdded,
    Prelaunched,
    QuarterReported,
    QuerySigned,
    RegisterQueried,
    ReportLineWritten,
    ReportSigned,
    ReservedAnnounced,
    Role,
    ServiceAssigned,
    SlipDeclaredLost,
    SlipRefused,
    SlipReturned,
    SlipWithdrawn,
    StaffIntroArrived,
    StatementDefaulted,
    StatementGiven,
    Transferred,
    VisitLogged,
)
from shared_rules.interval import day_of, from_datetime

__all__ = ["CLERK", "plain"]

CLERK: Final = "clerk"
"""Who stamps and enters where a case names nobody."""


def plain(fact: case.CaseFact) -> Fact | None:
    """Return the fact that a fact of a case tells; None = it cannot be told alone."""
    tell = PLAIN.get(type(fact))
    return None if tell is None else tell(fact)


def _instant(moment: datetime | None) -> int:
    return 0 if moment is None else from_datetime(moment)


def _unfair(fact: case.AppealOutcome) -> tuple[str, ...]:
    if isinstance(fact.unfair, bool):
        return ("manager",) if fact.unfair else ()
    return (fact.unfair,) if isinstance(fact.unfair, str) else tuple(fact.unfair)


PLAIN: Final[dict[type[case.CaseFact], Callable[[Any], Fact]]] = {
    case.Withdraw: lambda fact: SlipWithdrawn(claim=fact.claim, salesperson=""),
    case.ReturnNote: lambda fact: SlipReturned(
        slip=fact.claim, returned_by=CLERK, note="acknowledged" if fact.acknowledged else "printed"
    ),
    case.Finding: lambda fact: FindingMade(
        claims=fact.claims, answer=fact.answer, ground=fact.ground, found_by=fact.by
    ),
    case.Deal: lambda fact: DealClosed(
        deal=fact.deal, closer=fact.by, contract_name=fact.name, kind=fact.kind, claims=fact.claims
    ),
    case.DealCancelledFact: lambda fact: DealCancelled(deal=fact.deal),
    case.DealRenamedFact: lambda fact: DealRenamed(deal=fact.deal, contract_name=fact.name),
    case.Discovered: lambda fact: CollisionSeen(claims=fact.claims),
    case.Prelaunch: lambda _: Prelaunched(),
    case.Launch: lambda fact: Launched(day=fact.day or day_of(from_datetime(fact.at))),
    case.ClosedDays: lambda fact: ClosedDaysDeclared(first=fact.first, last=fact.last),
    case.Strike: lambda fact: NameStruck(claim=fact.claim, name=fact.name),
    case.Visit: lambda fact: VisitLogged(
        by=fact.by, name=fact.name, phone=fact.phone, kind=fact.kind, entered_at=_instant(fact.entered_at)
    ),
    case.LogQuery: lambda fact: LogQueried(
        claim=fact.claim, found="" if fact.found is None else "yes" if fact.found else "no"
    ),
    case.Quarter: lambda fact: QuarterReported(
        person=fact.by, quarter=fact.quarter, signings=fact.signings, target_met_on=fact.target_met_on
    ),
    case.Refusal: lambda fact: SlipRefused(slip=fact.claim, refused_by=fact.by),
    case.Reserved: lambda fact: ReservedAnnounced(names=fact.names),
    case.Arrival: lambda fact: StaffIntroArrived(
        name=fact.name, introduced_by=fact.introduced_by, received_by=fact.received_by, phone=fact.phone
    ),
    case.ReportLine: lambda fact: ReportLineWritten(by=fact.by, claim=fact.claim, text=fact.text),
    case.ReportSigned: lambda fact: ReportSigned(by=fact.by, day=fact.day),
    case.HandOver: lambda fact: HandedOver(giver=fact.giver, to=fact.to, claim=fact.claim),
    case.Transfer: lambda fact: Transferred(giver=fact.giver, to=fact.to, claims=fact.claims),
    case.Service: lambda fact: ServiceAssigned(claim=fact.claim, by=fact.by),
    case.CustomerChoice: lambda fact: CustomerChose(claim=fact.claim, to=fact.to),
    case.Brought: lambda fact: OldCustomerBrought(
        by_customer=fact.by_customer,
        name=fact.name,
        phone=fact.phone,
        names=fact.names,
        on_duty=fact.on_duty,
        accompanied="yes" if fact.accompanied else "",
    ),
    case.Helped: lambda fact: HelpGiven(deal=fact.deal, by=fact.by, owner_phoned="yes" if fact.owner_phoned else ""),
    case.FollowUp: lambda fact: FollowedUp(
        by=fact.by,
        effective="yes" if fact.effective else "",
        claim=fact.claim,
        name=fact.name,
        phone=fact.phone,
        kind=fact.kind,
        who=fact.who,
    ),
    case.Opening: lambda fact: OpeningListed(claims=fact.claims),
    case.DisputeFact: lambda fact: DisputeFiled(dispute=fact.dispute, claims=fact.claims, by=fact.by),
    case.ManagerSigned: lambda fact: QuerySigned(dispute=fact.dispute, by=fact.by),
    case.Queried: lambda fact: RegisterQueried(dispute=fact.dispute, by=fact.by),
    case.Statement: lambda fact: StatementGiven(dispute=fact.dispute, by=fact.by),
    case.StatementDefault: lambda fact: StatementDefaulted(dispute=fact.dispute, by=fact.by),
    case.Appeal: lambda fact: Appealed(dispute=fact.dispute, by=fact.by),
    case.AppealOutcome: lambda fact: AppealDecided(
        dispute=fact.dispute, by=fact.by, outcome=fact.outcome, unfair=_unfair(fact)
    ),
    case.Approval: lambda fact: LookApproved(
        by=fact.by,
        requester=fact.requester,
        customer=fact.customer,
        purpose=fact.purpose,
        until=_instant(fact.until),
    ),
    case.Look: lambda fact: LookAsked(by=fact.by, customer=fact.customer),
    case.Staff: lambda fact: PersonAdded(
        person=fact.person, name=fact.person, office="", roles=(Role(fact.role),), supervisor=fact.supervisor
    ),
    case.DeclaredLost: lambda fact: SlipDeclaredLost(slip=fact.claim, declared_by=fact.by),
}
