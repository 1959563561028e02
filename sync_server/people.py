"""The operator's acts: offices, pools, people, policies and closed days; each reaches the kiosks by the feed.

A start PIN is printed once and stored as argon2 only; the feed carries that hash, and the person replaces the PIN
at the first login at a kiosk. The server's log keeps who was made what, without badge and PIN. Badges are made here,
with check characters (`shared_rules.badges`); one that is out already is taken as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from argon2 import PasswordHasher

from shared_rules import badges
from shared_rules.errors import InputError
from shared_rules.facts import ClosedDaysDeclared, PersonAdded, Role
from shared_rules.policy import load_policy
from shared_rules.protocol import ClosedDaysItem, PolicyItem, StaffItem
from shared_rules.words import say
from sync_server.store import persons, places
from sync_server.store.persons import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from sync_server.feed import Feed
    from sync_server.log import ServerLog
    from sync_server.store import Store, Transaction

__all__ = ["People", "StartLogin", "argon2id"]

_ID: Final = re.compile(r"[A-Za-z0-9]{1,12}")
_PIN_DIGITS: Final = 6
_LEAST_PASSWORD: Final = 10
_ALWAYS: Final = "2000-01-01"
"""Start of a pool's first policy: before any slip."""


def argon2id() -> PasswordHasher:
    """Return the hasher of start PINs and passwords (argon2id, the library's RFC 9106 parameters)."""
    return PasswordHasher()


@dataclass(frozen=True, slots=True)
class StartLogin:
    """What is handed over to a person: the badge, and the PIN that is good once at each kiosk."""

    badge: str
    pin: str


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
        self, number: str, name: str, *, office: str, roles: Sequence[Role], badge: str = "", new_badge: bool = False,
        pin: str = "", password: str = "",
    ) -> StartLogin:  # fmt: skip
        """Add a person, or change one of that number, and return badge and start PIN, to be handed over once.

        `badge` is one that is out already, taken as it is; "" = the badge the person has, else a new one is made;
        `new_badge` = a new one is made in any case, and the old one is nobody's.
        """
        if not name.strip() or not roles:
            raise InputError(say("人员须有姓名和至少一个岗位"), field="name")
        if pin and not (pin.isascii() and pin.isdigit() and len(pin) == _PIN_DIGITS):
            raise InputError(say("初始密码须为 {count} 位数字", count=_PIN_DIGITS), field="pin")
        if badge and new_badge:
            raise InputError(say("工牌号和换发新工牌只能选一样"), field="badge")
        start = pin or f"{int.from_bytes(self.random(8), 'big') % 10**_PIN_DIGITS:0{_PIN_DIGITS}d}"
        secrets = self.hasher.hash(start), self._hashed(password)
        with self.store.transaction() as tx:
            if office and places.office(tx, office) is None:
                raise InputError(
                    say("没有门店 {office}；先用 xianhou server office add 建立", office=office), field="office"
                )
            held = persons.person(tx, _identifier(number, "number"))
            badge = self._badge(tx, number, held, badge.strip(), anew=new_badge)
            person = Person(number, name.strip(), office, tuple(sorted(roles)), badge, *secrets)
            self._put(tx, person if password or held is None else replace(person, password=held.password))
        return StartLogin(badge, start)

    def _badge(self, tx: Transaction, number: str, held: Person | None, given: str, *, anew: bool) -> str:
        """Return the badge that a person gets: the one given, the one held, or one that no slip of another is."""
        others = [person for person in persons.persons(tx) if person.person != number]
        taken = {badges.folded(text) for person in others for text in (person.person, person.badge)}
        made = {badge for person in others if badges.sound(badge := badges.folded(person.badge))}
        if held is None:
            _refuse_taken(number, "number", taken, made)
        elif not anew and given in ("", held.badge):
            return held.badge
        if given:
            _refuse_taken(given, "badge", taken, made)
            if badges.has_form(badges.folded(given)) and not badges.sound(badges.folded(given)):
                raise InputError(say("工牌号 {badge} 的校验位不对；请照工牌核对", badge=given), field="badge")
            return given
        first = int.from_bytes(self.random(8), "big")
        fresh = (badges.made((first + step) % badges.BODIES) for step in range(badges.BODIES))
        return next(one for one in fresh if one not in taken and not any(badges.near(one, text) for text in taken))

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
            if first <= reading.interval.last_day():
                raise InputError(say("停业须事先公布：{day} 已经开始", day=first.isoformat()), field="from")
            places.add_closed_days(tx, office=office, first=first.isoformat(), last=last.isoformat())
            self.log.append(tx, ClosedDaysDeclared(first=first, last=last, office=office), reading)
            item = ClosedDaysItem(first=first, last=last)
            self.feed.publish_to(tx, office, f"closed {first} {last}", item, at=reading.now)


def _refuse_taken(text: str, field: str, others: Collection[str], made: Iterable[str]) -> None:
    """Refuse a badge or number that is another's, or that a misread badge of another would be."""
    wanted = badges.folded(text)
    if wanted in others:
        raise InputError(say("{text} 已经是别人的工牌号或工号", text=text), field=field)
    if any(badges.near(wanted, one) for one in made):
        raise InputError(say("{text} 与别人的工牌只差一处，读错就会认错人；请换一个", text=text), field=field)


def _staff_item(person: Person) -> StaffItem:
    return StaffItem(
        person=person.person, name=person.name, office=person.office, roles=person.roles, badge=person.badge,
        start_pin=person.start_pin, left=person.left,
    )  # fmt: skip
