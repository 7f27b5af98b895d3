"""A Secret with names and passwords → the user file that nginx reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingc.ir import SecretBytes
from ingc.resolve.password_cost import too_costly

FILE_KEY = "auth"
_LONGEST_NAME, _LONGEST_HASH = 255, 512
"""Bytes; nginx reads lines in pieces of 2048."""
_HASH = re.compile(
    rb"\$(?:apr1|1|5|6|7|y|gy|2[abxy])\$[!-9;-~]*\$[!-9;-~]+"  # crypt, with a scheme
    rb"|[./0-9A-Za-z]{13}"  # crypt, as it began
    rb"|\{S?SHA\}[A-Za-z0-9+/]+={0,2}"
    rb"|\{PLAIN\}[ -9;-~\x80-\xff]+"
).fullmatch
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]").search


@dataclass(frozen=True, slots=True)
class UnusableUser:
    """A user that nginx could not check."""

    key: str
    """Of the Secret."""
    where: str
    why: str


@dataclass(frozen=True, slots=True)
class UserFile:
    """What became of a Secret."""

    content: SecretBytes
    """A line for each user; empty where there is none."""
    unusable: tuple[UnusableUser, ...]


def read_users(layout: str, data: Mapping[str, bytes]) -> UserFile:
    """Read the users of an ``auth-file`` or an ``auth-map``; nothing of them is ever reported."""
    found = _from_map(data) if layout == "auth-map" else _from_file(data.get(FILE_KEY, b""))
    lines: list[bytes] = []
    unusable: list[UnusableUser] = []
    for item in found:
        if isinstance(item, UnusableUser):
            unusable.append(item)
        else:
            lines.append(item + b"\n")
    return UserFile(SecretBytes(b"".join(lines)), tuple(unusable))


def _from_map(data: Mapping[str, bytes]) -> Iterator[bytes | UnusableUser]:
    for key, value in sorted(data.items()):
        yield _user(key.encode(), value.strip(b"\r\n"), key, f'key "{key}"')


def _from_file(text: bytes) -> Iterator[bytes | UnusableUser]:
    for number, line in enumerate(text.replace(b"\r\n", b"\n").split(b"\n"), 1):
        if not line.strip() or line.startswith(b"#"):
            continue
        name, colon, rest = line.partition(b":")
        where = f'line {number} of "{FILE_KEY}"'
        if not colon:
            yield UnusableUser(FILE_KEY, where, "it has no colon")
            continue
        # nginx takes what follows a second colon for a comment.
        password = rest if rest.startswith(b"{PLAIN}") else rest.partition(b":")[0]
        yield _user(name, password, FILE_KEY, where)


def _user(name: bytes, password: bytes, key: str, where: str) -> bytes | UnusableUser:
    why = ""
    if not name or name.startswith(b"#"):
        why = "the name is empty or a comment"
    elif _CONTROL(name) or _CONTROL(password):
        why = "it holds a control character"
    elif len(name) > _LONGEST_NAME or len(password) > _LONGEST_HASH:
        why = "it is too long"
    elif b":" in password:
        why = "nginx would cut the password at its colon"
    elif not _HASH(password):
        why = "the password has no form that nginx knows"
    elif costs := too_costly(password):
        why = f"each check would keep a worker from all other requests: {costs}"
    return UnusableUser(key, where, why) if why else name + b":" + password
