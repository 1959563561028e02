"""The route table of the server in one place, and how it starts and stops."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from shared_rules.errors import XianhouError
from sync_server.api import ApiRoutes, not_served, problem_of
from sync_server.console import ConsoleGuard, Pages
from sync_server.openapi import OPERATIONS
from sync_server.receipts import HEADERS, ReceiptPages
from sync_server.service import Service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from sync_server.clock import ServerClock
    from sync_server.config import Config
    from sync_server.store import Store

__all__ = ["create_app"]

_HOUR_SECONDS: Final = 3600


def create_app(store: Store, clock: ServerClock, config: Config) -> Starlette:
    """Return the ASGI application of one server."""
    service = Service(store, clock, config)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        service.bells.attach()
        settling = asyncio.create_task(service.rounds.run())
        stopped = asyncio.Event()
        keeping = asyncio.create_task(_look_after(service, stopped))
        yield
        service.bells.close()
        service.rounds.stop()
        stopped.set()
        await asyncio.gather(settling, keeping)

    app = Starlette(
        routes=[*_kiosk_routes(ApiRoutes(service)), Route("/", _home), _console(Pages(service)), _receipts(service)],
        lifespan=lifespan,
        exception_handlers={XianhouError: _explain, HTTPException: _not_served},
    )
    app.state.service = service
    return app


async def _look_after(service: Service, stopped: asyncio.Event) -> None:
    """Look every hour whether the day has its backup and its check; one that is being made is waited for."""
    while not stopped.is_set():
        await run_in_threadpool(service.back_up_daily)
        if not stopped.is_set():
            await run_in_threadpool(service.daily_check.once)
        try:
            async with asyncio.timeout(_HOUR_SECONDS):
                await stopped.wait()
        except TimeoutError:
            continue


def _kiosk_routes(api: ApiRoutes) -> list[Route]:
    return [Route(one.route, getattr(api, one.verb), methods=[one.method]) for one in OPERATIONS]


def _console(pages: Pages) -> Mount:
    return Mount(
        "/console",
        routes=[
            Mount("/static", StaticFiles(packages=[("sync_server.console", "static")])),
            Route("/login", pages.login_form),
            Route("/login", pages.login, methods=["POST"]),
            Route("/logout", pages.logout, methods=["POST"]),
            Route("/language", pages.language, methods=["POST"]),
            Route("/", pages.seen(pages.inbox)),
            Route("/offices/close", pages.seen(pages.close_without), methods=["POST"]),
            Route("/questions", pages.seen(pages.questions)),
            Route("/questions/{number:int}", pages.seen(pages.question)),
            Route("/questions/{number:int}", pages.seen(pages.find), methods=["POST"]),
            Route("/cases/{number:int}", pages.seen(pages.case)),
            Route("/cases/{number:int}", pages.seen(pages.rule), methods=["POST"]),
        ],
        middleware=[Middleware(ConsoleGuard)],
    )


def _receipts(service: Service) -> Mount:
    pages = ReceiptPages(service)
    return Mount(
        "/r",
        routes=[
            Route("/", pages.page),
            Route("/keys.json", pages.keys),
            Route("/receipt.html", pages.saved),
            Route("/seen", pages.seen, methods=["POST"]),
            Route("/{name}", pages.part),
        ],
        middleware=[Middleware(ConsoleGuard, headers=HEADERS)],
    )


async def _home(_: Request) -> Response:
    return RedirectResponse("/console/")


async def _explain(_: Request, error: Exception) -> Response:
    assert isinstance(error, XianhouError)
    return problem_of(error)


async def _not_served(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if request.url.path.startswith("/v1/"):
        return not_served(request, error)
    return PlainTextResponse(error.detail, error.status_code, error.headers)
