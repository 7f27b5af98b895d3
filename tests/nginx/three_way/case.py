"""What is compiled and asked: clusters of Ingresses, and requests."""

from __future__ import annotations

from dataclasses import dataclass

from tests.objects import Object


@dataclass(frozen=True, slots=True)
class Asking:
    """A request."""

    host: bytes
    """The Host header."""
    target: bytes
    scheme: str = "http"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    server_name: str | None = None
    """The name that TLS asks for."""
    source: str = "127.0.0.1"
    """The address that the connection comes from."""
    certificate: str = ""
    """Which certificate of `tests.nginx.three_way.clients` is shown; empty: none."""
    prelude: str = ""
    """What the PROXY protocol says: ``v1 127.0.0.3 443``, or ``v2`` alone where it names nobody.
    Empty: the connection begins without it."""

    def __str__(self) -> str:
        name = f" (TLS: {self.server_name})" if self.scheme == "https" else ""
        shown = f" with the certificate {self.certificate}" if self.certificate else ""
        said = f" PROXY {self.prelude}" if self.prelude else ""
        more = "".join(f" {key}: {value!r}" for key, value in self.headers)
        line = f"{self.method} {self.target!r} Host: {self.host!r}{more}"
        return f"{self.scheme}{name} from {self.source}{said}{shown}: {line}"

    def header(self, name: str) -> str:
        """Return the value of a header; empty where it is not sent."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def bytes(self) -> bytes:
        """The request on the wire."""
        lines = [
            b"%b %b HTTP/1.1" % (self.method.encode(), self.target),
            b"Host: %b" % self.host,
            *(f"{name}: {value}".encode("latin-1") for name, value in self.headers),
        ]
        return b"\r\n".join((*lines, b"", b""))


@dataclass(frozen=True, slots=True)
class Cluster:
    """Ingresses, and how they are compiled. Secrets for TLS and passwords are always there."""

    ingresses: tuple[Object, ...]
    default_backend: bool = False
    """True: a Service takes what no rule takes."""
    default_certificate: bool = False
    """True: names without a certificate answer on https too."""
    settings: tuple[tuple[str, str], ...] = ()
    """The keys of the ConfigMap with their values."""
    layout: str = "readable"
    """The option of that name."""

    def __repr__(self) -> str:
        """Be short: what goes wrong is made smaller, and written to a file."""
        return f"<{len(self.ingresses)} Ingresses>"


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of a request, by one of the three."""

    status: int | None
    """``None``: TLS is refused. 200 where an upstream answers."""
    upstreams: frozenset[str] = frozenset()
    """All that may get it, where chance decides."""
    route: str = ""
    """The Ingress and the field of the route, where an upstream answers; ``""``: not known."""
    target: bytes | None = None
    """The request target that the upstream gets; ``None``: not foretold."""
    location: str | None = None
    undecided: bool = False
    """True where the Location is not foretold."""
    unknown: bool = False
    """True where nothing is foretold: a page of the host itself answers."""
    told: tuple[tuple[str, str | None], ...] = ()
    """Headers that the upstream gets, by lower-case names; ``None``: one that is not foretold."""

    def __str__(self) -> str:
        if self.status is None:
            return "refused in TLS"
        if self.upstreams:
            names = " or ".join(sorted(self.upstreams))
            more = "".join(f" {name}: {value!r}" for name, value in self.told)
            return f"{names} gets {self.target!r}, by {self.route or '?'},{more}"
        return f"{self.status} {self.location or ''}".strip()


@dataclass(frozen=True, slots=True)
class Judged:
    """A request, and what each of the three says."""

    asking: Asking
    nginx: Answer
    oracle: Answer
    model: Answer

    @property
    def agreed(self) -> bool:
        """True where all three say the same."""
        found = self.nginx
        if self.oracle.upstreams != self.model.upstreams and not self.oracle.unknown:
            return False
        return _fits(self.oracle, found) and _fits(self.model, found)

    def __str__(self) -> str:
        return (
            f"{self.asking}\n   nginx:  {self.nginx}\n   oracle: {self.oracle}\n"
            f"   model:  {self.model}"
        )


def _fits(told: Answer, found: Answer) -> bool:
    if told.unknown:
        return True
    seen = dict(found.told)
    if any(value is not None and seen.get(name, "") != value for name, value in told.told):
        return False
    if told.status != found.status or bool(told.upstreams) != bool(found.upstreams):
        return False
    if not found.upstreams <= told.upstreams:
        return False
    if told.route and told.route != found.route:
        return False
    if told.target is not None and told.target != found.target:
        return False
    return told.undecided or told.location == found.location
