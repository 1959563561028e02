"""How a kiosk becomes one of ours: a one-time code from the operator, a key that never leaves the kiosk.

The code has 50 bits, lives ten minutes and survives five wrong tries of anybody; only its keyed hash is stored. A lost
answer is given again for the same code and the same request: the kiosk's number is not spent twice. A kiosk that was
revoked, or lost its key, comes in again with a code made for its own number: it gets a new certificate, the old one
counts no more.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding

from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import KioskEnrolled, KioskRevoked
from shared_rules.interval import MINUTE
from shared_rules.protocol import EnrolAnswer, EnrolRequest
from shared_rules.words import say
from sync_server.log import epoch_of
from sync_server.pki import comparison, issue_kiosk, pem, public_key_of, request_key
from sync_server.store import certificates, journals, persons, places

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
_REPLACED: Final = "replaced"
_LOOKALIKES: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Makes codes and takes kiosks in."""

    store: Store
    keys: Keys
    log: ServerLog
    highest_slip: Callable[[int], int] = lambda _: 0
    """Kiosk -> the highest counter of its slip numbers known here."""

    def make_code(self, office: str, random: Callable[[int], bytes]) -> str:
        """Return a new one-time code for a new kiosk of an office, as people type it: XXXXX-XXXXX."""
        with self.store.transaction() as tx:
            if places.office(tx, office) is None:
                raise InputError(
                    say("没有门店 {office}；先用 xianhou server office add 建立", office=office), field="office"
                )
            return self._make(tx, office, 0, random)

    def make_code_again(self, kiosk: int, random: Callable[[int], bytes]) -> str:
        """Return a one-time code with which this kiosk, revoked or without its key, may come in again, once."""
        with self.store.transaction() as tx:
            return self._make(tx, _known(tx, kiosk).office, kiosk, random)

    def revoke(self, kiosk: int, reason: str) -> None:
        """Take a kiosk's certificate back, at once: what it sends from now on is kept as evidence only.

        Raises InputError for a kiosk that is none, without reason, or revoked already.
        """
        if not reason.strip():
            raise InputError(say("请写明吊销的原因；原因会记入日志"), field="reason")
        with self.store.transaction() as tx:
            held = _known(tx, kiosk)
            now = self.log.signed_now(tx).now
            if not certificates.end_certificate(tx, held.digest, at=now, reason=reason.strip()):
                raise InputError(say("{kiosk} 号机已经吊销过", kiosk=kiosk), field="kiosk")
            self.log.append(tx, KioskRevoked(kiosk=kiosk, certificate=held.digest, reason=reason.strip()))
            sentence = say(
                "{office} 的 {kiosk} 号机已吊销：{reason}", office=held.office, kiosk=kiosk, reason=reason.strip()
            )
            persons.add_alarm(tx, f"revoked {held.digest}", sentence, at=now)

    def _make(self, tx: Transaction, office: str, kiosk: int, random: Callable[[int], bytes]) -> str:
        number = int.from_bytes(random(8), "big") >> 14
        code = "".join(_ALPHABET[number >> (5 * place) & 31] for place in range(_CODE_CHARACTERS))
        now = self.log.signed_now(tx).now
        places.drop_codes(tx, before=now - _CODE_LIFE)
        expires = now + _CODE_LIFE
        places.add_code(tx, self._hashed(code), office=office, kiosk=kiosk, expires_at=expires, tries=_CODE_TRIES)
        return f"{code[:5]}-{code[5:]}"

    def enrol(self, request: EnrolRequest) -> EnrolAnswer:
        """Take a kiosk in and return what it keeps for ever; RefusedError for a code that is not good."""
        code = self._hashed(request.code.upper().translate(_LOOKALIKES))
        slips = self._slips(code)
        with self.store.transaction() as tx:
            now = self.log.signed_now(tx).now
            held = places.code_row(tx, code, now=now)
            if held is None:
                places.spend_tries(tx)
                answer = None
            else:
                office, kiosk, used = held
                answer = (
                    self._repeated(tx, code, request)
                    if used
                    else self._take_in(tx, office=office, kiosk=kiosk, code=code, csr=request.csr, slips=slips)
                )
        if answer is None:
            raise RefusedError(say("登记码不对、已用过或已过期；请管理员重新生成登记码"))
        return answer

    def _hashed(self, code: str) -> str:
        return hmac.new(self.keys.pepper, b"enrol\n" + code.encode(), hashlib.sha256).hexdigest()

    def _repeated(self, tx: Transaction, code: str, request: EnrolRequest) -> EnrolAnswer | None:
        stored = places.kiosk_of_code(tx, code)
        if stored is None:
            return None
        answer = msgspec.json.decode(stored, type=EnrolAnswer)
        same = request_key(request.csr) == public_key_of(answer.certificate.encode())
        return answer if same else None

    def _slips(self, code: str) -> int:
        """Return the highest slip counter of the kiosk that this code lets in again."""
        with self.store.snapshot() as tx:
            held = places.code_row(tx, code, now=0)
        return self.highest_slip(held[1]) if held and held[1] else 0

    def _take_in(self, tx: Transaction, *, office: str, kiosk: int, code: str, csr: str, slips: int) -> EnrolAnswer:
        place, now = places.office(tx, office), self.log.signed_now(tx).now
        assert place is not None
        number = kiosk or places.next_kiosk(tx)
        certificate = issue_kiosk(self.keys.authority, request_key(csr), kiosk=number, office=office, now=now)
        text = pem(certificate)
        digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
        answer = EnrolAnswer(
            kiosk=number, office=office, office_name=place.name, pools=place.pools, certificate=text,
            ca=pem(self.keys.authority.certificate), server_certificate=pem(self.keys.server.certificate),
            epoch=epoch_of(tx), not_before=now,
            comparison=comparison(self.keys.fingerprint, public_key_of(text.encode())),
        )  # fmt: skip
        if kiosk:
            answer = _with_its_past(tx, answer, slips)
        item = places.Kiosk(number, office, text, digest, answer.comparison, now)
        keep = places.admit_again if kiosk else places.add_kiosk
        keep(tx, item, code=code, answer=msgspec.json.encode(answer))
        for held in certificates.certificates(tx, number):
            certificates.end_certificate(tx, held.digest, at=now, reason=_REPLACED)
        certificates.add_certificate(tx, number, certificate=text, digest=digest, at=now)
        places.spend_code(tx, code)
        self.log.append(
            tx, KioskEnrolled(kiosk=number, office=office, pools=tuple(sorted(place.pools)), certificate=digest)
        )
        return answer


def _with_its_past(tx: Transaction, answer: EnrolAnswer, slips: int) -> EnrolAnswer:
    """Add what a kiosk that comes in again must know so as to repeat no number and to read its old journal."""
    return msgspec.structs.replace(
        answer,
        former=tuple(held.certificate for held in certificates.certificates(tx, answer.kiosk)),
        lives=tuple(state.log.inc for state in journals.logs(tx) if state.log.kiosk == answer.kiosk),
        slips=slips,
    )


def _known(tx: Transaction, kiosk: int) -> places.Kiosk:
    held = places.kiosk(tx, kiosk)
    if held is None:
        raise InputError(say("没有 {kiosk} 号机；编号见 xianhou server kiosk list", kiosk=kiosk), field="kiosk")
    return held
