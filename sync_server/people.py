"""The operator's acts: offices, pools, people, policies and closed days; each reaches the kiosks by the feed.

A start PIN is printed once and stored as argon2 only; the feed carries that hash, and the person replaces the PIN
at the first login at a kiosk. The server's log keeps who was made what, without badge and PIN.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from argon2 import PasswordHasher

from shared_rules.errors import InputError
from shared_rules.facts import ClosedDaysDeclared, PersonAdded, Role
from shared_rules.policy import load_policy
from shared_rules.protocol import ClosedDaysItem, PolicyItem, StaffItem
from shared_rules.words import say
from sync_server.store import persons, places
from sync_server.store.persons import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sync_server.feed import Feed
    from sync_server.log import ServerLog
    from sync_server.store import Store, Transaction

__all__ = ["People", "argon2id"]

_ID: Final = re.compile(r"[A-Za-z0-9]{1,12}")
_PIN_DIGITS: Final = 6
_LEAST_PASSWORD: Final = 10
_ALWAYS: Final = "2000-01-01"
"""Start of a pool's first policy: before any slip."""


def argon2id() -> PasswordHasher:
    """Return the hasher of start PINs and passwords (argon2id, the library's RFC 9106 parameters)."""
    return PasswordHasher()


def _identifier(text: str, field: str) -> str:
    if not _ID.fullmatch(text):
        raise InputError(say("{field} 只能用 1 至 12 个字母或数字：{text}", field=field, text=text), field=field)
    return text


@dataclass(frozen=True, slots=True)
class People:
    """What an operator may do, as verbs; each is one transaction."""

    store: Store
    log: ServerLog
    feed: Feed
    random: Callable[[int], bytes]
    hasher: PasswordHasher = field(default_factory=argon2id)

    def add_office(self, office: str, name: str, pools: dict[str, str], *, policy: tuple[str, str]) -> None:
        """Add an office that sells these pools (id -> name); a new pool starts under `policy` (name, text)."""
        _identifier(office, "office")
        if not pools:
            raise InputError(say("请写明门店销售的楼盘：--pool 编号=名称"), field="pool")
        with self.store.transaction() as tx:
            if places.office(tx, office) is not None:
                raise InputError(say("门店 {office} 已经有了", office=office), field="office")
            held = places.pools(tx)
            for pool, title in pools.items():
                places.add_pool(tx, _identifier(pool, "pool"), title or held.get(pool, pool))
                if pool not in held:
                    self._set_policy(tx, pool, date.fromisoformat(_ALWAYS), *policy)
            places.add_office(tx, office, name, sorted(pools))
            self._tell_office(tx, office, pools)

    def _tell_office(self, tx: Transaction, office: str, pools: dict[str, str]) -> None:
        now = self.log.signed_now(tx).now
        for pool, start, policy, text in places.policies(tx):
            if pool in pools:
                item = PolicyItem(pool=pool, start=date.fromisoformat(start), policy=policy, text=text)
                self.feed.publish_to(tx, office, f"policy {pool} {start}", item, at=now)
        for where, first, last in places.closed_days(tx):
            if where in ("", office):
                days = ClosedDaysItem(first=date.fromisoformat(first), last=date.fromisoformat(last))
                self.feed.publish_to(tx, office, f"closed {first} {last}", days, at=now)
        for person in persons.persons(tx):
            if not person.office:
                self.feed.publish_to(tx, office, f"staff {person.person}", _staff_item(person), at=now)

    def add_person(
        self, number: str, name: str, *, office: str, roles: Sequence[Role], badge: str, pin: str = "",
        password: str = "",
    ) -> str:  # fmt: skip
        """Add a person, or change one of that number, and return the start PIN, to be handed over once."""
        if not name.strip() or not roles or not badge.strip():
            raise InputError(say("人员须有姓名、至少一个岗位和工牌号"), field="name")
        if pin and not (pin.isascii() and pin.isdigit() and len(pin) == _PIN_DIGITS):
            raise InputError(say("初始密码须为 {count} 位数字", count=_PIN_DIGITS), field="pin")
        start = pin or f"{int.from_bytes(self.random(8), 'big') % 10**_PIN_DIGITS:0{_PIN_DIGITS}d}"
        person = Person(
            _identifier(number, "number"), name.strip(), office, tuple(sorted(roles)), badge.strip(),
            self.hasher.hash(start), self._hashed(password),
        )  # fmt: skip
        with self.store.transaction() as tx:
            if office and places.office(tx, office) is None:
                raise InputError(
                    say("没有门店 {office}；先用 xianhou server office add 建立", office=office), field="office"
                )
            others = [item for item in persons.persons(tx) if item.person != number]
            if any(item.badge == person.badge for item in others):
                raise InputError(say("工牌号 {badge} 已经有人用了", badge=person.badge), field="badge")
            held = persons.person(tx, number)
            self._put(tx, person if password or held is None else replace(person, password=held.password))
        return start

    def _put(self, tx: Transaction, person: Person) -> None:
        persons.put_person(tx, person)
        reading = self.log.signed_now(tx)
        fact = PersonAdded(
            person=person.person, name=person.name, office=person.office, roles=person.roles, left=person.left
        )
        self.log.append(tx, fact, reading)
        self.feed.publish_to(tx, person.office, f"staff {person.person}", _staff_item(person), at=reading.now)

    def set_password(self, number: str, password: str) -> None:
        """Give a person a console password, or a new one."""
        with self.store.transaction() as tx:
            if persons.person(tx, number) is None:
                raise InputError(say("没有人员 {number}", number=number), field="number")
            persons.set_password(tx, number, self._hashed(password))
            persons.set_tries(tx, number, 0, 0)

    def _hashed(self, password: str) -> str:
        if password and len(password) < _LEAST_PASSWORD:
            raise InputError(say("网页密码至少 {count} 个字符", count=_LEAST_PASSWORD), field="password")
        return self.hasher.hash(password) if password else ""

    def set_policy(self, pool: str, start: date, name: str, text: str) -> str:
        """Put a policy file in force for a pool from a day on, tell its offices, and return the policy's id."""
        with self.store.transaction() as tx:
            if pool not in places.pools(tx):
                raise InputError(say("没有楼盘 {pool}", pool=pool), field="pool")
            return self._set_policy(tx, pool, start, name, text)

    def _set_policy(self, tx: Transaction, pool: str, start: date, name: str, text: str) -> str:
        held = load_policy(text, name=name).id
        now = self.log.signed_now(tx).now
        places.add_policy(tx, pool, start=start.isoformat(), policy=held, text=text)
        item = PolicyItem(pool=pool, start=start, policy=held, text=text)
        for office in places.offices(tx):
            if pool in office.pools:
                self.feed.publish_to(tx, office.office, f"policy {pool} {start.isoformat()}", item, at=now)
        return held

    def declare_closed(self, first: date, last: date, *, office: str = "") -> None:
        """Declare days on which an office (or all) is shut (一.1); days that have begun cannot be declared."""
        if last < first:
            raise InputError(say("停业的最后一天早于第一天"), field="to")
        with self.store.transaction() as tx:
            if office and places.office(tx, office) is None:
                raise InputError(
                    say("没有门店 {office}；先用 xianhou server office add 建立", office=office), field="office"
                )
            reading = self.log.human_now(tx)
            if first <= (reading.interval.days()[1]):
                raise InputError(say("停业须事先公布：{day} 已经开始", day=first.isoformat()), field="from")
            places.add_closed_days(tx, office=office, first=first.isoformat(), last=last.isoformat())
            self.log.append(tx, ClosedDaysDeclared(first=first, last=last, office=office), reading)
            item = ClosedDaysItem(first=first, last=last)
            self.feed.publish_to(tx, office, f"closed {first} {last}", item, at=reading.now)


def _staff_item(person: Person) -> StaffItem:
    return StaffItem(
        person=person.person, name=person.name, office=person.office, roles=person.roles, badge=person.badge,
        start_pin=person.start_pin, left=person.left,
    )  # fmt: skip
