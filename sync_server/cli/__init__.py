"""`xianhou server`: set a server up, run it, and do what its operator does. Each command is in its own module."""

from __future__ import annotations

import click

from sync_server.cli.approvals import approve_look
from sync_server.cli.backups import backup, restore
from sync_server.cli.codes import enrol_code, kiosk
from sync_server.cli.doctor import doctor
from sync_server.cli.erase import erase
from sync_server.cli.init import init
from sync_server.cli.letters import letter
from sync_server.cli.offices import closed_days, office, policy
from sync_server.cli.persons import person
from sync_server.cli.run import run
from sync_server.cli.searches import find_slips
from sync_server.cli.speaking import ServerGroup

__all__ = ["server"]


@click.group(cls=ServerGroup, help="同步服务器：建立、运行、管理。")
def server() -> None:
    """Hold the commands of the server's operator."""


for command in (
    init,
    run,
    office,
    person,
    policy,
    closed_days,
    enrol_code,
    kiosk,
    backup,
    restore,
    letter,
    doctor,
    erase,
    find_slips,
    approve_look,
):
    server.add_command(command)
