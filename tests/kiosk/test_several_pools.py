"""An office that sells several developments: each slip names one, and what builds on a claim stays in its pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk.counter import Form, PaperPage
from kiosk.screens.ask import Ask
from kiosk.screens.deals import CloseDeal
from kiosk.screens.slip import HandIn
from kiosk.screens.stamp import StampScreen
from kiosk.widgets.choice import Choice
from shared_rules.errors import InputError
from shared_rules.facts import DealClosed, Need, Role, SlipContent, SlipRenewed, SlipStamped
from shared_rules.interval import DAY
from tests.kiosk.counters import CLERK, OFFICE, PINS, SALES, Kiosk, press, write
from tests.kiosk.places import Authority
from tests.kiosk.test_plain import IN, OPEN, played

if TYPE_CHECKING:
    from pathlib import Path

POOLS = {"river": "滨江", "hill": "西山"}
CUSTOMER = SlipContent(names=("张三",), phones=("13800000001",), need=Need(kind="住宅"))


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    """A kiosk whose office sells two developments."""
    return Kiosk(tmp_path / "kiosk", authority=Authority(pools=POOLS))


def stamped(kiosk: Kiosk, pool: str = "hill") -> str:
    """Stamp a slip of one pool and return its number."""
    person = kiosk.log_in()
    pending = kiosk.desk.hand_in(person, Form(content=CUSTOMER, pool=pool))
    return kiosk.desk.stamp(pending.id, f"B{CLERK}").slip


def test_a_renewal_needs_no_pool_and_stays_in_its_claims(kiosk: Kiosk) -> None:
    """Nobody is asked twice which development a customer wants."""
    kiosk.duty()
    claim = stamped(kiosk)
    kiosk.machine.run(DAY)
    person = kiosk.log_in()
    pending = kiosk.desk.hand_in(person, Form(kind="renew", claim=claim))
    assert pending.form.pool == "hill"
    kiosk.desk.stamp(pending.id, f"B{CLERK}")
    assert [row.pool for row in kiosk.desk.my_claims(person)] == ["hill"]
    assert any(isinstance(event.fact, SlipRenewed) for event in kiosk.desk.journal.events())


def test_a_new_slip_without_a_pool_is_refused_beside_its_field(kiosk: Kiosk) -> None:
    """A deal as well, since it ends claims of one pool only."""
    duty = kiosk.duty()
    assert [one.field for one in kiosk.desk.check(Form(content=CUSTOMER))] == ["pool"]
    kiosk.desk.people.close_duty(duty)
    office = kiosk.duty(OFFICE)
    with pytest.raises(InputError) as caught:
        kiosk.desk.deals.close(office, deal="3-1201", kind="signing", closer=SALES, contract_name="张三")
    assert caught.value.field == "pool"


async def test_paper_and_new_slips_ask_which_pool_and_an_amendment_does_not(kiosk: Kiosk) -> None:
    """The choice stands first in the form; a paper slip is asked about before its stamp."""
    kiosk.duty()
    claim = stamped(kiosk)
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        kiosk.desk.people.duty = None
        for badge in (CLERK, SALES):
            if badge == SALES:
                await press(pilot, "1")
            await write(pilot, f"B{badge}")
            await press(pilot, "enter")
            await write(pilot, PINS[badge])
            await press(pilot, "f9")
        await press(pilot, "8")
        assert isinstance(app.screen, Ask)
        await press(pilot, "2")
        assert isinstance(app.screen, StampScreen)
        assert app.screen.pending.form.pool == "hill"
        await press(pilot, "f8", "1")
        assert isinstance(app.screen, HandIn)
        assert app.screen.query_one("#pool", Choice).value == "river"
        await press(pilot, "escape", "6", "enter", "1")
        assert isinstance(app.screen, HandIn)
        assert app.screen.claim == claim
        assert not app.screen.query("#pool")


async def test_a_deal_names_its_pool_on_the_screen(kiosk: Kiosk) -> None:
    """Left and right choose the development."""
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        await write(pilot, f"B{OFFICE}")
        await press(pilot, "enter")
        await write(pilot, PINS[OFFICE])
        await press(pilot, "f9", "3")
        assert isinstance(app.screen, CloseDeal)
        await press(pilot, "right", "enter", "enter", "enter")
        await write(pilot, "3-1201")
        await press(pilot, "enter")
        await write(pilot, "张三")
        await press(pilot, "enter")
        await write(pilot, SALES)
        await press(pilot, "f9")
    deals = [event.fact for event in kiosk.desk.journal.events() if isinstance(event.fact, DealClosed)]
    assert [deal.pool for deal in deals] == ["hill"]


def test_a_page_of_the_emergency_book_names_its_pool(kiosk: Kiosk) -> None:
    """The paper says which development, and so does the slip."""
    duty = kiosk.duty()
    pen = kiosk.desk.now() - 3_600_000_000
    page = PaperPage("7", pen, SALES, CLERK, Form(content=CUSTOMER, pool="hill"))
    kiosk.desk.write_up(duty, page, cosigner_badge=OFFICE, cosigner_pin=PINS[OFFICE])
    slips = [event.fact for event in kiosk.desk.journal.events() if isinstance(event.fact, SlipStamped)]
    assert [slip.pool for slip in slips] == ["hill"]
    assert slips[0].stamped_role is Role.CLERK


async def test_the_line_mode_asks_which_pool(kiosk: Kiosk) -> None:
    """By its number, before the customer."""
    await played(kiosk, *OPEN, "1", *IN, "2", "1", "张三", "13800000001", "", f"B{CLERK}", "4")
    slips = [event.fact for event in kiosk.desk.journal.events() if isinstance(event.fact, SlipStamped)]
    assert [slip.pool for slip in slips] == ["hill"]
