"""One method for each page: who asks, which verb, which template. Nothing is decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shared_rules.errors import InputError, RefusedError, UnavailableError, XianhouError
from shared_rules.facts import Role, RulingMade
from shared_rules.questioning import QUESTIONS
from shared_rules.words import say
from sync_server.bodies import read_body
from sync_server.console.speech import LANGUAGE_COOKIE, Speech, speech_of
from sync_server.findings import SAMENESS, may_find
from sync_server.library import may_rule
from sync_server.rulings import NOBODY, CaseMovedError
from sync_server.sessions import LoginRefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sync_server.service import Service
    from sync_server.sessions import Visitor

__all__ = ["COOKIE", "Pages"]

COOKIE: Final = "__Host-xianhou"
_FORM_BYTES: Final = 64 * 1024
_FORM_FIELDS: Final = 10
_YEAR: Final = 366 * 24 * 3600
_LOGIN: Final = "/console/login"
_HOME: Final = "/console/"
_CLOSING: Final = ("office", "day", "reason")
_NOTHING_TYPED: Final = dict.fromkeys(_CLOSING, "")
_NOTHING_FOUND: Final = {"answer": "", "reason": ""}


class Pages:
    """The pages of one server."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._templates = Environment(
            loader=PackageLoader("sync_server.console"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip

    # --- who asks ---

    def seen(self, page: Callable[[Request, Visitor], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Return the page for people who are logged in; others are sent to the login."""

        async def guarded(request: Request) -> Response:
            visitor = await run_in_threadpool(self._service.sessions.visitor, request.cookies.get(COOKIE, ""))
            if visitor is None:
                return RedirectResponse(_LOGIN, 303)
            try:
                return await page(request, visitor)
            except XianhouError as error:
                return self._sorry(request, error, visitor)

        return guarded

    def _speech(self, request: Request) -> Speech:
        return speech_of(request, self._service.config.settings.language)

    def _page(
        self, request: Request, name: str, visitor: Visitor | None, *, status: int = 200, **values: Any
    ) -> Response:
        speech = self._speech(request)
        page = self._templates.get_template(name).render(
            t=speech, server=self._service.config.settings.name, visitor=visitor, path=request.url.path, **values
        )
        return HTMLResponse(page, status, headers={"content-language": speech.language})

    def _sorry(self, request: Request, error: XianhouError, visitor: Visitor | None) -> Response:
        kinds = ((InputError, 404), (CaseMovedError, 409), (RefusedError, 403), (UnavailableError, 503))
        status = next((status for kind, status in kinds if isinstance(error, kind)), 400)
        return self._page(request, "sorry.html", visitor, status=status, sentence=error.sentence)

    # --- login ---

    async def login_form(self, request: Request) -> Response:
        """GET /console/login."""
        return self._page(request, "login.html", None, number="", refusal=None)

    async def login(self, request: Request) -> Response:
        """POST /console/login: a new session, in a cookie that only this host gets back."""
        form = await _form(request)
        number = form.get("number", "").strip()
        try:
            token = await run_in_threadpool(self._service.sessions.login, number, form.get("password", ""))
        except LoginRefusedError as error:
            return self._page(request, "login.html", None, status=403, number=number, refusal=error.sentence)
        except XianhouError as error:
            return self._sorry(request, error, None)
        response = RedirectResponse(_HOME, 303)
        response.set_cookie(COOKIE, token, secure=True, httponly=True, samesite="strict", path="/")
        return response

    async def logout(self, request: Request) -> Response:
        """POST /console/logout."""
        await run_in_threadpool(self._service.sessions.logout, request.cookies.get(COOKIE, ""))
        response = RedirectResponse(_LOGIN, 303)
        response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict", path="/")
        return response

    async def language(self, request: Request) -> Response:
        """POST /console/language: remember the reader's language and go back."""
        form = await _form(request)
        back = form.get("back", _HOME)
        inside = back.startswith("/console/") and "\\" not in back
        response = RedirectResponse(back if inside else _HOME, 303)
        chosen = "en" if form.get("language") == "en" else "zh"
        response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=_YEAR, secure=True, httponly=True, samesite="strict")
        return response

    # --- the manager's work ---

    async def inbox(self, request: Request, visitor: Visitor) -> Response:
        """GET /console/: the cases that wait, the offices' last word, and what the operator must look at."""
        return await self._inbox(request, visitor)

    async def close_without(self, request: Request, visitor: Visitor) -> Response:
        """POST /console/offices/close: what is missing is said beside its field and nothing is lost."""
        form = await _form(request)
        typed = {name: form.get(name, "") for name in _CLOSING}
        try:
            await run_in_threadpool(self._service.close_without, visitor, **typed)
        except InputError as error:
            return await self._inbox(request, visitor, typed=typed, wrong=error)
        return RedirectResponse(_HOME, 303)

    async def _inbox(
        self, request: Request, visitor: Visitor, *, typed: dict[str, str] = _NOTHING_TYPED,
        wrong: InputError | None = None,
    ) -> Response:  # fmt: skip
        cases = await run_in_threadpool(self._service.library.inbox, visitor) if may_rule(visitor) else ()
        watch = may_rule(visitor) or Role.OPERATOR in visitor.roles
        offices = await run_in_threadpool(self._service.offices_heard) if watch else ()
        alarms = await run_in_threadpool(self._service.alarms) if watch else ()
        dark = await run_in_threadpool(self._service.dark_offices) if may_rule(visitor) else ()
        return self._page(
            request, "inbox.html", visitor, status=422 if wrong else 200, cases=cases, offices=offices, alarms=alarms,
            dark=dark, typed=typed, wrong=wrong, questions=await self._open_questions(visitor),
        )  # fmt: skip

    async def _open_questions(self, visitor: Visitor) -> int | None:
        """Return how many questions are open, None for somebody who does not find."""
        return await run_in_threadpool(self._service.findings.waiting) if may_find(visitor) else None

    # --- who is who

    async def questions(self, request: Request, visitor: Visitor) -> Response:
        """GET /console/questions: what equality could not say, the most urgent first."""
        items = await run_in_threadpool(self._service.findings.questions, visitor)
        return self._page(request, "questions.html", visitor, items=items)

    async def question(self, request: Request, visitor: Visitor) -> Response:
        """GET /console/questions/{number}."""
        return await self._question(request, visitor)

    async def find(self, request: Request, visitor: Visitor) -> Response:
        """POST /console/questions/{number}: the finding; what is missing is said and nothing typed is lost."""
        form = await _form(request)
        typed = {name: form.get(name, "") for name in ("answer", "reason")}
        number = request.path_params["number"]
        try:
            find = self._service.find
            await run_in_threadpool(lambda: find(visitor, number, known=form.get("known", ""), **typed))
        except InputError as error:
            return await self._question(request, visitor, typed=typed, wrong=error)
        return RedirectResponse(f"/console/questions/{number}", 303)

    async def _question(
        self, request: Request, visitor: Visitor, *, typed: dict[str, str] = _NOTHING_FOUND,
        wrong: InputError | None = None,
    ) -> Response:  # fmt: skip
        matter = await run_in_threadpool(self._service.findings.matter, visitor, request.path_params["number"])
        return self._page(
            request, "question.html", visitor, status=422 if wrong else 200, matter=matter, asks=QUESTIONS,
            clause=SAMENESS, typed=typed, wrong=wrong,
        )  # fmt: skip

    async def case(self, request: Request, visitor: Visitor) -> Response:
        """GET /console/cases/{number}."""
        return await self._case(request, visitor)

    async def rule(self, request: Request, visitor: Visitor) -> Response:
        """POST /console/cases/{number}: the ruling; what is missing is said beside its field and nothing is lost."""
        form = await _form(request)
        winner, reason = form.get("winner", ""), form.get("reason", "")
        number = request.path_params["number"]
        try:
            await run_in_threadpool(self._service.rule, visitor, number, winner, reason)
        except InputError as error:
            return await self._case(request, visitor, winner=winner, reason=reason, wrong=error)
        return RedirectResponse(f"/console/cases/{number}", 303)

    async def _case(
        self, request: Request, visitor: Visitor, *, winner: str = "", reason: str = "", wrong: InputError | None = None
    ) -> Response:
        view = await run_in_threadpool(self._service.library.case, visitor, request.path_params["number"])
        ruling = msgspec.json.decode(view.ruling, type=RulingMade) if view.ruling else None
        names = await run_in_threadpool(self._service.names)
        return self._page(
            request, "case.html", visitor, status=422 if wrong else 200, case=view, ruling=ruling, names=names,
            winner=winner, reason=reason, wrong=wrong, nobody=NOBODY, clause=view.clause,
        )  # fmt: skip


async def _form(request: Request) -> dict[str, str]:
    body = await read_body(request, _FORM_BYTES)
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_FORM_FIELDS))
    except ValueError as error:
        raise InputError(say("表单无法解读"), field="form") from error
