"""Certificate authorities of a test's own, and the clients that they know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_NOW = datetime.now(UTC).replace(microsecond=0)
_DAY = timedelta(days=1)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


@dataclass(frozen=True)
class Client:
    """A client's certificate and key, PEM."""

    certificate: x509.Certificate
    pem: bytes

    def file(self, folder: Path) -> Path:
        """Write both into one file."""
        path = folder / f"{self.certificate.serial_number}.pem"
        path.write_bytes(self.pem)
        return path


class Authority:
    """Signs clients' certificates."""

    def __init__(
        self, name: str, by: Authority | None = None, *, is_authority: bool = True
    ) -> None:
        """Make its own certificate, which it signs itself, or which another authority signs.

        It may say that it is no authority, and signs all the same.
        """
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        signer = self if by is None else by
        self.certificate = signer._signed(self._name, self._key, authority=is_authority)
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM)

    def client(self, common_name: str, *, expired: bool = False) -> Client:
        """Make a client, whose certificate has perhaps expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._signed(_name(common_name), key, authority=False, expired=expired)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return Client(certificate, certificate.public_bytes(serialization.Encoding.PEM) + private)

    def revoked(self, *clients: Client) -> bytes:
        """Return a revocation list, PEM."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self._name)
        builder = builder.last_update(_NOW - _DAY).next_update(_NOW + _DAY)
        for client in clients:
            entry = x509.RevokedCertificateBuilder().revocation_date(_NOW - _DAY)
            entry = entry.serial_number(client.certificate.serial_number)
            builder = builder.add_revoked_certificate(entry.build())
        signed = builder.sign(self._key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM)

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *,
        authority: bool,
        expired: bool = False,
    ) -> x509.Certificate:
        end = _NOW - _DAY / 2 if expired else _NOW + _DAY
        constraints = x509.BasicConstraints(ca=authority, path_length=None)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name)
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(_NOW - _DAY).not_valid_after(end)
        builder = builder.add_extension(constraints, critical=True)
        return builder.sign(self._key, hashes.SHA256())
