"""The parts of certificates and lists, good and odd ones, written in DER by ourselves.

Nobody verifies a signature to load a certificate, so the bytes of one may be any: what counts is
what it says of itself. Each pool is a list from which `tests.material.cases` draws.
"""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519

from ingc.syntax.der import encode, read_values

PrivateKey = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
    | dsa.DSAPrivateKey
    | x25519.X25519PrivateKey
)
SEQUENCE, SET, INTEGER, BITS, OCTETS, NULL, OID, BOOLEAN = 0x30, 0x31, 2, 3, 4, 5, 6, 1
UTC, GENERAL = 23, 24


def seq(*parts: bytes) -> bytes:
    return encode(SEQUENCE, b"".join(parts))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    content = bytearray()
    for number in (first * 40 + second, *rest):
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(number & 0x7F | 0x80)
        content += bytes(reversed(groups))
    return encode(OID, bytes(content))


def integer(value: int) -> bytes:
    return encode(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


def algorithm(dotted: str, *parameters: bytes) -> bytes:
    return seq(oid(dotted), *parameters)


_NULL = encode(NULL, b"")
_RSA, _SHA2 = "1.2.840.113549.1.1.", "2.16.840.1.101.3.4.2."


def _pss(digest: str, mask: str, salt: int, *more: bytes) -> bytes:
    of_hash, of_mask = algorithm(digest, _NULL), algorithm(_RSA + "8", algorithm(mask, _NULL))
    parts = of_hash, of_mask, integer(salt)
    explicit = (encode(0xA0 + number, part) for number, part in enumerate(parts))
    return algorithm(_RSA + "10", seq(*explicit, *more))


GOOD_SIGNATURES = [algorithm(_RSA + "11", _NULL), algorithm("1.2.840.10045.4.3.2")]
WEAK_SIGNATURES = [
    *(algorithm(f"{_RSA}{last}", _NULL) for last in (4, 5)),
    algorithm("1.2.840.10045.4.1"),
]
"""OpenSSL takes these from a certificate that signs itself alone."""
SIGNATURES = [
    *(algorithm(f"{_RSA}{last}", _NULL) for last in (2, 4, 5, 11, 12, 13, 14, 15)),
    algorithm(_RSA + "11"),
    algorithm(_RSA + "5", integer(1)),
    *(algorithm(f"1.2.840.10045.4.{last}") for last in ("1", "3.1", "3.2", "3.3", "3.4")),
    algorithm("1.2.840.10045.4.3.2", _NULL),
    algorithm("1.3.101.112"),
    algorithm("1.3.101.113"),
    algorithm("1.3.101.112", _NULL),
    *(_pss(_SHA2 + str(n), _SHA2 + str(n), size) for n, size in ((1, 32), (2, 48), (3, 64))),
    _pss(_SHA2 + "1", _SHA2 + "2", 32),
    _pss(_SHA2 + "1", _SHA2 + "1", 20),
    _pss("1.3.14.3.2.26", "1.3.14.3.2.26", 20),
    _pss(_SHA2 + "1", _SHA2 + "1", 32, encode(0xA3, integer(2))),
    algorithm(_RSA + "10", seq()),
    algorithm(_RSA + "10"),
    algorithm("1.2.840.10040.4.3"),
    algorithm("2.16.840.1.101.3.4.3.2"),
    algorithm("2.16.840.1.101.3.4.3.14", _NULL),
    algorithm("2.16.840.1.101.3.4.3.10"),
    algorithm("2.16.840.1.101.3.4.3.17"),
    algorithm("1.2.643.7.1.1.3.2"),
    algorithm("1.2.156.10197.1.501"),
    algorithm("1.2.3.4"),
]

# Tags of strings and what may stand in them: text, bad UTF-8, surrogates, NUL, control characters.
_TAGS = (1, 2, 3, 4, 5, 6, 10, 12, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 0x30, 0x80)
_TEXTS = (
    b"",
    b"shop",
    b"Jos\xc3\xa9",
    b"Jos\xe9",
    b"\xff\xfe",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xef\xbf\xbf",
    b"a\x00b",
    b"\x1b[31m",
    b"\x00s\x00h\x00o\x00p",
    b"\xd8\x3d\xde\x00",
    b"\xd8\x00",
    b"\x00\x00\x00s\x00\x01\xf6\x00",
    b"\x00\x00\xd8\x00",
    b"\x00\x11\x00\x00",
    b"\x00\x00\x00",
    b"  two   spaces ",
    b"x" * 70000,
)


def attribute(dotted: str, tag: int, text: bytes) -> bytes:
    return seq(oid(dotted), encode(tag, text))


def name(*attributes: bytes) -> bytes:
    return seq(*(encode(SET, item) for item in attributes))


def common_name(text: str) -> bytes:
    return name(attribute("2.5.4.3", 12, text.encode()))


NAMES = [
    seq(),
    seq(encode(SET, b"")),
    name(attribute("2.5.4.3", 12, b"a") + attribute("2.5.4.10", 12, b"b")),
    name(*(attribute("2.5.4.11", 12, str(n).encode()) for n in range(100))),
    name(attribute("2.5.4.6", 19, b"Germany")),
    name(attribute("1.2.3.4", 12, b"unknown")),
    name(attribute("2.5.4.45", 3, b"\x00\x01")),
    *(name(attribute("2.5.4.3", tag, text)) for tag in _TAGS for text in _TEXTS),
]

SERIALS = [
    *map(integer, (1, 0, -1, 127, 1 << 159, (1 << 160) - 1, 1 << 400, -(1 << 200))),
    encode(INTEGER, b"\x00\x01"),
    encode(INTEGER, b""),
]
VERSIONS = [b"", *(encode(0xA0, integer(n)) for n in (0, 1, 2, 3, -1, 1 << 70))]

_TIMES = [
    (UTC, b"200101000000Z"),
    (UTC, b"491231235959Z"),
    (UTC, b"500101000000Z"),
    (UTC, b"2001010000Z"),
    (UTC, b"200101000000+0100"),
    (UTC, b"209901000000Z"),
    (UTC, b"200230000000Z"),
    (UTC, b"garbage"),
    (UTC, b""),
    (GENERAL, b"20200101000000Z"),
    (GENERAL, b"20500101000000Z"),
    (GENERAL, b"99991231235959Z"),
    (GENERAL, b"00000101000000Z"),
    (GENERAL, b"00010101000000Z"),
    (GENERAL, b"20500101000000.5Z"),
    (GENERAL, b"20501301000000Z"),
    (GENERAL, b"20500101006060Z"),
    (12, b"20500101000000Z"),
]
TIMES = [encode(tag, text) for tag, text in _TIMES]


def extension(dotted: str, content: bytes, critical: bytes = b"") -> bytes:
    return seq(oid(dotted), critical, encode(OCTETS, content))


CRITICAL = encode(BOOLEAN, b"\xff")
KEY_ID = b"k" * 20
_DIRECTORY = encode(0xA4, common_name("shop"))
EXTENSIONS = [
    extension("2.5.29.17", seq(encode(0x82, b"shop.test"))),
    extension("2.5.29.17", seq(encode(0x82, b"\xff\xfe"))),
    extension("2.5.29.17", seq(encode(0x82, b"a\x00b"), encode(0x87, b"\x7f\x00\x00\x01"))),
    extension("2.5.29.17", seq(encode(0x87, b"\x7f"))),
    extension("2.5.29.17", seq(encode(0xA4, NAMES[40]))),
    extension("2.5.29.17", seq()),
    extension("2.5.29.17", b"", CRITICAL),
    extension("2.5.29.14", encode(OCTETS, KEY_ID)),
    extension("2.5.29.14", b"not DER"),
    extension("2.5.29.35", seq(encode(0x80, KEY_ID))),
    extension("2.5.29.35", seq(encode(0x80, b"other"))),
    extension("2.5.29.35", seq()),
    extension("2.5.29.35", seq(encode(0xA1, _DIRECTORY), encode(0x82, b"\x01"))),
    extension("2.5.29.35", seq(encode(0xA1, _DIRECTORY), encode(0x82, b"\x02"))),
    extension("2.5.29.35", seq(encode(0x82, b"\x01"))),
    extension("2.5.29.35", b"\x30\x05"),
    *(extension("2.5.29.15", encode(BITS, bits), CRITICAL) for bits in (b"\x05\xa0", b"\x02\x04")),
    extension("2.5.29.15", encode(BITS, b"\x00")),
    extension("2.5.29.15", encode(BITS, b"")),
    extension("2.5.29.19", seq(encode(BOOLEAN, b"\xff")), CRITICAL),
    extension("2.5.29.19", seq(), CRITICAL),
    extension("2.5.29.19", seq(integer(3))),
    extension("2.5.29.19", seq(encode(BOOLEAN, b"\xff"), integer(-1))),
    extension("2.5.29.37", seq(oid("1.3.6.1.5.5.7.3.1"))),
    extension("2.5.29.37", seq()),
    extension("2.5.29.32", seq(seq(oid("2.23.140.1.2.1")))),
    extension("2.5.29.32", b"\x01"),
    extension("2.5.29.30", seq(encode(0xA0, seq(encode(0x82, b"shop.test")))), CRITICAL),
    extension("2.5.29.31", seq(seq(encode(0xA0, encode(0xA0, encode(0x86, b"http://x/")))))),
    extension("1.3.6.1.5.5.7.1.1", seq(seq(oid("1.3.6.1.5.5.7.48.1"), encode(0x86, b"http://o/")))),
    extension("1.3.6.1.5.5.7.1.1", seq(seq(oid("1.3.6.1.5.5.7.48.1"), encode(0x86, b"\xe9")))),
    extension("1.3.6.1.5.5.7.1.14", seq(seq(oid("1.3.6.1.5.5.7.21.1"))), CRITICAL),
    extension("1.3.6.1.5.5.7.1.7", seq(seq(encode(OCTETS, b"\x00\x01"), _NULL)), CRITICAL),
    extension("1.3.6.1.5.5.7.1.8", b"junk", CRITICAL),
    extension("1.3.6.1.5.5.7.1.24", seq(integer(5))),
    extension("2.16.840.1.113730.1.1", encode(BITS, b"\x06\x40")),
    extension("2.16.840.1.113730.1.1", b"junk"),
    extension("1.2.3.4.5", b"anything"),
    extension("1.2.3.4.5", b"anything", CRITICAL),
    extension("1.2.3.4.5", b"", encode(BOOLEAN, b"\x00")),
    seq(oid("2.5.29.17")),
    seq(),
]
IDENTIFIERS = [item for item in EXTENSIONS if item[4:7] in (b"\x55\x1d\x0e", b"\x55\x1d\x23")]
"""The identifiers of keys: OpenSSL tells by them whether a certificate signs itself."""
LIST_EXTENSIONS = [
    extension("2.5.29.20", integer(7)),
    extension("2.5.29.20", b"junk"),
    extension("2.5.29.27", integer(1), CRITICAL),
    extension("2.5.29.28", seq(encode(0x81, b"\xff")), CRITICAL),
    extension("2.5.29.28", seq(), CRITICAL),
    extension("2.5.29.28", b"junk", CRITICAL),
    extension("2.5.29.35", seq(encode(0x80, KEY_ID))),
    extension("2.5.29.35", b"junk"),
    extension("2.5.29.46", seq(seq(encode(0xA0, encode(0xA0, encode(0x86, b"http://x/")))))),
    extension("1.2.3.4.5", b"anything"),
    extension("1.2.3.4.5", b"anything", CRITICAL),
]
ENTRY_EXTENSIONS = [
    extension("2.5.29.21", encode(10, b"\x01")),
    extension("2.5.29.21", encode(10, b"\x63")),
    extension("2.5.29.21", b"junk"),
    extension("2.5.29.24", encode(GENERAL, b"20200101000000Z")),
    extension("2.5.29.29", seq(_DIRECTORY), CRITICAL),
    extension("2.5.29.29", b"junk", CRITICAL),
    extension("1.2.3.4.5", b"anything", CRITICAL),
]

_CURVES = {
    "p192": ec.SECP192R1,
    "p224": ec.SECP224R1,
    "p256": ec.SECP256R1,
    "p384": ec.SECP384R1,
    "p521": ec.SECP521R1,
    "k256": ec.SECP256K1,
    "brainpool": ec.BrainpoolP256R1,
}
_SIZES = {"rsa1024": (65537, 1024), "rsa2048": (65537, 2048), "rsa3": (3, 2048)}
KEYS = ("rsa2048", "p256", "rsa1024", "rsa3", *_CURVES, "ed25519", "ed448", "dsa", "x25519")
"""The first two are ordinary."""


@cache
def key(kind: str) -> PrivateKey:
    if kind in _SIZES:
        return rsa.generate_private_key(*_SIZES[kind])
    if kind in _CURVES:
        return ec.generate_private_key(_CURVES[kind]())
    if kind == "dsa":
        return dsa.generate_private_key(2048)
    modules = {"ed25519": ed25519.Ed25519PrivateKey, "ed448": ed448.Ed448PrivateKey}
    return modules.get(kind, x25519.X25519PrivateKey).generate()


@cache
def public_der(kind: str) -> bytes:
    return (
        key(kind)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


_PRIME = (1 << 256) - (1 << 224) + (1 << 192) + (1 << 96) - 1
_P256 = (
    "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
)


@cache
def odd_public_ders(kind: str) -> list[bytes]:
    """Return other ways to write a public key: for RSA-PSS, with a curve's numbers, compressed."""
    plain, made = public_der(kind), key(kind)
    rsa_alone = bytes.fromhex("2a864886f70d0101")
    found = [plain.replace(rsa_alone + b"\x01", rsa_alone + b"\x0a"), seq(), b""]
    if isinstance(made, ec.EllipticCurvePrivateKey):
        form = serialization.PublicFormat.CompressedPoint
        point = made.public_key().public_bytes(serialization.Encoding.X962, form)
        short = encode(BITS, b"\x00" + point)
        found.append(seq(algorithm("1.2.840.10045.2.1", _curve_oid(plain)), short))
    if kind == "p256":
        explicit = algorithm("1.2.840.10045.2.1", explicit_p256())
        found.append(seq(explicit, plain[-68:]))
    return found


def _curve_oid(public: bytes) -> bytes:
    (whole,) = read_values(public)
    (_, curve) = whole.values()[0].values()
    return encode(curve.tag, curve.content)


def explicit_p256() -> bytes:
    """Return the numbers of P-256 (SpecifiedECDomain of SEC 1)."""
    b, generator, order = map(bytes.fromhex, _P256)
    a = encode(OCTETS, (_PRIME - 3).to_bytes(32))
    return seq(
        integer(1),
        seq(oid("1.2.840.10045.1.1"), integer(_PRIME)),
        seq(a, encode(OCTETS, b)),
        encode(OCTETS, generator),
        integer(int.from_bytes(order)),
        integer(1),
    )


@cache
def private_pem(kind: str, form: str = "PKCS8") -> bytes:
    """Return a key in ``PKCS8`` or, where the kind has it, ``TraditionalOpenSSL``."""
    if kind in ("ed25519", "ed448", "x25519"):
        form = "PKCS8"
    return key(kind).private_bytes(
        serialization.Encoding.PEM,
        getattr(serialization.PrivateFormat, form),
        serialization.NoEncryption(),
    )
