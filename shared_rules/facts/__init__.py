"""What happened, as frozen values: the only input of the rules, and the body of every fact record.

A fact says what a person or machine did; when it was done stands on the `Event` around it, as an interval. Kiosk
journals hold the counter's acts, the server's own log (kiosk 0) holds what the server saw and what people did on its
pages. Days are civil days of the pool's zone; instants are microseconds since the epoch; texts are kept as typed
(normal forms are made in `customers.py`). Optional fields are left out of the canonical bytes while at their default.
"""

from __future__ import annotations

from typing import NamedTuple

from shared_rules.facts.base import (
    ASSERTED,
    SERVER_KIOSK,
    Count,
    CustomerKind,
    Grade,
    Instant,
    LogId,
    Need,
    Role,
    SlipContent,
    Source,
    Value,
)
from shared_rules.facts.calendar import ClosedDaysDeclared, Launched, Prelaunched, QuarterReported
from shared_rules.facts.deals import DealCancelled, DealClosed, DealRenamed, FollowedUp, HelpGiven
from shared_rules.facts.disputes import (
    AppealDecided,
    Appealed,
    DisputeFiled,
    LookApproved,
    LookAsked,
    Mediated,
    OpeningListed,
    QuerySigned,
    RegisterQueried,
    StatementDefaulted,
    StatementGiven,
)
from shared_rules.facts.findings import CollisionSeen, FindingMade, NameStruck, QuestionAnswered, RulingMade
from shared_rules.facts.machines import (
    DayClosed,
    DutyClosed,
    DutyOpened,
    FloorPromised,
    KioskEnrolled,
    KioskRevoked,
    PersonAdded,
    Received,
    RecordErased,
)
from shared_rules.facts.reception import (
    CustomerChose,
    HandedOver,
    OldCustomerBrought,
    ReportLineWritten,
    ReportSigned,
    ReservedAnnounced,
    ServiceAssigned,
    StaffIntroArrived,
    Transferred,
)
from shared_rules.facts.slips import (
    LogQueried,
    SlipAmended,
    SlipCorrected,
    SlipDeclaredLost,
    SlipEntered,
    SlipRefused,
    SlipRenewed,
    SlipReturned,
    SlipStamped,
    SlipWithdrawn,
    VisitLogged,
)
from shared_rules.interval import Interval

__all__ = [
    "ASSERTED",
    "SERVER_KIOSK",
    "AppealDecided",
    "Appealed",
    "ClosedDaysDeclared",
    "CollisionSeen",
    "Count",
    "CustomerChose",
    "CustomerKind",
    "DayClosed",
    "DealCancelled",
    "DealClosed",
    "DealRenamed",
    "DisputeFiled",
    "DutyClosed",
    "DutyOpened",
    "Event",
    "Fact",
    "FindingMade",
    "FloorPromised",
    "FollowedUp",
    "Grade",
    "HandedOver",
    "HelpGiven",
    "Instant",
    "KioskEnrolled",
    "KioskRevoked",
    "Launched",
    "LogId",
    "LogQueried",
    "LookApproved",
    "LookAsked",
    "Mediated",
    "NameStruck",
    "Need",
    "OldCustomerBrought",
    "OpeningListed",
    "PersonAdded",
    "Prelaunched",
    "QuarterReported",
    "QuerySigned",
    "QuestionAnswered",
    "Received",
    "RecordErased",
    "RegisterQueried",
    "ReportLineWritten",
    "ReportSigned",
    "ReservedAnnounced",
    "Role",
    "RulingMade",
    "ServiceAssigned",
    "SlipAmended",
    "SlipContent",
    "SlipCorrected",
    "SlipDeclaredLost",
    "SlipEntered",
    "SlipRefused",
    "SlipRenewed",
    "SlipReturned",
    "SlipStamped",
    "SlipWithdrawn",
    "Source",
    "StaffIntroArrived",
    "StatementDefaulted",
    "StatementGiven",
    "Transferred",
    "Value",
    "VisitLogged",
]

Fact = (
    SlipStamped
    | SlipEntered
    | SlipAmended
    | SlipRenewed
    | SlipWithdrawn
    | SlipCorrected
    | SlipReturned
    | SlipRefused
    | SlipDeclaredLost
    | FindingMade
    | QuestionAnswered
    | NameStruck
    | VisitLogged
    | LogQueried
    | QuarterReported
    | RulingMade
    | DealClosed
    | DealCancelled
    | DealRenamed
    | HelpGiven
    | FollowedUp
    | ReservedAnnounced
    | StaffIntroArrived
    | ReportLineWritten
    | ReportSigned
    | OldCustomerBrought
    | HandedOver
    | Transferred
    | ServiceAssigned
    | CustomerChose
    | DisputeFiled
    | Mediated
    | OpeningListed
    | QuerySigned
    | RegisterQueried
    | StatementGiven
    | StatementDefaulted
    | Appealed
    | AppealDecided
    | LookApproved
    | LookAsked
    | Prelaunched
    | Launched
    | CollisionSeen
    | ClosedDaysDeclared
    | KioskEnrolled
    | KioskRevoked
    | PersonAdded
    | Received
    | RecordErased
    | DayClosed
    | FloorPromised
    | DutyOpened
    | DutyClosed
)


class Event(NamedTuple):
    """One fact with its place in a log and its time: what `settle` takes a set of."""

    time: Interval
    log: LogId
    seq: int
    fact: Fact
    grade: Grade = Grade.A
