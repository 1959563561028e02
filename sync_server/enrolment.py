"""How a kiosk becomes one of ours: a one-time code from the operator, a key that never leaves the kiosk.

The code has 50 bits, lives ten minutes and survives five wrong tries of anybody; only its keyed hash is stored. A lost
answer is given again for the same code and the same request: the kiosk's number is not spent twice.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding

from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import KioskEnrolled
from shared_rules.interval import MINUTE
from shared_rules.protocol import EnrolAnswer, EnrolRequest
from shared_rules.words import say
from sync_server.log import epoch_of
from sync_server.pki import comparison, issue_kiosk, pem, public_key_of, request_key
from sync_server.store import places

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_server.log import ServerLog
    from sync_server.pki import Keys
    from sync_server.store import Store, Transaction

__all__ = ["Enrolment"]

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_CHARACTERS: Final = 10
_CODE_LIFE: Final = 10 * MINUTE
_CODE_TRIES: Final = 5
_LOOKALIKES: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Makes codes and takes kiosks in."""

    store: Store
    keys: Keys
    log: ServerLog

    def make_code(self, office: str, random: Callable[[int], bytes]) -> str:
        """Return a new one-time code for an office, as people type it: XXXXX-XXXXX."""
        number = int.from_bytes(random(8), "big") >> 14
        code = "".join(_ALPHABET[number >> (5 * place) & 31] for place in range(_CODE_CHARACTERS))
        with self.store.transaction() as tx:
            if places.office(tx, office) is None:
                raise InputError(
                    say("没有门店 {office}；先用 xianhou server office add 建立", office=office), field="office"
                )
            now = self.log.signed_now(tx).now
            places.drop_codes(tx, before=now - _CODE_LIFE)
            expires = now + _CODE_LIFE
            places.add_code(tx, self._hashed(code), office=office, expires_at=expires, tries=_CODE_TRIES)
        return f"{code[:5]}-{code[5:]}"

    def enrol(self, request: EnrolRequest) -> EnrolAnswer:
        """Take a kiosk in and return what it keeps for ever; RefusedError for a code that is not good."""
        code = self._hashed(request.code.upper().translate(_LOOKALIKES))
        with self.store.transaction() as tx:
            now = self.log.signed_now(tx).now
            held = places.code_row(tx, code, now=now)
            if held is None:
                places.spend_tries(tx)
                answer = None
            else:
                office, used = held
                answer = self._again(tx, code, request) if used else self._take_in(tx, office, code, request.csr, now)
        if answer is None:
            raise RefusedError(say("登记码不对、已用过或已过期；请管理员重新生成登记码"))
        return answer

    def _hashed(self, code: str) -> str:
        return hmac.new(self.keys.pepper, b"enrol\n" + code.encode(), hashlib.sha256).hexdigest()

    def _again(self, tx: Transaction, code: str, request: EnrolRequest) -> EnrolAnswer | None:
        stored = places.kiosk_of_code(tx, code)
        if stored is None:
            return None
        answer = msgspec.json.decode(stored, type=EnrolAnswer)
        same = request_key(request.csr) == public_key_of(answer.certificate.encode())
        return answer if same else None

    def _take_in(self, tx: Transaction, office: str, code: str, csr: str, now: int) -> EnrolAnswer:
        place = places.office(tx, office)
        assert place is not None
        number = places.next_kiosk(tx)
        certificate = issue_kiosk(self.keys.authority, request_key(csr), kiosk=number, office=office, now=now)
        text = pem(certificate)
        digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
        answer = EnrolAnswer(
            kiosk=number, office=office, office_name=place.name, pools=place.pools, certificate=text,
            ca=pem(self.keys.authority.certificate), server_certificate=pem(self.keys.server.certificate),
            epoch=epoch_of(tx), not_before=now,
            comparison=comparison(self.keys.fingerprint, public_key_of(text.encode())),
        )  # fmt: skip
        item = places.Kiosk(number, office, text, digest, answer.comparison, now)
        places.add_kiosk(tx, item, code=code, answer=msgspec.json.encode(answer))
        places.spend_code(tx, code)
        self.log.append(
            tx, KioskEnrolled(kiosk=number, office=office, pools=tuple(sorted(place.pools)), certificate=digest)
        )
        return answer
