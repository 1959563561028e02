"""The code on the screen after a stamp: every module of the very receipt, bare or as a link, wherever it has room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import zxingcpp

from kiosk.receipt import from_base45, modules, qr_rows
from kiosk.screens.done import Done
from shared_rules.protocol import ReceiptPageItem
from tests.certificates import Issued
from tests.kiosk.counters import Kiosk, shown
from tests.stamps import STAMP, stamped

if TYPE_CHECKING:
    from collections.abc import Sequence
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


RECEIPT = stamped(STAMP, Issued.authority().kiosk()).receipt
CELLS = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
"""What a terminal draws: the upper and the lower half of a cell, 1 = ink."""


def scanned(rows: Sequence[Sequence[int]], *, scale: int = 4) -> str:
    """Return what a phone reads from a picture of these modules, 1 = dark; "" where it sees no code."""
    lines = [bytes(0 if dark else 255 for dark in row for _ in range(scale)) for row in rows for _ in range(scale)]
    picture = memoryview(b"".join(lines)).cast("B", (len(lines), len(lines[0])))
    return "".join(found.text for found in zxingcpp.read_barcodes(picture))


def on_screen(rows: Sequence[str], *, light_ink: bool) -> list[list[int]]:
    """Return the modules that a terminal shows, on a dark ground where the ink is light."""
    halves = [[CELLS[cell][half] for cell in row] for row in rows for half in (0, 1)]
    return [[ink ^ int(light_ink) for ink in row] for row in halves]


@pytest.mark.parametrize("light_ink", [False, True], ids=["black on white", "light on dark"])
@pytest.mark.parametrize("page", ["", PAGE], ids=["bare", "link"])
def test_a_phone_reads_the_receipt_from_the_terminals_blocks(page: str, light_ink: bool) -> None:
    """Every bit of the 188 bytes comes back, by a scanner that knows nothing of us."""
    read = scanned(on_screen(qr_rows(RECEIPT, page, light_ink=light_ink), light_ink=light_ink))
    assert read.startswith(f"{page}#" if page else "")
    found = int(read.partition("#")[2]).to_bytes(188, "big") if page else from_base45(read)
    assert found == RECEIPT


@pytest.mark.parametrize("page", ["", PAGE], ids=["bare", "link"])
def test_a_phone_reads_the_receipt_from_paper_with_a_tear(page: str) -> None:
    """Paper is torn and folded: a twentieth of the code may be gone."""
    whole = [list(row) for row in modules(RECEIPT, page)]
    torn = [[0 if 28 <= x < 40 and 28 <= y < 40 else dark for x, dark in enumerate(row)] for y, row in enumerate(whole)]
    assert torn != whole
    assert scanned(torn) == scanned(whole) != ""
