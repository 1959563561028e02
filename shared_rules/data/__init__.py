"""The one place of shared_rules that reads: its own package data, once, through importlib.resources."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["catalogue", "policy_names", "policy_text", "read_text", "table"]


@cache
def read_text(name: str) -> str:
    """Return a data file of this package as text."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


@cache
def table(name: str) -> dict[str, Any]:
    """Return a TOML file of this package, decoded."""
    return tomllib.loads(read_text(name))


@cache
def policy_names() -> tuple[str, ...]:
    """Return the names of the shipped policies, sorted."""
    folder = files(__name__).joinpath("policies")
    return tuple(sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")))


def policy_text(name: str) -> str:
    """Return the TOML text of a shipped policy."""
    return read_text(f"policies/{name}.toml")


def catalogue(package: str = __name__) -> dict[str, str]:
    """Return the English sentences under `package`'s `en` folder, by Chinese message id, all areas together."""
    sentences: dict[str, str] = {}
    folder = files(package).joinpath("en")
    for area in sorted(folder.iterdir(), key=lambda item: item.name):
        sentences |= tomllib.loads(area.read_text(encoding="utf-8"))
    return sentences
