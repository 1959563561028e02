"""The tables, as numbered steps that sqlite-utils applies once each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlite_utils import Migrations

from sync_server.store import leaves

if TYPE_CHECKING:
    from sqlite_utils import Database

__all__ = ["MIGRATIONS"]

MIGRATIONS: Final = Migrations("sync_server")


def _create(db: Database, *statements: str) -> None:
    for statement in statements:
        db.execute(statement)


@MIGRATIONS()
def m001_journals(db: Database) -> None:
    """Kiosks, their journals, every record verbatim, and bodies apart from them."""
    _create(
        db,
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
        "CREATE TABLE offices (office TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT",
        "CREATE TABLE pools (pool TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT",
        """CREATE TABLE office_pools (
            office TEXT NOT NULL REFERENCES offices, pool TEXT NOT NULL REFERENCES pools, PRIMARY KEY (office, pool)
        ) STRICT""",
        """CREATE TABLE kiosks (
            kiosk INTEGER PRIMARY KEY, office TEXT NOT NULL REFERENCES offices, certificate TEXT NOT NULL,
            digest TEXT NOT NULL UNIQUE, comparison TEXT NOT NULL, enrolled_at INTEGER NOT NULL,
            code TEXT NOT NULL UNIQUE, answer BLOB NOT NULL
        ) STRICT""",
        """CREATE TABLE enrol_codes (
            code TEXT PRIMARY KEY, office TEXT NOT NULL REFERENCES offices, expires_at INTEGER NOT NULL,
            tries INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0
        ) STRICT""",
        """CREATE TABLE logs (
            kiosk INTEGER NOT NULL, inc INTEGER NOT NULL, next INTEGER NOT NULL, hash TEXT NOT NULL,
            floor INTEGER NOT NULL DEFAULT 0, frozen INTEGER NOT NULL DEFAULT 0,
            head_seq INTEGER NOT NULL DEFAULT 0, head_payload BLOB, head_signature BLOB,
            heard_at INTEGER NOT NULL DEFAULT 0, unsent INTEGER NOT NULL DEFAULT 0, version TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (kiosk, inc)
        ) STRICT""",
        """CREATE TABLE records (
            position INTEGER PRIMARY KEY AUTOINCREMENT, kiosk INTEGER NOT NULL, inc INTEGER NOT NULL,
            seq INTEGER NOT NULL, branch INTEGER NOT NULL, hash TEXT NOT NULL, record BLOB NOT NULL,
            signature BLOB NOT NULL, received_at INTEGER NOT NULL, quarantine TEXT NOT NULL DEFAULT '',
            frozen INTEGER NOT NULL DEFAULT 0,
            FOREIGN KEY (kiosk, inc) REFERENCES logs, UNIQUE (kiosk, inc, hash)
        ) STRICT""",
        "CREATE UNIQUE INDEX records_main ON records (kiosk, inc, seq) WHERE branch = 0",
        """CREATE TABLE bodies (
            position INTEGER PRIMARY KEY REFERENCES records, sealed BLOB NOT NULL
        ) STRICT""",
    )


@MIGRATIONS()
def m002_feed(db: Database) -> None:
    """One hash chain of signed items for each office, and what was published last for each subject."""
    _create(
        db,
        """CREATE TABLE feed (
            office TEXT NOT NULL REFERENCES offices, seq INTEGER NOT NULL, hash TEXT NOT NULL,
            payload BLOB NOT NULL, signature BLOB NOT NULL, PRIMARY KEY (office, seq)
        ) STRICT""",
        """CREATE TABLE published (
            office TEXT NOT NULL, subject TEXT NOT NULL, digest TEXT NOT NULL, body BLOB NOT NULL,
            PRIMARY KEY (office, subject)
        ) STRICT""",
        """CREATE TABLE policies (
            pool TEXT NOT NULL REFERENCES pools, start TEXT NOT NULL, policy TEXT NOT NULL, text TEXT NOT NULL,
            PRIMARY KEY (pool, start)
        ) STRICT""",
        """CREATE TABLE closed_days (
            office TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, PRIMARY KEY (office, first, last)
        ) STRICT""",
    )


@MIGRATIONS()
def m003_people(db: Database) -> None:
    """Staff, console sessions, failed tries, same-day cases, alarms, and who looked at what."""
    _create(
        db,
        """CREATE TABLE staff (
            person TEXT PRIMARY KEY, name TEXT NOT NULL, office TEXT NOT NULL, roles TEXT NOT NULL,
            badge TEXT NOT NULL UNIQUE, start_pin TEXT NOT NULL, password TEXT NOT NULL DEFAULT '',
            has_left TEXT NOT NULL DEFAULT ''
        ) STRICT""",
        """CREATE TABLE sessions (
            token TEXT PRIMARY KEY, public TEXT NOT NULL UNIQUE, person TEXT NOT NULL REFERENCES staff,
            opened_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, ended_at INTEGER NOT NULL DEFAULT 0
        ) STRICT""",
        """CREATE TABLE tries (
            person TEXT PRIMARY KEY, failed INTEGER NOT NULL, locked_until INTEGER NOT NULL DEFAULT 0
        ) STRICT""",
        """CREATE TABLE cases (
            number INTEGER PRIMARY KEY AUTOINCREMENT, pool TEXT NOT NULL, day TEXT NOT NULL, claims TEXT NOT NULL,
            edges TEXT NOT NULL, opened_at INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'open',
            closed_at INTEGER NOT NULL DEFAULT 0, ruling BLOB
        ) STRICT""",
        "CREATE UNIQUE INDEX cases_open ON cases (pool, claims, edges) WHERE state = 'open'",
        """CREATE TABLE alarms (
            number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, subject TEXT NOT NULL UNIQUE,
            msgid TEXT NOT NULL, args TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE audit (
            number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, person TEXT NOT NULL,
            session TEXT NOT NULL, act TEXT NOT NULL, about TEXT NOT NULL, outcome TEXT NOT NULL
        ) STRICT""",
    )


@MIGRATIONS()
def m004_certificates(db: Database) -> None:
    """Every certificate a kiosk ever had; records that came under a revoked one; codes that let one kiosk in again."""
    _create(
        db,
        """CREATE TABLE certificates (
            number INTEGER PRIMARY KEY AUTOINCREMENT, kiosk INTEGER NOT NULL REFERENCES kiosks,
            certificate TEXT NOT NULL, digest TEXT NOT NULL UNIQUE, issued_at INTEGER NOT NULL,
            ended_at INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT ''
        ) STRICT""",
        """INSERT INTO certificates (kiosk, certificate, digest, issued_at)
            SELECT kiosk, certificate, digest, enrolled_at FROM kiosks ORDER BY kiosk""",
        """CREATE TABLE withheld (
            kiosk INTEGER NOT NULL REFERENCES kiosks, inc INTEGER NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL,
            record BLOB NOT NULL, signature BLOB NOT NULL, sealed BLOB NOT NULL, received_at INTEGER NOT NULL,
            PRIMARY KEY (kiosk, inc, hash)
        ) STRICT""",
        "ALTER TABLE enrol_codes ADD COLUMN kiosk INTEGER NOT NULL DEFAULT 0",
    )


@MIGRATIONS()
def m005_erasure(db: Database) -> None:
    """What stands in the place of a body that was erased."""
    _create(
        db,
        """CREATE TABLE erased (
            position INTEGER PRIMARY KEY REFERENCES records, redacted BLOB NOT NULL
        ) STRICT""",
    )


@MIGRATIONS()
def m006_tree(db: Database) -> None:
    """Roots of whole blocks of records and above: what a proof needs and the records themselves do not say."""
    _create(
        db,
        """CREATE TABLE tree (
            level INTEGER NOT NULL, place INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, place)
        ) STRICT, WITHOUT ROWID""",
    )
    last = db.execute("SELECT coalesce(max(position), 0) FROM records").fetchone()[0]
    for position in range(leaves.BLOCK, last + 1, leaves.BLOCK):
        leaves.grow(db, position)


@MIGRATIONS()
def m007_pockets(db: Database) -> None:
    """Receipts that people showed: 188 bytes and an upper bound of the time, nothing of who showed them."""
    _create(
        db,
        """CREATE TABLE pockets (
            kiosk INTEGER NOT NULL REFERENCES kiosks, inc INTEGER NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL,
            record BLOB NOT NULL, signature BLOB NOT NULL, latest INTEGER NOT NULL,
            PRIMARY KEY (kiosk, inc, seq, hash)
        ) STRICT""",
    )


@MIGRATIONS()
def m008_questions(db: Database) -> None:
    """Keyed hashes by which a claim's customer is found, and the questions about pairs that may be one customer."""
    _create(
        db,
        """CREATE TABLE register_claims (
            id INTEGER PRIMARY KEY, claim TEXT NOT NULL UNIQUE, digest INTEGER NOT NULL, called INTEGER NOT NULL,
            live INTEGER NOT NULL, keys BLOB NOT NULL
        ) STRICT""",
        "CREATE INDEX register_live ON register_claims (id) WHERE live = 1",
        """CREATE TABLE register_keys (
            key INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (key, id)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE questions (
            number INTEGER PRIMARY KEY AUTOINCREMENT, pool TEXT NOT NULL,
            one_claim TEXT NOT NULL, one_name TEXT NOT NULL UNIQUE, one_answered INTEGER NOT NULL DEFAULT 0,
            other_claim TEXT NOT NULL, other_name TEXT NOT NULL UNIQUE, other_answered INTEGER NOT NULL DEFAULT 0,
            grounds TEXT NOT NULL, presumed INTEGER NOT NULL, opened_at INTEGER NOT NULL, due_at INTEGER NOT NULL,
            state TEXT NOT NULL DEFAULT 'open', UNIQUE (one_claim, other_claim)
        ) STRICT""",
        "CREATE INDEX questions_other ON questions (other_claim)",
        "CREATE INDEX questions_state ON questions (state, due_at)",
    )
