"""What the reconciler remembers between runs may make it quicker, never wrong: a failed run is made up for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from shared_rules.interval import DAY, HOUR
from shared_rules.settlement import settle
from sync_server.archive import floors, policies_in_force
from sync_server.docket import Docket
from sync_server.feed import Feed
from sync_server.reconciler import Reconciler
from tests.sync_server.conftest import NINE, House
from tests.sync_server.test_reconciler import two_days

if TYPE_CHECKING:
    from sync_server.store import Transaction


class FullDiskOnce(Feed):
    """A feed whose first item cannot be written."""

    failures: ClassVar[list[OSError]] = []

    def publish_changed(self, tx: Transaction, office: str, subject: str, body: Any, *, at: int) -> bool:
        """Fail once, then do as any feed."""
        if self.failures:
            raise self.failures.pop()
        return super().publish_changed(tx, office, subject, body, at=at)


class Hasty(Docket):
    """The sabotage: what the run before could not tell is forgotten."""

    def settle(self, contents: Any, policies: Any, as_of: int) -> Any:
        """Forget the news of the run before, and settle."""
        self.news.clear()
        return super().settle(contents, policies, as_of)


def _failing(town: House, docket: Docket) -> dict[str, tuple[str, str]]:
    """Return what the offices know after a run that failed at its first item and one that did not."""
    first = town.service.reconciler
    FullDiskOnce.failures[:] = [OSError("no space left")]
    feed = FullDiskOnce(first.feed.signer)
    reconciler = Reconciler(first.store, first.log, feed, first.archive, docket)
    two_days(town)
    for kiosk in town.kiosks:
        town.push(kiosk)
    town.source.now = NINE + DAY + HOUR
    with pytest.raises(OSError, match="no space"):
        reconciler.run()
    reconciler.run()
    return town.rulings("east", "west")


def test_what_a_failed_run_did_not_tell_the_next_one_tells(town: House) -> None:
    """The settlement has moved on, the news has not been lost."""
    assert sorted(status for status, _ in _failing(town, Docket()).values()) == ["returned", "upheld"]


def test_a_docket_that_forgets_its_news_is_caught(town: House) -> None:
    """Without the news kept until it is published, an office would never hear of its slip."""
    assert _failing(town, Hasty()) == {}


def test_the_docket_settles_as_from_scratch_run_after_run(town: House) -> None:
    """Each run takes only what is new, and the register is the one that all facts give."""
    reconciler = town.service.reconciler
    two_days(town)
    for at, kiosk in ((NINE + HOUR, town.kiosks[1]), (NINE + DAY + HOUR, town.kiosks[0])):
        town.push(kiosk)
        town.settle(at)
        contents = reconciler.archive.read()
        with town.store.snapshot() as tx:
            policies = policies_in_force(tx)
        settlement = reconciler.docket.settlement
        assert settlement is not None
        scratch = settle((*contents.events, *floors(contents.logs)), policies, settlement.as_of)
        settlement.apply((*contents.events, *floors(contents.logs)), settlement.as_of)
        assert settlement.register() == scratch


def test_another_policy_settles_everything_again(town: House) -> None:
    """A schedule that changed is not something to be added to what was settled by the old one."""
    reconciler = town.service.reconciler
    two_days(town)
    for kiosk in town.kiosks:
        town.push(kiosk)
    town.settle(NINE + DAY + HOUR)
    contents, docket = reconciler.archive.read(), reconciler.docket
    assert docket.settlement is not None
    policy = docket.settlement.policies.at("", NINE)
    other = type(docket.settlement.policies).single(replace(policy, name="other"))
    before = docket.settlement
    assert docket.settle(contents, other, before.as_of) is not before
    assert len(docket.news) == 2
