"""A salesperson's slip: new, or the new content of a claim (变更). F9 hands it in and calls the clerk to stamp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Static

from kiosk.counter import Draft, Form
from kiosk.screens.ask import Ask
from kiosk.screens.form import SlipScreen
from kiosk.screens.hours import hours_sentence, moment
from kiosk.screens.slip_fields import content_of, day_of_text
from kiosk.screens.stamp import StampScreen
from kiosk.widgets.rows import Body, FieldRow
from shared_rules.facts import Role, Source
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from textual.widget import Widget

    from kiosk.counter import Session

__all__ = ["HandIn"]


class HandIn(SlipScreen):
    """递交确认单 or, with a claim, its 变更: what is typed here is what the stamp commits to."""

    def __init__(
        self,
        session: Session,
        values: Mapping[str, str] | None = None,
        *,
        claim: str = "",
        at: str = "",
        since: int = 0,
        touched: bool = False,
    ) -> None:
        super().__init__(values, at=at)
        self.touched = touched
        self.session = session
        self.claim = claim or (values or {}).get("claim", "")
        self.since = since

    @property
    def draft_name(self) -> str:
        """One draft for a new slip, one for an amendment."""
        return "amend" if self.claim else "new"

    def heading(self) -> Say | str:
        """Say whose slip it is, and what an amendment gives up."""
        if not self.claim:
            return say("递交确认单　{name}", name=self.session.name)
        if self.since:
            return say("变更 {claim}：时间改为盖章时，放弃 {since}", claim=self.claim, since=moment(self.since))
        return say("变更 {claim}：时间改为盖章时", claim=self.claim)

    def body(self) -> Iterable[Widget]:
        """Lay out the window's hours and the fields."""
        window = self.desk.windows()
        sentence, tone = hours_sentence(window, self.desk.now())
        yield Static(self.speak(sentence), classes=f"said {tone}", id="hours", markup=False)
        rows = [*self.rows()]
        if not self.claim:
            rows += self.came_from()
        if len(self.desk.place.pools) > 1 and not self.claim:
            rows.insert(0, self.choice("pool", "盘", self.desk.place.pools.items()))
        if not window.open and self.desk.people.duty is not None and self.desk.people.duty.may(Role.CONTRACT_OFFICE):
            rows.append(self._reasons(window.reasons))
        yield Body(*rows)

    def _reasons(self, reasons: Iterable[str]) -> FieldRow:
        return self.choice("exceptional", "特殊原因", (("", "未选"), *((reason, reason) for reason in reasons)))

    def form(self) -> Form:
        """Return what the fields say; raises InputError with the field that cannot be read."""
        values = self.values()
        today = self.desk.local_now().date()
        return Form(
            kind=self.draft_name,
            claim=self.claim,
            content=content_of(values),
            received_on=None if self.claim else day_of_text(values["received_on"], today),
            source=Source(values.get("source", Source.WALK_IN.value)),
            exceptional=values.get("exceptional", ""),
            pool=values.get("pool", ""),
        )

    def action_save(self) -> None:
        """F9: hand in; what is missing is shown beside its field, and nothing is handed in."""
        form = self.attempt(self.form)
        if form is None or self.mark_all(self.desk.check(form)):
            return
        self.save_draft(str(self.focused.id) if self.focused is not None else "")
        pending = self.attempt(lambda: self.desk.hand_in(self.session, form, draft=self.draft_name))
        if pending is not None:
            self.touched = False
            self.app.push_screen(StampScreen(pending, by=self.session), self._came_back)

    def _came_back(self, result: str | None) -> None:
        """After the stamp, or after leaving it to the queue, this form is done; taken back, it goes on."""
        if result == "again":
            self.touched = True
            self.keep()
        else:
            self.dismiss("done")

    # --- drafts ---------------------------------------------------------------------------------------------

    def save_draft(self, at: str) -> None:
        """Keep what is typed so far under the salesperson's name."""
        values = self.drafted() | ({"claim": self.claim} if self.claim else {})
        draft = Draft(name=self.draft_name, values=values, at=at)
        self.attempt(lambda: self.desk.save_draft(self.session, draft))

    def drop_draft(self) -> None:
        """Forget it."""
        self.desk.drop_draft(self.session, self.draft_name)

    def action_back(self) -> None:
        """Esc: leave, asking where something was typed."""
        if not self.touched:
            self.dismiss(None)
            return
        self.keep()
        answers = (("1", say("继续填写")), ("2", say("先离开，草稿留到下次登录")), ("3", say("放弃，草稿也不留")))
        self.app.push_screen(Ask(say("这张单还没有交"), (), answers), self._answered)

    def _answered(self, answer: str | None) -> None:
        if answer == "3":
            self.drop_draft()
        if answer in ("2", "3"):
            self.dismiss(None)
