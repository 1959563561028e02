"""来人来电表: the office's log of visits and calls, and who is on duty for the next customer (一.7, 一.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared_rules.clauses.visits import row_counts
from shared_rules.customers import customer_of, normal_phone
from shared_rules.decision import Status
from shared_rules.errors import InputError
from shared_rules.facts import Role, SlipStamped, VisitLogged
from shared_rules.interval import day_of
from shared_rules.matching import marks
from shared_rules.words import say

if TYPE_CHECKING:
    from datetime import date

    from kiosk.acts import Acts
    from kiosk.counter import Form, Person, Session

__all__ = ["KINDS", "VisitLog", "VisitRow"]

KINDS: Final = {"visit": "来人", "call": "来电", "call_out": "去电"}
_WRITERS: Final = (Role.SALESPERSON, Role.CLERK, Role.CONTRACT_OFFICE)
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One row of the log."""

    at: int
    kind: str
    by: str
    by_name: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class VisitLog:
    """Reads and writes the log of this office."""

    acts: Acts

    def log(self, session: Session, *, kind: str, name: str, phone: str, by: str = "") -> VisitRow:
        """Write a row of this moment; `by` is who receives the customer, "" = the writer.

        Raises InputError naming name, phone, kind or by.
        """
        self.acts.allowed(session, *_WRITERS)
        if kind not in KINDS:
            raise InputError(say("请选来人、来电或去电"), field="kind")
        if not (name.strip() or phone.strip()):
            raise InputError(say("客户姓名和电话至少写一项"), field="name")
        if phone.strip() and not normal_phone(phone):
            raise InputError(say("“{phone}” 里没有号码，请核对", phone=phone), field="phone")
        for field, text in (("name", name), ("phone", phone)):
            if len(text) > _LONGEST:
                raise InputError(say("最多 {most} 个字", most=_LONGEST), field=field)
        receiver = self._receiver(session, by)
        self.acts.write(VisitLogged(by=receiver, name=name.strip(), phone=phone.strip(), kind=kind))
        return self.rows()[0]

    def _receiver(self, session: Session, by: str) -> str:
        if not by.strip():
            if not session.may(Role.SALESPERSON):
                raise InputError(say("请写接待的业务员（刷工牌或输入工号）"), field="by")
            return session.number
        item = self.acts.staff.find_in(by, "by")
        if Role.SALESPERSON not in item.roles:
            raise InputError(say("{name} 不是业务员", name=item.name), field="by")
        return item.person

    def rows(self, day: date | None = None) -> tuple[VisitRow, ...]:
        """Return a day's rows (today's by default), the latest first."""
        wanted = day or day_of(self.acts.now())
        found = [
            VisitRow(event.time.lo, event.fact.kind, event.fact.by, self.acts.staff.name(event.fact.by),
                     event.fact.name, event.fact.phone)
            for event in self.acts.register.events()
            if isinstance(event.fact, VisitLogged) and day_of(event.time.lo) == wanted
        ]  # fmt: skip
        return tuple(reversed(found))

    def wanted(self, form: Form) -> bool:
        """Return whether a slip's source needs a row here (一.7); where the regulation wants none, nobody is told."""
        policy = self.acts.register.policies().at(form.pool, self.acts.now())
        return form.kind in ("new", "paper") and form.source in policy.visitor_log.required_for

    def row_for(self, form: Form, salesperson: str) -> VisitRow | None:
        """Return this kiosk's row that shows the contact behind a slip, the latest; another kiosk may have one too."""
        day = form.received_on or day_of(self.acts.now())
        slip = SlipStamped(
            slip="", pool=form.pool, office=self.acts.place.office, salesperson=salesperson, stamped_by="",
            received_on=day,
        )  # fmt: skip
        customer = None if form.kind == "paper" else customer_of(form.content)
        policy = self.acts.register.policies().at(form.pool, self.acts.now())
        lapsed = customer is not None and self._lapsed(salesperson, marks(customer))
        for row in self.rows(day):
            fact = VisitLogged(by=row.by, name=row.name, phone=row.phone, kind=row.kind)
            if row.by == salesperson and row_counts(fact, row.at, slip, customer, policy, lapsed=lapsed):
                return row
        return None

    def _lapsed(self, salesperson: str, wanted: tuple[str, ...]) -> bool:
        """Return whether an own claim on this customer has run out: then a call of one's own counts."""
        contents = self.acts.register.book().contents
        return any(
            one.decision.status is Status.LAPSED and one.slip in contents
            and not set(wanted).isdisjoint(marks(customer_of(contents[one.slip])))
            for one in self.acts.register.claims_of(salesperson, self.acts.now())
        )  # fmt: skip

    def on_duty(self) -> Person | None:
        """Return whose turn the next customer without a named salesperson is (一.8): fewest walk-ins today first.

        Among equals whoever received longest ago, then by number; None where the office has no salesperson.
        """
        turns: dict[str, tuple[int, int]] = {}
        for row in self.rows():
            if row.kind != "call_out":
                count, last = turns.get(row.by, (0, 0))
                turns[row.by] = (count + 1, max(last, row.at))
        people = [
            self.acts.staff.person(item) for item in self.acts.staff.items().values()
            if not item.left and Role.SALESPERSON in item.roles and item.office in ("", self.acts.place.office)
        ]  # fmt: skip
        return min(people, key=lambda one: (*turns.get(one.number, (0, 0)), one.number), default=None)
