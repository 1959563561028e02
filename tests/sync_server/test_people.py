"""The operator's acts reach the right offices, or are refused with a sentence, and leave no PIN behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from argon2 import PasswordHasher

from shared_rules import badges
from shared_rules.data import policy_text
from shared_rules.errors import InputError, PolicyError, UnavailableError
from shared_rules.facts import ClosedDaysDeclared, PersonAdded, Role
from shared_rules.policy import load_policy
from sync_server.people import People
from tests.sync_server.conftest import House


@pytest.fixture
def people(house: House) -> People:
    """Return the verbs of a server with two offices."""
    house.office("east")
    house.office("west", pool="hill")
    return house.service.people


def staff(house: House, office: str) -> list[str]:
    """Return the people that an office was told of, in order."""
    return [str(body["person"]) for body in house.told(office, "staff")]


def test_a_person_is_told_to_the_own_office_and_company_wide_people_to_all(house: House, people: People) -> None:
    """An office opened later hears of them too."""
    house.person("A", Role.SALESPERSON, office="east")
    house.person("M", Role.MANAGER)
    house.office("north")
    assert (staff(house, "east"), staff(house, "west"), staff(house, "north")) == (["A", "M"], ["M"], ["M"])


def test_the_start_pin_travels_and_rests_as_argon2_only(house: House, people: People) -> None:
    """It is printed once; the feed and the database hold a hash, the log not even that."""
    pin = people.add_person("A", "陈刚", office="east", roles=[Role.SALESPERSON], badge="B1").pin
    (item,) = house.told("east", "staff")
    assert (len(pin), pin.isdigit()) == (6, True)
    assert PasswordHasher().verify(str(item["start_pin"]), pin)
    events = house.service.reconciler.archive.read().events
    (fact,) = [event.fact for event in events if isinstance(event.fact, PersonAdded)]
    assert fact == PersonAdded(person="A", name="陈刚", office="east", roles=(Role.SALESPERSON,))


def test_changing_a_person_keeps_the_console_password(house: House, people: People) -> None:
    """Unless a new one is given."""
    house.person("M", Role.MANAGER, password="a long password")
    house.person("M", Role.MANAGER, Role.SUPERVISOR)
    assert house.service.sessions.login("M", "a long password")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"number": "陈"}, "number"),
        ({"number": ""}, "number"),
        ({"name": " "}, "name"),
        ({"roles": []}, "name"),
        ({"badge": "B0"}, "badge"),
        ({"badge": ";b0"}, "badge"),
        ({"badge": "Z"}, "badge"),
        ({"badge": "XH1002000A"}, "badge"),
        ({"new_badge": True}, "badge"),
        ({"number": "B0"}, "number"),
        ({"office": "north"}, "office"),
        ({"pin": "12345"}, "pin"),
        ({"pin": "12345六"}, "pin"),
        ({"password": "short"}, "password"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(
    house: House, people: People, change: dict[str, object], field: str
) -> None:
    """The operator reads which field and what to do."""
    people.add_person("Z", "已有", office="east", roles=[Role.CLERK], badge="B0")
    given = {"number": "A", "name": "陈刚", "office": "east", "roles": [Role.CLERK], "badge": "B1"} | change
    with pytest.raises(InputError) as refused:
        people.add_person(given.pop("number"), given.pop("name"), **given)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert staff(house, "east") == ["Z"]


def made_badge(people: People, number: str, **given: object) -> str:
    """Add or change a salesperson whose badge the server is to say."""
    return people.add_person(number, "人", office="east", roles=[Role.SALESPERSON], **given).badge  # type: ignore[arg-type]


def test_a_new_person_gets_a_badge_with_check_characters_and_keeps_it(house: House, people: People) -> None:
    """Changing the person changes no card; a new card is another one, and a card that is out is taken as it is."""
    first, second = made_badge(people, "A"), made_badge(people, "C")
    assert badges.sound(first)
    assert badges.sound(second)
    assert first != second
    assert made_badge(people, "A") == first
    assert [body["badge"] for body in house.told("east", "staff")][-1] == first
    renewed = made_badge(people, "A", new_badge=True)
    assert badges.sound(renewed)
    assert renewed not in (first, second)
    assert made_badge(people, "A", badge="card 7") == "card 7"
    assert made_badge(people, "A") == "card 7"


def test_a_made_badge_is_one_slip_away_from_nobody_s_badge_or_number(house: House) -> None:
    """Else a misread badge would be another person: the next one is made instead."""
    people = replace(house.service.people, random=bytes)
    house.office("east")
    near = badges.made(0)[:-1] + "B"
    house.person(near, Role.CLERK, office="east")
    assert made_badge(people, "A") == badges.made(1)
    assert made_badge(people, "C") not in (badges.made(0), badges.made(1))


@pytest.mark.parametrize("field", ["badge", "number"])
def test_a_badge_or_number_one_slip_away_from_a_made_badge_is_refused(people: People, field: str) -> None:
    """Old cards and numbers that somebody else's misread badge would be; who has one already keeps it."""
    first = made_badge(people, "A")
    near = first[:-1] + ("A" if first[-1] != "A" else "B")
    given = {"number": "C", "badge": "B7"} | {field: near.lower() if field == "badge" else near}
    with pytest.raises(InputError, match="读错") as refused:
        made_badge(people, **given)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("office", "pools", "field"),
    [("east", {"river": ""}, "office"), ("东", {"river": ""}, "office"), ("n", {}, "pool"), ("n", {"江": ""}, "pool")],
)
def test_an_office_that_cannot_be_is_refused(people: People, office: str, pools: dict[str, str], field: str) -> None:
    """Known already, no plain id, no pool."""
    with pytest.raises(InputError) as refused:
        people.add_office(office, "店", pools, policy=("default", policy_text("default")))
    assert refused.value.field == field


def test_a_policy_reaches_the_offices_of_its_pool_only(house: House, people: People) -> None:
    """The whole text travels, with the id by which rulings cite it."""
    text = policy_text("default")
    held = people.set_policy("river", date(2026, 4, 1), "default", text)
    assert held == load_policy(text, name="default").id
    assert [body["start"] for body in house.told("east", "policy")] == ["2000-01-01", "2026-04-01"]
    assert [body["start"] for body in house.told("west", "policy")] == ["2000-01-01"]


def test_a_broken_policy_is_refused_before_anybody_is_told(house: House, people: People) -> None:
    """The error names the key; an unknown pool is refused too."""
    with pytest.raises(PolicyError):
        people.set_policy("river", date(2026, 4, 1), "mine", "[nonsense]\n")
    with pytest.raises(InputError):
        people.set_policy("lake", date(2026, 4, 1), "default", policy_text("default"))
    assert len(house.told("east", "policy")) == 1


def test_closed_days_are_declared_in_advance(house: House, people: People) -> None:
    """一.1: told to the offices and kept as a fact; a day that has begun, or a clock in doubt, is refused."""
    people.declare_closed(date(2026, 3, 4), date(2026, 3, 5), office="east")
    assert [body["first"] for body in house.told("east", "closed_days")] == ["2026-03-04"]
    assert house.told("west", "closed_days") == []
    events = house.service.reconciler.archive.read().events
    (fact,) = [event.fact for event in events if isinstance(event.fact, ClosedDaysDeclared)]
    assert (fact.first, fact.last, fact.office) == (date(2026, 3, 4), date(2026, 3, 5), "east")
    for first, last, field in ((date(2026, 3, 2),) * 2 + ("from",), (date(2026, 3, 9), date(2026, 3, 8), "to")):
        with pytest.raises(InputError) as refused:
            people.declare_closed(first, last)
        assert refused.value.field == field
    with pytest.raises(InputError):
        people.declare_closed(date(2026, 3, 9), date(2026, 3, 9), office="north")
    house.source.bound = None
    with pytest.raises(UnavailableError):
        people.declare_closed(date(2026, 3, 9), date(2026, 3, 9))


def test_a_person_who_is_unknown_gets_no_password(people: People) -> None:
    """The number is named."""
    with pytest.raises(InputError) as refused:
        people.set_password("nobody", "a long password")
    assert refused.value.field == "number"
