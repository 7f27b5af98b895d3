"""Which certificates OpenSSL takes: a weak one keeps nginx from starting, for everybody.

The rules are ours, and never weaker than those of OpenSSL, from 1.1.1 to 4.0, at its security
level 2; no cipher list that is emitted requires a higher one. So they are the same wherever they
are compiled, and whatever nginx is linked with.
"""

from __future__ import annotations

from ingc.resolve.pem import X509Certificate, read_certificates
from ingc.resolve.x509_rules import BadMaterial

_LEAST_RSA, _MOST_RSA = 2048, 8192
"""Bits of an RSA key: what OpenSSL wants at level 2, and what still answers a handshake in time."""
_CURVES = {"P-224": "secp224r1", "P-256": "secp256r1", "P-384": "secp384r1", "P-521": "secp521r1"}
"""The curves of at least 224 bits, level 2, that every build of OpenSSL has."""
_WEAK_HASHES = frozenset({"md5", "sha1"})


def read_served_chain(text: bytes) -> tuple[X509Certificate, ...]:
    """Return a certificate that nginx presents, and those after it. Raises `BadMaterial`."""
    chain = read_certificates(text)
    for item in chain:
        why = weakness(item)
        if why:
            raise BadMaterial(why)
    return chain


def weakness(certificate: X509Certificate) -> str:
    """Return why some OpenSSL may refuse to present a certificate; empty: none does."""
    key, signed_by = certificate.key, certificate.signature.hash
    least = {"rsa": _LEAST_RSA, "ec": 224}.get(key.kind, 0)
    if key.bits < least:
        return f"a key of {key.bits} bits is too weak for OpenSSL, which wants {least}"
    if key.kind == "rsa" and key.bits > _MOST_RSA:
        return f"an RSA key of {key.bits} bits takes too long; {_MOST_RSA} is the most"
    if key.kind == "ec" and key.curve not in _CURVES.values():
        return f"not every OpenSSL has the curve {key.curve}; {', '.join(_CURVES)} are in all"
    # Nobody relies on the signature of a certificate that is signed by itself.
    if signed_by in _WEAK_HASHES and not certificate.signs_itself:
        return f"OpenSSL takes no signature with {signed_by.upper()}"
    return ""
