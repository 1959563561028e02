"""A tiny CA for tests, and the profile that the server's CA (`sync_server/pki.py`) must follow.

OpenSSL's `ts -verify` accepts a kiosk's certificate only with
- extendedKeyUsage: timeStamping alone, **critical** (RFC 3161 2.3),
- keyUsage: digitalSignature (and nothing but digitalSignature or nonRepudiation), critical,
- basicConstraints: CA false; the CA's own certificate has CA true and keyCertSign, both critical,
- an EC P-256 key, signed with ECDSA and SHA-256 by the CA, subjectKeyIdentifier and authorityKeyIdentifier set,
- a life longer than any dispute (20 years): an expired certificate breaks `ts -verify`, and revocation is a list.
Issuer and serial number name the signer inside a token, so serial numbers are never used twice by one CA.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from shared_rules.evidence import certificate_digest

FROM = datetime(2020, 1, 1, tzinfo=UTC)
UNTIL = datetime(2060, 1, 1, tzinfo=UTC)


def key_of(secret: int) -> ec.EllipticCurvePrivateKey:
    """Return the P-256 key of a secret number: the same in every run, never for use outside tests and vectors."""
    return ec.derive_private_key(secret, ec.SECP256R1())


def usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """Return the key usage of a CA or of a kiosk."""
    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def digest(self) -> bytes:
        return certificate_digest(self.certificate.public_bytes(Encoding.DER))

    @classmethod
    def authority(cls, name: str = "Xianhou Test CA", *, secret: int = 1) -> Self:
        """Return a CA that signed itself."""
        key = key_of(secret)
        draft = _draft(name, name, key, key, serial=secret)
        draft = draft.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        draft = draft.add_extension(usage(signs_certificates=True), critical=True)
        return cls(draft.sign(key, SHA256(), ecdsa_deterministic=True), key)

    def kiosk(
        self, name: str = "kiosk-7", *, secret: int = 7, critical: bool = True,
        key: ec.EllipticCurvePrivateKey | None = None,
    ) -> Issued:  # fmt: skip
        """Return a kiosk's certificate by this CA; `critical` False plants the fault that OpenSSL must refuse."""
        key = key or key_of(secret)
        issuer = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        draft = _draft(name, str(issuer), key, self.key, serial=secret)
        draft = draft.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        draft = draft.add_extension(usage(signs_certificates=False), critical=True)
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        draft = draft.add_extension(purpose, critical=critical)
        return Issued(draft.sign(self.key, SHA256(), ecdsa_deterministic=True), key)


def _draft(
    name: str, issuer: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, *, serial: int
) -> x509.CertificateBuilder:
    def common(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    draft = x509.CertificateBuilder(common(issuer), common(name), key.public_key(), serial, FROM, UNTIL)
    draft = draft.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return draft.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
