"""Only a kiosk with a fresh code of the operator gets in, and a lost answer costs nothing."""

from __future__ import annotations

import msgspec
import pytest

from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import KioskEnrolled
from shared_rules.interval import MINUTE
from tests.sync_server.conftest import House
from tests.sync_server.fakes import FakeKiosk

PEM = "CERTIFICATE REQUEST"


@pytest.fixture
def shop(house: House) -> House:
    """Return a server with one office."""
    house.office("east")
    return house


def code(shop: House, seed: int = 1) -> str:
    """Return a fresh code."""
    return shop.service.enrolment.make_code("east", lambda size: seed.to_bytes(size, "little"))


def test_a_code_is_good_once_for_ten_minutes(shop: House) -> None:
    """Another kiosk cannot use it again, and nobody after its time."""
    used, late = code(shop, 1), code(shop, 2)
    assert shop.service.enrolment.enrol(FakeKiosk().request(used)).kiosk == 1
    with pytest.raises(RefusedError):
        shop.service.enrolment.enrol(FakeKiosk().request(used))
    shop.source.now += 11 * MINUTE
    with pytest.raises(RefusedError):
        shop.service.enrolment.enrol(FakeKiosk().request(late))


def test_people_may_type_the_code_as_they_read_it(shop: House) -> None:
    """Small letters, no dash, O for 0, I and L for 1."""
    typed = code(shop).replace("-", "").replace("0", "o").replace("1", "l").lower()
    assert shop.service.enrolment.enrol(FakeKiosk().request(typed)).office == "east"


def test_a_lost_answer_is_given_again_to_the_same_key(shop: House) -> None:
    """The kiosk that never heard the answer asks again and keeps its number; another key gets nothing."""
    kiosk, ticket = FakeKiosk(), code(shop)
    first = shop.service.enrolment.enrol(kiosk.request(ticket))
    assert shop.service.enrolment.enrol(kiosk.request(ticket)) == first
    with pytest.raises(RefusedError):
        shop.service.enrolment.enrol(FakeKiosk().request(ticket))


def test_five_wrong_tries_burn_every_open_code(shop: House) -> None:
    """Fifty bits are not guessed in five tries."""
    ticket = code(shop)
    for _ in range(5):
        with pytest.raises(RefusedError):
            shop.service.enrolment.enrol(FakeKiosk().request("AAAAA-AAAAA"))
    with pytest.raises(RefusedError):
        shop.service.enrolment.enrol(FakeKiosk().request(ticket))


def test_the_code_itself_is_not_in_the_database(shop: House) -> None:
    """Only its keyed hash."""
    ticket = code(shop).replace("-", "")
    with shop.store.snapshot() as tx:
        (row,) = tx.rows("SELECT * FROM enrol_codes")
    assert ticket not in str(row)


@pytest.mark.parametrize("csr", ["", "rubbish", f"-----BEGIN {PEM}-----\nAAAA\n-----END {PEM}-----"])
def test_a_request_that_is_none_is_refused_and_the_code_stays_good(shop: House, csr: str) -> None:
    """A broken request costs neither the code nor a kiosk number."""
    kiosk, ticket = FakeKiosk(), code(shop)
    with pytest.raises(InputError) as refused:
        shop.service.enrolment.enrol(msgspec.structs.replace(kiosk.request(ticket), csr=csr))
    assert refused.value.field == "csr"
    assert shop.service.enrolment.enrol(kiosk.request(ticket)).kiosk == 1


def test_enrolment_is_a_fact_in_the_servers_log(shop: House) -> None:
    """From here on the kiosk's floor counts for finality."""
    answer = shop.service.enrolment.enrol(FakeKiosk().request(code(shop)))
    events = shop.service.reconciler.archive.read().events
    (fact,) = [event.fact for event in events if isinstance(event.fact, KioskEnrolled)]
    assert (fact.kiosk, fact.office, fact.pools) == (1, "east", ("river",))
    assert (answer.office_name, answer.pools, len(answer.comparison)) == ("east店", {"river": "滨江"}, 6)


def test_a_code_for_an_office_that_does_not_exist_is_refused(shop: House) -> None:
    """The sentence names the field."""
    with pytest.raises(InputError) as refused:
        shop.service.enrolment.make_code("north", bytes)
    assert refused.value.field == "office"
