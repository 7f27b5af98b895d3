"""DH parameters: which are taken, and what becomes of them."""

from __future__ import annotations

import base64

import pytest

from ingc.frontend.configmap.dh_param import BadParameters, read_dh_param

# The group ffdhe2048 of RFC 7919, as openssl writes it.
GOOD = b"""\
-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
"""
P = int(
    "FFFFFFFFFFFFFFFFADF85458A2BB4A9AAFDC5620273D3CF1D8B9C583CE2D3695A9E13641146433FBCC939DCE249B3EF9"
    "7D2FE363630C75D8F681B202AEC4617AD3DF1ED5D5FD65612433F51F5F066ED0856365553DED1AF3B557135E7F57C935"
    "984F0C70E0E68B77E2A689DAF3EFE8721DF158A136ADE73530ACCA4F483A797ABC0AB182B324FB61D108A94BB2C8E3FB"
    "B96ADAB760D7F4681D4F42A3DE394DF4AE56EDE76372BB190B07A7C8EE0A6D709E02FCE1CDF7E2ECC03404CD28342F61"
    "9172FE9CE98583FF8E4F1232EEF28183C3FE3B1B4C6FAD733BB5FCBC2EC22005C58EF1837D1683B2C6F34A26C1B2EFFA"
    "886B423861285C97FFFFFFFFFFFFFFFF",
    16,
)


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    if size < 0x100:
        return bytes((tag, 0x81, size)) + content
    return bytes((tag, 0x82)) + size.to_bytes(2) + content


def number(value: int) -> bytes:
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, signed=value < 0))


def pem(content: bytes, name: str = "DH PARAMETERS") -> bytes:
    text = base64.encodebytes(content).decode()
    return f"-----BEGIN {name}-----\n{text}-----END {name}-----\n".encode()


def test_good_ones_are_written_as_they_were() -> None:
    assert read_dh_param(GOOD) == GOOD
    assert read_dh_param(b"explained above\n" + GOOD.replace(b"\n", b"\r\n") + b"more") == GOOD


def test_the_form_with_a_third_number_loses_it() -> None:
    content = der(0x30, number(P) + number(2) + number(P // 2))
    assert read_dh_param(pem(content, "X9.42 DH PARAMETERS")) == GOOD
    assert read_dh_param(pem(content)) == GOOD


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"none",
        GOOD.replace(b"DH ", b"EC "),
        GOOD.replace(b"MIIB", b"MIIC"),
        GOOD.replace(b"MIIB", b"AIIB"),
        GOOD.replace(b"MIIB", b"MII"),
        GOOD[:-60],
        pem(b""),
        pem(b"\x30"),
        pem(b"\x30\x84\xff\xff\xff\xff"),
        pem(b"\x30\x80" + number(P) + number(2)),
        pem(der(0x30, b"")),
        pem(der(0x30, number(P) + b"\x02\x81\x01\x02")),
        pem(der(0x30, number(P) + number(2)) + b"\x05\x00"),
        pem(der(0x30, number(P))),
        pem(der(0x30, number(P) + der(4, b"2"))),
        pem(der(0x30, number(P - 1) + number(2))),
        pem(der(0x30, number(-P) + number(2))),
        pem(der(0x30, number(P) + number(1))),
        pem(der(0x30, number(P) + number(P))),
        pem(der(0x30, number(P >> 1024) + number(2))),
        pem(der(0x30, number(P << 8000 | 1) + number(2))),
    ],
)
def test_wrong_ones_are_refused(text: bytes) -> None:
    with pytest.raises(BadParameters):
        read_dh_param(text)
