"""Personal data at rest: AES-256-GCM under a key that lies outside the database, bound to the row it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared_rules.errors import EvidenceError
from shared_rules.words import say

__all__ = ["Sealer"]

_NONCE: Final = 12


class Sealer:
    """Seals and opens; `about` names what the text belongs to, so that a sealed text cannot be moved to another row."""

    def __init__(self, key: bytes, random: Callable[[int], bytes]) -> None:
        self._cipher = AESGCM(key)
        self._random = random

    def seal(self, plain: bytes, about: bytes) -> bytes:
        """Return nonce and ciphertext."""
        nonce = self._random(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """Return the text; EvidenceError if the bytes were touched, moved, or sealed under another key."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], about)
        except (InvalidTag, ValueError) as error:
            raise EvidenceError(say("柜台机库中一段加密正文打不开：内容被改动，或 keys/data.key 不对")) from error
