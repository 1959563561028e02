"""Staff, console sessions, failed tries, alarms, and the audit of who looked at what."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared_rules.facts import Role
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from sync_server.store.sqlite import Transaction

__all__ = [
    "Alarm",
    "Person",
    "SessionRow",
    "add_alarm",
    "add_audit",
    "add_session",
    "alarms",
    "audited",
    "end_session",
    "person",
    "persons",
    "put_person",
    "session_row",
    "set_password",
    "set_tries",
    "touch_session",
    "tries",
]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here; `start_pin` and `password` are argon2 hashes, "" = none."""

    person: str
    name: str
    office: str
    roles: tuple[Role, ...]
    badge: str
    start_pin: str
    password: str = ""
    left: str = ""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A console session; `public` is the name under which the log and the audit know it."""

    public: str
    person: str
    opened_at: int
    seen_at: int
    ended_at: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something the operator or the manager must look at."""

    number: int
    at: int
    sentence: Say


def _person(row: dict[str, str]) -> Person:
    roles = tuple(Role(role) for role in json.loads(row["roles"]))
    names = ("person", "name", "office", "badge", "start_pin", "password")
    return Person(roles=roles, left=row["has_left"], **{name: row[name] for name in names})


def put_person(tx: Transaction, item: Person) -> None:
    """Add a person or replace what is held of that number."""
    tx.run(
        """INSERT INTO staff VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (person) DO UPDATE SET
        name = excluded.name, office = excluded.office, roles = excluded.roles, badge = excluded.badge,
        start_pin = excluded.start_pin, password = excluded.password, has_left = excluded.has_left""",
        item.person, item.name, item.office, json.dumps(item.roles), item.badge, item.start_pin, item.password,
        item.left,
    )  # fmt: skip


def person(tx: Transaction, number: str) -> Person | None:
    """Return a person by number."""
    row = tx.one("SELECT * FROM staff WHERE person = ?", number)
    return _person(row) if row else None


def persons(tx: Transaction) -> list[Person]:
    """Return everybody, by number."""
    return [_person(row) for row in tx.rows("SELECT * FROM staff ORDER BY person")]


def set_password(tx: Transaction, number: str, password: str) -> None:
    """Replace a person's console password (an argon2 hash)."""
    tx.run("UPDATE staff SET password = ? WHERE person = ?", password, number)


def add_session(tx: Transaction, *, token: str, public: str, person: str, at: int) -> None:
    """Open a session; `token` is the hash of what the browser holds."""
    tx.insert("sessions", token=token, public=public, person=person, opened_at=at, seen_at=at)


def session_row(tx: Transaction, token: str) -> SessionRow | None:
    """Return a session by the hash of its token."""
    row = tx.one("SELECT public, person, opened_at, seen_at, ended_at FROM sessions WHERE token = ?", token)
    return SessionRow(**row) if row else None


def touch_session(tx: Transaction, token: str, at: int) -> None:
    """Note that a session was used."""
    tx.run("UPDATE sessions SET seen_at = ? WHERE token = ?", at, token)


def end_session(tx: Transaction, token: str, at: int) -> None:
    """End a session for good."""
    tx.run("UPDATE sessions SET ended_at = ? WHERE token = ? AND ended_at = 0", at, token)


def tries(tx: Transaction, number: str) -> tuple[int, int]:
    """Return (failed tries, locked until) of a number that somebody typed, known or not."""
    row = tx.one("SELECT failed, locked_until FROM tries WHERE person = ?", number)
    return (int(row["failed"]), int(row["locked_until"])) if row else (0, 0)


def set_tries(tx: Transaction, number: str, failed: int, locked_until: int) -> None:
    """Set the count of failed tries; (0, 0) forgets it."""
    tx.run("DELETE FROM tries WHERE person = ?", number)
    if failed or locked_until:
        tx.insert("tries", person=number, failed=failed, locked_until=locked_until)


def add_alarm(tx: Transaction, subject: str, sentence: Say, *, at: int) -> bool:
    """Raise an alarm once for each subject; return whether it is new."""
    args = json.dumps({name: str(value) for name, value in sentence.args})
    sql = "INSERT OR IGNORE INTO alarms (at, subject, msgid, args) VALUES (?, ?, ?, ?)"
    return tx.run(sql, at, subject, sentence.msgid, args) > 0


def alarms(tx: Transaction) -> list[Alarm]:
    """Return all alarms, newest first."""
    rows = tx.rows("SELECT number, at, msgid, args FROM alarms ORDER BY number DESC")
    return [Alarm(row["number"], row["at"], say(row["msgid"], **json.loads(row["args"]))) for row in rows]


def add_audit(tx: Transaction, *, at: int, person: str, session: str, act: str, about: str, outcome: str) -> None:
    """Note who did or saw what, or was refused it (五)."""
    tx.insert("audit", at=at, person=person, session=session, act=act, about=about, outcome=outcome)


def audited(tx: Transaction, person: str, act: str, *, since: int) -> int:
    """Return how often an act of somebody was noted since an instant."""
    row = tx.one("SELECT count(*) AS acts FROM audit WHERE person = ? AND act = ? AND at >= ?", person, act, since)
    return int(row["acts"]) if row else 0
