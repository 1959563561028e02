"""A report as data for programs: codes instead of words, the same counts as in every other form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared_rules.interval import to_datetime
from sync_server.tally import BACK, Kind, Wait

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_server.report import By, Report, Row
    from sync_server.tally import SlipLine

__all__ = ["as_data"]


def as_data(report: Report, bys: Sequence[By]) -> dict[str, Any]:
    """Return a JSON-ready report: what was asked for, the total, a list of rows for each grouping, perhaps slips."""
    wanted = report.wanted
    data: dict[str, Any] = {
        "as_of": to_datetime(report.as_of).isoformat(), "pool": wanted.pool,
        "from": wanted.first.isoformat() if wanted.first else "", "to": wanted.last.isoformat() if wanted.last else "",
        "total": _counts(report.total) | {"collision_pairs": report.collisions},
        "by": {by.value: [_row(row) for row in report.rows[by]] for by in bys},
        "outcomes": [
            {"status": status.value, "clause": clause, "slips": report.total.tally.led[status, clause],
             "named": report.total.tally.named[status, clause]}
            for status, clause in sorted(report.total.tally.led.keys() | report.total.tally.named.keys())
        ],
    }  # fmt: skip
    if wanted.slips:
        data["slips"] = [_slip(line) for line in report.lines]
    if report.look is not None:
        data["look"] = {"claim": report.look.claim, "by": report.look.by, "purpose": report.look.purpose}
    return data


def _row(row: Row) -> dict[str, Any]:
    return {"key": row.key, "name": row.name, "office": row.home} | _counts(row)


def _counts(row: Row) -> dict[str, Any]:
    tally, held = row.tally, row.holdings
    return {
        "handed_in": tally.handed_in, **{kind.value: tally.kinds[kind] for kind in Kind}, "admitted": tally.admitted,
        "bands": {band.value: count for band, count in sorted(tally.bands().items())},
        "statuses": {status.value: count for status, count in sorted(tally.statuses().items())},
        "back_by_clause": dict(sorted(tally.clauses(*BACK).items())), "collisions": tally.collisions,
        "final": tally.final, "provisional": tally.provisional,
        "waits": {wait.value: tally.waits[wait] for wait in Wait if tally.waits[wait]},
        "waits_for_offices": dict(sorted(tally.dark.items())), "quota_live": held.live, "quota_limit": held.quota,
        "deals": held.closed, "deals_owned": held.owned_percent / 100,
    }  # fmt: skip


def _slip(line: SlipLine) -> dict[str, Any]:
    return {
        "slip": line.slip, "claim": line.claim, "kind": line.kind.value, "masked": line.masked,
        "customer": line.customer, "phones": line.phones,
        "salesperson": line.salesperson, "office": line.office, "pool": line.pool,
        "stamped_at": to_datetime(line.stamped_at).isoformat(), "status": line.status.value,
        "clauses": list(line.clauses), "provisional": line.provisional, "waits": [wait.value for wait in line.waits],
    }  # fmt: skip
