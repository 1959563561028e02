"""The keys of the counter by name, and how a kiosk's own file may move them; no Textual here.

Sentences name keys as they are by default (“按 F9”); where a key was moved, `renamed` puts its place into them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from shared_rules.errors import InputError
from shared_rules.words import say

__all__ = ["KEYS", "moved_keys", "renamed", "shown_name"]

KEYS: Final[Mapping[str, str]] = {
    "save": "f9",
    "reprint": "f10",
    "clear": "f8",
    "refresh": "f5",
    "find": "f3",
    "leave": "f4",
    "notices": "f6",
    "help": "f1",
    "lock": "f2",
    "back": "escape",
    "all_keys": "f12",
    "language": "f7",
}
"""Name -> key, in the order of the bottom line; `[keys]` of kiosk.toml moves them by these names."""

_ALLOWED: Final = (*(f"f{number}" for number in (*range(1, 11), 12)), "escape")
"""F11 belongs to terminals; letters, digits and Enter belong to fields, scanners and input methods."""
_FUNCTION_KEY: Final = re.compile(r"\bF(?:[1-9]|10|12)\b")


def moved_keys(wanted: Mapping[str, str]) -> dict[str, str]:
    """Return every name's key where some were moved; InputError names the key that cannot be."""
    for name, key in wanted.items():
        if name not in KEYS:
            raise InputError(say("没有名为 {name} 的按键；可用的名字：{names}", name=name, names="、".join(KEYS)),
                             field=f"keys.{name}")  # fmt: skip
        if key.lower() not in _ALLOWED:
            raise InputError(say("按键只能移到 f1 至 f10、f12 或 escape，不能是 {key}", key=key), field=f"keys.{name}")
    keys = dict(KEYS) | {name: key.lower() for name, key in wanted.items()}
    holders: dict[str, str] = {}
    for name, key in keys.items():
        if key in holders:
            both = say("{first} 和 {second} 都在 {key} 上；请移开一个", first=holders[key], second=name, key=key)
            raise InputError(both, field=f"keys.{name}")
        holders[key] = name
    return keys


def shown_name(key: str) -> str:
    """Return what is printed on a key."""
    return "Esc" if key == "escape" else key.upper()


def renamed(text: str, keys: Mapping[str, str]) -> str:
    """Return a sentence with every function key where it really is."""
    places = {KEYS[name].upper(): shown_name(key) for name, key in keys.items() if key != KEYS[name]}
    return _FUNCTION_KEY.sub(lambda match: places.get(match[0], match[0]), text) if places else text
