"""The route table of the server in one place, and how it starts and stops."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from shared_rules.errors import XianhouError
from sync_server.api import ApiRoutes, problem_of
from sync_server.service import Service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from sync_server.clock import ServerClock
    from sync_server.config import Config
    from sync_server.store import Store

__all__ = ["create_app"]


def create_app(store: Store, clock: ServerClock, config: Config) -> Starlette:
    """Return the ASGI application of one server."""
    service = Service(store, clock, config)
    api = ApiRoutes(service)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        service.bells.attach()
        yield
        service.bells.close()

    app = Starlette(
        routes=[
            Route("/v1/hello", api.hello),
            Route("/v1/ca", api.authority),
            Route("/v1/enrol", api.enrol, methods=["POST"]),
            Route("/v1/logs/{kiosk:int}/{inc:int}", api.push, methods=["POST"]),
            Route("/v1/logs/{kiosk:int}/{inc:int}", api.history),
            Route("/v1/feed", api.feed),
        ],
        lifespan=lifespan,
        exception_handlers={XianhouError: _explain},
    )
    app.state.service = service
    return app


async def _explain(_: Request, error: Exception) -> Response:
    assert isinstance(error, XianhouError)
    return problem_of(error)
