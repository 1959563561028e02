"""What the offices are told follows from the facts alone: not from the order, the batching or a restart."""

from __future__ import annotations

import hashlib
import itertools
import json
from datetime import date
from pathlib import Path

import msgspec
import pytest

from shared_rules.data import policy_text
from shared_rules.evidence import verify_payload
from shared_rules.facts import (
    CollisionSeen,
    DayClosed,
    FindingMade,
    Role,
    RulingMade,
    SlipAmended,
    SlipContent,
    SlipEntered,
    SlipWithdrawn,
)
from shared_rules.interval import DAY, HOUR, MINUTE, day_end, day_of
from shared_rules.protocol import FEED_CONTEXT, FeedItem
from sync_server.pki import pem, public_key_of
from sync_server.sessions import Visitor
from sync_server.store import cases
from tests.sync_server.conftest import NINE, House, new_house, rebuilt
from tests.sync_server.fakes import FakeKiosk

PHONE = "13800000001"


def two_days(town: House) -> tuple[str, str]:
    """East stamps a customer on Monday, west the same one on Tuesday; return both claims."""
    east, west = town.kiosks
    first = east.stamp(NINE + 50 * MINUTE, by="A", name="张三", phone=PHONE)
    second = west.stamp(NINE + DAY, by="B", name="张三", phone="+86 138-0000-0001")
    return first, second


def facts(town: House, kind: type) -> list[object]:
    """Return the facts of one kind that the server knows."""
    return [event.fact for event in town.service.reconciler.archive.read().events if isinstance(event.fact, kind)]


def test_the_later_slip_is_told_to_go_back_whatever_reached_the_server_first(town: House) -> None:
    """The west arrives first and looks alone; when the east is heard, the earlier stamp owns (二.2.1)."""
    first, second = two_days(town)
    east, west = town.kiosks
    town.push(west)
    town.settle(NINE + DAY + HOUR)
    assert town.rulings("east", "west") == {second: ("upheld", "yes")}
    town.push(east)
    town.settle()
    assert {claim: status for claim, (status, _) in town.rulings("east", "west").items()} == {
        first: "upheld", second: "returned",
    }  # fmt: skip
    notice = town.told("west", "return")[-1]
    assert (notice["slip"], notice["due_at"]) == (second, NINE + 2 * DAY)
    assert town.told("east", "return") == []


def test_the_notice_at_the_counter_names_neither_holder_nor_customer(town: House) -> None:
    """五: the loser learns that there is a conflict, not who holds it and under which data."""
    first, _ = two_days(town)
    for kiosk in town.kiosks:
        town.push(kiosk)
    town.settle(NINE + DAY + HOUR)
    notice = msgspec.json.encode(town.told("west", "return")).decode()
    assert all(secret not in notice for secret in (first, PHONE, "张三", '"A"', "人A"))


@pytest.mark.parametrize(
    ("whom", "holder"),
    [("nobody", None), ("office", {"office": "east店"}), ("salesperson", {"office": "east店", "salesperson": "人A"})],
)
def test_the_notice_names_the_holder_only_where_the_policy_lets_it(
    town: House, whom: str, holder: dict[str, str] | None
) -> None:
    """一.4, reveal_holder: as it travels; by default the word is not even there. A withdrawn notice names nobody."""
    text = policy_text("default").replace('"nobody"', f'"{whom}"')
    town.service.people.set_policy("river", date(2026, 1, 1), whom, text)
    first, second = two_days(town)
    for kiosk in town.kiosks:
        town.push(kiosk)
    town.settle(NINE + DAY + HOUR)
    names = ("A", "人A", "east", "east店")
    assert _returns(town)[-1].get("holders") == ([holder] if holder else None)
    assert any(f'"{name}"' in json.dumps(_returns(town), ensure_ascii=False) for name in names) == bool(holder)
    town.kiosks[0].fact(SlipWithdrawn(claim=first, salesperson="A"), NINE + 2 * HOUR)
    town.push(town.kiosks[0])
    town.settle(NINE + DAY + 2 * HOUR)
    last = _returns(town)[-1]
    assert (last["slip"], last["withdrawn"], "holders" in last) == (second, "yes", False)


def _returns(town: House) -> list[dict[str, object]]:
    """Return the notices of the west, byte for byte as they travel."""
    items = [json.loads(item.payload)["body"] for item in town.service.read_feed("west", "").items]
    return [body for body in items if body["kind"] == "return"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_any_order_of_arrival_and_every_batch_twice_give_the_same_rulings(
    tmp_path: Path, keys_folder: Path, order: tuple[int, ...]
) -> None:
    """Two kiosks, two batches each, in every order, each sent twice, gaps refused and sent again later."""
    house = settled_town(tmp_path, keys_folder, order)
    wanted = {"east-1-1": "upheld", "east-1-2": "with_manager", "west-2-1": "returned", "west-2-2": "with_manager"}
    assert {claim: status for claim, (status, _) in house.rulings("east", "west").items()} == wanted
    house.store.close()


def settled_town(tmp_path: Path, keys_folder: Path, order: tuple[int, ...]) -> House:
    """Return a town whose four batches arrived in this order, each twice, settled after each."""
    house = new_house(tmp_path / "data", keys_folder)
    for office in ("east", "west"):
        house.office(office)
    kiosks = [house.kiosk("east"), house.kiosk("west")]
    two_days(house)
    for kiosk, by in zip(kiosks, "AB", strict=True):
        kiosk.stamp(NINE + DAY + HOUR // 2, by=by, name="李四", phone="13900000009")
    batches = [(kiosks[0], 0, 3), (kiosks[0], 3, 5), (kiosks[1], 0, 2), (kiosks[1], 2, 5)]
    for number in (*order, *sorted(order)):
        kiosk, after, upto = batches[number]
        for _ in range(2):
            house.push(kiosk, after, upto)
        house.settle(NINE + DAY + HOUR)
    return house


def test_settling_again_says_nothing_new(town: House) -> None:
    """A run that was killed and is run again, or a restarted server, publishes nothing twice."""
    two_days(town)
    for kiosk in town.kiosks:
        town.push(kiosk)
    assert town.settle(NINE + DAY + HOUR)
    before = town.feed("west")
    assert not town.settle()
    again = rebuilt(town)
    assert not again.settle()
    assert again.feed("west") == before
    again.store.close()


def test_an_offices_feed_is_a_signed_chain(town: House) -> None:
    """Every item is signed by the server and names the hash of the one before."""
    town.settle()
    key = public_key_of(pem(town.service.keys.server.certificate).encode())
    answer = town.service.read_feed("east", "")
    previous = bytes(32).hex()
    for number, item in enumerate(answer.items, 1):
        held = msgspec.json.decode(verify_payload(FEED_CONTEXT, item, key), type=FeedItem)
        assert (held.office, held.seq, held.prev) == ("east", number, previous)
        previous = hashlib.sha256(item.payload).hexdigest()


def test_a_ruling_is_provisional_until_every_kiosk_has_promised_the_day_away(town: House) -> None:
    """One dark kiosk keeps every ruling of the pool provisional; its promise makes them final."""
    first, _ = two_days(town)
    east, west = town.kiosks
    over = day_end(day_of(NINE)) + HOUR
    town.push(east, floor=over)
    town.settle(NINE + DAY + HOUR)
    assert town.rulings("east")[first] == ("upheld", "yes")
    town.push(west, floor=over)
    town.settle()
    assert town.rulings("east")[first] == ("upheld", "")


def test_a_slip_that_awaits_entry_keeps_the_day_provisional(town: House) -> None:
    """Floors alone are not enough: the clerk's second look may still return a slip of that day."""
    east, west = town.kiosks
    over = day_end(day_of(NINE)) + HOUR
    first = east.stamp(NINE, by="A", name="张三", phone=PHONE)
    open_one = west.stamp(NINE + MINUTE, by="B", name="李四", phone="13900000009", entered=False)
    town.push(east, floor=over)
    town.push(west, floor=over)
    town.settle(NINE + 8 * HOUR)
    assert town.rulings("east")[first] == ("upheld", "yes")
    west.fact(SlipEntered(slip=open_one, entered_by="clerk"), NINE + HOUR)
    town.push(west, floor=over)
    town.settle()
    assert town.rulings("east", "west") == {first: ("upheld", ""), open_one: ("upheld", "")}


def test_a_closed_day_is_signed_into_the_log_once_with_what_was_known(town: House) -> None:
    """DayClosed names the highest record of each journal of the office."""
    two_days(town)
    east, _ = town.kiosks
    town.push(east, floor=day_end(day_of(NINE)) + HOUR)
    town.settle(NINE + DAY + HOUR)
    town.settle()
    assert facts(town, DayClosed) == [DayClosed(office="east", day=day_of(NINE), known={f"1.{east.inc}": 3})]


def test_a_collision_is_noted_in_the_log_when_it_comes_to_light_here(town: House) -> None:
    """What the server saw when is a fact; seen once, it is not written again."""
    first, second = two_days(town)
    for kiosk in town.kiosks:
        town.push(kiosk)
    town.settle(NINE + DAY + HOUR)
    town.settle()
    assert facts(town, CollisionSeen) == [CollisionSeen(claims=(first, second))]


def test_a_lapse_is_told_when_its_day_comes(town: House) -> None:
    """Nothing arrives, only time passes: after ten days the claim has lapsed (六.3)."""
    first = town.kiosks[0].stamp(NINE, by="A", name="张三", phone=PHONE)
    town.push(town.kiosks[0])
    town.settle(NINE + HOUR)
    assert town.rulings("east")[first][0] == "upheld"
    town.settle(NINE + 12 * DAY)
    assert town.rulings("east")[first][0] == "lapsed"


def test_a_return_is_taken_back_when_its_ground_falls_away(town: House) -> None:
    """二.1.3: people found that the two are different customers, so the slip that went back stands again."""
    first, second = two_days(town)
    for kiosk in town.kiosks:
        town.push(kiosk)
    town.settle(NINE + DAY + HOUR)
    assert [(body["slip"], body.get("withdrawn", "")) for body in town.told("west", "return")] == [(second, "")]
    with town.store.transaction() as tx:
        town.service.log.append(tx, FindingMade(claims=(first, second), answer="different", found_by="M"))
    town.settle(NINE + DAY + 2 * HOUR)
    assert town.rulings("west")[second][0] == "upheld"
    told = [(body["slip"], body.get("withdrawn", "")) for body in town.told("west", "return")]
    assert told == [(second, ""), (second, "yes")]


def test_a_chain_of_three_is_ruled_edge_by_edge(town: House) -> None:
    """A collides with B and B with C, not A with C: a ruling for A returns B, and C stands by itself (二.2.4)."""
    east, west = town.kiosks
    first = east.stamp(NINE, by="A", name="张三", phone=PHONE)
    middle = west.number()
    content = SlipContent(names=("张三",), phones=(PHONE, "13900000009"))
    west.slip(middle, NINE + 10 * MINUTE, by="B", content=content)
    last = east.stamp(NINE + 20 * MINUTE, by="C", name="王五", phone="13900000009")
    for kiosk in town.kiosks:
        town.push(kiosk)
    town.settle(NINE + DAY + HOUR)
    with town.store.snapshot() as tx:
        (row,) = cases.cases(tx, state="open")
    assert row.claims == tuple(sorted((first, middle, last)))
    assert set(row.edges) == {tuple(sorted((first, middle))), tuple(sorted((middle, last)))}
    manager = Visitor("M", "人M", (Role.MANAGER,), "session")
    town.service.rule(manager, row.number, first, "先联系")
    town.settle(NINE + DAY + 2 * HOUR)
    assert {claim: status for claim, (status, _) in town.rulings("east", "west").items()} == {
        first: "upheld", middle: "returned", last: "upheld",
    }  # fmt: skip
    with town.store.snapshot() as tx:
        assert cases.cases(tx, state="open") == []


def test_a_same_day_collision_opens_one_case_and_a_third_claim_replaces_it(town: House) -> None:
    """二.2.4: the case in the inbox is always the whole of what waits."""
    east, west = town.kiosks
    claims = [
        east.stamp(NINE, by="A", name="张三", phone=PHONE),
        west.stamp(NINE + 10 * MINUTE, by="B", name="张三", phone=PHONE),
    ]
    town.push(east)
    town.push(west)
    town.settle(NINE + HOUR)
    town.settle()
    claims.append(east.stamp(NINE + 20 * MINUTE, by="C", name="张三", phone=PHONE))
    with town.store.snapshot() as tx:
        assert [(row.state, row.claims) for row in cases.cases(tx)] == [("open", tuple(sorted(claims[:2])))]
    town.push(east)
    town.settle()
    with town.store.snapshot() as tx:
        rows = cases.cases(tx)
    assert [row.state for row in rows] == ["gone", "open"]
    assert rows[1].claims == tuple(sorted(claims))


def test_a_late_claim_never_flips_a_final_ruling(town: House) -> None:
    """The kiosk broke its promise: its earlier slip of a closed day becomes a late claim, the owner stays."""
    east, west = town.kiosks
    owner = west.stamp(NINE + DAY, by="B", name="张三", phone=PHONE)
    over = day_end(day_of(NINE + DAY)) + HOUR
    town.push(east, floor=over)
    town.push(west, floor=over)
    town.settle(NINE + 3 * DAY)
    assert town.rulings("west")[owner] == ("upheld", "")
    late = east.stamp(NINE, by="A", name="张三", phone=PHONE)
    town.push(east, floor=over)
    town.settle()
    assert town.rulings("west")[owner] == ("upheld", "")
    assert town.rulings("east")[late][0] == "late"


def test_a_late_claim_stays_late_when_the_next_day_is_closed(town: House) -> None:
    """Closing the next day with the late record known must not make it timely after the fact."""
    east, west = town.kiosks
    owner = west.stamp(NINE + DAY, by="B", name="张三", phone=PHONE)
    over = day_end(day_of(NINE + DAY)) + HOUR
    town.push(east, floor=over)
    town.push(west, floor=over)
    town.settle(NINE + 3 * DAY)
    late = east.stamp(NINE, by="A", name="张三", phone=PHONE)
    east.stamp(NINE + 2 * DAY, by="A", name="别人", phone="13712345678")
    town.push(east, floor=over + 3 * DAY)
    town.push(west, floor=over + 3 * DAY)
    town.settle(NINE + 5 * DAY)
    assert town.rulings("west")[owner][0] == "upheld"
    assert town.rulings("east")[late][0] == "late"


def test_an_amendment_that_moved_into_anothers_time_is_told(town: House) -> None:
    """一.6: the amendment's slip, not the first one, goes back where the new customer is another's."""
    east, west = town.kiosks
    mine = east.stamp(NINE, by="A", name="张三", phone=PHONE)
    west.stamp(NINE + DAY, by="B", name="王五", phone="13900000009")
    number = "east-1-9"
    content = SlipContent(names=("王五",), phones=("13900000009",))
    east.fact(
        SlipAmended(slip=number, claim=mine, salesperson="A", stamped_by="clerk", content=content), NINE + 2 * DAY
    )
    for kiosk in town.kiosks:
        town.push(kiosk)
    town.settle(NINE + 2 * DAY + HOUR)
    assert town.rulings("east")[mine][0] == "upheld"
    notice = town.told("east", "return")[-1]
    assert (notice["slip"], notice["claim"], notice["salesperson"]) == (number, mine, "A")


def test_a_persons_ruling_reaches_both_offices(town: House) -> None:
    """The ruling is a fact in the server's log; the loser's office gets the return."""
    east, west = town.kiosks
    first = east.stamp(NINE, by="A", name="张三", phone=PHONE)
    second = west.stamp(NINE + 10 * MINUTE, by="B", name="张三", phone=PHONE)
    for kiosk in town.kiosks:
        town.push(kiosk)
    town.settle(NINE + HOUR)
    assert {status for status, _ in town.rulings("east", "west").values()} == {"with_manager"}
    ruling = RulingMade(
        claims=(first, second), winner=second, losers=(first,), clause="二.2.4", ruled_by="M", reason="先联系"
    )
    with town.store.transaction() as tx:
        town.service.log.append(tx, ruling)
    town.settle(NINE + 25 * HOUR)
    assert {claim: status for claim, (status, _) in town.rulings("east", "west").items()} == {
        first: "returned", second: "upheld",
    }  # fmt: skip
    assert town.told("east", "return")[-1]["slip"] == first


def test_a_kiosk_that_joins_later_keeps_no_old_final_ruling_open(town: House) -> None:
    """What was final stays final when an office gets another machine."""
    first, _ = two_days(town)
    over = day_end(day_of(NINE)) + HOUR
    for kiosk in town.kiosks:
        town.push(kiosk, floor=over)
    town.settle(NINE + DAY + HOUR)
    assert town.rulings("east")[first] == ("upheld", "")
    newcomer: FakeKiosk = town.kiosk("east")
    town.push(newcomer)
    town.settle(NINE + 2 * DAY)
    assert town.rulings("east")[first] == ("upheld", "")


def test_an_entry_somewhere_does_not_tell_every_office_of_every_claim_again(town: House) -> None:
    """Many slips await entry: one of them entered changes one ruling, not what is said of all the others.

    Sabotage: naming each waiting slip in every ruling would repeat all of them here.
    """
    east, west = town.kiosks
    slips = [
        west.stamp(NINE + index * MINUTE, by="B", name=name, phone=f"1390000000{index}", entered=False)
        for index, name in enumerate(("赵一凡", "钱二宝", "孙三立", "李四海"))
    ]
    east.stamp(NINE, by="A", name="张三", phone=PHONE)
    for kiosk in town.kiosks:
        town.push(kiosk)
    town.settle(NINE + HOUR)
    before = len(town.told("west", "ruling")), len(town.told("east", "ruling"))
    west.fact(SlipEntered(slip=slips[0], entered_by="clerk"), NINE + HOUR)
    town.push(west)
    town.settle(NINE + 2 * HOUR)
    assert (len(town.told("west", "ruling")), len(town.told("east", "ruling"))) == (before[0] + 1, before[1])
