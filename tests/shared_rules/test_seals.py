"""Which window was over last, whatever the hour."""

from __future__ import annotations

from shared_rules.interval import DAY, HOUR, day_of, day_start
from shared_rules.seals import last_end
from tests.stamps import NINE_TEN


def test_ends_of_windows_are_found_whatever_the_hour() -> None:
    """The end itself still belongs to its window; before the first of today it is yesterday's last."""
    day, spans = day_start(day_of(NINE_TEN)), ((9 * HOUR, 10 * HOUR), (16 * HOUR, 17 * HOUR))
    assert last_end(spans, day + 10 * HOUR) == day - 7 * HOUR
    assert last_end(spans, day + 10 * HOUR + 1) == day + 10 * HOUR
    assert last_end(spans, day + 23 * HOUR) == day + 17 * HOUR
    assert last_end(((0, DAY),), day + 1) == day
    assert last_end((), NINE_TEN) == last_end(spans, 0) == 0
