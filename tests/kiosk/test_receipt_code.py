"""The code on the screen after a stamp: every module of the very receipt, bare or as a link, wherever it has room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk.receipt import qr_rows
from kiosk.screens.done import Done
from shared_rules.protocol import ReceiptPageItem
from tests.kiosk.counters import Kiosk, shown

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "https://stamps.example.cn/r/"


@pytest.mark.parametrize(
    ("page", "rows", "drawn"),
    [("", 36, True), ("", 35, False), (PAGE, 36, True), (PAGE, 35, False), ("", 24, False)],
)
async def test_the_screen_draws_the_code_where_it_has_room(tmp_path: Path, page: str, rows: int, drawn: bool) -> None:
    """31 rows between status and keys, none of them cut off, or else a sentence that says where the code is."""
    kiosk = Kiosk(tmp_path / "kiosk")
    kiosk.tell(ReceiptPageItem(address=page))
    kiosk.duty()
    stamped = kiosk.stamped("张三", "13800000001")
    app = kiosk.app()
    async with app.run_test(size=(120, rows)) as pilot:
        await pilot.pause(0.2)
        app._narrow = True  # as a terminal answers that draws block characters one cell wide
        app.push_screen(Done(stamped))
        await pilot.pause(0.2)
        text = shown(app)
        wanted = [row for row in qr_rows(stamped.receipt, page) if row.strip()]
        places = [text.find(row.strip()) for row in wanted]
        assert (min(places) >= 0) is drawn
        assert ("二维码见打印件" in text) is not drawn
        if drawn:
            assert places == sorted(places)
    kiosk.desk.close()
