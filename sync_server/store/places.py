"""Offices, pools, kiosks, enrolment codes, policies, and the few single values of the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync_server.store.sqlite import Transaction

__all__ = [
    "Kiosk",
    "Office",
    "add_closed_days",
    "add_code",
    "add_kiosk",
    "add_office",
    "add_policy",
    "add_pool",
    "admit_again",
    "closed_days",
    "code_row",
    "drop_codes",
    "kiosk",
    "kiosk_of_code",
    "kiosks",
    "meta",
    "next_kiosk",
    "office",
    "offices",
    "policies",
    "pools",
    "set_meta",
    "spend_code",
    "spend_tries",
]


@dataclass(frozen=True, slots=True)
class Office:
    """An office and the pools it sells, id -> name."""

    office: str
    name: str
    pools: dict[str, str]


@dataclass(frozen=True, slots=True)
class Kiosk:
    """An enrolled kiosk; `certificate` is PEM, `digest` the SHA-256 of its DER, hex; `revoked_at` 0 = it counts."""

    kiosk: int
    office: str
    certificate: str
    digest: str
    comparison: str
    enrolled_at: int
    revoked_at: int = 0


def meta(tx: Transaction, name: str, default: str = "") -> str:
    """Return one of the server's single values."""
    row = tx.one("SELECT value FROM meta WHERE name = ?", name)
    return str(row["value"]) if row else default


def set_meta(tx: Transaction, name: str, value: str) -> None:
    """Set one of the server's single values."""
    tx.run("INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)


def add_pool(tx: Transaction, pool: str, name: str) -> None:
    """Add a pool, or rename it."""
    tx.run("INSERT INTO pools VALUES (?, ?) ON CONFLICT (pool) DO UPDATE SET name = excluded.name", pool, name)


def add_office(tx: Transaction, office: str, name: str, pools: list[str]) -> None:
    """Add an office with its pools, which must exist."""
    tx.insert("offices", office=office, name=name)
    for pool in pools:
        tx.insert("office_pools", office=office, pool=pool)


def pools(tx: Transaction) -> dict[str, str]:
    """Return all pools, id -> name."""
    return {row["pool"]: row["name"] for row in tx.rows("SELECT pool, name FROM pools ORDER BY pool")}


def offices(tx: Transaction) -> list[Office]:
    """Return all offices, by id."""
    held: dict[str, dict[str, str]] = {}
    for row in tx.rows("SELECT office, pool, p.name FROM office_pools JOIN pools p USING (pool) ORDER BY pool"):
        held.setdefault(row["office"], {})[row["pool"]] = row["name"]
    rows = tx.rows("SELECT office, name FROM offices ORDER BY office")
    return [Office(row["office"], row["name"], held.get(row["office"], {})) for row in rows]


def office(tx: Transaction, wanted: str) -> Office | None:
    """Return one office."""
    return next((item for item in offices(tx) if item.office == wanted), None)


def next_kiosk(tx: Transaction) -> int:
    """Return the number for the next kiosk; numbers are never used twice."""
    row = tx.one("SELECT coalesce(max(kiosk), 0) + 1 AS number FROM kiosks")
    return int(row["number"]) if row else 1


def add_kiosk(tx: Transaction, item: Kiosk, *, code: str, answer: bytes) -> None:
    """Enrol a kiosk; `answer` is kept so that a lost response can be given again for the same code and key."""
    tx.insert(
        "kiosks", kiosk=item.kiosk, office=item.office, certificate=item.certificate, digest=item.digest,
        comparison=item.comparison, enrolled_at=item.enrolled_at, code=code, answer=answer,
    )  # fmt: skip


def admit_again(tx: Transaction, item: Kiosk, *, code: str, answer: bytes) -> None:
    """Let a kiosk go on with another certificate."""
    tx.run(
        "UPDATE kiosks SET certificate = ?, digest = ?, comparison = ?, enrolled_at = ?, code = ?, answer = ?"
        " WHERE kiosk = ?",
        item.certificate, item.digest, item.comparison, item.enrolled_at, code, answer, item.kiosk,
    )  # fmt: skip


_KIOSK = """SELECT k.kiosk, k.office, k.certificate, k.digest, k.comparison, k.enrolled_at, c.ended_at AS revoked_at
    FROM kiosks k JOIN certificates c USING (digest)"""


def kiosk(tx: Transaction, number: int) -> Kiosk | None:
    """Return an enrolled kiosk."""
    row = tx.one(f"{_KIOSK} WHERE k.kiosk = ?", number)
    return Kiosk(**row) if row else None


def kiosks(tx: Transaction) -> list[Kiosk]:
    """Return all enrolled kiosks, by number."""
    return [Kiosk(**row) for row in tx.rows(f"{_KIOSK} ORDER BY k.kiosk")]


def kiosk_of_code(tx: Transaction, code: str) -> bytes | None:
    """Return the answer that was given for a spent enrolment code."""
    row = tx.one("SELECT answer FROM kiosks WHERE code = ?", code)
    return bytes(row["answer"]) if row else None


def add_code(tx: Transaction, code: str, *, office: str, kiosk: int, expires_at: int, tries: int) -> None:
    """Keep the hash of a one-time enrolment code; `kiosk` is who may come in again with it, 0 = a new one."""
    tx.insert("enrol_codes", code=code, office=office, kiosk=kiosk, expires_at=expires_at, tries=tries)


def code_row(tx: Transaction, code: str, *, now: int) -> tuple[str, int, bool] | None:
    """Return (office, kiosk or 0, already used) of a code that is still good, else None."""
    sql = "SELECT office, kiosk, used FROM enrol_codes WHERE code = ? AND expires_at >= ? AND tries > 0"
    row = tx.one(sql, code, now)
    return (str(row["office"]), int(row["kiosk"]), bool(row["used"])) if row else None


def spend_code(tx: Transaction, code: str) -> None:
    """Mark a code as used."""
    tx.run("UPDATE enrol_codes SET used = 1 WHERE code = ?", code)


def spend_tries(tx: Transaction) -> None:
    """A wrong code was tried: every open code loses one try."""
    tx.run("UPDATE enrol_codes SET tries = tries - 1 WHERE used = 0")


def drop_codes(tx: Transaction, *, before: int) -> None:
    """Forget codes that expired before `before`."""
    tx.run("DELETE FROM enrol_codes WHERE expires_at < ?", before)


def add_policy(tx: Transaction, pool: str, *, start: str, policy: str, text: str) -> None:
    """Put a policy in force for a pool from a day (ISO) on; the same day again replaces it."""
    tx.run(
        """INSERT INTO policies VALUES (?, ?, ?, ?)
        ON CONFLICT (pool, start) DO UPDATE SET policy = excluded.policy, text = excluded.text""",
        pool, start, policy, text,
    )  # fmt: skip


def policies(tx: Transaction) -> list[tuple[str, str, str, str]]:
    """Return (pool, start, policy id, text) of every policy, by pool and start."""
    rows = tx.rows("SELECT pool, start, policy, text FROM policies ORDER BY pool, start")
    return [(row["pool"], row["start"], row["policy"], row["text"]) for row in rows]


def add_closed_days(tx: Transaction, *, office: str, first: str, last: str) -> None:
    """Declare days closed (一.1); office "" = all."""
    tx.run("INSERT OR IGNORE INTO closed_days VALUES (?, ?, ?)", office, first, last)


def closed_days(tx: Transaction) -> list[tuple[str, str, str]]:
    """Return (office, first, last) of all declared closures."""
    rows = tx.rows("SELECT office, first, last FROM closed_days ORDER BY first, last, office")
    return [(row["office"], row["first"], row["last"]) for row in rows]
