"""The people of `xianhou server init --demo-people`: every badge, start PIN and password is printed once, as JSON."""

from __future__ import annotations

import base64
import os
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from shared_rules.data import policy_text
from shared_rules.facts import Role

if TYPE_CHECKING:
    from sync_server.people import People

__all__ = ["add_demo_people"]


def add_demo_people(people: People) -> list[dict[str, str]]:
    """Add two offices of one pool with their people; return number, name, office, badge, pin and password of each."""
    demo: dict[str, Any] = tomllib.loads(files(__package__).joinpath("demo_people.toml").read_text(encoding="utf-8"))
    pool, title = demo["pool"]
    for office, name in demo["offices"].items():
        people.add_office(office, name, {pool: title}, policy=("default", policy_text("default")))
    return [_add(people, person) for person in demo["people"]]


def _add(people: People, person: dict[str, Any]) -> dict[str, str]:
    password = base64.b32encode(os.urandom(10)).decode().lower() if person.get("console") else ""
    roles = [Role(role) for role in person["roles"]]
    start = people.add_person(person["number"], person["name"], office=person["office"], roles=roles, password=password)
    shown = {name: str(person[name]) for name in ("number", "name", "office")}
    return {**shown, "roles": ",".join(roles), "badge": start.badge, "pin": start.pin, "password": password}
