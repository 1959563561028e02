"""How a kiosk becomes one of a server's: the fingerprint first, everything else follows from it, or nothing is kept."""

from __future__ import annotations

import stat
from pathlib import Path

import msgspec
import pytest

from kiosk.config import Folder, Settings, load_config, write_settings
from kiosk.enrolment import complete, enrolled, load_keys, request, server_address
from shared_rules.errors import EvidenceError, InputError, RefusedError, UnavailableError
from tests.certificates import Issued
from tests.kiosk.enrolled import SERVER, Hand, seeded


def _complete(folder: Folder, hand: Hand, **changes: object) -> None:
    answer = msgspec.structs.replace(hand.answer(request(folder, "CODE")), **changes)
    complete(folder, answer, fingerprint=hand.fingerprint, settings=Settings(server=SERVER), random=seeded())


def test_an_enrolled_kiosk_knows_its_place_and_pins_the_servers_keys(tmp_path: Path) -> None:
    """After enrolment number, office, pools and keys are there at each start."""
    hand = Hand()
    config = hand.enrol(tmp_path)
    assert (config.kiosk, config.office, config.office_name, config.pools) == (7, "east", "东店", {"river": "滨江花园"})
    keys = load_keys(Folder(tmp_path))
    assert keys.server == hand.signer.key.public_key()
    assert keys.config == config == load_config(Folder(tmp_path))
    assert (len(keys.data), len(keys.pepper)) == (32, 32)
    assert keys.data != keys.pepper


def test_secrets_lie_outside_the_database_and_nobody_else_reads_them(tmp_path: Path) -> None:
    """The key folder has mode 0700 and every file of it 0600."""
    Hand().enrol(tmp_path)
    folder = Folder(tmp_path)
    assert stat.S_IMODE(folder.keys.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.keys.iterdir()} == {0o600}
    assert {file.name for file in folder.keys.iterdir()} == {"kiosk.key", "data.key", "pepper"}


def test_asking_again_after_a_lost_answer_uses_the_same_key(tmp_path: Path) -> None:
    """The key is made once, so that the server can give the same answer again."""
    first, second = (request(Folder(tmp_path), "CODE").csr for _ in range(2))
    hand = Hand()
    assert hand.answer(request(Folder(tmp_path), "CODE")).comparison
    assert Folder(tmp_path).signing_key.exists()
    assert not enrolled(Folder(tmp_path))
    assert first.splitlines()[:2] == second.splitlines()[:2]


def test_another_fingerprint_keeps_nothing(tmp_path: Path) -> None:
    """A server whose CA is not the one that was read out is not believed, and the folder stays unenrolled."""
    folder, hand = Folder(tmp_path), Hand()
    other = Issued.authority(secret=5).digest.hex()
    answer = hand.answer(request(folder, "CODE"))
    with pytest.raises(EvidenceError, match="指纹与管理员给的不符"):
        complete(folder, answer, fingerprint=other, settings=Settings(server=SERVER), random=seeded())
    assert not enrolled(folder)
    assert not folder.settings.exists()


@pytest.mark.parametrize("fingerprint", ["", "abc", "zz" * 32, "00" * 31])
def test_a_fingerprint_that_is_none_names_the_field(tmp_path: Path, fingerprint: str) -> None:
    """A typing mistake is told from a wrong server."""
    folder = Folder(tmp_path)
    answer = Hand().answer(request(folder, "CODE"))
    with pytest.raises(InputError, match="64 位十六进制") as caught:
        complete(folder, answer, fingerprint=fingerprint, settings=Settings(server=SERVER), random=seeded())
    assert caught.value.field == "fingerprint"


def test_a_fingerprint_may_be_typed_with_colons_blanks_and_capitals(tmp_path: Path) -> None:
    """As other programs print it."""
    folder, hand = Folder(tmp_path), Hand()
    digits = hand.fingerprint.upper()
    typed = (
        ":".join(digits[at : at + 2] for at in range(0, 64, 2))[:50]
        + " "
        + ":".join(digits[at : at + 2] for at in range(0, 64, 2))[50:]
    )
    answer = hand.answer(request(folder, "CODE"))
    complete(folder, answer, fingerprint=typed, settings=Settings(server=SERVER), random=seeded())
    assert enrolled(folder)


def test_certificates_of_another_authority_keep_nothing(tmp_path: Path) -> None:
    """A signing certificate, or our own, that the CA did not issue is refused."""
    stranger = Issued.authority("Other", secret=5)
    other = Hand(authority=stranger)
    for position, change in enumerate(
        ({"server_certificate": other.signer.pem.decode()}, {"server_certificate": "no certificate"})
    ):
        folder = Folder(tmp_path / str(position))
        with pytest.raises(EvidenceError):
            _complete(folder, Hand(), **change)
        assert not enrolled(folder)


def test_an_answer_for_another_kiosk_keeps_nothing(tmp_path: Path) -> None:
    """A certificate of another key, or another comparison number, is not ours."""
    hand = Hand()
    stranger = hand.answer(request(Folder(tmp_path / "other"), "CODE"))
    for position, change in enumerate(({"certificate": stranger.certificate}, {"comparison": "000000"})):
        folder = Folder(tmp_path / str(position))
        with pytest.raises(EvidenceError, match="不是给这台柜台机的"):
            _complete(folder, hand, **change)
        assert not enrolled(folder)


def test_a_kiosk_is_enrolled_once(tmp_path: Path) -> None:
    """A second enrolment into the same folder would orphan its journal."""
    Hand().enrol(tmp_path)
    with pytest.raises(RefusedError, match="登记过"):
        request(Folder(tmp_path), "CODE")


@pytest.mark.parametrize("url", ["", "http://127.0.0.1", "https://", "server.example:8443"])
def test_only_https_is_a_servers_address(url: str) -> None:
    """Anything else names the field and shows the form."""
    with pytest.raises(InputError, match="https://主机:端口") as caught:
        server_address(url)
    assert caught.value.field == "server"
    assert server_address(" https://host:1/ ") == "https://host:1"


@pytest.mark.parametrize("name", ["kiosk.key", "data.key", "pepper"])
def test_a_lost_or_damaged_key_file_is_named(tmp_path: Path, name: str) -> None:
    """The sentence says which file to restore."""
    Hand().enrol(tmp_path)
    path = Folder(tmp_path).keys / name
    kept = path.read_bytes()
    path.write_bytes(kept[:10])
    with pytest.raises(UnavailableError, match=f"keys/{name}"):
        load_keys(Folder(tmp_path))
    path.unlink()
    with pytest.raises(UnavailableError, match=f"keys/{name}"):
        load_keys(Folder(tmp_path))


def test_another_kiosks_key_is_noticed(tmp_path: Path) -> None:
    """A key file that does not belong to the certificate would sign what nobody accepts."""
    hand = Hand()
    hand.enrol(tmp_path / "a")
    hand.enrol(tmp_path / "b")
    key = Folder(tmp_path / "b").signing_key.read_bytes()
    Folder(tmp_path / "a").signing_key.write_bytes(key)
    with pytest.raises(EvidenceError, match="不是登记时的密钥"):
        load_keys(Folder(tmp_path / "a"))


def test_a_folder_without_enrolment_says_what_to_run(tmp_path: Path) -> None:
    """Nothing there yet: the sentence names the command."""
    with pytest.raises(InputError, match="xianhou enrol") as caught:
        load_config(Folder(tmp_path))
    assert caught.value.field == "dir"


def test_a_misspelt_setting_is_refused_by_name(tmp_path: Path) -> None:
    """A key that nobody reads would be believed to work."""
    Hand().enrol(tmp_path)
    folder = Folder(tmp_path)
    folder.settings.write_text('server = "https://x"\nlangauge = "en"\n', encoding="utf-8")
    with pytest.raises(InputError, match="langauge") as caught:
        load_config(folder)
    assert caught.value.field == "kiosk.toml"
    folder.settings.write_text("server = ", encoding="utf-8")
    with pytest.raises(InputError, match=r"kiosk\.toml"):
        load_config(folder)


def test_a_damaged_answer_file_is_named(tmp_path: Path) -> None:
    """`enrolment.json` cut short is told from a folder that was never enrolled."""
    Hand().enrol(tmp_path)
    folder = Folder(tmp_path)
    folder.enrolment.write_bytes(folder.enrolment.read_bytes()[:40])
    with pytest.raises(InputError) as caught:
        load_config(folder)
    assert caught.value.field == "enrolment.json"


def test_settings_survive_being_written_and_read(tmp_path: Path) -> None:
    """Also with a path that holds quotes and Chinese."""
    Hand().enrol(tmp_path)
    folder = Folder(tmp_path)
    settings = Settings(server="https://服务器:1", language="en", practice_clock='/练习/"clock"')
    write_settings(folder, settings)
    assert load_config(folder).settings == settings
    assert load_config(folder).practice
