"""The counter's verbs: everything a person can do at a kiosk, without any screen.

A verb either does the whole act, on the disk when it returns, or raises an error of ours whose sentence names the field
and the remedy, and nothing is written. The server's absence never stands in the way of a verb.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from kiosk import emergency, filing, hours
from kiosk.acts import STAMPERS, Acts
from kiosk.ballast import Ballast
from kiosk.clock import in_doubt, tellable
from kiosk.corrections import Corrections
from kiosk.counter import (
    ClaimRow,
    Consequence,
    Draft,
    FieldProblem,
    Form,
    Meter,
    PaperPage,
    Pending,
    Place,
    RulingRow,
    Session,
    Stamped,
    Status,
    Window,
)  # fmt: skip
from kiosk.database import Database, FullDiskError
from kiosk.deals import Deals
from kiosk.drafts import Drafts
from kiosk.erasure import erase
from kiosk.feed import FeedStore
from kiosk.journal import Journal
from kiosk.notices import NoticeBoard
from kiosk.printing import Printing
from kiosk.queries import QuerySlips
from kiosk.questions import QuestionDesk
from kiosk.register import OfficeRegister
from kiosk.reports import DailyReport
from kiosk.returns import Returns
from kiosk.seals import Seals
from kiosk.sessions import Sessions
from kiosk.staff import PinNeededError, Staff
from kiosk.visits import VisitLog
from kiosk.waiting import QueueRows
from shared_rules.errors import InputError, RefusedError, XianhouError
from shared_rules.facts import Role, SlipContent, SlipEntered, SlipWithdrawn
from shared_rules.interval import OPEN, to_datetime
from shared_rules.policy import Policy
from shared_rules.protocol import ErasureItem, FeedItem, StaffItem
from shared_rules.words import Language, Say, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from argon2 import PasswordHasher

    from kiosk.clock import Ticks
    from kiosk.config import Folder

__all__ = ["Desk", "PinNeededError"]


class Desk:
    """One kiosk's counter; get it from `open`."""

    def __init__(
        self, journal: Journal, random: Callable[[int], bytes], *, hasher: PasswordHasher | None = None
    ) -> None:
        config, db = journal.keys.config, journal.database
        self.journal = journal
        self.staff = Staff(db, journal.keys.pepper, hasher=hasher)
        self.drafts = Drafts(db, journal.sealer, self.staff.name)
        self.register = OfficeRegister(db, journal.chain.read)
        self.printing = Printing(db, config.folder.spool, journal.sealer, config.settings.printer)
        self.feed = FeedStore(db, journal.keys, random, on_item=self._heard, on_reset=self.register.forgot)
        self.place = Place(
            config.kiosk, config.office, config.place.office_name, config.place.pools,
            practice=config.practice,
        )  # fmt: skip
        self.wake: Callable[[], None] = lambda: None
        """Told after each act that there is something to report."""
        self.lesson: Say | None = None
        """In practice: who can log in."""
        self.damage: Say | None = None
        """What the last check of the journal found."""
        self.people = Sessions(
            journal, self.staff, config.office, queue=self.entry_queue, wake=self._woken
        )  # fmt: skip
        self._acts = acts = Acts(
            journal, self.register, self.staff, self.place, self.people.alive, self._woken, self.now
        )
        self.visits, self.reports = VisitLog(acts), DailyReport(acts)
        self.seals = Seals(acts, self.printing, self.policy, self.receipt_page)
        self.notices, self.deals, self.corrections = NoticeBoard(acts), Deals(acts), Corrections(acts)
        self.questions, self.queries, self.returns = QuestionDesk(acts), QuerySlips(acts), Returns(acts, self.printing)

    @classmethod
    def open(
        cls, folder: Folder, *, ticks: Ticks, random: Callable[[int], bytes], hasher: PasswordHasher | None = None
    ) -> Self:
        """Open an enrolled kiosk's folder to work; raises as `Journal.open`. `hasher` is that of the PINs."""
        ballast = Ballast(folder.ballast)
        try:
            journal = Journal.open(folder, ticks=ticks, random=random)
        except FullDiskError:
            if not ballast.drop():
                raise
            journal = Journal.open(folder, ticks=ticks, random=random)
        ballast.take(random)
        journal.pen.make_room = ballast.drop
        return cls(journal, random, hasher=hasher)

    def _woken(self) -> None:
        self.wake()

    def close(self) -> None:
        """Let go of the folder."""
        self.journal.close()

    def _heard(self, db: Database, item: FeedItem) -> None:
        if isinstance(item.body, StaffItem):
            Staff.heard(db, item.body)
        elif isinstance(item.body, ErasureItem):
            if item.body.kiosk == self.place.kiosk:
                erase(self.journal.chain, self.printing, item.body)
                self.register.forget()
        else:
            self.register.heard(db, item.body, item.at)

    # --- time and rules

    def now(self) -> int:
        """Return the instant people are told: the middle of the bounds, while they are open what the wall clock adds.

        Bounds that a clock set forward tore apart have no middle that means anything: then what the counter counted.
        """
        time = self.journal.now().time
        if time.hi == OPEN:
            return max(time.lo, self.journal.clock.ticks.wall())
        return tellable(time)

    def local_now(self) -> datetime:
        """Return the same as a local time."""
        return to_datetime(self.now())

    def policy(self, pool: str = "") -> Policy:
        """Return the policy in force now."""
        return self.register.policies().at(pool or next(iter(self.place.pools), ""), self.now())

    def windows(self) -> Window:
        """Return today's hand-in windows (一.1) and what 一.3 allows outside."""
        return hours.window(self.policy(), self.now())

    # --- drafts

    def save_draft(self, session: Session, draft: Draft) -> None:
        """Keep a half-filled form; it has no claim time."""
        self.people.alive(session)
        saved = Draft(name=draft.name, values=draft.values, at=draft.at, saved_at=self.now())
        self.drafts.save(session.number, saved)

    def draft(self, session: Session) -> Draft | None:
        """Return the person's latest half-filled form."""
        return next(iter(self.drafts.of(session.number)), None)

    def drop_draft(self, session: Session, name: str) -> None:
        """Throw a half-filled form away."""
        self.drafts.drop(session.number, name)

    # --- handing in and stamping

    def check(self, form: Form) -> tuple[FieldProblem, ...]:
        """Return every field of a form that cannot be taken (一.2, 二.1.4); says nothing about other people's slips."""
        return filing.problems(form, self.policy(self._pool(form)), self.place)

    def hand_in(self, session: Session, form: Form, *, draft: str = "") -> Pending:
        """Take a slip into the queue for the stamp; raises InputError for a field, RefusedError outside the hours."""
        self._acts.allowed(session, Role.SALESPERSON)
        for problem in self.check(form):
            raise InputError(problem.sentence, field=problem.field)
        if form.claim:
            self._own(session, form.claim)
        pool = self._pool(form)
        moment, policy = self.journal.now().time, self.policy(pool)
        hours.refuse_outside(policy, moment, form.exceptional, self.people.duty)
        whole = filing.completed(form, pool or next(iter(self.place.pools)), self.local_now().date())
        return self.drafts.hand_in(session.number, whole, hours.ticket(moment, policy), draft=draft)

    def _pool(self, form: Form) -> str:
        """Return what a form is about: a claim stays in the pool of its first slip."""
        claim = self.register.settled(self._as_of(0)).ruling(form.claim) if form.claim else None
        return claim.pool if claim is not None else form.pool

    def _own(self, session: Session, claim: str) -> ClaimRow:
        row = next((row for row in self.my_claims(session) if row.claim == claim), None)
        if row is None:
            raise InputError(say("本机没有您的确认 {claim}；请核对单号", claim=claim), field="claim")
        if row.status not in ("upheld", "awaiting_entry", "lapsed"):
            raise InputError(say("确认 {claim} 现在不能变更或再次确认", claim=claim), field="claim")
        return row

    def pending(self) -> tuple[Pending, ...]:
        """Return the slips that wait for the stamp, in the order of the queue."""
        return self.drafts.pending()

    def discard(self, session: Session, number: int) -> None:
        """Take a slip back before the stamp: the own one; one that is gone already stays gone."""
        self.people.alive(session)
        for one in self.pending():
            if one.id == number and one.salesperson != session.number:
                raise RefusedError(say("这份单由 {name} 本人撤回", name=one.salesperson_name))
        self.drafts.discard(number)

    def stamp(self, number: int, clerk_badge: str, *, reason: str = "") -> Stamped:
        """Sign the time on a slip (一.3): when this returns, it is on the disk; then this office's slips are compared.

        `reason` is the special case of 一.3, where the form did not name it. Raises RefusedError without an open window
        or for an own slip, InputError for another badge than the clerk's or a missing reason, UnavailableError where
        the disk does not take it: then the slip is not stamped.
        """
        pending = next((one for one in self.pending() if one.id == number), None)
        if pending is None:
            raise InputError(say("这份单不在待盖章之列，可能已盖章或已撤回"), field="pending")
        clerk = self._stamper(clerk_badge, pending)
        slip = self.journal.next_slip_number()
        fact = filing.fact_of(
            pending, slip, self.place.office, clerk.person, reason.strip() or pending.form.exceptional
        )
        hours.refuse_unsound(fact, self.journal.now(), self.policy(pending.form.pool))
        written = self.journal.append(fact, with_writes=lambda db: Drafts.taken(db, number))
        self.wake()
        claim = pending.form.claim or slip
        answer, conflict = self._look(claim, slip, written.time.lo)
        lines = filing.receipt_words(written, self.place, slip, pending.salesperson_name, clerk.name)
        receipt = written.record.pack() + written.signature
        return Stamped(slip, claim, written.time, written.grade, answer, conflict, receipt, (*lines, answer))

    def _look(self, claim: str, slip: str, stamped_at: int) -> tuple[Say, bool]:
        """Compare this office's slips after a stamp; the stamp stands whatever happens here."""
        try:
            return filing.office_answer(self.register.settled(self._as_of(stamped_at)), claim, slip)
        except Exception:  # noqa: BLE001 - a clerk who sees an error would stamp a second time
            return say("已盖章；本店核对没有做成，等全公司结果"), False

    def _as_of(self, instant: int) -> int:
        return max(instant, self.now())

    def _stamper(self, badge: str, pending: Pending) -> Session:
        if self.people.duty is None:
            raise RefusedError(say("窗口还没有开；请确认人员先开窗"))
        if self.staff.find(badge).person != self.people.duty.number:
            raise InputError(say("请开窗的 {name} 刷自己的工牌盖章", name=self.people.duty.name), field="badge")
        if pending.salesperson == self.people.duty.number:
            raise RefusedError(say("不能给自己递交的单盖章；请另一位确认人员开窗"), clause="一.3")
        return self.people.duty

    def write_up(self, session: Session, page: PaperPage, *, cosigner_badge: str, cosigner_pin: str) -> Stamped:
        """Key a page of the emergency book: the slip has the pen's time, and counts as entered (一.3, 一.4).

        Raises InputError naming the field (page, pen_at, people, content), RefusedError for a wrong co-signer.
        """
        self._acts.clerk(session)
        for problem in self.check(page.form):
            raise InputError(problem.sentence, field=problem.field)
        if page.form.kind != "new":
            raise InputError(say("应急本只补录新的确认；变更和再次确认请到柜台办理"), field="kind")
        number, reading = emergency.page_number(page.page, self.register.events()), self.journal.now()
        pen = emergency.pen_time(page.pen_at, reading)
        cosigner = self.staff.check(cosigner_badge, cosigner_pin)
        people = emergency.signatures(page, session, cosigner, self.staff)
        slip = self.journal.next_slip_number()
        fact, entered = emergency.written_up(
            page, number, place=self.place, slip=slip, reading=reading, keyed_by=session.number,
            cosigned_by=cosigner.number, people=people,
        )  # fmt: skip
        written = self.journal.write_up(fact, entered, pen)
        self.wake()
        answer, conflict = self._look(slip, slip, reading.time.lo)
        lines = emergency.note(fact, pen, (session.name, cosigner.name))
        return Stamped(slip, slip, written.time, written.grade, answer, conflict, b"", (*lines, answer))

    def print_receipt(self, stamped: Stamped, language: Language) -> int:
        """Order a receipt on paper and return which copy it is; from the second on it is marked."""
        return self.printing.put(
            "receipt", stamped.slip, stamped.lines, language, stamped.receipt, page=self.receipt_page()
        )

    def receipt_page(self) -> str:
        """Return the page to which a receipt's code leads, "" = it holds the bare receipt."""
        return self.register.receipt_page()

    # --- claims

    def my_claims(self, session: Session) -> tuple[ClaimRow, ...]:
        """Return a salesperson's own claims at this kiosk, the server's rulings above the kiosk's own view."""
        return self.my_claims_of(session.number)

    def my_claims_of(self, number: str) -> tuple[ClaimRow, ...]:
        """Return the claims of a salesperson by number: the clerk's stamp shows whom it is for."""
        return filing.claim_rows(self.register, self._as_of(0), number)

    def meters(self, session: Session) -> dict[str, Meter]:
        """Return pool -> a salesperson's places, held and allowed, as this kiosk knows them (一.5)."""
        return filing.meters(self.register, self._as_of(0), session.number)

    def consequence(self, session: Session, claim: str) -> Consequence:
        """Return what amending and renewing would each do, before the salesperson chooses (一.6, 六.3)."""
        row = self._own(session, claim)
        return filing.consequence(row, self.policy(row.pool), self.now())

    def withdraw(self, session: Session, claim: str) -> None:
        """Give a claim up."""
        self.people.alive(session)
        self._own(session, claim)
        witness = self.people.duty.number if self.people.duty else ""
        self.journal.append(SlipWithdrawn(claim=claim, salesperson=session.number, witnessed_by=witness))
        self.wake()

    # --- the second look

    def entry_queue(self) -> QueueRows:
        """Return the stamped slips that wait for the second look, the one with the least time left first (一.4)."""
        return self.register.waiting().rows(self.staff.name)

    def enter(self, session: Session, slip: str, content: SlipContent | None = None, *, phone_again: str = "") -> None:
        """Record the second look; a paper slip's content is typed here, its phone twice."""
        self._acts.clerk(session)
        row = self.entry_queue().find(slip)
        if row is None:
            raise InputError(say("{slip} 不在待录入之列", slip=slip), field="slip")
        if row.content is None:
            filing.refuse_unlike(content, phone_again)
            for problem in self.check(Form(content=content or SlipContent(), pool=row.pool)):
                raise InputError(problem.sentence, field=problem.field)
        self.journal.append(
            SlipEntered(slip=slip, entered_by=session.number, content=content if row.content is None else None)
        )
        self.wake()

    def rulings(self, session: Session) -> tuple[RulingRow, ...]:
        """Return what the server ruled on this office's slips, the latest first; a salesperson sees the own ones."""
        self.people.alive(session)
        own = "" if session.may(*STAMPERS) else session.number
        return filing.ruling_rows(self.register, self._as_of(0), self.staff.name, own)

    # --- paper

    def print_report(self, session: Session, number: int, lines: tuple[Say, ...], language: Language) -> int:
        """Order one of the copies of today's report (一.10); printed again it is marked."""
        day = self.local_now().date().isoformat()
        return self.printing.put(f"report-{number}", f"{session.number}-{day}", lines, language)

    # --- the journal's health

    def check_journal(self) -> None:
        """Check every record, signature and body (0.7 s for 200,000), and keep what was found for the top line.

        Reads by a connection of its own: meant for a thread while nobody is at the counter, and holds up no stamp.
        """
        journal = self.journal
        try:
            look = Journal.look(journal.folder, ticks=journal.clock.ticks, random=journal.random)
            try:
                look.verify()
            finally:
                look.close()
        except XianhouError as error:
            self.damage = say("每日检查发现日志有问题：{why}；请通知管理员运行 xianhou doctor", why=error.sentence)
        else:
            self.damage = None

    # --- the top line

    def status(self, *, online: bool = False, trouble: Say | None = None) -> Status:
        """Return the counter's state; `online` and `trouble` are the sync's."""
        unsure = in_doubt(self.journal.now().time)
        oldest = self.journal.oldest_unsent
        stamped, reported = self.register.book().counted(self.journal.acknowledged_of)
        sentence = self.damage or (say("此机器需管理员处理，可继续盖章") if unsure else trouble) or self._unprinted()
        needed = unsure or self.damage is not None
        return Status(
            stamped=stamped, reported=reported, ruled=self.register.ruled(), unsent=self.journal.unsent,
            oldest_unsent_at=oldest.lo if oldest else 0, online=online, operator_needed=needed, sentence=sentence,
        )  # fmt: skip

    def _unprinted(self) -> Say | None:
        """Return what the printer does not do: it is tried again by itself, and no stamp waits for it."""
        why = self.printing.trouble
        return say("{count} 份没打出来，会自动再试：{why}", count=self.printing.waiting(), why=why) if why else None
