"""What a departure is: a kind, a place, and a request that two answers are known of."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ingc.diagnostics import Origin


class DepartureKind(enum.Enum):
    """The kinds, by their headings in ``docs/coming-from-ingress-nginx.md``."""

    ANNOTATIONS = "where annotations hold"
    REDIRECT = "the redirect to https"
    NO_BACKEND = "a backend that can not be had"
    HEADERS = "headers of answers"
    REFUSED_VALUE = "a refused value closes"
    COOKIES = "cookies of affinity"
    LEAD_BACK = "the URL to lead back to"
    SLASH = "no slash is added"
    ONE_HOST = "one request, one host"
    DEFAULTS = "default backends and the default server"
    ERROR_BACKEND = "what an error backend gets"
    PROXY_LINES = "behind PROXY lines"


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """A request of a client."""

    method: str
    url: str
    """With scheme and host."""
    headers: tuple[tuple[str, str], ...] = ()
    """Beside Host."""

    def __str__(self) -> str:
        """``GET http://a.example/``, and the headers after ``with``."""
        named = ", ".join(f"{name}: {value}" for name, value in self.headers)
        return f"{self.method} {self.url}{f' with {named}' if named else ''}"


@dataclass(frozen=True, slots=True)
class Departure:
    """A kind of departure that an object meets."""

    kind: DepartureKind
    origin: Origin
    """The place in the input: an Ingress and a field of it, or a key of the ConfigMap."""
    ingress: str
    """``namespace/name``; empty for what the ConfigMap says."""
    request: SampleRequest
    """A request that is answered in two ways."""
    theirs: str
    """What ingress-nginx answers."""
    ours: str
    """What is answered here."""
    why: str
    """Why it departs: a clause, without a full stop."""
    general: bool = False
    """True where everything of the sort meets it (whatever has TLS, say), and none more than
    others."""
    places: int = 1
    """In how many places (paths, hosts, values) of the same object it is met."""

    @property
    def where(self) -> str:
        """``file:line:column``, looked up now; the field where the object came without a file."""
        span = self.origin.span
        file = self.origin.source.file if self.origin.source else ""
        if span is None:
            return file
        return f"{file}:{span.line}:{span.column}"
