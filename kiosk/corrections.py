"""更正: clerk and supervisor put right together what was wrongly typed; the time of the slip stays (readings 一.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from kiosk.slips import whole_number
from shared_rules.customers import normal_phone
from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import CustomerKind, Role, SlipAmended, SlipContent, SlipCorrected, SlipEntered, SlipStamped
from shared_rules.words import say

if TYPE_CHECKING:
    from kiosk.acts import Acts
    from kiosk.counter import Session

__all__ = ["Corrections"]

_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Corrections:
    """Reads what a slip says and writes what it should have said."""

    acts: Acts

    def number(self, typed: str) -> str:
        """Return the slip of this kiosk that its number or its last digits name."""
        return whole_number(typed, self.acts.register.book().contents)

    def content(self, slip: str) -> SlipContent:
        """Return what stands on a slip of this kiosk; InputError for one that is none, or has no content yet."""
        found: SlipContent | None = None
        for event in self.acts.register.events():
            fact = event.fact
            if isinstance(fact, SlipStamped | SlipAmended | SlipEntered | SlipCorrected) and fact.slip == slip:
                found = fact.content or found
        if found is None:
            raise InputError(say("本机没有 {slip} 这份单，或它还没有内容", slip=slip), field="slip")
        return found

    def correct(
        self, session: Session, slip: str, *, name: str, phone: str, reason: str, badge: str, pin: str,
        contact: str = "",
    ) -> SlipContent:  # fmt: skip
        """Put name, contact person or phone right ("" = as it was), approved by a supervisor's badge and PIN.

        `name` is the person's, of a unit's slip the unit's. Raises InputError naming the field, RefusedError where
        nobody else approved.
        """
        self.acts.allowed(session, Role.CLERK, Role.CONTRACT_OFFICE)
        before = self.content(slip)
        after = _corrected(before, name.strip(), contact.strip(), phone.strip())
        if after == before:
            raise InputError(say("没有要更正的内容；写上对的名称、联系人或电话"), field="name")
        if not reason.strip() or len(reason) > _LONGEST:
            raise InputError(say("请写明哪里写错了、依据什么更正"), field="reason")
        approver = self.acts.staff.check(badge, pin)
        if Role.SUPERVISOR not in approver.roles or approver.number == session.number:
            raise RefusedError(say("更正须由主管刷工牌、输密码同意"))
        self.acts.write(SlipCorrected(
            slip=slip, content=after, corrected_by=session.number, approved_by=approver.number, reason=reason.strip()
        ))  # fmt: skip
        return after


def _corrected(before: SlipContent, name: str, contact: str, phone: str) -> SlipContent:
    unit = before.kind is CustomerKind.COMPANY
    if contact and not unit:
        raise InputError(say("个人的单没有联系人；改姓名请写在名称一栏"), field="contact")
    if phone and not normal_phone(phone):
        raise InputError(say("“{phone}” 里没有号码，请核对", phone=phone), field="phone")
    return msgspec.structs.replace(
        before, company=name if name and unit else before.company, contact=contact or before.contact,
        names=(name, *before.names[1:]) if name and not unit else before.names,
        phones=(phone, *before.phones[1:]) if phone else before.phones,
    )  # fmt: skip
