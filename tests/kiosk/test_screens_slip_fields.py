"""The texts of a form and the content of a slip, without any screen."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from kiosk.counter import Window
from kiosk.screens.hours import hours_sentence, left, length
from kiosk.screens.slip_fields import area_of, content_of, day_of_text, phones_of, values_of
from shared_rules.errors import InputError
from shared_rules.facts import CustomerKind
from shared_rules.interval import DAY, MINUTE, SHANGHAI, from_datetime

TODAY = date(2026, 3, 2)


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


def at(day: int, hour: int, minute: int = 0) -> int:
    """Return an instant of March 2026 in the pool's zone."""
    return from_datetime(datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI))


def test_the_form_says_until_when_the_window_is_open_and_when_it_opens_next() -> None:
    """An open window names its hours; a closed one when it opens and what 一.3 allows."""
    spans = ("09:00-10:00", "16:00-17:00")
    open_sentence, tone = hours_sentence(Window(open=True, spans=spans, next_open=at(2, 16)), at(2, 9, 30))
    assert ("10:00" in open_sentence.chinese(), tone) == (True, "good")
    closed, tone = hours_sentence(Window(open=False, spans=spans, next_open=at(3, 9)), at(2, 17, 30))
    assert tone == "waiting"
    assert "明天 09:00" in closed.chinese()
    assert "一.3" in closed.chinese()
    later, _ = hours_sentence(Window(open=False, spans=spans, next_open=at(5, 9)), at(2, 17, 30))
    assert "03-05 09:00" in later.chinese()
    assert hours_sentence(Window(open=True, spans=(), next_open=0), at(2, 3))[1] == "good"


@pytest.mark.parametrize(
    ("span", "sentence"),
    [(-1, "0 分钟"), (59 * MINUTE, "59 分钟"), (90 * MINUTE, "1 小时 30 分"), (3 * DAY, "3 天")],
)
def test_a_length_of_time_is_said_as_people_say_it(span: int, sentence: str) -> None:
    """Minutes, hours, then days."""
    assert length(span).chinese() == sentence


def test_what_is_overdue_says_by_how_much() -> None:
    """Time left is plain, little of it is marked, none of it is wrong."""
    assert left(at(3, 9), at(2, 9))[1] == ""
    assert left(at(2, 10), at(2, 9))[1] == "waiting"
    assert left(at(2, 9), at(2, 10))[1] == "wrong"
