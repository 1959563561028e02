"""What a kiosk shows of the server's rulings, against what the server's settlement says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared_rules.decision import Status
from tests.simulation.violation import Violation

if TYPE_CHECKING:
    from tests.simulation.house import House
    from tests.simulation.machine import Machine

__all__ = ["kiosk_knows"]


def kiosk_knows(machine: Machine, house: House) -> None:
    """Check that a kiosk tells of its office's claims and returns what the server settled, and of no others."""
    settlement = house.service.reconciler.docket.settlement
    assert settlement is not None
    office_of = house.service.library.archive.read().office_of
    wanted: dict[str, tuple[object, ...]] = {}
    back: set[str] = set()
    for claim, ruling in settlement.register().claims.items():
        if office_of.get(claim) == machine.office:
            decision = ruling.decision
            until = ruling.valid_until.isoformat() if ruling.valid_until else ""
            at = ruling.effective_at.lo if ruling.effective_at else 0
            wanted[claim] = (ruling.slip, str(decision.status), bool(decision.provisional), at, until)
        for slip, one in settlement.outcomes(claim).items():
            if one.decision.status in (Status.RETURNED, Status.REFUSED) and office_of.get(slip) == machine.office:
                back.add(slip)
    shown = {
        claim: (item.slip, item.status, bool(item.provisional), item.effective_at, item.valid_until)
        for claim, item in machine.desk.register.rulings().items()
    }
    if shown != wanted:
        odd = [claim for claim in sorted({*shown, *wanted}) if shown.get(claim) != wanted.get(claim)]
        raise Violation(14, f"{machine.name} shows {shown.get(odd[0])} for {odd[0]}, settled is {wanted.get(odd[0])}")
    told = {slip for slip, item in machine.desk.register.returns().items() if not item.withdrawn}
    if told != back:
        raise Violation(14, f"{machine.name} gives back {sorted(told)}, settled is {sorted(back)}")
