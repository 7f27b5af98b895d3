"""Secrets with odd material, one for each number, and what of them our rules let through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from ingc.diagnostics import Origin
from ingc.ir import SecretBytes
from ingc.k8s.secret import Secret
from ingc.resolve.authorities import Authorities, read_authorities
from ingc.resolve.certificate import KeyPair, read_key_pair
from ingc.syntax.der import encode
from ingc.syntax.pem import write_block
from tests.material import parts
from tests.material.mutation import mutate_der, mutate_pem
from tests.material.parts import seq

T = TypeVar("T")
_SEED = "ingc"


class Draw(Random):
    """Draws parts; some Secrets are odd all over, others in a place or two."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        self.calm = self.choice((1, 3, 10))
        """How much rarer odd parts are."""


@dataclass(frozen=True)
class Taken:
    """What our rules let through, as it would be written."""

    number: int
    pair: KeyPair | None
    authorities: Authorities | None


def data_of(number: int) -> dict[str, bytes]:
    """Return the data of the Secret with this number: always the same, but for the keys' bytes."""
    random = Draw(f"{_SEED} {number}")
    kind = _odd(random, parts.KEYS[:2], parts.KEYS, 3)
    form = random.choice(("PKCS8", "TraditionalOpenSSL"))
    private = parts.private_pem(_odd(random, [kind], parts.KEYS, 20), form)
    chain = [_certificate(random, kind), *_some(random, _certificate, 2)]
    authorities = [_certificate(random), *_some(random, _certificate, 3)]
    lists = [_revocation_list(random), *_some(random, _revocation_list, 2)]
    key = write_block("PRIVATE KEY", _maybe_der(random, _first(private), 8))
    return {
        "tls.crt": _text(random, "CERTIFICATE", chain),
        "tls.key": _maybe_pem(random, key if form == "PKCS8" else private),
        "ca.crt": _text(random, "CERTIFICATE", authorities),
        "ca.crl": _text(random, "X509 CRL", lists),
    }


def secret_of(number: int) -> Secret:
    """Return the Secret with this number."""
    data = {key: SecretBytes(text) for key, text in data_of(number).items()}
    return Secret("odd", f"secret-{number}", data, frozenset(), Origin())


def taken_of(number: int) -> Taken:
    """Return what of the Secret with this number is taken."""
    secret = secret_of(number)
    pair, authorities = read_key_pair(secret), read_authorities(secret)
    if isinstance(authorities, str):
        data = {key: text for key, text in secret.data.items() if key != "ca.crl"}
        authorities = read_authorities(Secret("odd", "x", data, frozenset(), Origin()))
    return Taken(
        number,
        pair if isinstance(pair, KeyPair) else None,
        authorities if isinstance(authorities, Authorities) else None,
    )


def _certificate(random: Draw, kind: str = "") -> bytes:
    """Return a certificate, DER; of what it is made, a part in six is odd."""
    kind = kind or random.choice(parts.KEYS)
    signature = _odd(random, parts.GOOD_SIGNATURES, parts.SIGNATURES, 12)
    plain = parts.common_name("shop")
    weak = random.randrange(6) == 0
    if weak:
        signature = random.choice(parts.WEAK_SIGNATURES)
    issuer = (
        plain if weak else _odd(random, [plain, parts.common_name("authority")], parts.NAMES, 20)
    )
    subject = _odd(random, [plain], [issuer, *parts.NAMES], 20)
    pool = parts.IDENTIFIERS if weak else parts.EXTENSIONS
    extensions = _several(random, pool, 4)
    version = parts.VERSIONS[3] if extensions else b""
    signed = seq(
        _odd(random, [version], parts.VERSIONS, 25),
        _odd(random, parts.SERIALS[:1], parts.SERIALS, 20),
        _odd(random, [signature], parts.SIGNATURES, 25),
        issuer,
        seq(*(_odd(random, [time], parts.TIMES, 12) for time in parts.TIMES[:2])),
        subject,
        _odd(random, [parts.public_der(kind)], parts.odd_public_ders(kind), 20),
        *_odd(random, [()], [(encode(0x81, b"\x00id"),), (encode(0x82, b"\x09"),)], 20),
        *_odd(random, [(encode(0xA3, seq(*extensions)),) if extensions else ()], [()], 20),
    )
    whole = seq(signed, signature, encode(parts.BITS, b"\x00" * 257))
    return _maybe_der(random, whole, 5)


def _revocation_list(random: Draw) -> bytes:
    signature = _odd(random, parts.GOOD_SIGNATURES, parts.SIGNATURES, 8)
    extensions = _several(random, parts.LIST_EXTENSIONS, 2)
    entries = [
        seq(
            _odd(random, parts.SERIALS[:1], parts.SERIALS, 8),
            _odd(random, parts.TIMES[:1], parts.TIMES, 12),
            *([seq(*found)] if (found := _several(random, parts.ENTRY_EXTENSIONS, 2)) else []),
        )
        for _ in range(random.randrange(4))
    ]
    signed = seq(
        _odd(random, [parts.integer(1)], [b"", parts.integer(0), parts.integer(2)], 12),
        _odd(random, [signature], parts.SIGNATURES, 25),
        _odd(random, [parts.common_name("shop")], parts.NAMES, 20),
        *(_odd(random, [time], [b"", *parts.TIMES], 12) for time in parts.TIMES[:2]),
        *([seq(*entries)] if entries else []),
        *([encode(0xA0, seq(*extensions))] if extensions else []),
    )
    return _maybe_der(random, seq(signed, signature, encode(parts.BITS, b"\x00" * 65)), 4)


def _odd(random: Draw, plain: Sequence[T], odd: Sequence[T], share: int) -> T:
    """Return an odd value in one of ``share`` cases, and a plain one else."""
    return random.choice(plain if random.randrange(share * random.calm) else odd)


def _several(random: Draw, pool: list[bytes], most: int) -> list[bytes]:
    return [random.choice(pool) for _ in range(random.randrange(most))]


def _some(random: Draw, make: object, most: int) -> list[bytes]:
    assert callable(make)
    return [make(random) for _ in range(random.randrange(most))]


def _maybe_der(random: Draw, der: bytes, share: int) -> bytes:
    return der if random.randrange(share * random.calm) else mutate_der(der, random)


def _maybe_pem(random: Draw, text: bytes) -> bytes:
    return text if random.randrange(3) else mutate_pem(text, random)


def _text(random: Draw, label: str, ders: list[bytes]) -> bytes:
    return _maybe_pem(random, b"".join(write_block(label, der) for der in ders))


def _first(pem: bytes) -> bytes:
    import base64

    return base64.b64decode(b"".join(pem.splitlines()[1:-1]))
