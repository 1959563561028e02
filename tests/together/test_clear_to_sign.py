"""Clear to sign over real processes: clear with everybody heard, an honest answer while the plug is out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kiosk.cli.demo.stage import Stage
from kiosk.cli.desk_client import DeskError, DeskProcess
from tests.together.stages import at, ready, stage_in, stamp


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Yield one server for the module."""
    yield from stage_in(tmp_path_factory.mktemp("stage"))


def test_the_clerk_asks_before_a_deal_and_is_told_what_stands_in_the_way(stage: Stage) -> None:
    """The other office is silent, then heard; without the network the sentence says so and when it was heard last."""
    stage.set_time(at("03-02 09:10"))
    stage.open_kiosks()
    east, west = stage.kiosks["east"], stage.kiosks["west"]
    person = ready(stage, "east", east)
    slip = stamp(stage, "east", east, person, name="张三", phone="13900000001")
    east.call("wait", claim=slip, status="upheld")
    stage.kiosks.pop("west").close()
    stage.set_time(at("03-02 09:20"))
    silent = east.call("clear_to_sign", claim=slip)
    assert not silent["clear"]
    assert any("联系不上" in one for one in silent["sentences"])
    west = DeskProcess(stage.folder / "west")
    west.call("sync_now")
    clear = east.call("clear_to_sign", claim=slip)
    assert clear["clear"]
    assert "可以签约" in clear["sentences"][0]
    west.close()
    with pytest.raises(DeskError, match="确认单"):
        east.call("clear_to_sign", claim="east-9-999999")
    east.call("offline")
    with pytest.raises(DeskError, match=r"最后联系 03-02 09:(19|20)"):
        east.call("clear_to_sign", claim=slip)
