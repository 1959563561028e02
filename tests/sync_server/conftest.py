"""A whole server in a temporary folder, with a clock that the test moves, and kiosks enrolled at it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import msgspec
import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette

from shared_rules.data import policy_text
from shared_rules.facts import Role
from shared_rules.interval import HOUR, from_datetime, to_datetime
from shared_rules.protocol import FeedItem, Signed
from sync_server.app import create_app
from sync_server.clock import ServerClock, SystemSource
from sync_server.config import Config, Settings, write_config
from sync_server.intake import Fork, Gap, Pushed, Revoked
from sync_server.log import ServerLog
from sync_server.pki import load_keys, make_keys
from sync_server.service import Service
from sync_server.store import Store
from tests.sync_server.fakes import FakeKiosk, FakeSource

MONDAY = from_datetime(to_datetime(0).replace(year=2026, month=3, day=2, hour=0))
"""2026-03-02 00:00 in Shanghai."""
NINE = MONDAY + 9 * HOUR


@pytest.fixture(scope="session")
def keys_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return keys made once: making them is slow and no test changes them."""
    folder = tmp_path_factory.mktemp("keys") / "keys"
    make_keys(folder, "测试", now=SystemSource(error=None).wall(), random=os.urandom)
    return folder


@dataclass
class House:
    """A server with its clock, its data folder, and what tests do with them."""

    config: Config
    source: FakeSource
    store: Store
    app: Starlette
    kiosks: list[FakeKiosk] = field(default_factory=list)

    @property
    def service(self) -> Service:
        service: Service = self.app.state.service
        return service

    def office(self, office: str, *, pool: str = "river") -> None:
        text = policy_text("default")
        self.service.people.add_office(office, f"{office}店", {pool: "滨江"}, policy=("default", text))

    def person(self, number: str, *roles: Role, office: str = "", password: str = "") -> None:
        # a cheap hash: what is tested is who gets in, not how long a guess takes
        people = replace(self.service.people, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        people.add_person(
            number, f"人{number}", office=office, roles=roles, badge=f"B{number}", pin="123456", password=password
        )

    def kiosk(self, office: str) -> FakeKiosk:
        """Enrol a kiosk and start its journal."""
        kiosk = FakeKiosk()
        code = self.service.enrolment.make_code(office, os.urandom)
        kiosk.answer = self.service.enrolment.enrol(kiosk.request(code))
        kiosk.genesis(self.source.now)
        self.kiosks.append(kiosk)
        return kiosk

    def settle(self, at: int = 0) -> bool:
        """Let the time come (if given) and the reconciler run once."""
        self.source.now = max(self.source.now, at)
        return self.service.reconciler.run()

    def push(
        self, kiosk: FakeKiosk, after: int = 0, upto: int | None = None, *, floor: int = 0
    ) -> Pushed | Gap | Fork | Revoked:
        return self.service.intake.push(kiosk.log, kiosk.push(after, upto, floor=floor))

    def feed(self, office: str) -> list[FeedItem]:
        """Return everything an office was told."""
        items: list[Signed] = []
        answer = self.service.read_feed(office, "")
        items += answer.items
        while answer.more:
            answer = self.service.read_feed(office, answer.cursor)
            items += answer.items
        return [msgspec.json.decode(item.payload, type=FeedItem) for item in items]

    def told(self, office: str, kind: str) -> list[dict[str, object]]:
        """Return the bodies of one kind that an office was told, in order."""
        bodies = [msgspec.to_builtins(item.body) for item in self.feed(office)]
        return [body for body in bodies if body["kind"] == kind]

    def rulings(self, *offices: str) -> dict[str, tuple[str, str]]:
        """Return claim -> (status, provisional) as the offices know it now."""
        latest: dict[str, tuple[str, str]] = {}
        for office in offices:
            for body in self.told(office, "ruling"):
                latest[str(body["claim"])] = (str(body["status"]), str(body.get("provisional", "")))
        return latest


def rebuilt(house: House) -> House:
    """Return the same data folder opened by a new server, as after a restart."""
    house.store.close()
    store = Store(house.config.database, load_keys(house.config.keys).bodies)
    return House(house.config, house.source, store, create_app(store, ServerClock(house.source), house.config))


def new_house(folder: Path, keys: Path, *, now: int = NINE) -> House:
    """Make a data folder with an empty database around ready keys."""
    folder.mkdir()
    config = write_config(folder, Settings(name="测试", hosts=("localhost",), settle_seconds=3600))
    config.keys.symlink_to(keys)
    source = FakeSource(now)
    store = Store(config.database, load_keys(config.keys).bodies)
    clock = ServerClock(source)
    with store.transaction() as tx:
        ServerLog(load_keys(config.keys).server, clock).begin(tx, server="测试")
    return House(config, source, store, create_app(store, clock, config))


@pytest.fixture
def house(tmp_path: Path, keys_folder: Path) -> Iterator[House]:
    """Return an empty server."""
    house = new_house(tmp_path / "data", keys_folder)
    yield house
    house.store.close()


@pytest.fixture
def town(house: House) -> House:
    """Return a server with two offices of one pool, four salespeople, a manager, and a kiosk at each office."""
    for office in ("east", "west"):
        house.office(office)
    for number, office in (("A", "east"), ("C", "east"), ("B", "west")):
        house.person(number, Role.SALESPERSON, office=office)
    house.person("M", Role.MANAGER, password="a long password")
    house.kiosk("east")
    house.kiosk("west")
    return house


@pytest.fixture
async def client(town: House) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of the app, lifespan running."""
    async with running(town.app) as client:
        yield client


class running:  # noqa: N801 - used as `async with running(app) as client`
    """Run an app's lifespan around a client of it."""

    def __init__(self, app: Starlette) -> None:
        self._app = app
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://testserver")

    async def __aenter__(self) -> httpx.AsyncClient:
        self._lifespan = self._app.router.lifespan_context(self._app)
        await self._lifespan.__aenter__()
        return self._client

    async def __aexit__(self, *error: object) -> None:
        await self._client.aclose()
        await self._lifespan.__aexit__(None, None, None)
