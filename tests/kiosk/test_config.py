"""The folder's settings: misspelt keys are refused, files are replaced whole and for their owner alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk.config import Folder, Settings, load_config, machine_id, write_private, write_settings
from shared_rules.errors import InputError, UnavailableError
from tests.kiosk.places import Authority

if TYPE_CHECKING:
    from pathlib import Path


def test_settings_come_back_as_written_also_with_quotes_and_chinese(tmp_path: Path) -> None:
    """A path may hold anything."""
    settings = Settings(server="https://h:1", language="en", practice_clock='/x/"练习"\\clock')
    config = load_config(Authority().enrol(tmp_path / "k", settings=settings))
    assert config.settings == settings
    assert config.practice
    assert (config.office, config.office_name, config.pools) == ("E", "东店", {"river": "滨江"})


@pytest.mark.parametrize("text", ["servr = 'x'", "server = 1", "server = ", "language = 'fr'\nserver = 'x'"])
def test_a_misspelt_or_mistyped_key_is_refused_by_name(tmp_path: Path, text: str) -> None:
    """A setting that is silently ignored is found only when it is needed."""
    folder = Authority().enrol(tmp_path / "k")
    folder.settings.write_text(text)
    with pytest.raises(InputError) as caught:
        load_config(folder)
    assert caught.value.field == "kiosk.toml"


def test_a_folder_without_enrolment_says_what_to_run(tmp_path: Path) -> None:
    """The remedy is in the sentence."""
    with pytest.raises(InputError, match="xianhou enrol"):
        load_config(Folder(tmp_path))


def test_a_damaged_enrolment_is_named(tmp_path: Path) -> None:
    """It is the file to restore."""
    folder = Authority().enrol(tmp_path / "k")
    folder.enrolment.write_bytes(folder.enrolment.read_bytes()[:-9])
    with pytest.raises(InputError, match=r"enrolment\.json"):
        load_config(folder)


def test_a_file_is_replaced_whole_or_not_at_all_and_is_private(tmp_path: Path) -> None:
    """After a power cut the old content or the new one stands there."""
    path = tmp_path / "x"
    write_private(path, b"old")
    (tmp_path / "x.new").mkdir()
    with pytest.raises(UnavailableError):
        write_private(path, b"new")
    assert path.read_bytes() == b"old"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_machine_that_does_not_say_which_it_is_has_no_name(tmp_path: Path) -> None:
    """Containers have none: the anchor file alone must do there."""
    assert machine_id(tmp_path / "none") == ""
    (tmp_path / "id").write_text("abc\n")
    assert machine_id(tmp_path / "id") == "abc"


def test_unset_practice_means_real_time(tmp_path: Path) -> None:
    """Nobody trains by accident, or sells by training time."""
    folder = Authority().enrol(tmp_path / "k")
    write_settings(folder, Settings(server="https://h:1"))
    assert not load_config(folder).practice
