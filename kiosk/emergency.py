"""The way back from paper: a page of the emergency book becomes a slip with the pen's time (readings: paper way out).

While kiosk, power or disk are down the clerk signs slips in a numbered book. Keyed afterwards they bear grade P: a time
that a person says, co-signed by the contract office. It is never a receipt, and no minute of it ranks.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import Event, Role, SlipEntered, SlipStamped
from shared_rules.interval import MINUTE, Interval, day_of, to_datetime
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kiosk.clock import Reading
    from kiosk.counter import PaperPage, Person, Place, Session
    from kiosk.staff import Staff

__all__ = ["note", "page_number", "pen_time", "signatures", "written_up"]

_MOST_DIGITS: Final = 6
_STAMPERS: Final = {Role.CLERK, Role.CONTRACT_OFFICE}


def page_number(typed: str, events: Iterable[Event]) -> str:
    """Return the page in plain digits; InputError if it is no number, or was written up here before."""
    page = unicodedata.normalize("NFKC", typed).strip().lstrip("0")
    if not (page.isascii() and page.isdigit() and len(page) <= _MOST_DIGITS):
        raise InputError(say("请填应急本上印的页码（数字）"), field="page")
    for event in events:
        if isinstance(event.fact, SlipStamped) and event.fact.paper == page:
            raise InputError(
                say("应急本第 {page} 页已经补录过（{slip}）；请核对页码", page=page, slip=event.fact.slip), field="page"
            )
    return page


def pen_time(pen_at: int, reading: Reading) -> Interval:
    """Return the minute that was written by hand; InputError if it is not over yet."""
    minute = pen_at - pen_at % MINUTE
    if minute > reading.time.hi:
        raise InputError(say("纸上的时间还没有到；请核对日期和钟点"), field="pen_at")
    return Interval(minute, minute + MINUTE - 1)


def signatures(page: PaperPage, keyed_by: Session, cosigner: Person, staff: Staff) -> tuple[str, str, Role]:
    """Return the numbers of salesperson and signer, and the signer's office; every hand must be another person's.

    Raises InputError naming the field of a person who cannot have signed there, RefusedError for a wrong co-signer.
    """
    salesperson, signer = _person(page.salesperson, "salesperson", staff), _person(page.signed_by, "signed_by", staff)
    if Role.SALESPERSON not in salesperson[1]:
        raise InputError(say("纸上的递交人不是业务员；请核对工号"), field="salesperson")
    if not signer[1] & _STAMPERS or signer[0] == salesperson[0]:
        raise InputError(say("纸上盖章的须是确认人员或签约室，且不是递交人本人；请核对工号"), field="signed_by")
    if Role.CONTRACT_OFFICE not in cosigner.roles or cosigner.number in (keyed_by.number, salesperson[0]):
        raise RefusedError(say("补录须由签约室的另一人会签，不能是录入人或递交人本人"), clause="一.3")
    return salesperson[0], signer[0], Role.CLERK if Role.CLERK in signer[1] else Role.CONTRACT_OFFICE


def _person(badge_or_number: str, field: str, staff: Staff) -> tuple[str, frozenset[Role]]:
    try:
        item = staff.find(badge_or_number)
    except InputError as error:
        raise InputError(error.sentence, field=field) from error
    return item.person, frozenset(Role(role) for role in item.roles)


def written_up(
    page: PaperPage, number: str, *, place: Place, slip: str, reading: Reading, keyed_by: str, cosigned_by: str,
    people: tuple[str, str, Role],
) -> tuple[SlipStamped, SlipEntered]:  # fmt: skip
    """Return the slip and its entry: whoever keyed the page has looked at it, that is the second look (一.4)."""
    salesperson, signed_by, role = people
    stamped = SlipStamped(
        slip=slip, pool=page.form.pool or next(iter(place.pools)), office=place.office, salesperson=salesperson,
        stamped_by=signed_by, stamped_role=role, received_on=page.form.received_on or day_of(page.pen_at),
        content=page.form.content, source=page.form.source, exceptional=page.form.exceptional, paper=number,
        # the later bound: where no clock says when it was keyed, its day is a person's question
        written_up_at=reading.time.hi, cosigned_by=cosigned_by,
    )  # fmt: skip
    return stamped, SlipEntered(slip=slip, entered_by=keyed_by)


def note(fact: SlipStamped, pen: Interval, names: tuple[str, str]) -> tuple[Say, ...]:
    """Return the lines that are printed for the book: no receipt, because no clock has seen the pen."""
    when = to_datetime(pen.lo).strftime("%Y-%m-%d %H:%M")
    return (
        say("补录 {slip}：应急本第 {page} 页", slip=fact.slip, page=fact.paper),
        say("纸上时间：{when}（手写，没有时间凭证）", when=when),
        say("录入：{clerk}　会签：{cosigner}", clerk=names[0], cosigner=names[1]),
    )
