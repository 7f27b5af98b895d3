"""What an Ingress requests and only `ingc.resolve` can grant: it refers to another object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from ingc.diagnostics import Origin
from ingc.frontend.declarations.grammars import ObjectName
from ingc.ir import HostFeature, RouteFeature, SecretBytes, UpstreamFeature
from ingc.ir.features.affinity import Affinity, SameSite
from ingc.ir.features.backend_tls import BackendTls
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.canary import Canary, HeaderRule
from ingc.ir.features.card import Argument
from ingc.ir.features.client_certs import ClientCertificates
from ingc.ir.features.errors import CustomErrors
from ingc.ir.features.external_auth import AuthCache, ExternalAuth, Keepalive, SignIn
from ingc.ir.features.headers import CustomHeaders
from ingc.ir.features.mirror import Mirror
from ingc.ir.features.passthrough import Passthrough
from ingc.ir.features.protocols import FastCgi
from ingc.ir.features.redirects import HttpsRedirect
from ingc.ir.features.snippets import ServerProgram
from ingc.syntax.outside import OutsideUrl
from ingc.syntax.text import Text


class RouteWish:
    """Becomes a `RouteFeature`, or the route answers 503."""

    __slots__ = ()
    becomes: ClassVar[type[RouteFeature] | None] = None
    """``None``: the route's action, of rules alone."""


class HostWish:
    """Becomes a `HostFeature`, or every route of the host is refused."""

    __slots__ = ()
    becomes: ClassVar[type[HostFeature] | None] = None
    """``None``: nothing, and the host is refused."""


@dataclass(frozen=True, slots=True)
class HeadersFrom:
    """A ConfigMap of headers, and where it is named."""

    namespace: str
    name: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class ExternalAuthWish(RouteWish):
    """Becomes an `ExternalAuth`, and where it was requested a `SignIn`."""

    becomes: ClassVar[type[RouteFeature]] = ExternalAuth

    url: OutsideUrl
    origin: Origin
    keepalive: Keepalive
    method: str = ""
    response_headers: tuple[str, ...] = ()
    headers_from: HeadersFrom | None = None
    redirect: Text | None = None
    cache: AuthCache | None = None
    always_set_cookie: bool = False
    sign_in: SignIn | None = None
    exempt: tuple[str, ...] = ()
    """Paths that begin so are open."""
    by_operator: bool = False
    """True where the URL is the ConfigMap's."""
    more_headers: tuple[tuple[str, Text], ...] = ()
    """What an auth-snippet sends to the service, in place of other values."""
    tunings: tuple[tuple[str, tuple[Argument, ...]], ...] = ()
    """Time-outs of an auth-snippet."""


@dataclass(frozen=True, slots=True)
class MirrorWish(RouteWish):
    """Becomes a `Mirror`."""

    becomes: ClassVar[type[RouteFeature]] = Mirror

    url: OutsideUrl
    host: str
    """Sent as Host; empty: the URL's."""
    body: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class AffinityWish(RouteWish):
    """A cookie keeps a client on its endpoint; the path may be the route's own."""

    becomes: ClassVar[type[RouteFeature]] = Affinity

    origin: Origin
    """Where the annotation stands."""
    name: str
    path: str | None
    """``None``: the route's."""
    domain: str
    max_age: int | None
    samesite: SameSite
    conditional: bool
    secure: bool
    unasked: bool = False
    """True where nobody asks for it, so that nothing need be said where it decides nothing."""


@dataclass(frozen=True, slots=True)
class BalanceWish(RouteWish):
    """How an endpoint of a rule's Services is chosen: an upstream of its own."""

    method: str
    """``roundrobin``, ``random``, ``leastconn`` or ``source``."""
    origin: Origin


@dataclass(frozen=True, slots=True)
class CanaryWish(RouteWish):
    """The Ingress makes no routes: its Services take a part of the requests of others' routes."""

    becomes: ClassVar[type[RouteFeature]] = Canary

    origin: Origin
    """Where the annotation stands."""
    header: HeaderRule | None
    cookie: str
    percent: float
    sticky: bool
    decides: bool
    """False where nothing names the requests that are meant."""


@dataclass(frozen=True, slots=True)
class FastCgiWish(RouteWish):
    """Params of a ConfigMap."""

    becomes: ClassVar[type[RouteFeature]] = FastCgi

    index: str
    config_map: ObjectName | None
    origin: Origin
    """Where the ConfigMap is named."""


@dataclass(frozen=True, slots=True)
class BackendTlsWish(RouteWish):
    """TLS to the backend with what a Secret holds."""

    becomes: ClassVar[type[RouteFeature]] = BackendTls

    secret: ObjectName
    origin: Origin
    """Where the Secret is named."""
    verify: bool
    verify_origin: Origin
    depth: int
    ciphers: str
    protocols: tuple[str, ...]
    name: str
    """``""``: the name of the Service."""
    server_name: bool


@dataclass(frozen=True, slots=True)
class ReencryptWish(RouteWish):
    """TLS to the Service, verified by the authorities that the object itself holds."""

    becomes: ClassVar[type[RouteFeature]] = BackendTls

    authorities: SecretBytes
    """PEM as written; empty: those of the cluster's service certificates."""
    origin: Origin
    """``spec.tls``."""


@dataclass(frozen=True, slots=True)
class CustomHeadersWish(RouteWish):
    """The headers that a ConfigMap lists."""

    becomes: ClassVar[type[RouteFeature]] = CustomHeaders

    namespace: str
    """Empty: the Ingress's own."""
    name: str
    allowed: tuple[str, ...]
    """The names that the operator allows."""
    place: Origin


@dataclass(frozen=True, slots=True)
class ErrorsWish(RouteWish):
    """Error pages, and a stand-in where the route's own Service has no endpoint."""

    becomes: ClassVar[type[RouteFeature]] = CustomErrors

    codes: tuple[int, ...]
    service: str
    """The Service of the Ingress's namespace that answers; empty: the global default backend."""
    intercept: bool
    codes_place: Origin
    service_place: Origin


@dataclass(frozen=True, slots=True)
class BasicAuthWish(RouteWish):
    """Request a name and a password of a Secret."""

    becomes: ClassVar[type[RouteFeature]] = BasicAuth

    namespace: str
    """Of the Secret."""
    secret: str
    layout: Literal["auth-file", "auth-map"]
    """A user file under the key ``auth``, or a key for each user."""
    realm: str
    exempt: tuple[str, ...]
    """Paths that begin so are open."""
    origin: Origin
    """Where the Secret is named."""

    def exempts(self, path: str) -> bool:
        """Return whether a path, as its rule writes it, is open."""
        return path.startswith(self.exempt)


@dataclass(frozen=True, slots=True)
class ClientCertificatesWish(HostWish):
    """Request certificates of the host's clients, signed by the authorities in a Secret."""

    becomes: ClassVar[type[HostFeature]] = ClientCertificates

    namespace: str
    """Of the Secret."""
    secret: str
    verify: str = "on"
    depth: int = 1
    error_page: str = ""
    pass_certificate: bool = False
    subject: str = ""
    """A regex; empty: any subject will do."""


@dataclass(frozen=True, slots=True)
class ClosedHostWish(HostWish):
    """Serve nobody: what was requested for the host can't be done; errors give the reason."""


@dataclass(frozen=True, slots=True)
class HttpsPolicy(RouteWish):
    """When plain http is redirected to https; what an Ingress without annotations requests."""

    becomes: ClassVar[type[RouteFeature]] = HttpsRedirect

    where_tls: bool = True
    """Redirect where the host has a ``tls`` entry."""
    always: bool = False
    """Redirect in any case."""
    keep_slash: bool = False
    with_port: bool = False
    """Name nginx's https port in the redirect."""
    status: int = 308
    exempt: tuple[str, ...] = ("/.well-known/acme-challenge",)
    """Paths that begin so are served on plain http."""
    refused: bool = False
    """Answer plain http with 503, where it is not redirected."""


@dataclass(frozen=True, slots=True)
class RedirectWish(RouteWish):
    """Every request is answered with a redirect; the backend gets none."""

    status: int
    location: Text


@dataclass(frozen=True, slots=True)
class HostSetting:
    """What an annotation requests for a whole host, and where it is written."""

    annotation: str
    feature: HostFeature | HostWish
    origin: Origin


@dataclass(frozen=True, slots=True)
class UpstreamSetting:
    """What an annotation requests for the Services of its Ingress, and where it is written."""

    annotation: str
    feature: UpstreamFeature | None
    """``None``: nothing, in so many words."""
    origin: Origin
    """Empty where the ConfigMap sets it so."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """All that the annotations of one Ingress request."""

    routes: tuple[RouteFeature | RouteWish, ...] = ()
    hosts: tuple[HostSetting, ...] = ()
    upstreams: tuple[UpstreamSetting, ...] = ()
    broken: bool = False
    """True where a value is wrong in such a way that the routes must not serve traffic."""


NOTHING = Wishes()

Ask = RouteFeature | RouteWish | HostSetting | UpstreamSetting


@dataclass(frozen=True, slots=True)
class Withdrawn(RouteWish):
    """What earlier annotations request of these types does not hold; the frontend acts on it."""

    kinds: tuple[type[RouteFeature] | type[RouteWish], ...]


@dataclass(frozen=True, slots=True)
class SnippetRoute:
    """A ``location`` of a server-snippet: a path that its Ingress has beside its rules."""

    modifier: str
    """``""``, ``=``, ``^~``, ``~`` or ``~*``, as nginx has them."""
    name: str
    features: tuple[RouteFeature, ...]
    namespace: str
    ingress: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class ServerSnippetWish(HostWish):
    """What a server-snippet requests for a host."""

    becomes: ClassVar[type[HostFeature]] = ServerProgram

    program: tuple[ServerProgram, ...]
    """At most one."""
    features: tuple[RouteFeature, ...]
    """For each route that does not set the same itself."""
    routes: tuple[SnippetRoute, ...]
    of_http: bool = False
    """True where it stands around the servers, which have what they set themselves instead."""


@dataclass(frozen=True, slots=True)
class PassthroughWish(HostWish):
    """Pass the host's TLS on as it comes."""

    becomes: ClassVar[type[HostFeature]] = Passthrough

    by_kind: bool = False
    """True where the operator need not allow what is the kind's own meaning."""
