"""What becomes of a request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple


class NotModelled(Exception):
    """nginx's behaviour depends on something that the model does not know."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(f"{what} in line {line} is not modelled")
        self.what = what
        self.line = line


@dataclass(frozen=True, slots=True)
class Tried:
    """A file that ``try_files`` looks for."""

    path: bytes
    """As the configuration has it, perhaps relative to nginx's prefix."""
    kind: Literal["file", "directory"]


class DependsOnFiles(NotModelled):
    """Which of some files is there first decides; pass it to `Model.outcomes`."""

    def __init__(self, tried: tuple[Tried, ...], line: int) -> None:
        super().__init__("try_files, which depends on files", line)
        self.tried = tried


NONE_THERE = -1
"""The number of a file of ``try_files``, where none is there."""

Files = Callable[[bytes], Literal["file", "directory"] | None]
"""Returns what is at a path; ``None``: nothing."""


class HeadersWanted(NamedTuple):
    """Which headers of an outcome are worked out."""

    passed: bool
    """Those that the upstream gets."""
    added: bool
    """Those that are added to the answer."""


ALL_HEADERS = HeadersWanted(passed=True, added=True)
NO_HEADERS = HeadersWanted(passed=False, added=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a request."""

    status: int | None
    """What nginx answers itself; ``None``: the upstream answers, or TLS is refused."""
    upstream: str | None = None
    """The upstream's name, or the address, as the pass directive has it."""
    target: bytes = b""
    """The request target that the upstream gets."""
    location: str | None = None
    """The Location header of a redirect."""
    refused: bool = False
    """True where the TLS handshake is refused."""
    protocol: str = ""
    """How the upstream is spoken to: ``http``, ``https``, ``grpc``, ``grpcs``, ``fastcgi``."""
    guards: tuple[str, ...] = ()
    """What may refuse the request before: ``auth_basic``, ``auth_request``, ``limit_req`` …"""
    headers: tuple[tuple[str, str], ...] = ()
    """Headers that the upstream gets beside the client's own; an empty value removes one. A
    value that only a running nginx knows stands as it is written."""
    sent: tuple[tuple[str, str], ...] = ()
    """The headers that are added to the answer; values as in `headers`."""
    checks: tuple[tuple[str, ...], ...] = ()
    """What may refuse the request before, with what is checked; see `ingc.model.checks`."""
    server_line: int = 0
    location_line: int = 0
    answer_line: int = 0
    """That of the ``return`` or ``rewrite`` that answers; 0 where none does."""
    uri: bytes = b""
    """``$uri`` at the end."""
    text: bytes | None = None
    """The body, where a ``return`` has one."""
    file: bytes = b""
    """The file, or the folder, that nginx serves or looks for; whether it is there decides where
    `status` is ``None``. A path as the configuration has it, perhaps relative to nginx's prefix."""
    shown: int | None = None
    """The status that the client sees in place of the upstream's, by an ``error_page``."""
    why: str = ""
    """Why nginx refuses the request line or its Host, in words; empty where it reads them."""
