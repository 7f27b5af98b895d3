"""Hosts, routes, upstreams, files and settings."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from typing import TypeVar

from ingc.diagnostics import FieldPath, ObjectRef, Source
from ingc.ir.at_start import AtStart
from ingc.ir.features.aliases import Alias, WwwRedirect
from ingc.ir.features.card import Argument, HostFeature, RouteFeature, UpstreamFeature
from ingc.ir.matches import RouteMatch
from ingc.ir.modules import LoadableModule
from ingc.ir.policies import Policies
from ingc.ir.stream import InnerPorts, PortService
from ingc.kinds import USUAL, RuleKind
from ingc.syntax.host import twin_of
from ingc.syntax.text import Text
from ingc.target import Version

F = TypeVar("F", bound=RouteFeature)
H = TypeVar("H", bound=HostFeature)

ANY_HOST = ""
"""The name of the host that takes every request no named host takes (rules without a host)."""


@dataclass(frozen=True, slots=True)
class RouteOrigin:
    """The Ingress, or the object of another kind, and the field that a route comes from."""

    namespace: str
    name: str
    field: str
    """As Kubernetes writes it: ``spec.rules[0].http.paths[1]`` or ``spec.defaultBackend``."""
    path: FieldPath = dataclasses.field(default=(), compare=False, repr=False)
    """The same field, for looking up its place."""
    source: Source | None = dataclasses.field(default=None, compare=False, repr=False)
    kind: RuleKind = dataclasses.field(default=USUAL, repr=False)

    @property
    def ingress(self) -> str:
        """``namespace/name`` of an Ingress; the name of another kind may stand before it."""
        return self.kind.called(self.namespace, self.name)

    @property
    def object(self) -> ObjectRef:
        """The object, as diagnostics name it."""
        return ObjectRef(self.kind.name, self.namespace, self.name)

    def __str__(self) -> str:
        return f"{self.ingress} {self.field}" if self.name else self.field


@dataclass(frozen=True, slots=True)
class ServiceTarget:
    """A Service and a port of it, a number or a name; or a host that an annotation names."""

    namespace: str
    """Empty: ``service`` is a host."""
    service: str
    port: int | str

    @property
    def name(self) -> str:
        """``namespace/name``, or the host where it is none of the cluster's Services."""
        return f"{self.namespace}/{self.service}" if self.namespace else self.service

    def __str__(self) -> str:
        return f"{self.name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Proxy:
    """Pass the request on to an upstream, by its name."""

    upstream: str


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """Answer from nginx itself: 503 where nothing can serve the route, 404 where none is tried."""

    status: int


@dataclass(frozen=True, slots=True)
class Redirect:
    """Answer with a redirect."""

    status: int
    """301, 302, 303, 307 or 308."""
    location: Text
    """As nginx sends it; one that begins with a slash it completes. Of variables it may hold those
    that `ingc.match` knows the values of: ``scheme``, ``host``, ``request_uri`` and the query."""


Action = Proxy | StatusAnswer | Redirect


@dataclass(frozen=True, slots=True)
class Route:
    """One path of one host, and where its requests go."""

    match: RouteMatch
    action: Action
    origin: RouteOrigin
    path: str
    """The path as the rule writes it, not decoded."""
    path_type: str
    """As the rule writes it; ``""`` for a default backend."""
    service: ServiceTarget | None = None
    features: tuple[RouteFeature, ...] = ()
    """In the order of the declarations of annotations."""

    @property
    def upstreams(self) -> tuple[str, ...]:
        """The names of all upstreams that its requests may go to."""
        own = (self.action.upstream,) if isinstance(self.action, Proxy) else ()
        return (*own, *(name for item in self.features for name in item.upstreams))

    @property
    def may_answer(self) -> tuple[int, ...]:
        """The statuses with which its features may answer in place of its action."""
        return tuple(sorted({status for item in self.features for status in item.may_answer}))

    def feature(self, kind: type[F]) -> F | None:
        """Return the route's feature of a type, or ``None``."""
        for item in self.features:
            if isinstance(item, kind):
                return item
        return None

    def silenced(self) -> Route:
        """Return the route with nothing but a 503, after its redirect to https."""
        kept = tuple(item for item in self.features if item.card.stays)
        return dataclasses.replace(self, action=StatusAnswer(503), service=None, features=kept)


@dataclass(frozen=True, slots=True)
class DeadRoute:
    """A route that no request reaches, kept for the tables and the debugger."""

    route: Route
    why: str
    by: RouteOrigin | None = None
    """The route that takes its requests, where there is one."""


@dataclass(frozen=True, slots=True)
class RegexCause:
    """An annotation that makes regexes of all paths of its host, kept for the debugger."""

    annotation: str
    """Without its prefix."""
    origin: RouteOrigin
    """Its Ingress, and the annotation as the field."""


@dataclass(frozen=True, slots=True)
class Tenancy:
    """Who shares a host, kept for the tables and the debugger."""

    owner: str
    """The namespace whose Ingresses decide what holds for the whole host."""
    others: tuple[str, ...]
    """The namespaces that have nothing but paths, by the age of their oldest Ingress."""
    ignored: tuple[tuple[str, str], ...] = ()
    """What others request for the whole host: the Ingress, and the annotation or the field."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate chain and its key, as paths for nginx (relative to nginx.conf, or absolute)."""

    certificate: str
    key: str


@dataclass(frozen=True, slots=True)
class Https:
    """How a host answers on https."""

    certificate: Certificate | None
    """``None``: https is refused."""
    redirect: bool
    """True where the host has a ``tls`` entry, so that plain http is redirected unless an
    annotation forbids it."""


@dataclass(frozen=True, slots=True)
class Host:
    """All that one host name serves."""

    name: str
    """A lower-case name, ``*.`` + name for exactly one label more, or `ANY_HOST`."""
    routes: tuple[Route, ...]
    """In the order of precedence: the first that matches takes the request."""
    default: Route
    """Takes what no route takes: a default backend, or the 404."""
    https: Https | None = None
    """``None``: the host is served on http alone."""
    regex: bool = False
    """True where some path is a regex, so that the routes are tried one after the other."""
    features: tuple[HostFeature, ...] = ()
    dead: tuple[DeadRoute, ...] = ()
    regex_causes: tuple[RegexCause, ...] = dataclasses.field(default=(), compare=False, repr=False)
    """Why every path is a regex, in the order of the Ingresses."""
    tenancy: Tenancy | None = dataclasses.field(default=None, compare=False, repr=False)
    """``None``: one namespace names the host, or all of them decide together."""

    def feature(self, kind: type[H]) -> H | None:
        """Return the host's feature of a type, or ``None``."""
        for item in self.features:
            if isinstance(item, kind):
                return item
        return None

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that the host serves: its own, and its aliases.

        A regex among the names of `ANY_HOST` is none: it takes nothing that it has not already.
        """
        alias = self.feature(Alias) if self.features else None
        others = alias.names if alias else ()
        if not self.name:
            others = tuple(name for name in others if not name.startswith("~"))
        return (self.name, *others)

    @property
    def twin(self) -> str | None:
        """The name with or without ``www.`` that is redirected to the host."""
        return twin_of(self.name) if self.features and self.feature(WwwRedirect) else None

    @property
    def answers_https(self) -> bool:
        """Whether the host has a certificate to present."""
        return self.https is not None and self.https.certificate is not None

    def silenced(self) -> Host:
        """Return the host with nothing but a 503, after its redirect to https.

        It keeps its names, or another host might answer for them.
        """
        names = tuple(item for item in self.features if item.card.stays)
        default = self.default.silenced()
        return dataclasses.replace(self, routes=(), default=default, regex=False, features=names)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address that serves an upstream."""

    address: str
    """An IPv4 or IPv6 address, a DNS name, or ``unix:`` and a path."""
    port: int
    """0 for a unix socket."""
    dns: bool = False
    """True where the address is a name that nginx has to resolve."""
    weight: int = 1
    """Its share of the requests beside those of the upstream's other endpoints."""

    def __str__(self) -> str:
        """The address and port as nginx writes them: IPv6 in brackets."""
        if not self.port:
            return self.address
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{address}:{self.port}"


@dataclass(frozen=True, slots=True)
class ServiceShare:
    """A Service port that gets a part of an upstream's requests."""

    service: ServiceTarget
    weight: int
    """Beside those of the upstream's other Services; it is spread over its endpoints."""

    def __str__(self) -> str:
        return f"{self.service} {self.weight}"


@dataclass(frozen=True, slots=True)
class Upstream:
    """The endpoints of one Service port, or of several that share the requests."""

    name: str
    endpoints: tuple[Endpoint, ...]
    service: ServiceTarget
    features: tuple[UpstreamFeature, ...] = ()
    shares: tuple[ServiceShare, ...] = ()
    """Whose endpoints these are; empty: those of ``service`` alone."""

    @property
    def outside_name(self) -> str | None:
        """The name outside of the cluster that an ExternalName Service stands for."""
        own = f"{self.service.service}.{self.service.namespace}."
        names = (item.address for item in self.endpoints if item.dns)
        return next((name for name in names if not name.startswith(own)), None)


class SecretBytes(bytes):
    """Bytes that print as their digest everywhere but in the file they are for."""

    def __repr__(self) -> str:
        return f"SecretBytes(sha256:{self.digest})"

    __str__ = __repr__

    @property
    def digest(self) -> str:
        """The SHA-256 of the content, in hexadecimal."""
        return hashlib.sha256(self).hexdigest()


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file that nginx.conf refers to, to be written beside it."""

    path: str
    """Relative to nginx.conf; made of validated names and a content hash."""
    content: SecretBytes
    private: bool
    """True for keys: mode 0600."""
    workers: bool = False
    """True for what nginx's workers read and nobody else: password files."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for the whole configuration."""

    target: Version
    listen_addresses: tuple[str, ...]
    """IP literals as nginx's ``listen`` takes them, or ``""`` for every IPv4 address."""
    http_port: int
    https_port: int
    redirect_port: int | None
    """The port that a redirect to https names; ``None`` names none."""
    resolver: tuple[str, ...]
    access_log: str
    """``json``, ``combined`` or ``off``."""
    health_check_path: str | None
    fragment: bool
    default_certificate: Certificate | None
    tunings: tuple[tuple[str, tuple[Argument, ...]], ...] = ()
    """Directives of ``http`` in place of our defaults, by the name, which stands once."""
    echo: bool = False
    """True where a responder stands in for the cluster and gets the names of upstream and route."""
    policies: Policies = dataclasses.field(default_factory=Policies)
    debug_header: tuple[str, ...] = ()
    """The networks of clients whose answers name the route."""
    inner_ports: InnerPorts | None = None
    """``None``: no host's TLS is passed on, and nginx opens all of it on `https_port` itself."""
    modules: tuple[LoadableModule, ...] = ()
    """What nginx may load beside stock, by name; `ingc.ir.module_use` knows what it needs of it."""
    at_start: AtStart = dataclasses.field(default_factory=AtStart, compare=False)
    """What the proof lets nginx resolve; the text does not depend on it."""


@dataclass(frozen=True, slots=True)
class Stream:
    """What stands in the ``stream`` block beside the TLS of hosts."""

    services: tuple[PortService, ...] = ()
    upstreams: tuple[Upstream, ...] = ()
    """By name; those of http are others, though they may have the same names."""
    module: str | None = None
    """The file to load nginx's stream module from; ``None``: it is built in."""


@dataclass(frozen=True, slots=True)
class Config:
    """A whole configuration."""

    hosts: tuple[Host, ...]
    """By name; `ANY_HOST` is always there, first."""
    upstreams: tuple[Upstream, ...]
    files: tuple[OutputFile, ...]
    settings: Settings
    stream: Stream = dataclasses.field(default_factory=Stream)

    @property
    def needs_stream(self) -> bool:
        """Whether there is a ``stream`` block."""
        return bool(self.stream.services) or self.settings.inner_ports is not None
