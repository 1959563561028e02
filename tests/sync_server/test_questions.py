"""Both offices are asked where two live claims may be one customer; nothing of the other slip reaches either."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared_rules.blocking import KEYS_VERSION
from shared_rules.data import policy_text
from shared_rules.facts import FindingMade, QuestionAnswered, SlipContent, SlipEntered, SlipStamped, SlipWithdrawn
from shared_rules.interval import DAY, HOUR, MINUTE, day_of
from shared_rules.protocol import QuestionItem
from shared_rules.questioning import MANY_NAMES, QUESTIONS
from sync_server.feed import Feed
from sync_server.store import questions as rows
from sync_server.store import register
from tests.sync_server.conftest import NINE, House, new_house, rebuilt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sync_server.store import Transaction

PHONE, TURNED, FAR = "13800000001", "13800000010", "13966667777"


def stamp(town: House, first: tuple[str, str], second: tuple[str, str], *, settle: bool = True) -> tuple[str, str]:
    """Stamp one slip at the east on Monday and one at the west on Tuesday, and let both be heard."""
    east, west = town.kiosks
    one = east.stamp(NINE, by="A", name=first[0], phone=first[1])
    other = west.stamp(NINE + DAY, by="B", name=second[0], phone=second[1])
    for kiosk in town.kiosks:
        town.push(kiosk)
    if settle:
        town.settle(NINE + DAY + HOUR)
    return one, other


def asked(town: House, office: str) -> list[dict[str, Any]]:
    """Return the latest word on each question that an office heard of."""
    latest = {str(body["question"]): body for body in town.told(office, "question")}
    return list(latest.values())


def open_ones(town: House) -> list[tuple[tuple[str, str], tuple[str, ...], bool]]:
    """Return pair, grounds and presumption of the open questions."""
    with town.store.snapshot() as tx:
        return [(row.claims, row.grounds, row.presumed) for row in rows.questions(tx, state=rows.OPEN)]


def answer(town: House, number: int, item: dict[str, Any], at: int) -> None:
    """Let the clerk of an office answer a question at its kiosk."""
    kiosk = town.kiosks[number]
    fact = QuestionAnswered(
        question=item["question"], claim=item["claim"], salesperson=item["salesperson"], clerk="clerk",
        answers={"district": "城西"},
    )  # fmt: skip
    kiosk.fact(fact, at)
    town.push(kiosk)


def test_an_equal_name_alone_is_returned_and_asked_at_both_offices(town: House) -> None:
    """二.1.3: the presumption stands, and both clerks hear the same words, each about the own slip."""
    one, other = stamp(town, ("张偉", PHONE), ("张伟", FAR))
    assert {claim: status for claim, (status, _) in town.rulings("east", "west").items()} == {
        one: "upheld", other: "returned",
    }  # fmt: skip
    (east,), (west,) = asked(town, "east"), asked(town, "west")
    assert (east["slip"], east["salesperson"], west["slip"], west["salesperson"]) == (one, "A", other, "B")
    assert east["grounds"] == west["grounds"] == ("name",)
    assert east["asks"] == west["asks"] == tuple(QUESTIONS)
    assert east["due_at"] == west["due_at"] == NINE + 2 * DAY - 2 * HOUR
    assert east["question"] != west["question"]


def test_a_question_is_due_before_the_return_by_office_hours_where_the_policy_says_so(town: House) -> None:
    """一.4, business_hours: two hours before the return, which is three days of eight hours after the stamp."""
    text = policy_text("default").replace("business_hours = false", "business_hours = true")
    town.service.people.set_policy("river", date(2026, 1, 1), "office", text)
    stamp(town, ("张偉", PHONE), ("张伟", FAR))
    (notice,) = town.told("west", "return")
    assert notice["due_at"] == NINE + 3 * DAY + 8 * HOUR
    assert {item["due_at"] for office in ("east", "west") for item in asked(town, office)} == {
        NINE + 3 * DAY + 6 * HOUR
    }


def test_what_is_only_alike_is_asked_and_nobody_is_returned(town: House) -> None:
    """A near name and two digits turned round: settlement sees no collision, so a person is asked."""
    one, other = stamp(town, ("张伟", PHONE), ("张玮", TURNED))
    assert {status for status, _ in town.rulings("east", "west").values()} == {"upheld"}
    assert open_ones(town) == [((one, other), ("name", "contact"), False)]
    assert town.told("west", "return") == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(("张伟", PHONE), ("李娜", PHONE), id="an equal number is ruled on"),
        pytest.param(("张伟", PHONE), ("李娜", FAR), id="nothing alike"),
    ],
)
def test_nobody_is_asked_where_equality_says_it_all(
    town: House, first: tuple[str, str], second: tuple[str, str]
) -> None:
    """A question for everything would be a question for nothing."""
    stamp(town, first, second)
    assert open_ones(town) == []


def test_two_slips_of_one_salesperson_are_no_question(town: House) -> None:
    """The own list is the salesperson's to keep in order."""
    east = town.kiosks[0]
    east.stamp(NINE, by="A", name="张伟", phone=PHONE)
    east.stamp(NINE + DAY, by="A", name="张玮", phone=TURNED)
    town.push(east)
    town.settle(NINE + DAY + HOUR)
    assert open_ones(town) == []


def test_asking_again_says_nothing_new_and_a_restart_compares_nothing_twice(town: House) -> None:
    """The same run twice, and a new server on the same store: one question, told once."""
    stamp(town, ("张伟", PHONE), ("张玮", TURNED))
    before = town.feed("east"), town.feed("west")
    assert not town.settle()
    again = rebuilt(town)
    assert not again.settle()
    assert (again.feed("east"), again.feed("west")) == before
    assert len(open_ones(again)) == 1
    again.store.close()


def test_a_restarted_server_still_asks_about_a_slip_that_comes_now(town: House) -> None:
    """The index of live claims is filled again from the register's own."""
    east, west = town.kiosks
    one = east.stamp(NINE, by="A", name="张伟", phone=PHONE)
    town.push(east)
    town.settle(NINE + HOUR)
    again = rebuilt(town)
    again.settle()
    other = west.stamp(NINE + DAY, by="B", name="张玮", phone=TURNED)
    again.push(west)
    again.settle(NINE + DAY + HOUR)
    assert [pair for pair, _, _ in open_ones(again)] == [(one, other)]
    again.store.close()


def test_an_index_of_older_keys_is_made_anew(town: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that finds slips by other keys also finds those that were indexed before it."""
    east, west = town.kiosks
    kept = east.stamp(NINE, by="A", name="赵一凡", phone=PHONE)
    town.push(east)
    with monkeypatch.context() as older:
        older.setattr("sync_server.questions.KEYS_VERSION", KEYS_VERSION - 1)
        older.setattr("shared_rules.questioning.keys_of", lambda profile: (f"old {profile.name}",))
        town.settle(NINE + HOUR)
    with town.store.snapshot() as tx:
        old = register.indexed(tx, kept)
    again = rebuilt(town)
    again.settle()
    west.stamp(NINE + DAY, by="B", name="赵一范", phone=TURNED)
    again.push(west)
    again.settle(NINE + DAY + HOUR)
    with again.store.snapshot() as tx:
        new = register.indexed(tx, kept)
    assert old is not None
    assert new is not None
    assert not set(old.keys) & set(new.keys)
    assert len(open_ones(again)) == 1
    again.store.close()


def test_what_a_failed_run_did_not_ask_the_next_one_asks(town: House) -> None:
    """The disk is full at the question: nothing was written, and the next run makes up for it."""
    one, other = stamp(town, ("张伟", PHONE), ("张玮", TURNED), settle=False)
    with town.store.transaction() as tx:
        tx.run("CREATE TRIGGER full BEFORE INSERT ON questions BEGIN SELECT RAISE(FAIL, 'disk full'); END")
    town.source.now = NINE + DAY + HOUR
    with pytest.raises(Exception, match="disk full"):
        town.settle()
    with town.store.transaction() as tx:
        tx.run("DROP TRIGGER full")
    town.settle()
    assert [pair for pair, _, _ in open_ones(town)] == [(one, other)]


def test_a_finding_ends_the_question_and_gives_the_slip_back(town: House) -> None:
    """二.1.3: different people: the returned slip stands with its own stamp, both offices may stop asking."""
    one, other = stamp(town, ("张伟", PHONE), ("张伟", FAR))
    with town.store.transaction() as tx:
        town.service.log.append(tx, FindingMade(claims=(one, other), answer="different", found_by="S"))
    town.settle(NINE + DAY + 2 * HOUR)
    assert {status for status, _ in town.rulings("east", "west").values()} == {"upheld"}
    assert [item["withdrawn"] for office in ("east", "west") for item in asked(town, office)] == ["yes", "yes"]
    assert open_ones(town) == []


def test_a_finding_about_slips_that_are_only_alike_ends_the_question_too(town: House) -> None:
    """Found to be two, no ruling changes; the question goes all the same and does not come back."""
    one, other = stamp(town, ("张伟", PHONE), ("张玮", TURNED))
    with town.store.transaction() as tx:
        town.service.log.append(tx, FindingMade(claims=(other, one), answer="different", found_by="S"))
    assert town.settle(NINE + DAY + 2 * HOUR)
    assert open_ones(town) == []
    again = rebuilt(town)
    again.settle()
    assert open_ones(again) == []
    again.store.close()


def test_a_question_is_moot_when_a_claim_is_given_up(town: House) -> None:
    """Nobody need know any more; the offices are told."""
    one, _ = stamp(town, ("张伟", PHONE), ("张玮", TURNED))
    town.kiosks[0].fact(SlipWithdrawn(claim=one, salesperson="A"), NINE + DAY + 2 * HOUR)
    town.push(town.kiosks[0])
    town.settle(NINE + DAY + 3 * HOUR)
    assert open_ones(town) == []
    assert [item["withdrawn"] for item in asked(town, "west")] == ["yes"]


def test_a_paper_slip_is_compared_when_its_content_is_entered(town: House) -> None:
    """Stamped by its number alone it names nobody yet (一.4)."""
    east, west = town.kiosks
    one = east.stamp(NINE, by="A", name="张伟", phone=PHONE)
    paper = west.number()
    stamped = SlipStamped(
        slip=paper, pool="river", office="west", salesperson="B", stamped_by="clerk", received_on=day_of(NINE)
    )
    west.fact(stamped, NINE + DAY)
    for kiosk in town.kiosks:
        town.push(kiosk)
    town.settle(NINE + DAY + HOUR)
    assert open_ones(town) == []
    content = SlipContent(names=("张玮",), phones=(TURNED,))
    west.fact(SlipEntered(slip=paper, entered_by="clerk", content=content), NINE + DAY + 2 * HOUR)
    town.push(west)
    town.settle(NINE + DAY + 3 * HOUR)
    assert [pair for pair, _, _ in open_ones(town)] == [(one, paper)]


def test_answers_are_noted_for_the_office_whose_slip_it_is(town: House) -> None:
    """The west cannot answer for the east, though it should learn the name of the east's question."""
    stamp(town, ("张伟", PHONE), ("张玮", TURNED))
    (east,) = asked(town, "east")
    answer(town, 1, east, NINE + DAY + 2 * HOUR)
    town.settle(NINE + DAY + 3 * HOUR)
    assert "answered" not in asked(town, "east")[0]
    answer(town, 0, east, NINE + DAY + 2 * HOUR)
    town.settle(NINE + DAY + 4 * HOUR)
    assert asked(town, "east")[0]["answered"] == "yes"
    assert "answered" not in asked(town, "west")[0]
    assert len(open_ones(town)) == 1


def test_a_number_of_many_names_asks_nothing(town: House) -> None:
    """An agency's phone on five names: who is one digit off it is not asked about. Four names still ask."""
    east, west = town.kiosks
    for at, name in enumerate(("赵一凡", "钱二宝", "孙三立", "周四海", "吴五洲")[:MANY_NAMES]):
        content = SlipContent(names=(name,), phones=(PHONE,))
        east.slip(east.number(), NINE + at * MINUTE, by="A", content=content)
    west.stamp(NINE + DAY, by="B", name="赵一范", phone=TURNED)
    for kiosk in town.kiosks:
        town.push(kiosk)
    town.settle(NINE + DAY + HOUR)
    assert all(grounds == ("name",) for _, grounds, _ in open_ones(town))
    with town.store.snapshot() as tx:
        questions = town.service.reconciler.questions
        assert questions is not None
        key = questions._hashed("river", f"m{PHONE}")
        assert register.borne_by(tx, key, most=MANY_NAMES) == MANY_NAMES


NAMES = ("张伟", "张玮", "張偉", "皇甫无忌", "欧阳静", "欧阳婧", "zhangwei")
PHONES = (PHONE, TURNED, FAR, "13912345678", "021-55550000", "wx_zhang1")


def leaves(value: Any) -> Iterator[str]:
    """Yield every text and number of an item, and the names of its fields."""
    if isinstance(value, dict):
        for name, held in value.items():
            yield name
            yield from leaves(held)
    elif isinstance(value, list | tuple):
        for held in value:
            yield from leaves(held)
    else:
        yield str(value)


def leaked(town: House) -> list[str]:
    """Return what of the other office's slips stands in an office's questions, whatever the fields are called."""
    found = []
    for number, (office, other) in enumerate((("east", "west"), ("west", "east"))):
        secret = {other, f"{other}店"}
        for entry in town.kiosks[1 - number].entries[1:]:
            fact = msgspec.json.decode(entry.body)
            content = fact.get("content", {})
            names = (fact.get("slip"), fact.get("salesperson"), *content.get("names", ()), *content.get("phones", ()))
            secret.update(str(name) for name in names if name)
        for item in town.told(office, "question"):
            for leaf in leaves(item):
                found += [word for word in secret if word == leaf or (len(word) > 1 and word in leaf)]
    return found


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for many towns."""
    return tmp_path_factory.mktemp("towns")


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(PHONES)), min_size=2, max_size=5))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_of_the_other_slip_or_office_reaches_the_counter(
    places: Path, keys_folder: Path, slips: list[tuple[str, str]]
) -> None:
    """五: names, numbers, slip, salesperson and office of one side never stand in the other's questions."""
    town = small_town(places, keys_folder)
    play(town, slips)
    assert leaked(town) == []
    town.store.close()


def small_town(places: Path, keys_folder: Path) -> House:
    """Return a new town of two offices."""
    town = new_house(places / f"town{len(list(places.iterdir()))}", keys_folder)
    for office in ("east", "west"):
        town.office(office)
        town.kiosk(office)
    return town


def play(town: House, slips: list[tuple[str, str]]) -> None:
    """Let the offices stamp the customers in turn, one a day."""
    for at, (name, phone) in enumerate(slips):
        kiosk = town.kiosks[at % 2]
        kiosk.stamp(NINE + at * DAY, by="AB"[at % 2], name=name, phone=phone)
    for kiosk in town.kiosks:
        town.push(kiosk)
    town.settle(NINE + len(slips) * DAY)


class Gossip(Feed):
    """The sabotage: whatever a question tells one office, it tells every office."""

    def publish_changed(self, tx: Transaction, office: str, subject: str, body: Any, *, at: int) -> bool:
        """Publish a question everywhere, anything else as any feed."""
        offices = ("east", "west") if isinstance(body, QuestionItem) else (office,)
        told = [super(Gossip, self).publish_changed(tx, one, subject, body, at=at) for one in offices]
        return any(told)


def test_sabotage_a_question_about_the_other_slip_is_caught(town: House) -> None:
    """The masking check sees the other side's slip wherever it is put; without the sabotage it sees nothing."""
    questions = town.service.reconciler.questions
    assert questions is not None
    questions.feed = Gossip(questions.feed.signer)
    stamp(town, ("张伟", PHONE), ("张玮", TURNED))
    assert leaked(town) != []
