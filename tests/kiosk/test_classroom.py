"""Practice: the whole counter beside the real one, and nothing of it can be taken for real."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from kiosk.app import KioskApp, Opened
from kiosk.classroom import PIN, classroom, open_classroom
from kiosk.config import Folder, load_config
from kiosk.counter import Form
from shared_rules.facts import Grade, Need, SlipContent
from tests.kiosk.counters import Kiosk, press, shown, write
from tests.kiosk.machine import Machine

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = SlipContent(names=("张三",), phones=("13800000001",), need=Need(kind="住宅"))


def test_a_practice_slip_says_so_and_no_real_authority_signed_its_key(tmp_path: Path) -> None:
    """The lines begin with the mark; the certificate does not follow from the real kiosk's CA."""
    real = Kiosk(tmp_path / "kiosk")
    place = classroom(real.folder)
    desk = open_classroom(place, ticks=Machine(), random=os.urandom)
    desk.people.open_duty("201", PIN)
    session = desk.people.log_in("101", PIN)
    stamped = desk.stamp(desk.hand_in(session, Form(content=CONTENT)).id, "201")
    assert stamped.lines[0].chinese() == "【练习】无效凭证"
    assert stamped.grade is Grade.A
    desk.close()
    ours = x509.load_pem_x509_certificate(load_config(place).place.certificate.encode())
    with pytest.raises((InvalidSignature, ValueError)):
        ours.verify_directly_issued_by(real.authority.ca.certificate)
    real.desk.close()


def test_practice_goes_on_where_it_was_and_leaves_the_real_journal_alone(tmp_path: Path) -> None:
    """The second opening makes nothing new; the real kiosk need not be enrolled."""
    folder = Folder(tmp_path / "kiosk")
    machine = Machine()
    for opening in (1, 2):
        desk = open_classroom(classroom(folder), ticks=machine, random=os.urandom)
        desk.people.open_duty("201", PIN)
        session = desk.people.log_in("101", PIN)
        stamped = desk.stamp(desk.hand_in(session, Form(content=CONTENT)).id, "201")
        assert stamped.slip.endswith(f"{opening}")
        desk.close()
    assert not folder.database.exists()


async def test_the_first_screen_of_practice_tells_who_can_log_in(tmp_path: Path) -> None:
    """Nobody has to be taught a PIN first."""
    desk = open_classroom(classroom(Folder(tmp_path / "kiosk")), ticks=Machine(), random=os.urandom)
    app = KioskApp(lambda: Opened(desk))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        assert "【练习】" in shown(app)
        assert f"密码都是 {PIN}" in shown(app).replace("\n", "")
        await write(pilot, "201")
        await press(pilot, "enter")
        await write(pilot, PIN)
        await press(pilot, "f9")
        assert "窗口开着，确认人员 练习确认员" in shown(app)
        assert "此机器需管理员处理" not in shown(app)
    desk.close()
