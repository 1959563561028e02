"""Who is at the manager's pages: login with number and password, and sessions that can be ended.

The browser holds 128 random bits, the table their hash: a stolen database opens no session. Five wrong passwords lock a
number for fifteen minutes, whether or not anybody has it, so that nobody learns which numbers exist.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from argon2.exceptions import InvalidHashError, VerificationError

from shared_rules.errors import RefusedError
from shared_rules.interval import MINUTE
from shared_rules.words import say
from sync_server.people import argon2id
from sync_server.store import persons

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared_rules.facts import Role
    from sync_server.log import ServerLog
    from sync_server.store import Store, Transaction

__all__ = ["LoginRefusedError", "Sessions", "Visitor"]

_TRIES: Final = 5
_LOCK: Final = 15 * MINUTE
_TOKEN_BYTES: Final = 16
_PUBLIC_BYTES: Final = 6
_TOUCH: Final = MINUTE
"""A session's last use is written at most once a minute."""


class LoginRefusedError(RefusedError):
    """Number or password is wrong, or the number is locked for a while."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person with a live session; `session` is the public name under which log and audit know it."""

    person: str
    name: str
    roles: tuple[Role, ...]
    session: str


@dataclass(frozen=True, slots=True)
class Sessions:
    """Opens, checks and ends console sessions; `idle` and `absolute` are microseconds."""

    store: Store
    log: ServerLog
    pepper: bytes
    idle: int
    absolute: int
    random: Callable[[int], bytes]

    def login(self, number: str, password: str) -> str:
        """Return a new session's token for the browser; LoginRefusedError where it is not to be had."""
        if not self._may_try(number):
            raise LoginRefusedError(say("错误次数过多，请 15 分钟后再试，或请管理员重设密码"))
        with self.store.snapshot() as tx:
            person = persons.person(tx, number)
        right = _matches(person.password if person and not person.left else "", password)
        token = base64.urlsafe_b64encode(self.random(_TOKEN_BYTES)).rstrip(b"=").decode()
        with self.store.transaction() as tx:
            now = self.log.signed_now(tx).now
            self._audit(tx, now, number, "let in" if right else "refused")
            if right:
                persons.set_tries(tx, number, 0, 0)
                public = self.random(_PUBLIC_BYTES).hex()
                persons.add_session(tx, token=self._hashed(token), public=public, person=number, at=now)
        if not right:
            raise LoginRefusedError(say("工号或密码不对"))
        return token

    def _may_try(self, number: str) -> bool:
        """Count the try before its outcome is known, so that cutting the line saves an attacker nothing."""
        with self.store.transaction() as tx:
            now = self.log.signed_now(tx).now
            failed, locked_until = persons.tries(tx, number)
            if locked_until > now:
                self._audit(tx, now, number, "locked")
                return False
            failed = 1 if locked_until else failed + 1
            persons.set_tries(tx, number, failed, now + _LOCK if failed >= _TRIES else 0)
            return True

    def visitor(self, token: str) -> Visitor | None:
        """Return who holds this token, None if the session is over or never was."""
        hashed = self._hashed(token)
        with self.store.snapshot() as tx:
            row = persons.session_row(tx, hashed)
            person = persons.person(tx, row.person) if row else None
        now = self.log.clock.read().now
        if row is None or person is None or person.left or row.ended_at:
            return None
        if now - row.seen_at > self.idle or now - row.opened_at > self.absolute:
            return None
        if now - row.seen_at > _TOUCH:
            with self.store.transaction() as tx:
                persons.touch_session(tx, hashed, now)
        return Visitor(person.person, person.name, person.roles, row.public)

    def logout(self, token: str) -> None:
        """End a session for good."""
        with self.store.transaction() as tx:
            persons.end_session(tx, self._hashed(token), self.log.signed_now(tx).now)

    def _audit(self, tx: Transaction, now: int, number: str, outcome: str) -> None:
        persons.add_audit(tx, at=now, person=number, session="", act="login", about="", outcome=outcome)

    def _hashed(self, token: str) -> str:
        return hmac.new(self.pepper, b"session\n" + token.encode(), hashlib.sha256).hexdigest()


@cache
def _nobody() -> str:
    """Return what is checked for unknown numbers, so that they take as long as known ones."""
    return argon2id().hash("nobody has this password")


def _matches(stored: str, password: str) -> bool:
    nobody = _nobody()  # made at the first login of all, known or not: at the start it would delay every command
    try:
        argon2id().verify(stored or nobody, password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)
