"""Fact <-> canonical bytes, strictly: one fact has exactly one encoding, and only that one decodes.

Canonical = UTF-8 JSON, keys sorted, no spaces, integers and strings (and lists and objects of them) only, fields at
their default left out. The bytes are hashed and signed, so anything that could be written two ways is refused.
"""

from __future__ import annotations

import json
from typing import Any, Final, TypeVar, cast

import msgspec

from shared_rules.errors import WireError
from shared_rules.facts import Fact
from shared_rules.words import say

__all__ = ["canonical", "decode_canonical", "decode_fact", "encode_fact"]

T = TypeVar("T")
_FACT: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(Fact)


def canonical(value: object) -> bytes:
    """Return the canonical bytes of a struct or of plain data.

    Raises WireError on floats, booleans, nulls, keys that are no texts, and texts that have no UTF-8.
    """
    plain = msgspec.to_builtins(value)
    _only_integers_and_strings(plain)
    try:
        return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    except UnicodeEncodeError as error:  # half a surrogate pair, as a terminal can deliver it
        raise WireError(say("正文含有不成字的编码，请重新输入"), field="body") from error


def _only_integers_and_strings(plain: Any) -> None:
    if isinstance(plain, dict):
        for key, item in plain.items():
            if not isinstance(key, str):
                raise WireError(say("正文的键只能是文字，不能是 {kind}", kind=type(key).__name__), field="body")
            _only_integers_and_strings(item)
    elif isinstance(plain, list | tuple):
        for item in plain:
            _only_integers_and_strings(item)
    elif isinstance(plain, bool) or not isinstance(plain, int | str):
        raise WireError(say("正文只能含整数和文字，不能有 {kind}", kind=type(plain).__name__), field="body")


def encode_fact(fact: Fact) -> bytes:
    """Return the canonical bytes of a fact."""
    return canonical(fact)


def decode_fact(data: bytes) -> Fact:
    """Return the fact that has exactly these canonical bytes; raises WireError otherwise."""
    return cast("Fact", _checked(data, _FACT))


def decode_canonical(data: bytes, kind: type[T]) -> T:
    """Return the struct of `kind` that has exactly these canonical bytes; raises WireError otherwise."""
    return _checked(data, msgspec.json.Decoder(kind))


def _checked(data: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    try:
        value = decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WireError(say("正文无法解读：{why}", why=str(error)), field="body") from error
    if canonical(value) != data:
        raise WireError(say("正文不是规范写法，不予接受"), field="body")
    return value
