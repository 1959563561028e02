"""An opening register at go-live: its times may be contested for five days, and then the manager rules (三.1, 三.3)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from shared_rules.data import policy_text
from shared_rules.facts import DisputeFiled, OpeningListed, SlipAmended, SlipContent, SlipEntered, SlipStamped
from shared_rules.interval import DAY, HOUR, MINUTE, day_of
from sync_server.ledger.columns import Row
from sync_server.ledger.rows import BY, Dated
from sync_server.ledger_import import LedgerImport, Plan
from sync_server.store import cases
from tests.sync_server.conftest import MONDAY, NINE, House
from tests.sync_server.test_console import login

if TYPE_CHECKING:
    import httpx

    from shared_rules.facts import Fact

PHONE = "13800000001"
CONTENT = SlipContent(names=("张三",), phones=(PHONE,))
ROW = Row("确认单", 1, {}, ())


def old(number: str, at: int, by: str = "A", content: SlipContent = CONTENT) -> list[Dated]:
    """Return a row of the old ledger as the facts it becomes."""
    fact = SlipStamped(
        slip=number, pool="river", office="east", salesperson=by, stamped_by=BY, received_on=day_of(at), content=content
    )
    return [Dated(at, fact, ROW), Dated(at, SlipEntered(slip=number, entered_by=BY), ROW)]


def brought_in(town: House, *facts: Dated) -> LedgerImport:
    """Import a ledger now."""
    importer = LedgerImport(town.service)
    importer.write(Plan(("river", "滨江"), facts=list(facts)))
    return importer


def listed(town: House) -> list[tuple[str, ...]]:
    """Return the claims that each record of opening lists names."""
    events = town.service.reconciler.archive.read().events
    return [event.fact.claims for event in events if isinstance(event.fact, OpeningListed)]


def collide(town: House, filed_at: int) -> str:
    """Import A's claim on Monday, let B lose against it on Tuesday and file a query slip; return B's claim."""
    brought_in(town, *old("O-1", MONDAY - 3 * DAY + 10 * HOUR))
    west = town.kiosks[1]
    mine = west.stamp(NINE + DAY, by="B", name="张三", phone=PHONE)
    town.push(west)
    town.settle(NINE + DAY + HOUR)
    assert town.rulings("west")[mine][0] == "returned"
    west.fact(DisputeFiled(dispute="Q-west-1", claims=(mine,), by="B"), filed_at)
    town.push(west)
    town.settle(filed_at + HOUR)
    return mine


def test_an_import_lists_its_claims_once_and_whose_time_an_amendment_sets(town: House) -> None:
    """Five hundred in a record; a second import lists what it brings."""
    facts = [one for number in range(501) for one in old(f"O-{number:03}", NINE - DAY + number * MINUTE)]
    brought_in(town, *facts)
    assert [len(claims) for claims in listed(town)] == [500, 1]
    change: Fact = SlipAmended(slip="O-9b", claim="O-009", salesperson="A", stamped_by=BY, content=CONTENT)
    brought_in(town, Dated(NINE - HOUR, change, ROW))
    assert listed(town)[2:] == [("O-009",)]
    brought_in(town)
    assert len(listed(town)) == 3


def test_the_opening_list_says_for_how_many_days(town: House) -> None:
    """By the policy in force for the ledger's pool."""
    importer = LedgerImport(town.service)
    plan = Plan(("river", "滨江"))
    assert importer.contest_days(plan) == 5
    text = policy_text("default").replace("imported_days = 5", "imported_days = 0")
    town.service.people.set_policy("river", date(2026, 1, 1), "none", text)
    assert importer.contest_days(plan) == 0


async def test_within_five_days_the_manager_rules_on_a_case_of_its_own(town: House, client: httpx.AsyncClient) -> None:
    """The return is taken back, both wait, the page names the imported time and the clause, and the ruling holds."""
    mine = collide(town, NINE + 2 * DAY)
    assert {name: status for name, (status, _) in town.rulings("east", "west").items()} == {
        "O-1": "with_manager", mine: "with_manager",
    }  # fmt: skip
    assert town.told("west", "return")[-1]["withdrawn"] == "yes"
    with town.store.snapshot() as tx:
        (row,) = cases.cases(tx, state="open")
    assert set(row.claims) == {"O-1", mine}
    await login(client)
    assert "撞单，有导入的时间" in (await client.get("/console/")).text
    page = (await client.get(f"/console/cases/{row.number}")).text
    for wanted in ("撞单，有导入的时间", "依据 三.3", "导入的时间，以期初清单上的签字为凭", "张三"):
        assert wanted in page
    form = {"winner": mine, "reason": "台账的日期是补写的"}
    await client.post(f"/console/cases/{row.number}", data=form, headers={"sec-fetch-site": "same-origin"})
    town.settle()
    assert {name: status for name, (status, _) in town.rulings("east", "west").items()} == {
        "O-1": "returned", mine: "upheld",
    }  # fmt: skip
    assert {reason["clause"] for reason in town.told("east", "return")[-1]["reasons"]} == {"三.3"}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("filed_at", "status"), [(MONDAY + 6 * DAY - MINUTE, "with_manager"), (MONDAY + 6 * DAY, "returned")]
)
def test_the_fifth_day_after_the_import_is_the_last(town: House, filed_at: int, status: str) -> None:
    """To 24:00, by the time at which the query slip was handed in, not by its arrival."""
    mine = collide(town, filed_at)
    assert town.rulings("west")[mine][0] == status


async def test_a_case_of_one_day_says_that_a_time_was_imported_and_goes_by_its_own_clause(
    town: House, client: httpx.AsyncClient
) -> None:
    """二.2.4: two imported stamps of one day, nobody has contested anything."""
    other = SlipContent(names=("张三",), phones=(PHONE,))
    at = MONDAY - 3 * DAY + 10 * HOUR
    brought_in(town, *old("O-1", at), *old("O-2", at + HOUR, "B", other))
    town.settle(NINE + HOUR)
    await login(client)
    page = (await client.get("/console/cases/1")).text
    assert "撞单，有导入的时间" in page
    assert "依据 二.2.4" in page
