"""Keys, as ``cryptography`` loads them: which are taken. `ingc.resolve.pem` is the door to this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingc.ir import SecretBytes
from ingc.resolve.x509_rules import NO_KIND, BadMaterial, KeyKind, check_private_key
from ingc.syntax.pem import write_block

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers

PRIVATE_KEY = "PRIVATE KEY"
"""The label of PKCS #8 without a passphrase (RFC 7468)."""
_LARGEST_EXPONENT = 64
"""Bits of an RSA key's public exponent: OpenSSL's OPENSSL_RSA_MAX_PUBEXP_BITS."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of a key."""

    kind: KeyKind
    bits: int
    curve: str
    """Its name in SEC 2; empty for other kinds."""
    der: bytes
    """SubjectPublicKeyInfo, as `cryptography` writes it: equal keys have equal ones."""


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private key without a passphrase."""

    public: PublicKey
    pem: SecretBytes
    """PKCS #8, written anew."""


def describe_public_key(key: object) -> PublicKey:
    """Describe a public key. Raises `BadMaterial` for a kind or form that nginx can't use."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    match key:
        case rsa.RSAPublicKey():
            exponent = key.public_numbers().e
            if exponent < 3 or exponent % 2 == 0 or exponent.bit_length() > _LARGEST_EXPONENT:
                raise BadMaterial("has an RSA key with an exponent that OpenSSL does not use")
            return PublicKey("rsa", key.key_size, "", key.public_bytes(*form))
        case ec.EllipticCurvePublicKey(curve=curve):
            return PublicKey("ec", key.key_size, curve.name, key.public_bytes(*form))
        case ed25519.Ed25519PublicKey():
            return PublicKey("ed25519", 256, "", key.public_bytes(*form))
        case ed448.Ed448PublicKey():
            return PublicKey("ed448", 456, "", key.public_bytes(*form))
    raise BadMaterial(NO_KIND)


def load_private_key(der: bytes) -> PrivateKey:
    """Load a private key. Raises `BadMaterial`, or whatever `cryptography` raises."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        load_der_private_key,
    )

    check_private_key(der)
    # Primes are not tested: that takes seconds for large ones, and nginx does not care.
    key = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    match key:
        case rsa.RSAPrivateKey():
            belongs = _adds_up(key.private_numbers())
        case ec.EllipticCurvePrivateKey():
            secret = key.private_numbers().private_value
            derived = ec.derive_private_key(secret, key.curve).public_key()
            belongs = derived.public_numbers() == key.public_key().public_numbers()
        case ed25519.Ed25519PrivateKey() | ed448.Ed448PrivateKey():
            belongs = True
        case _:
            raise BadMaterial(NO_KIND)
    if not belongs:
        raise BadMaterial("has numbers that do not belong together")
    public = describe_public_key(key.public_key())
    written = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return PrivateKey(public, SecretBytes(write_block(PRIVATE_KEY, written)))


def _adds_up(key: RSAPrivateNumbers) -> bool:
    """Return whether the numbers of an RSA key belong together (RFC 8017, 3.2)."""
    p, q, d, e = key.p, key.q, key.d, key.public_numbers.e
    return (
        min(p, q) > 2
        and p * q == key.public_numbers.n
        and d * e % (p - 1) == 1
        and d * e % (q - 1) == 1
        and key.dmp1 == d % (p - 1)
        and key.dmq1 == d % (q - 1)
        and key.iqmp * q % p == 1
    )
