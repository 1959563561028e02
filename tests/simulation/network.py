"""The line between one kiosk and the server: it delays, loses, repeats, tears, lies, and is cut."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from kiosk.exchange import Request, Response
from shared_rules.interval import HOUR, SECOND

if TYPE_CHECKING:
    from tests.simulation.house import House
    from tests.simulation.ledger import Ledger
    from tests.simulation.plan import Plan
    from tests.simulation.schedule import Schedule

__all__ = ["Line"]

_PORTAL: Final = Response(200, "text/html", b"<html>please log in</html>")
_LIE: Final = Response(200, "application/json", b'{"next":1,"hash":"' + b"0" * 64 + b'"}')
_TIMEOUT: Final = 30 * SECOND

Answered = Callable[[Response | None], None]


@dataclass(slots=True)
class Line:
    """Carries one request at a time; `answered` hears the answer, or None when it gave up."""

    schedule: Schedule
    house: House
    plan: Plan
    rng: random.Random
    ledger: Ledger
    cut: bool = False
    portal: bool = False
    sound: bool = False
    """Faults are off."""

    def _happens(self, chance: float) -> bool:
        return self.rng.random() < chance and not self.sound

    def _way(self) -> int:
        return 0 if self.sound else self.rng.randrange(self.plan.delay)

    def send(self, request: Request, answered: Answered) -> None:
        """Carry a request."""
        if self.portal:
            self.ledger.note("captive portal")
            answer = _LIE if self.rng.random() < 0.5 else _PORTAL
            self.schedule.after(self._way(), lambda: answered(answer))
        elif self.cut or self._happens(self.plan.lost_request):
            self.ledger.note("partition" if self.cut else "request lost")
            self.schedule.after(_TIMEOUT, lambda: answered(None))
        else:
            self.schedule.after(self._way(), lambda: self._arrive(request, answered))

    def _arrive(self, request: Request, answered: Answered) -> None:
        response = self.house.serve(request)
        if self._happens(self.plan.repeated):
            self.ledger.note("request repeated")
            self.schedule.after(self.rng.randrange(6 * HOUR), lambda: self._again(request))
        if response is None:
            self.ledger.note("server down")
        elif self.cut or self._happens(self.plan.lost_response):
            self.ledger.note("response lost")
            response = None
        elif self._happens(self.plan.torn):
            self.ledger.note("response torn")
            response = replace(response, body=response.body[: self.rng.randrange(len(response.body))])
        self.schedule.after(self._way() if response else _TIMEOUT, lambda: answered(response))

    def _again(self, request: Request) -> None:
        if not self.sound:
            self.house.serve(request)
