"""Which certificates OpenSSL takes: a weak one keeps nginx from starting, for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509

_LEAST_RSA, _LEAST_EC = 2048, 224
"""Bits of a key at OpenSSL's security level 2, its default in most builds."""
_WEAK_HASHES = frozenset({"md5", "sha1"})


def weakness(certificate: x509.Certificate) -> str:
    """Say why OpenSSL refuses a certificate at its security level 2; empty: it does not.

    Raises ``UnsupportedAlgorithm`` or `ValueError` for what is not known at all.
    """
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

    match certificate.public_key():
        case rsa.RSAPublicKey(key_size=size) | dsa.DSAPublicKey(key_size=size):
            least = _LEAST_RSA
        case ec.EllipticCurvePublicKey(key_size=size):
            least = _LEAST_EC
        case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey():
            size = least = 0
        case _:
            return "its key is of no kind that nginx can use"
    if size < least:
        return f"a key of {size} bits is too weak for OpenSSL, which wants {least}"
    signed_by = certificate.signature_hash_algorithm
    # Nobody relies on the signature of a certificate that is signed by itself.
    own = certificate.issuer == certificate.subject
    if signed_by is not None and signed_by.name in _WEAK_HASHES and not own:
        return f"OpenSSL takes no signature with {signed_by.name.upper()}"
    return ""
