"""Who works at this counter: people told by the server, PINs that never leave this kiosk.

The server's start PIN is good once at each kiosk; the own PIN that replaces it is kept as argon2id over this kiosk's
pepper. Five wrong tries lock a person until a colleague unlocks; the tries are counted in the database, so that a
restart forgives none. A badge only says who; the PIN says that it is so.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Final

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kiosk.counter import Person
from kiosk.database import Database, transaction
from shared_rules.badges import folded, misread
from shared_rules.errors import InputError, RefusedError
from shared_rules.protocol import StaffItem
from shared_rules.words import say

__all__ = ["PinNeededError", "Staff"]

_TRIES: Final = 5
_SHORTEST: Final = 6
_LONGEST: Final = 12
_EASY: Final = ("123456", "654321", "012345")


class PinNeededError(RefusedError):
    """The start PIN is right: an own PIN must be set before anything else."""


class Staff:
    """The people of this kiosk's database."""

    def __init__(self, db: Database, pepper: bytes, *, hasher: PasswordHasher | None = None) -> None:
        self._db = db
        self._pepper = pepper
        self._hasher = hasher or PasswordHasher()

    # --- people

    @staticmethod
    def heard(db: Database, item: StaffItem) -> None:
        """Keep what the server says of a person; inside the feed's transaction."""
        db.run(
            "INSERT INTO staff VALUES (?, ?, ?) ON CONFLICT (person) DO UPDATE SET badge = excluded.badge, "
            "item = excluded.item",
            item.person, folded(item.badge), msgspec.json.encode(item),
        )  # fmt: skip

    def items(self) -> dict[str, StaffItem]:
        """Return everybody by number, those who left too (their old slips name them)."""
        rows = self._db.rows("SELECT person, item FROM staff ORDER BY person")
        return {person: msgspec.json.decode(item, type=StaffItem) for person, item in rows}

    def name(self, number: str) -> str:
        """Return a person's name, or the number where the server has not told it yet."""
        item = self.items().get(number)
        return item.name if item else number

    def find(self, badge_or_number: str) -> StaffItem:
        """Return who a badge or number belongs to; RefusedError if the person has left.

        Raises InputError naming badge for nobody's, and in other words for a misread one; neither is a wrong PIN.
        """
        self.refuse_misread(badge_or_number)
        row = self._row(badge_or_number)
        if row is None:
            raise InputError(say("没有这个工牌或工号；新员工请管理员先在服务器上登记"), field="badge")
        item = msgspec.json.decode(row[0], type=StaffItem)
        if item.left:
            raise RefusedError(say("{name} 已离职，不能登录", name=item.name))
        return item

    def refuse_misread(self, badge_or_number: str) -> None:
        """Raise InputError naming badge for what was meant as a badge and is none, by its check characters."""
        if misread(folded(badge_or_number)) and self._row(badge_or_number) is None:
            raise InputError(say("工牌没有读对，请再刷一次；还不行就输入工号"), field="badge")

    def _row(self, badge_or_number: str) -> tuple[Any, ...] | None:
        text = folded(badge_or_number)
        return self._db.one(
            "SELECT item FROM staff WHERE badge = ? OR person = ?", text, badge_or_number.strip()
        ) if text else None  # fmt: skip

    def find_in(self, badge_or_number: str, field: str) -> StaffItem:
        """Do the same for a field of that name."""
        try:
            return self.find(badge_or_number)
        except InputError as error:
            raise InputError(error.sentence, field=field) from error

    @staticmethod
    def person(item: StaffItem) -> Person:
        """Return what the counter needs to know of somebody."""
        return Person(item.person, item.name, item.office, frozenset(item.roles), item.badge)

    # --- PINs

    def check(self, badge_or_number: str, pin: str) -> Person:
        """Return the person whose own PIN this is.

        Raises InputError naming badge or pin, RefusedError while locked, PinNeededError after the right start PIN.
        """
        item = self.find(badge_or_number)
        own, wrong = self._pin(item)
        if wrong >= _TRIES:
            raise RefusedError(
                say("{name} 已被锁定：密码错了 {tries} 次；请确认人员或主管解锁", name=item.name, tries=_TRIES)
            )
        good = self._holds(own, self._peppered(pin)) if own else self._holds(item.start_pin, pin)
        with transaction(self._db):
            self._db.run(
                "INSERT INTO pins (person, hash, wrong, counted) VALUES (?, '', ?, ?)"
                " ON CONFLICT (person) DO UPDATE SET wrong = excluded.wrong, counted = excluded.counted",
                item.person, 0 if good else wrong + 1, item.start_pin,
            )  # fmt: skip
        if not good:
            left = _TRIES - wrong - 1
            raise InputError(say("密码不对，还可以再试 {left} 次", left=left), field="pin")
        if not own:
            raise PinNeededError(say("第一次在这台机器登录，请设自己的密码"))
        return self.person(item)

    def set_pin(self, badge_or_number: str, start_pin: str, new_pin: str) -> Person:
        """Replace the start PIN by an own one; raises InputError for a PIN that is too easy or already set."""
        try:
            self.check(badge_or_number, start_pin)
        except PinNeededError:
            pass
        else:
            raise InputError(say("已经设过密码，请直接登录"), field="new_pin")
        _refuse_easy(new_pin, start_pin)
        item = self.find(badge_or_number)
        with transaction(self._db):
            hashed = self._hasher.hash(self._peppered(new_pin))
            self._db.run(
                "UPDATE pins SET hash = ?, replaced = ?, wrong = 0 WHERE person = ?",
                hashed,
                item.start_pin,
                item.person,
            )
        return self.person(item)

    def hashed(self, start_pin: str) -> str:
        """Return a start PIN as a server tells it."""
        return self._hasher.hash(start_pin)

    def locked(self) -> tuple[str, ...]:
        """Return the numbers of those who are locked."""
        return tuple(number for number, item in self.items().items() if self._pin(item)[1] >= _TRIES)

    def forgive(self, number: str) -> None:
        """Let a locked person try again."""
        with transaction(self._db):
            self._db.run("UPDATE pins SET wrong = 0 WHERE person = ?", number)

    def _pin(self, item: StaffItem) -> tuple[str, int]:
        """Return the hash of the own PIN, "" where there is none, and how often a wrong one was given.

        Both belong to the start PIN they followed: a new one from the operator, for who forgot the own, ends both.
        """
        row = self._db.one("SELECT hash, replaced, wrong, counted FROM pins WHERE person = ?", item.person)
        own, replaced, wrong, counted = row or ("", "", 0, "")
        return own if replaced == item.start_pin else "", wrong if counted == item.start_pin else 0

    def _peppered(self, pin: str) -> str:
        return hmac.new(self._pepper, pin.encode(), hashlib.sha256).hexdigest()

    def _holds(self, hashed: str, pin: str) -> bool:
        try:
            return self._hasher.verify(hashed, pin)
        except (VerificationError, InvalidHashError):
            return False


def _refuse_easy(pin: str, start_pin: str) -> None:
    if not (pin.isascii() and pin.isdigit() and _SHORTEST <= len(pin) <= _LONGEST):
        raise InputError(say("密码应为 {least} 到 {most} 位数字", least=_SHORTEST, most=_LONGEST), field="new_pin")
    if pin == start_pin or pin in _EASY or len(set(pin)) == 1:
        raise InputError(say("这个密码太容易猜到，请换一个"), field="new_pin")
