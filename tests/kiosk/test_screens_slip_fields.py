"""The texts of a form and the content of a slip, without any screen."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from kiosk.screens.hours import hours_sentence, is_open, next_opening
from kiosk.screens.slip_fields import area_of, content_of, day_of_text, phones_of, values_of
from shared_rules.errors import InputError
from shared_rules.facts import CustomerKind
from shared_rules.interval import SHANGHAI

TODAY = date(2026, 3, 2)
WINDOWS = ((time(9), time(10)), (time(16), time(17)))


def test_a_person_with_kin_keeps_the_principal_first() -> None:
    """The first name counts if the others are not kin (二.1.2)."""
    content = content_of({"kind": "person", "name": "张三", "kin": "李四、张小三", "phone": "138 0000 0001、021-5555"})
    assert content.names == ("张三", "李四", "张小三")
    assert content.phones == ("138 0000 0001", "021-5555")


def test_a_unit_has_its_name_and_a_person_has_none() -> None:
    """A company typed while the form stood on 单位 does not stay in a person's slip."""
    assert content_of({"kind": "company", "company": "甲公司", "contact": "王五"}).company == "甲公司"
    assert content_of({"kind": "person", "company": "甲公司", "name": "王五"}).company == ""


def test_a_form_shows_again_what_the_content_says() -> None:
    """An amendment starts from the claim's content and changes nothing by itself."""
    values = {
        "kind": "company", "company": "甲公司", "name": "", "kin": "", "contact": "王五", "phone": "13800000001、021-5",
        "need": "商铺", "area": "90-120", "units": "2",
    }  # fmt: skip
    content = content_of(values)
    assert content.kind is CustomerKind.COMPANY
    assert values_of(content) == values
    assert content_of(values_of(content)) == content


@pytest.mark.parametrize(
    ("text", "band"), [("", (0, 0)), ("90", (90, 90)), ("120-90", (90, 120)), ("90 至 120", (90, 120))]
)
def test_an_area_is_a_number_or_a_band(text: str, band: tuple[int, int]) -> None:
    """Written either way round, with any sign between."""
    assert area_of(text) == band


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("", TODAY),
        ("2026-02-28", date(2026, 2, 28)),
        ("3月1日", date(2026, 3, 1)),
        ("12-31", date(2025, 12, 31)),  # no year and not yet come: last year's
    ],
)
def test_a_day_is_written_as_people_write_it(text: str, day: date) -> None:
    """Empty is today."""
    assert day_of_text(text, TODAY) == day


@pytest.mark.parametrize(
    ("values", "field", "remedy"),
    [
        ({"area": "大"}, "area", "90-120"),
        ({"units": "两"}, "units", "1"),
    ],
)
def test_what_cannot_be_read_names_its_field_and_the_remedy(values: dict[str, str], field: str, remedy: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(InputError) as raised:
        content_of(values)
    assert raised.value.field == field
    assert remedy in str(raised.value)


@pytest.mark.parametrize("text", ["2026-03-03", "2-30", "x", "2026"])
def test_a_day_to_come_or_no_day_is_refused(text: str) -> None:
    """Nobody receives a customer tomorrow."""
    with pytest.raises(InputError) as raised:
        day_of_text(text, TODAY)
    assert raised.value.field == "received_on"


def test_spaces_stay_inside_a_number_and_commas_part_numbers() -> None:
    """Both kinds of comma and the Chinese pause mark."""
    assert phones_of(" 138 0000 0001，139, 、") == ("138 0000 0001", "139")


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Return a moment of the day in the pool's zone."""
    return datetime(2026, 3, 2, hour, minute, second, tzinfo=SHANGHAI)


def test_the_form_says_until_when_the_window_is_open_and_when_it_opens_next() -> None:
    """Both ends count; after the last window tomorrow's first is named, with what 一.3 allows."""
    assert is_open(WINDOWS, at(10))
    assert not is_open(WINDOWS, at(10, 0, 1))
    assert next_opening(WINDOWS, at(10, 30)) == at(16)
    open_sentence, tone = hours_sentence(WINDOWS, at(9, 30))
    assert ("10:00" in open_sentence.chinese(), tone) == (True, "good")
    closed, tone = hours_sentence(WINDOWS, at(17, 30))
    assert tone == "waiting"
    assert "明天 09:00" in closed.chinese()
    assert "一.3" in closed.chinese()
    assert hours_sentence((), at(3))[1] == "good"
