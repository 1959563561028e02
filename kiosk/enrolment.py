"""How a kiosk becomes one of a server's, and the keys it holds from then on. The way over the network is in sync.py.

The signing key is made here and never leaves; its certificate request goes to the server with the operator's one-time
code. The server is believed only once the SHA-256 of its CA certificate is the fingerprint that the operator read
out: everything else in the answer must follow from that one certificate, or nothing is kept.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.config import Folder, KioskConfig, Settings, load_config, write_private, write_settings
from shared_rules.errors import EvidenceError, InputError, RefusedError, UnavailableError
from shared_rules.evidence import certificate_digest
from shared_rules.protocol import EnrolAnswer, EnrolRequest
from shared_rules.words import say

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Keys", "check_authority", "complete", "enrolled", "load_keys", "request", "server_address"]

_FINGERPRINT_DIGITS: Final = 64
_SECRET_SIZE: Final = 32


@dataclass(frozen=True, slots=True)
class Keys:
    """Everything secret that a running kiosk needs, and the keys it pins."""

    config: KioskConfig
    signing: ec.EllipticCurvePrivateKey
    certificate: bytes
    """SHA-256 of the kiosk's certificate, which every signature names."""
    certificates: dict[bytes, ec.EllipticCurvePublicKey]
    """SHA-256 of each certificate that this kiosk ever had -> its key: older lives of the journal are checked by it."""
    server: ec.EllipticCurvePublicKey
    """Signs anchors and feed items."""
    data: bytes
    """AES-256 key of personal data at rest."""
    pepper: bytes
    """Mixed into every PIN hash of this kiosk."""


def enrolled(folder: Folder) -> bool:
    """Return whether this folder's kiosk was taken in by a server."""
    return folder.enrolment.exists()


def request(folder: Folder, code: str, *, again: bool = False) -> EnrolRequest:
    """Return the enrolment message; the key is made at the first call and kept, so that a lost answer can be had again.

    `again` asks for another certificate of an enrolled kiosk (revoked, found again), with a key of its own. Raises
    RefusedError where the kiosk is enrolled already and did not ask for that, or asks for it and is not.
    """
    if enrolled(folder) and not again:
        raise RefusedError(say("此目录的柜台机已登记过；要重新登记，请让管理员生成重新登记码，并写 --again"))
    if again and not enrolled(folder):
        raise RefusedError(say("此目录的柜台机还没有登记过；请去掉 --again"))
    try:
        for place in (folder.root, folder.keys):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.chmod(0o700)
    except OSError as error:
        raise UnavailableError(say("目录 {dir} 建不了；请检查磁盘和权限", dir=str(folder.root))) from error
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Xianhou kiosk")])
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(_asking_key(folder), hashes.SHA256())
    return EnrolRequest(code=code, csr=csr.public_bytes(serialization.Encoding.PEM).decode("ascii"))


def _asking_key(folder: Folder) -> ec.EllipticCurvePrivateKey:
    """Return the key that no certificate was issued for yet: of two places the one that is not in use."""
    held = load_config(folder).place if enrolled(folder) else None
    known = [_public(_certificate(text)) for text in (held.certificate, *held.former)] if held else []
    in_use = _place_of(folder, known[0]) if known else None
    place = next(one for one in (folder.signing_key, folder.other_signing_key) if one != in_use)
    if place.exists() and _signing_key(place).public_key() not in known:
        return _signing_key(place)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    fresh = ec.generate_private_key(ec.SECP256R1())
    write_private(place, fresh.private_bytes(encoding, form, serialization.NoEncryption()))
    return fresh


def _place_of(folder: Folder, public: ec.EllipticCurvePublicKey) -> Path | None:
    """Return the file whose key is the private half of a public one."""
    places = (folder.signing_key, folder.other_signing_key)
    return next((one for one in places if one.exists() and _signing_key(one).public_key() == public), None)


def server_address(url: str) -> str:
    """Return the server's address without a slash at its end; InputError for any other scheme than https."""
    address = url.strip().rstrip("/")
    if not address.startswith("https://") or len(address) == len("https://"):
        raise InputError(say("服务器地址应写成 https://主机:端口"), field="server")
    return address


def check_authority(pem: str, fingerprint: str) -> x509.Certificate:
    """Return the CA certificate if its SHA-256 is the fingerprint that the operator read out.

    Colons, spaces and case do not matter. Raises InputError for a fingerprint that is none, EvidenceError where it is
    another certificate's: then nothing of this server may be believed.
    """
    wanted = fingerprint.replace(":", "").replace(" ", "").lower()
    if len(wanted) != _FINGERPRINT_DIGITS or any(digit not in "0123456789abcdef" for digit in wanted):
        raise InputError(say("指纹应为 64 位十六进制数；请照服务器屏幕上的抄写"), field="fingerprint")
    authority = _certificate(pem)
    digest = certificate_digest(authority.public_bytes(serialization.Encoding.DER)).hex()
    if not hmac.compare_digest(digest, wanted):
        raise EvidenceError(say("服务器的证书指纹与管理员给的不符：可能不是我们的服务器；没有登记，请与管理员当面核对"))
    return authority


def complete(
    folder: Folder, answer: EnrolAnswer, *, fingerprint: str, settings: Settings, random: Callable[[int], bytes]
) -> KioskConfig:
    """Check the server's answer against the fingerprint and our own key, keep it, and return the configuration.

    Raises EvidenceError where anything in it does not follow from the CA; nothing is kept then.
    """
    authority = check_authority(answer.ca, fingerprint)
    ours, theirs = _certificate(answer.certificate), _certificate(answer.server_certificate)
    try:
        for certificate in (ours, theirs, *map(_certificate, answer.former)):
            certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise EvidenceError(say("登记答复里的证书不是该服务器签发的；没有登记")) from error
    public = _public(ours)
    if _place_of(folder, public) is None or answer.comparison != comparison(authority, public):
        raise EvidenceError(say("登记答复不是给这台柜台机的；没有登记，请重新生成登记码再试"))
    if enrolled(folder) and load_config(folder).place.kiosk != answer.kiosk:
        raise EvidenceError(say("登记码是给 {kiosk} 号机的，不是本机；没有登记，请管理员重新生成", kiosk=answer.kiosk))
    for secret in (folder.data_key, folder.pepper):
        if not secret.exists():
            write_private(secret, random(_SECRET_SIZE))
    write_settings(folder, settings)
    write_private(folder.enrolment, msgspec.json.encode(answer))  # last: from here on the kiosk is enrolled
    return load_config(folder)


def comparison(authority: x509.Certificate, public: ec.EllipticCurvePublicKey) -> str:
    """Return the six digits that both screens show: the first 8 bytes of SHA-256(CA digest, the kiosk's key)."""
    spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    digest = certificate_digest(authority.public_bytes(serialization.Encoding.DER))
    return f"{int.from_bytes(hashlib.sha256(digest + spki).digest()[:8], 'big') % 1_000_000:06d}"


def load_keys(folder: Folder) -> Keys:
    """Return the keys of an enrolled kiosk; InputError if it is not, UnavailableError if a file is lost or damaged."""
    config = load_config(folder)
    held = [_certificate(text) for text in (config.place.certificate, *config.place.former)]
    place = _place_of(folder, _public(held[0]))
    if place is None:
        _signing_key(folder.signing_key)  # says so where it is lost
        raise EvidenceError(say("keys/kiosk.key 不是登记时的密钥；请从备份恢复，或重新登记"))
    return Keys(
        config=config,
        signing=_signing_key(place),
        certificate=_digest(held[0]),
        certificates={_digest(one): _public(one) for one in held},
        server=_public(_certificate(config.place.server_certificate)),
        data=_secret(folder.data_key),
        pepper=_secret(folder.pepper),
    )


def _digest(certificate: x509.Certificate) -> bytes:
    return certificate_digest(certificate.public_bytes(serialization.Encoding.DER))


def _secret(path: Path) -> bytes:
    try:
        secret = path.read_bytes()
    except OSError as error:
        raise _lost(path) from error
    if len(secret) != _SECRET_SIZE:
        raise _lost(path)
    return secret


def _signing_key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise _lost(path) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise _lost(path)
    return key


def _lost(path: Path) -> UnavailableError:
    return UnavailableError(say("密钥文件 keys/{name} 缺失或损坏；请从密钥备份恢复，或重新登记", name=path.name))


def _certificate(pem: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.encode("ascii"))
    except ValueError as error:
        raise EvidenceError(say("服务器给的证书无法解读；可能不是我们的服务器")) from error


def _public(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise EvidenceError(say("服务器给的证书无法解读；可能不是我们的服务器"))
    return key
