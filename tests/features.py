"""An example of every type of feature, for tests that go over all of them."""

from __future__ import annotations

from ingc.ir import Certificate, HostFeature, RouteFeature, UpstreamFeature
from ingc.ir.features.access import AccessList, SatisfyAny
from ingc.ir.features.affinity import Affinity
from ingc.ir.features.aliases import Alias, WwwRedirect
from ingc.ir.features.backend_tls import BackendTls
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.canary import Canary
from ingc.ir.features.client_certs import ClientCertificates, HttpsOnly
from ingc.ir.features.cors import Cors
from ingc.ir.features.errors import CustomErrors, StandIn
from ingc.ir.features.external_auth import Destination, ExternalAuth, Keepalive, SignIn
from ingc.ir.features.headers import CustomHeaders, KeptHeader, RequestHeader
from ingc.ir.features.limits import Limits
from ingc.ir.features.load_balance import HashBy, LeastConnections, LeastTime, ServiceAddress
from ingc.ir.features.mirror import Mirror
from ingc.ir.features.modsecurity import Firewall
from ingc.ir.features.passthrough import Passthrough
from ingc.ir.features.protocols import BackendProtocol, FastCgi, OneRequestConnections
from ingc.ir.features.redirects import AppRoot, HttpsRedirect
from ingc.ir.features.rewrite import Rewrite, UseRegex
from ingc.ir.features.snippets import (
    AddedHeader,
    AnswerHeaders,
    ErrorPage,
    ErrorPages,
    IfBranch,
    IfCondition,
    LocationProgram,
    ReturnAnswer,
    ServerProgram,
)
from ingc.ir.features.tracing import Traced
from ingc.ir.features.tuning import ServerTuning, Tuning
from ingc.ir.modules import RulesText
from ingc.syntax.text import Text, Variable

UPSTREAM = "default_c_80"
"""The upstream that the examples name beside that of the route."""
_SERVICE = Destination("http", UPSTREAM, "c.default.svc", Text(("/check",)))
_METHOD = IfCondition(Text((Variable("request_method"),)), "=", Text(("OPTIONS",)))
_CLOSED = IfBranch(_METHOD, (ReturnAnswer(403),))

ROUTE_EXAMPLES: tuple[RouteFeature, ...] = (
    AccessList(("10.0.0.0/8",), ("192.0.2.0/24",)),
    SatisfyAny(),
    Affinity("route", "/"),
    BackendTls(Certificate("c", "k"), "ca", 2, "DEFAULT", ("TLSv1.2",), "web.default", True),
    BasicAuth("realm", "users"),
    Canary(UPSTREAM, percent=30),
    HttpsOnly(),
    Cors(("https://a.test",), "GET", "X-Own", "", False, 600),
    CustomErrors((502, 503), UPSTREAM),
    StandIn("default_s0_80"),
    ExternalAuth(_SERVICE, response_headers=("X-User",)),
    SignIn(Text(("https://login.test/",)), "rd"),
    CustomHeaders((("X-Own", "1"),)),
    RequestHeader("X-Asked", Text(("1",))),
    KeptHeader("X-Forwarded-Proto"),
    Limits("default_web", per_second=3),
    Mirror(_SERVICE),
    BackendProtocol("GRPC"),
    FastCgi("index.php", (("A", Text(("b",))),)),
    HttpsRedirect(),
    Rewrite(Text(("/new",))),
    UseRegex(),
    Firewall((RulesText("SecRuleEngine On"),)),
    Traced(name=Text(("checkout",))),
    Tuning("proxy_read_timeout", ("7s",)),
    LocationProgram((_CLOSED,)),
    ErrorPages((ErrorPage((403,), Text(("/denied",))),)),
    AnswerHeaders((AddedHeader("X-Added", Text(("1",))),), (("X-Own", Text(("2",))),), ("X-Gone",)),
)
HOST_EXAMPLES: tuple[HostFeature, ...] = (
    Alias(("b.test",)),
    WwwRedirect(),
    ClientCertificates("ca.crt", subject="CN=own"),
    Passthrough("default_tls_443"),
    AppRoot("/app"),
    ServerTuning("ssl_ciphers", ("HIGH",)),
    ServerProgram((_CLOSED,)),
)
UPSTREAM_EXAMPLES: tuple[UpstreamFeature, ...] = (
    Keepalive(4, 100, 60),
    HashBy(Text((Variable("request_uri"),))),
    LeastTime(),
    LeastConnections(),
    ServiceAddress(),
    OneRequestConnections(),
)
