"""Invariant 17: after the erasure of a customer nothing of him can be read, the chains verify, the rulings stand."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from kiosk.cli import Words
from shared_rules.errors import InputError, RefusedError
from shared_rules.interval import DAY
from sync_server import erasure
from sync_server.chains import walk
from sync_server.cli import server
from sync_server.erasure import Plan
from tests.sync_server.conftest import NINE, House, rebuilt

NAME, PHONE = "皇甫无忌", "13987654321"


@pytest.fixture
def over(town: House) -> House:
    """Return a town where one customer's two claims, the winner's and the loser's, and another's are over."""
    east, west = town.kiosks
    east.stamp(NINE, by="A", name=NAME, phone=PHONE)
    west.stamp(NINE + DAY, by="B", name="皇甫无忌先生", phone=f"+86 {PHONE}")
    east.stamp(NINE + DAY, by="C", name="李四", phone="13800000009")
    for kiosk in town.kiosks:
        town.push(kiosk, floor=NINE + 3 * DAY)
    town.source.now = NINE + 3 * DAY
    town.settle()
    town.source.now = NINE + 20 * DAY
    for kiosk in town.kiosks:
        town.push(kiosk, len(kiosk.entries), floor=NINE + 20 * DAY)
    town.settle(NINE + 20 * DAY)
    return town


def standing(house: House) -> dict[str, tuple[object, ...]]:
    """Return what holds for each claim, settled from scratch."""
    docket = rebuilt(house)
    docket.service.reconciler.run()
    settlement = docket.service.reconciler.docket.settlement
    assert settlement is not None
    claims = settlement.register().claims
    return {claim: (one.decision.status, one.valid_until, one.against) for claim, one in claims.items()}


def told(house: House) -> str:
    """Return every body that the server can still read."""
    return "\n".join(str(event.fact) for event in house.service.reconciler.archive.read().events)


def test_nothing_of_the_customer_can_be_read_and_nothing_else_changed(over: House) -> None:
    """Both offices' slips of him; the other customer is whole; the chain verifies; a restart finds the same rulings."""
    before = standing(over)
    house = rebuilt(over)
    plan = house.service.erasure.plan("east-1-1")
    assert plan.claims == ("east-1-1", "west-2-1")
    house.service.erasure.erase(plan, "客户要求")
    after = rebuilt(house)
    assert "无忌" not in told(after)
    assert PHONE not in told(after)
    assert "李四" in told(after)
    assert walk(after.store) > 0
    assert standing(after) == before
    with rebuilt(after).store.snapshot() as tx:
        sealed = tx.rows("SELECT position FROM bodies JOIN erased USING (position)")
    assert sealed == []


def test_the_kiosks_hear_of_their_own_records(over: House) -> None:
    """Each office of those that it stamped, with what stands in their place."""
    house = rebuilt(over)
    house.service.erasure.erase(house.service.erasure.plan("east-1-1"), "客户要求")
    for office, kiosk in (("east", 1), ("west", 2)):
        items = house.told(office, "erasure")
        assert {item["kiosk"] for item in items} == {kiosk}
        assert all("erased" in str(item["redacted"]) for item in items)


def test_a_claim_that_lives_is_not_erased(town: House) -> None:
    """Nor one that somebody still has to rule on."""
    claim = town.kiosks[0].stamp(NINE, by="A", name=NAME, phone=PHONE)
    town.push(town.kiosks[0])
    with pytest.raises(RefusedError, match=claim):
        town.service.erasure.plan(claim)
    with pytest.raises(InputError, match="没有"):
        town.service.erasure.plan("east-1-999")


def test_nothing_is_erased_where_a_ruling_would_change(over: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens that were all different would free the loser: refused, and everything is as it was."""
    house = rebuilt(over)
    plan = house.service.erasure.plan("east-1-1")
    tokens = iter("abcdefghijklmnopqrstuvwxyz" * 99)
    monkeypatch.setattr(erasure.Erasure, "_token", lambda *_: next(tokens) * 7)
    with pytest.raises(RefusedError, match="别的判定"):
        house.service.erasure.erase(plan, "客户要求")
    assert NAME in told(rebuilt(house))


def test_without_the_comparison_a_ruling_changes(over: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sabotage: nobody looks whether the register stays."""
    before = standing(over)
    house = rebuilt(over)
    plan = house.service.erasure.plan("east-1-1")
    tokens = iter("abcdefghijklmnopqrstuvwxyz" * 99)
    monkeypatch.setattr(erasure.Erasure, "_token", lambda *_: next(tokens) * 7)
    monkeypatch.setattr(erasure, "_outcome", lambda _: {})
    house.service.erasure.erase(plan, "客户要求")
    assert standing(house) != before


def test_an_erasure_names_its_reason_and_is_kept_in_log_and_audit(over: House) -> None:
    """Who looks later sees that there was one, and why."""
    house = rebuilt(over)
    with pytest.raises(InputError, match="原因"):
        house.service.erasure.erase(Plan((), (), house.service.erasure.plan("east-1-1").customer), " ")
    house.service.erasure.erase(house.service.erasure.plan("east-1-1"), "客户要求")
    after = rebuilt(house)
    assert "客户要求" in told(after)
    with after.store.snapshot() as tx:
        assert [row["outcome"] for row in tx.rows("SELECT outcome FROM audit WHERE act = 'erase'")] == ["客户要求"]


def test_the_command_shows_first_and_erases_only_when_told_to(over: House) -> None:
    """In both languages; nothing is gone without --yes."""
    over.store.close()
    where = ["erase", "--dir", str(over.config.folder), "--claim", "east-1-1", "--reason", "客户要求"]
    shown = CliRunner().invoke(server, where, obj=Words("zh"))
    assert shown.exit_code == 0, shown.output
    assert "没有删除" in shown.output
    assert NAME in told(rebuilt(over))
    done = CliRunner().invoke(server, [*where, "--yes"], obj=Words("zh"))
    assert done.exit_code == 0, done.output
    assert NAME not in told(rebuilt(over))
