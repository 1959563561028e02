"""The server's own certificate authority, made once at `server init`, and every key the server holds.

Three kinds of leaf: the TLS certificate (DNS and IP names, renewed by the server itself), the server's signing
certificate and the kiosks' certificates. The last two sign records that are RFC 3161 time stamps, so they carry the
critical extended key usage timeStamping alone (RFC 3161 2.3) and last twenty years: an expired one would break
`openssl ts -verify`. Keys are files of mode 0600 beside the database, never in it.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from shared_rules.errors import InputError, UnavailableError
from shared_rules.evidence import certificate_digest
from shared_rules.interval import to_datetime
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = [
    "Keys",
    "Signer",
    "comparison",
    "ensure_tls",
    "issue_kiosk",
    "load_keys",
    "make_keys",
    "pem",
    "point_of",
    "public_key_of",
    "request_key",
]

_AUTHORITY_YEARS: Final = 60
_SIGNING_YEARS: Final = 20
_TLS_DAYS: Final = 800
_TLS_RENEW_DAYS: Final = 90
_YEAR_DAYS: Final = 366
_MARGIN: Final = timedelta(days=1)
"""Certificates start a day early, so that a kiosk whose clock is behind still accepts them."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A key with the certificate whose digest its records name."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    digest: bytes


@dataclass(frozen=True, slots=True)
class Keys:
    """Everything secret that a running server needs."""

    authority: Signer
    server: Signer
    bodies: bytes
    """AES-256 key of the bodies at rest."""
    pepper: bytes
    """Mixed into every stored hash of a short secret (enrolment codes, session tokens)."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the authority's certificate, hex: what a kiosk is told by the operator and pins."""
        return self.authority.digest.hex()


def pem(certificate: x509.Certificate) -> str:
    """Return a certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def public_key_of(certificate: bytes) -> ec.EllipticCurvePublicKey:
    """Return the P-256 key of a PEM certificate that this authority issued."""
    key = x509.load_pem_x509_certificate(certificate).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """Return a public key as its uncompressed point, 65 bytes: the form that WebCrypto takes."""
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def comparison(fingerprint: str, public_key: ec.EllipticCurvePublicKey) -> str:
    """Return the six digits that kiosk and server both show: SHA-256(CA digest, the kiosk's key), its first 8 bytes."""
    spki = public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    number = int.from_bytes(hashlib.sha256(bytes.fromhex(fingerprint) + spki).digest()[:8], "big")
    return f"{number % 1_000_000:06d}"


def _name(common: str, organisation: str) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common[:64])]
    if organisation:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]))
    return x509.Name(attributes)


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=ca, crl_sign=ca, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _builder(
    subject: x509.Name, key: ec.EllipticCurvePublicKey, issuer: x509.Name, issuer_key: ec.EllipticCurvePublicKey,
    *, now: datetime, days: int, ca: bool = False,
) -> x509.CertificateBuilder:  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _MARGIN)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(_usage(ca=ca), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _authority(name: str, now: datetime) -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name("Xianhou CA", name)
    builder = _builder(
        subject, key.public_key(), subject, key.public_key(), now=now, days=_AUTHORITY_YEARS * _YEAR_DAYS, ca=True
    )
    certificate = builder.sign(key, hashes.SHA256())
    return Signer(key, certificate, certificate_digest(_der(certificate)))


def _issue(
    authority: Signer, key: ec.EllipticCurvePublicKey, subject: x509.Name, *, now: datetime, days: int,
    usage: x509.ObjectIdentifier, critical: bool, names: Sequence[x509.GeneralName] = (),
) -> x509.Certificate:  # fmt: skip
    builder = _builder(
        subject, key, authority.certificate.subject, authority.key.public_key(), now=now, days=days
    ).add_extension(x509.ExtendedKeyUsage([usage]), critical=critical)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(authority.key, hashes.SHA256())


def _signing_certificate(
    authority: Signer, key: ec.EllipticCurvePublicKey, subject: x509.Name, now: datetime
) -> x509.Certificate:
    days = _SIGNING_YEARS * _YEAR_DAYS
    usage = ExtendedKeyUsageOID.TIME_STAMPING
    return _issue(authority, key, subject, now=now, days=days, usage=usage, critical=True)


def request_key(request: str) -> ec.EllipticCurvePublicKey:
    """Return the key of a PEM certificate request; InputError if it is no sound P-256 request signed by that key."""
    try:
        csr = x509.load_pem_x509_csr(request.encode("ascii"))
        key = csr.public_key()
        sound = csr.is_signature_valid
    except (ValueError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise InputError(say("证书请求无法解读；请在登记机上重新登记"), field="csr") from error
    if not sound or not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise InputError(say("证书请求的密钥须为 P-256，且由该密钥自签"), field="csr")
    return key


def issue_kiosk(
    authority: Signer, key: ec.EllipticCurvePublicKey, *, kiosk: int, office: str, now: int
) -> x509.Certificate:
    """Return the certificate of a kiosk's key; of its request nothing but the key is taken over."""
    return _signing_certificate(authority, key, _name(f"Xianhou kiosk {kiosk}", office), to_datetime(now, UTC))


def _write_private(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    _write_private(path, key.private_bytes(encoding, form, serialization.NoEncryption()))


def make_keys(folder: Path, name: str, *, now: int, random: Callable[[int], bytes]) -> Keys:
    """Make authority, signing key and secrets of a new server in `folder`, which must not exist yet."""
    folder.mkdir(mode=0o700, parents=True)
    moment = to_datetime(now, UTC)
    authority = _authority(name, moment)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _signing_certificate(authority, key.public_key(), _name("Xianhou server", name), moment)
    _write_key(folder / "ca.key", authority.key)
    _write_private(folder / "ca.pem", pem(authority.certificate).encode())
    _write_key(folder / "server.key", key)
    _write_private(folder / "server.pem", pem(certificate).encode())
    _write_private(folder / "bodies.key", random(32))
    _write_private(folder / "pepper.key", random(32))
    return load_keys(folder)


def _load_signer(folder: Path, stem: str) -> Signer:
    key = serialization.load_pem_private_key((folder / f"{stem}.key").read_bytes(), None)
    certificate = x509.load_pem_x509_certificate((folder / f"{stem}.pem").read_bytes())
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Signer(key, certificate, certificate_digest(_der(certificate)))


def load_keys(folder: Path) -> Keys:
    """Return the keys of a data folder; UnavailableError if a file is missing or damaged."""
    try:
        return Keys(
            _load_signer(folder, "ca"),
            _load_signer(folder, "server"),
            (folder / "bodies.key").read_bytes(),
            (folder / "pepper.key").read_bytes(),
        )
    except (OSError, ValueError) as error:
        raise UnavailableError(say("服务器的密钥文件缺失或损坏；请从密钥备份恢复 keys 目录")) from error


def ensure_tls(folder: Path, authority: Signer, hosts: Sequence[str], *, now: int) -> tuple[Path, Path]:
    """Return the files (chain, key) of a TLS certificate for these hosts, renewed where it is old or names others."""
    chain, secret = folder / "tls.pem", folder / "tls.key"
    moment = to_datetime(now, UTC)
    names = [_general_name(host) for host in hosts]
    if not _still_good(chain, names, moment):
        key = ec.generate_private_key(ec.SECP256R1())
        usage = ExtendedKeyUsageOID.SERVER_AUTH
        leaf = _issue(
            authority, key.public_key(), _name(hosts[0], ""), now=moment, days=_TLS_DAYS,
            usage=usage, critical=False, names=names,
        )  # fmt: skip
        _write_key(secret, key)
        _write_private(chain, (pem(leaf) + pem(authority.certificate)).encode())
    return chain, secret


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _still_good(chain: Path, names: list[x509.GeneralName], now: datetime) -> bool:
    try:
        leaf = x509.load_pem_x509_certificate(chain.read_bytes())
        held = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    fresh = leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc - timedelta(days=_TLS_RENEW_DAYS)
    return fresh and list(held) == names
