"""The one place of shared_rules that reads: its own package data, once, through importlib.resources."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["catalogue", "policy_names", "policy_text", "table"]


@cache
def table(name: str) -> dict[str, Any]:
    """Return a TOML file of this package, decoded."""
    return tomllib.loads(files(__name__).joinpath(name).read_text(encoding="utf-8"))


@cache
def policy_text(name: str) -> str:
    """Return the TOML text of a shipped policy."""
    return files(__name__).joinpath("policies", f"{name}.toml").read_text(encoding="utf-8")


@cache
def policy_names() -> tuple[str, ...]:
    """Return the names of the shipped policies, sorted."""
    folder = files(__name__).joinpath("policies")
    return tuple(sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")))


def catalogue() -> dict[str, str]:
    """Return the English sentences of this package, by Chinese message id."""
    return {str(key): str(value) for key, value in table("words.en.toml").items()}
