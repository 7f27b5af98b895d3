"""The syntax tree of a file of route tests: every line as it stands, comments included."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

QUOTE = '"'
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Word:
    """A word or a quoted string."""

    raw: str
    """As it is written."""
    column: int = field(default=0, compare=False)
    """From 1."""
    text: str = field(default="", compare=False)
    """What it means: without quotes, and once the file is read, with variables filled in."""


def word(raw: str, column: int = 0) -> Word:
    """Return a word as the file has it."""
    text = _ESCAPED.sub(r"\1", raw[1:-1]) if raw.startswith(QUOTE) else raw
    return Word(raw, column, text)


def quoted(text: str) -> str:
    """Write a text so that it reads as one string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclass(frozen=True, slots=True)
class RequestLine:
    """``GET /cart``."""

    method: Word | None
    target: Word
    """A path, or a URL."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """``https``."""

    name: Word


@dataclass(frozen=True, slots=True)
class SentHeader:
    """``header NAME: VALUE``, of the request."""

    name: Word
    value: Word


@dataclass(frozen=True, slots=True)
class SentCookie:
    """``cookie NAME=VALUE``."""

    name: Word
    value: Word


@dataclass(frozen=True, slots=True)
class Client:
    """``client ADDRESS``."""

    address: Word


@dataclass(frozen=True, slots=True)
class ShownCertificate:
    """``certificate "SUBJECT"``: the client has one that the host accepts."""

    subject: Word | None = None
    """``None``: one that the host admits."""


Condition = Scheme | SentHeader | SentCookie | Client | ShownCertificate


@dataclass(frozen=True, slots=True)
class Rewritten:
    """``as /path``: the request target that the backend gets."""

    target: Word


@dataclass(frozen=True, slots=True)
class ExpectedBackend:
    """``ns/service:port``, or a variable that stands for it or for a status."""

    name: Word
    rewritten: Rewritten | None = None


@dataclass(frozen=True, slots=True)
class UpstreamIs:
    """``upstream NAME``: by its name in nginx.conf."""

    name: Word


@dataclass(frozen=True, slots=True)
class Status:
    """``404``, ``301 /new``."""

    code: Word
    location: Word | None = None


@dataclass(frozen=True, slots=True)
class RedirectTo:
    """``redirect /new``: whatever its status."""

    location: Word | None = None


@dataclass(frozen=True, slots=True)
class TlsRefused:
    """``refused``: TLS is."""


@dataclass(frozen=True, slots=True)
class Unopened:
    """``unopened ns/service:port``: TLS is passed on as it comes; without a Service: to any."""

    name: Word | None = None


@dataclass(frozen=True, slots=True)
class IngressIs:
    """``ingress ns/name``: whose rule takes the request."""

    name: Word


@dataclass(frozen=True, slots=True)
class AnswerHeader:
    """``header NAME: VALUE``, of the answer; without a value: it is there."""

    name: Word
    value: Word | None = None


@dataclass(frozen=True, slots=True)
class UpstreamHeader:
    """``upstream header NAME: VALUE``, of the request that the backend gets."""

    name: Word
    value: Word | None = None


@dataclass(frozen=True, slots=True)
class SameAs:
    """``same as GET /cart``: whatever that request gets."""

    request: RequestLine


Single = (
    ExpectedBackend
    | Rewritten
    | UpstreamIs
    | Status
    | RedirectTo
    | TlsRefused
    | Unopened
    | IngressIs
    | AnswerHeader
    | UpstreamHeader
)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """``any of … or …``."""

    items: tuple[Single, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """``not …``."""

    claim: Single | AnyOf | SameAs


Expectation = Single | AnyOf | SameAs | Not


@dataclass(frozen=True, slots=True)
class Let:
    """``let NAME = VALUE``."""

    name: Word
    value: Word


@dataclass(frozen=True, slots=True)
class Hosts:
    """``host NAME…``: the tests below it are for these hosts."""

    names: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """The first line of a test."""

    request: RequestLine
    conditions: tuple[Condition, ...] = ()
    expectations: tuple[Expectation, ...] = ()


@dataclass(frozen=True, slots=True)
class With:
    """``with …``: more of the request above; below ``host`` of all its requests."""

    conditions: tuple[Condition, ...]
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Expected:
    """``-> …`` or ``and …``: more that is expected of the request above."""

    expectations: tuple[Expectation, ...]
    arrow: bool
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class TableRow:
    """``| … | … |``: of a table, whose first row names the columns."""

    cells: tuple[Word, ...]


Statement = Let | Hosts | Head | With | Expected | TableRow


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file; empty where it has neither a statement nor a comment."""

    statement: Statement | None = None
    comment: str | None = None
    """With its ``#``."""
    number: int = field(default=0, compare=False)
    text: str = field(default="", compare=False, repr=False)

    @property
    def unread(self) -> bool:
        """True where something stands in the line that could not be read."""
        return self.statement is None and self.comment is None and bool(self.text.strip())


@dataclass(frozen=True, slots=True)
class File:
    """A file of route tests."""

    name: str
    lines: tuple[Line, ...]
