"""PEM (RFC 7468): the blocks of a text, and how a block is written."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Container
from dataclasses import dataclass
from itertools import zip_longest

_LINE = 64
_BEGIN = re.compile(rb"^[ \t\r\f\v]*-----BEGIN ([A-Z0-9][A-Z0-9 .]*)-----", re.MULTILINE)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LOCKED = b"ENCRYPTED"


class BadPem(ValueError):
    """A text holds a block that can't be read; the text gives the reason."""


@dataclass(frozen=True, slots=True)
class PemBlock:
    """What stands between ``-----BEGIN label-----`` and ``-----END label-----``."""

    label: str
    der: bytes
    """Empty where the block is `locked`."""
    locked: bool
    """Its header states that a passphrase is needed (RFC 1421)."""


def read_blocks(text: bytes, labels: Container[str]) -> tuple[PemBlock, ...]:
    """Return the blocks that have one of these labels, in their order.

    Text between blocks and blocks with other labels do not count, neither do indentation, ends
    of lines and their length. Raises `BadPem` where a block with such a label is cut off or holds
    something else than base64: it is not left out, as OpenSSL would stop there.
    """
    text = text.removeprefix(_BYTE_ORDER_MARK)
    begins = list(_BEGIN.finditer(text))
    found = []
    for begin, after in zip_longest(begins, begins[1:]):
        end = after.start() if after else len(text)
        label = begin[1].decode("ascii")
        if label not in labels:
            continue
        body, last, _ = text[begin.end() : end].partition(b"-----END " + begin[1] + b"-----")
        if not last:
            raise BadPem("it holds a PEM block that is cut off")
        found.append(_block(label, body))
    return tuple(found)


def write_block(label: str, der: bytes) -> bytes:
    """Write a block as OpenSSL does: lines of 64 characters, each with an end."""
    text = base64.b64encode(der)
    lines = (text[at : at + _LINE] for at in range(0, len(text), _LINE))
    name = label.encode("ascii") + b"-----"
    return b"\n".join((b"-----BEGIN " + name, *lines, b"-----END " + name, b""))


def _block(label: str, body: bytes) -> PemBlock:
    if b":" in body and _LOCKED in body:
        return PemBlock(label, b"", locked=True)
    try:
        der = base64.b64decode(b"".join(body.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadPem("it holds a PEM block that is not base64") from error
    return PemBlock(label, der, locked=False)
