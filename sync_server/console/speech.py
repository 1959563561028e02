"""The language of a page, and how times, needs and sentences are written in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared_rules.interval import MINUTE, OPEN, Interval, to_datetime
from shared_rules.regulation import CLAUSES
from shared_rules.words import Arg, Language, Say, say
from sync_server.words import LEXICON

if TYPE_CHECKING:
    from starlette.requests import Request

    from shared_rules.facts import Need

__all__ = ["LANGUAGE_COOKIE", "Speech", "speech_of"]

LANGUAGE_COOKIE = "xianhou-language"


@dataclass(frozen=True, slots=True)
class Speech:
    """Speaks one language; the templates' `t`."""

    language: Language

    def __call__(self, sentence: Say | str, /, **places: Arg) -> str:
        """Return a sentence in the page's language."""
        return LEXICON.text(say(sentence, **places) if isinstance(sentence, str) else sentence, self.language)

    def minute(self, instant: int) -> str:
        """Return an instant as day and minute in the pool's zone."""
        return f"{to_datetime(instant):%Y-%m-%d %H:%M}"

    def clock(self, time: Interval) -> str:
        """Return an interval as people read it: a minute, a span of minutes, or "not before"."""
        first = to_datetime(time.lo)
        if time.hi == OPEN:
            return self(say("不早于 {time}", time=f"{first:%m-%d %H:%M}"))
        last = to_datetime(time.hi)
        middle = to_datetime((time.lo + time.hi) // 2)
        if time.hi - time.lo < MINUTE:
            return f"{middle:%H:%M}"
        same_day = first.date() == last.date()
        return f"{first:%H:%M}–{last:%H:%M}" if same_day else f"{first:%m-%d %H:%M}–{last:%m-%d %H:%M}"

    def day_and_clock(self, time: Interval) -> str:
        """Return an interval with its day in front."""
        clock = self.clock(time)
        return clock if time.hi == OPEN else f"{to_datetime(time.lo):%m-%d} {clock}"

    def span(self, time: Interval) -> str:
        """Return an interval to the second, both ends with their days, for somebody who weighs evidence."""
        first = f"{to_datetime(time.lo):%Y-%m-%d %H:%M:%S}"
        if time.hi == OPEN:
            return self(say("不早于 {time}", time=first))
        return f"{first} – {to_datetime(time.hi):%Y-%m-%d %H:%M:%S}"

    def need(self, need: Need) -> str:
        """Return what the customer wants, as one line; "" where nothing was said."""
        parts = [need.kind] if need.kind else []
        if need.area_from or need.area_to:
            area = "–".join(str(value) for value in (need.area_from, need.area_to) if value)
            parts.append(self(say("{area} 平方米", area=area)))
        if need.units:
            parts.append(self(say("{count} 套", count=need.units)))
        return " · ".join(parts)

    def source(self, source: str) -> str:
        """Return how the customer came."""
        return self(_SOURCES.get(source, say("其他")))

    def clause(self, clause: str) -> tuple[str, str]:
        """Return title and words of a clause."""
        held = CLAUSES[clause]
        return (held.title_en, held.en) if self.language == "en" else (held.title_zh, held.zh)


_SOURCES = {
    "walk_in": say("来访"),
    "call": say("来电"),
    "old_customer": say("老客户介绍"),
    "pre_registered": say("提前备案"),
    "staff_intro": say("内部介绍"),
    "channel": say("渠道"),
}


def speech_of(request: Request, setting: str) -> Speech:
    """Return the page's language: the reader's choice, else the server's setting, else the browser's, else Chinese."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "") or setting
    if chosen in ("zh", "en"):
        return Speech("en" if chosen == "en" else "zh")
    wanted = [part.split(";")[0].strip().lower() for part in request.headers.get("accept-language", "").split(",")]
    known = next((tag[:2] for tag in wanted if tag[:2] in ("zh", "en")), "zh")
    return Speech("en" if known == "en" else "zh")
