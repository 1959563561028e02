"""The architecture as a stranger's interpreter sees it: what loading a package loads, and what a module offers."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

IMPURE = (
    "textual",
    "httpx",
    "starlette",
    "uvicorn",
    "sqlite3",
    "pysqlite3",
    "sqlite_utils",
    "asyncio",
    "kiosk",
    "sync_server",
)
RULES = sorted(path for path in (ROOT / "shared_rules").rglob("*.py") if path.name != "__init__.py")
KIOSK_CORE = ("kiosk.desk", "kiosk.journal", "kiosk.sync", "kiosk.clock", "sync_server.app")


def module_of(path: Path) -> str:
    """Return the dotted name of a source file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def loaded_by(*modules: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter holds after importing these."""
    code = (
        f"import sys; import {', '.join(modules)}; print(' '.join({{name.partition('.')[0] for name in sys.modules}}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(run.stdout.split())


def test_loading_all_of_shared_rules_loads_nothing_that_reaches_out() -> None:
    """The rules are pure: no screen, no network, no database, no event loop, none of the other packages."""
    assert loaded_by(*(module_of(path) for path in RULES)) & set(IMPURE) == set()


@pytest.mark.parametrize("module", KIOSK_CORE)
def test_the_core_loads_no_textual(module: str) -> None:
    """The counter's verbs and the server run where no screen is."""
    assert "textual" not in loaded_by(module)


def test_the_app_is_drawn_before_httpx_and_the_database_are_loaded() -> None:
    """First paint does not wait for what it does not need."""
    assert loaded_by("kiosk.app") & {"httpx", "sqlite_utils"} == set()


@pytest.mark.parametrize("path", RULES, ids=module_of)
def test_each_module_of_the_rules_says_what_it_offers(path: Path) -> None:
    """The public surface is a sorted list, and everything on it exists."""
    module = importlib.import_module(module_of(path))
    assert sorted(module.__all__, key=str) == list(module.__all__) or sorted(
        module.__all__, key=lambda name: (not name.isupper(), name)
    ) == list(module.__all__)
    for name in module.__all__:
        assert hasattr(module, name), name
