"""The OpenAPI document says what the server serves, all of it, and holds against whoever takes it at its word."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.routing import Route

from docs import openapi_file
from shared_rules.interval import MINUTE
from shared_rules.protocol import ProblemType
from sync_server import intake
from sync_server.openapi import OPERATIONS, STATUS, document
from tests.paths import ROOT
from tests.sync_server.conftest import NINE, House
from tests.sync_server.listening import listening

if TYPE_CHECKING:
    from pathlib import Path


def fuzz(town: House, *, folder: Path, examples: int = 25) -> subprocess.CompletedProcess[str]:
    """Throw at the running server what its document allows and what it does not; return what the tool said."""
    kiosk = town.kiosks[0]
    kiosk.stamp(NINE, by="A", name="张三", phone="13800000001")
    town.source.now = NINE + MINUTE
    hooks = {"XIANHOU_HEAD": kiosk.header()["xianhou-head"], "XIANHOU_LOG": f"{kiosk.log.kiosk}/{kiosk.log.inc}"}
    environment = {**os.environ, **hooks, "SCHEMATHESIS_HOOKS": "tests.sync_server.openapi_hooks"}
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    with listening(town.app) as (host, port):
        return subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", "run", f"http://{host}:{port}/v1/openapi.json",
             "--checks", checks, "--max-examples", str(examples), "--phases", "examples,coverage,fuzzing",
             "--no-color", "--request-timeout", "20",
             "--generation-deterministic"],
            cwd=ROOT, env=environment | {"HOME": str(folder)}, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip


def test_the_file_in_docs_is_the_document_of_this_release() -> None:
    """Written anew by `python -m docs.openapi_file`."""
    assert openapi_file.FILE.read_text(encoding="utf-8") == openapi_file.text()


async def test_the_server_hands_out_its_own_document(client: httpx.AsyncClient) -> None:
    """What a tool loads is what is served."""
    response = await client.get("/v1/openapi.json")
    assert response.json() == json.loads(json.dumps(document()))


def test_every_kiosk_route_is_in_the_document_and_nothing_else_is(house: House) -> None:
    """Routes and paths are one set, method by method."""
    served = {
        (re.sub(r":int", "", route.path), (route.methods or set()) - {"HEAD"} == {method} and method)
        for route in house.app.routes if isinstance(route, Route) and route.path.startswith("/v1/")
        for method in (route.methods or set()) - {"HEAD"}
    }  # fmt: skip
    told = {(path, method.upper()) for path, methods in document()["paths"].items() for method in methods}
    assert served == told


def test_every_problem_type_has_a_status_and_every_signed_field_its_sentence() -> None:
    """Nothing is left for the reader to guess."""
    assert set(STATUS) == set(ProblemType)
    schemas = document()["components"]["schemas"]
    assert schemas["Head"]["properties"]["floor"]["description"]
    assert all(schema["description"] for schema in schemas.values())
    assert len({one.verb for one in OPERATIONS}) == len(OPERATIONS)


async def test_an_address_or_method_that_is_not_served_is_a_problem_document(client: httpx.AsyncClient) -> None:
    """A program that asks for the wrong thing gets the same form as for everything else."""
    nowhere, wrong = await client.get("/v1/nothing"), await client.delete("/v1/feed")
    assert (nowhere.status_code, nowhere.json()["type"]) == (404, "urn:xianhou:problem:not-found")
    assert (wrong.status_code, wrong.json()["type"], "GET" in wrong.headers["allow"]) == (405, "about:blank", True)
    assert {one.headers["content-type"] for one in (nowhere, wrong)} == {"application/problem+json"}
    assert (await client.get("/nothing")).headers["content-type"].startswith("text/plain")


def test_what_the_document_allows_and_what_it_does_not_finds_no_server_error(town: House, tmp_path: Path) -> None:
    """Real HTTP, with and without a kiosk's valid head; every answer is one that the document names."""
    done = fuzz(town, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_server_that_breaks_on_odd_input_is_found(
    town: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sabotage: a head that cannot be decoded breaks the verb."""
    monkeypatch.setattr(intake, "decode_canonical", lambda payload, _: {}[payload])
    done = fuzz(town, folder=tmp_path, examples=5)
    assert done.returncode == 1
    assert "Server error" in done.stdout
