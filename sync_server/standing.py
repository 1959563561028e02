"""The register as it stands now: settled in memory from all that has arrived, nothing written, nobody told.

For commands that look while the server runs: there is one settling writer, and it is not they.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared_rules.policy import Policies, shipped
from shared_rules.settlement import Settlement
from sync_server.archive import floors, policies_in_force
from sync_server.store import journals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared_rules.facts import Event
    from sync_server.log import ServerLog
    from sync_server.store import Store

__all__ = ["settled_now"]


def settled_now(store: Store, log: ServerLog, events: Iterable[Event]) -> Settlement:
    """Return what follows from these events and the promises that stand, under the policies in force, by now."""
    with store.transaction() as tx:
        now, policies = log.signed_now(tx).now, policies_in_force(tx)
        promises = floors(tuple(journals.logs(tx)))
    settlement = Settlement(policies if policies.schedules else Policies.single(shipped()))
    settlement.begin((*events, *promises), now)
    return settlement
