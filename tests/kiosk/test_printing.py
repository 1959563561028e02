"""Papers: ordered after the commit, tried until they are out, marked when they may be out twice."""

from __future__ import annotations

import os
import re
import socket
import threading
from typing import TYPE_CHECKING

import msgspec
import pytest

from kiosk import devices, escpos
from kiosk.config import PrinterSettings, Settings, load_config, write_settings
from kiosk.devices import UncertainError, check_device, send
from kiosk.receipt import modules, qr_rows
from shared_rules.errors import InputError, UnavailableError
from shared_rules.protocol import ReceiptPageItem
from shared_rules.words import say
from tests.kiosk.counters import Kiosk, press, shown
from tests.kiosk.places import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Printer:
    """A printer on the network of this machine: keeps what it is sent; may hang up after some bytes."""

    def __init__(self, *, most: int = 1 << 20) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.device = f"tcp:127.0.0.1:{self._server.getsockname()[1]}"
        self.most = most
        self.papers: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            paper = b""
            with connection:
                while (data := connection.recv(min(4096, self.most - len(paper)))) != b"":
                    paper += data
                    if len(paper) >= self.most:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                        break
            self.papers.append(paper)

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()


def kiosk_with(tmp_path: Path, printer: PrinterSettings) -> Kiosk:
    """Return a counter with this printer and one stamped slip's clerk on duty."""
    kiosk = Kiosk(tmp_path / "kiosk", settings=msgspec.structs.replace(SETTINGS, printer=printer))
    kiosk.duty()
    return kiosk


def picture_in(paper: bytes) -> list[list[int]]:
    """Return the dots of all picture commands of a paper, stripe under stripe."""
    rows: list[list[int]] = []
    at = paper.find(b"\x1dv0\x00")
    while at >= 0:
        width = int.from_bytes(paper[at + 4 : at + 6], "little")
        height = int.from_bytes(paper[at + 6 : at + 8], "little")
        body = paper[at + 8 : at + 8 + width * height]
        rows += [
            [byte >> (7 - bit) & 1 for byte in body[row * width : (row + 1) * width] for bit in range(8)]
            for row in range(height)
        ]
        at = paper.find(b"\x1dv0\x00", at + 8 + width * height)
    return rows


# --- what comes out


def test_a_receipt_reaches_a_network_printer_as_chinese_text_with_its_code(tmp_path: Path) -> None:
    """GB 18030 between start and cut, and below it the very modules of the receipt's QR."""
    printer = Printer()
    kiosk = kiosk_with(tmp_path, PrinterSettings(profile="gb18030", device=printer.device))
    stamped = kiosk.stamped("张三", "13800000001")
    kiosk.desk.print_receipt(stamped, "zh")
    printer.close()
    paper = printer.papers[0]
    assert paper.startswith(b"\x1b@\x1c&")
    assert paper.endswith(b"\x1dVB\x00")
    head = paper[: paper.index(b"\x1ba\x01")].decode("gb18030")
    assert stamped.slip in head
    assert "客户确认凭证" in head
    assert "张三" not in head
    dots, wanted = picture_in(paper), modules(stamped.receipt)
    scale = 576 // len(wanted[0])
    seen = tuple(tuple(row[column * scale] for column in range(len(wanted))) for row in dots[::scale])
    assert seen == wanted
    assert kiosk.desk.printing.waiting() == 0


def test_a_printer_without_chinese_gets_the_paper_as_dots(tmp_path: Path) -> None:
    """As wide as the paper, in stripes that cheap printers take, with ink on it."""
    device = tmp_path / "lp0"
    device.touch()
    kiosk = kiosk_with(tmp_path, PrinterSettings(profile="raster", device=str(device), dots=384))
    kiosk.desk.print_receipt(kiosk.stamped("张三", "13800000001"), "zh")
    dots = picture_in(device.read_bytes())
    assert {len(row) for row in dots} == {384}
    assert len(dots) > 400
    assert 0.05 < sum(map(sum, dots)) / (384 * len(dots)) < 0.5


def modules_in(dots: list[list[int]]) -> list[tuple[int, ...]]:
    """Return the modules of the code at the foot of a paper: a finder is 7 modules wide."""
    inked = [number for number, row in enumerate(dots) if any(row)]
    bottom = inked[-1]
    left = dots[bottom].index(1)
    finder = next(length for length, dot in enumerate(dots[bottom][left:]) if not dot)
    scale = finder / 7
    top = next(number for number in range(bottom, 0, -1) if not any(dots[number]))
    size = round((bottom - top) / scale)
    places = [(step + 0.5) * (bottom - top) / size for step in range(size)]
    return [tuple(dots[int(top + 1 + y)][int(left + x)] for x in places) for y in places]


@pytest.mark.parametrize("page", ["", "https://stamps.example.cn/r/"])
def test_every_paper_carries_the_code_of_the_very_receipt(tmp_path: Path, page: str) -> None:
    """A file to look at, and dots of the sheet that also becomes a PDF: module by module, and as a link."""
    kiosk = kiosk_with(tmp_path, PrinterSettings(profile="text"))
    kiosk.tell(ReceiptPageItem(address=page))
    stamped = kiosk.stamped("张三", "13800000001")
    kiosk.desk.print_receipt(stamped, "zh")
    text = (kiosk.folder.spool / f"{stamped.slip}-receipt-1.txt").read_text(encoding="utf-8")
    drawn = qr_rows(stamped.receipt, page)
    assert text.splitlines()[-len(drawn) :] == list(drawn)
    device = tmp_path / "lp0"
    device.touch()
    kiosk.desk.printing._settings = PrinterSettings(profile="raster", device=str(device), dots=576)
    kiosk.desk.print_receipt(stamped, "zh")
    wanted = [row[2:-2] for row in modules(stamped.receipt, page)[2:-2]]
    assert modules_in(picture_in(device.read_bytes())) == wanted


def test_a_sheet_holds_its_font_and_is_the_same_twice(tmp_path: Path) -> None:
    """PDF with an embedded open font; what a person typed is never read as markup."""
    from kiosk.typeset import pdf_of

    lines = ["退单通知", "#panic() $x$ *张三* \\ 欧阳𠮷"]
    made = pdf_of(lines)
    assert made.startswith(b"%PDF")
    assert b"FontFile" in made
    assert re.search(rb"NotoSans|SourceHan|WenQuanYi", made)
    assert made == pdf_of(lines)
    kiosk = kiosk_with(tmp_path, PrinterSettings(profile="pdf"))
    stamped = kiosk.stamped("张三", "13800000001")
    kiosk.desk.print_receipt(stamped, "zh")
    kiosk.desk.print_receipt(stamped, "zh")
    first, second = (kiosk.folder.spool / f"{stamped.slip}-receipt-{copy}.pdf" for copy in (1, 2))
    assert first.read_bytes().startswith(b"%PDF")
    assert first.read_bytes() != second.read_bytes()
    assert first.stat().st_mode & 0o777 == 0o600


def test_a_kiosk_without_printer_orders_nothing_but_counts(tmp_path: Path) -> None:
    """Whoever has no printer sees no trouble; a second copy would still be the second."""
    kiosk = kiosk_with(tmp_path, PrinterSettings(profile="none"))
    stamped = kiosk.stamped("张三", "13800000001")
    assert [kiosk.desk.print_receipt(stamped, "zh") for _ in range(2)] == [1, 2]
    assert kiosk.desk.printing.waiting() == 0
    assert not kiosk.folder.spool.exists()


# --- a printer that does not


def test_what_a_dead_printer_did_not_take_is_printed_once_it_is_back_also_after_a_restart(tmp_path: Path) -> None:
    """Said on the top line; in order; without a word of doubt, since nothing was out; the stamp stood all along."""
    dead = Printer()
    dead.close()
    kiosk = kiosk_with(tmp_path, PrinterSettings(profile="gb18030", device=dead.device))
    slips = [kiosk.stamped(name, phone) for name, phone in (("张三", "13800000001"), ("李四", "13800000002"))]
    for stamped in slips:
        kiosk.desk.print_receipt(stamped, "zh")
    sentence = kiosk.desk.status(online=True).sentence
    assert sentence is not None
    assert sentence.chinese().startswith(f"2 份没打出来，会自动再试：打印机 {dead.device} 没有反应")
    kiosk.desk.close()
    printer = Printer()
    alive = PrinterSettings(profile="gb18030", device=printer.device)
    write_settings(kiosk.folder, msgspec.structs.replace(SETTINGS, printer=alive))
    kiosk.open()
    kiosk.desk.printing.work()
    printer.close()
    out = [paper.decode("gb18030", "replace") for paper in printer.papers]
    assert [stamped.slip in paper for stamped, paper in zip(slips, out, strict=True)] == [True, True]
    assert not any("可能重复".encode("gb18030") in paper for paper in printer.papers)
    assert (kiosk.desk.printing.waiting(), kiosk.desk.printing.trouble) == (0, None)


def test_a_paper_that_may_be_half_out_says_so_when_it_comes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The printer breaks off in the middle: what comes later is marked as perhaps the second."""
    fifo = tmp_path / "lp0"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    kiosk = kiosk_with(tmp_path, PrinterSettings(profile="gb18030", device=str(fifo)))
    stamped = kiosk.stamped("张三", "13800000001")
    monkeypatch.setattr(devices, "_PATIENCE", 0.2)
    for _ in range(2):  # a paper is 38 kB, the pipe holds 64
        kiosk.desk.print_receipt(stamped, "zh")
    trouble = kiosk.desk.printing.trouble
    assert trouble is not None
    assert "请检查纸和电源" in trouble.chinese()
    printer = Printer()
    kiosk.desk.printing._settings = PrinterSettings(profile="gb18030", device=printer.device)
    kiosk.desk.printing.work()
    printer.close()
    os.close(reader)
    assert len(printer.papers) == 1
    assert "【可能重复】".encode("gb18030") in printer.papers[0]
    assert "【补打】第 2 份".encode("gb18030") in printer.papers[0]


def test_a_printer_that_is_not_there_took_nothing(tmp_path: Path) -> None:
    """No such device, nobody reading: tried again without a word of doubt."""
    fifo = tmp_path / "lp0"
    os.mkfifo(fifo)
    for device in (str(tmp_path / "missing"), str(fifo)):
        with pytest.raises(UnavailableError) as caught:
            send(device, b"x")
        assert not isinstance(caught.value, UncertainError)


async def test_a_printer_that_hangs_holds_up_nobody(tmp_path: Path) -> None:
    """The counter prints in a thread: keys are answered while the printer does nothing."""
    kiosk = kiosk_with(tmp_path, PrinterSettings(profile="text"))
    kiosk.desk.people.close_duty(kiosk.desk.people.duty)  # type: ignore[arg-type]
    hanging, go_on = threading.Event(), threading.Event()
    wrapped: Callable[[], None] = kiosk.desk.printing.work

    def hang() -> None:
        hanging.set()
        go_on.wait(10)
        wrapped()

    kiosk.desk.printing.work = hang  # type: ignore[method-assign]
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        assert hanging.wait(5)
        await press(pilot, "f12")
        assert "全部按键" in shown(app)
        go_on.set()


# --- how it is said


@pytest.mark.parametrize("device", ["usb", "tcp:printer", "tcp::9100", "lp:", "http://x"])
def test_a_printer_s_address_of_no_known_kind_is_refused(device: str, tmp_path: Path) -> None:
    """At the start of the program, with the ways of writing one."""
    with pytest.raises(InputError) as caught:
        check_device(device)
    assert caught.value.field == "printer.device"
    folder = Kiosk(tmp_path / "kiosk").folder
    write_settings(folder, Settings(server="https://x", printer=PrinterSettings(device=device)))
    with pytest.raises(InputError, match="lp0"):
        load_config(folder)


def test_the_printer_stands_in_the_kiosks_file(tmp_path: Path) -> None:
    """What is written is read back."""
    kiosk = Kiosk(tmp_path / "kiosk")
    settings = Settings(
        server="https://x",
        printer=PrinterSettings(profile="raster", device="/dev/usb/lp0", dots=384),
        keys={"save": "f10", "reprint": "f9"},
    )
    write_settings(kiosk.folder, settings)
    assert load_config(kiosk.folder).settings == settings


def test_a_long_picture_is_cut_into_stripes() -> None:
    """No more than 255 rows in one command."""
    paper = escpos.picture(600, bytes(8 * 600), dots=64)
    places = [match.start() for match in re.finditer(b"\x1dv0", paper)]
    heights = [int.from_bytes(paper[at + 6 : at + 8], "little") for at in places]
    assert heights == [255, 255, 90]


def test_erasing_a_customer_empties_the_queue_too(tmp_path: Path) -> None:
    """A receipt that waits for paper must not come out a year later."""
    kiosk = kiosk_with(tmp_path, PrinterSettings(profile="gb18030", device=str(tmp_path / "missing")))
    printing = kiosk.desk.printing
    printing.put("receipt", "E-1-000001", (say("客户 {name}", name="张三"),), "zh")
    assert printing.waiting() == 1
    from kiosk.database import transaction

    with transaction(kiosk.desk.journal.database):
        printing.forget("E-1-000001")
    assert printing.waiting() == 0
