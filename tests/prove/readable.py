"""A small IR for the tests of readers, and a value of each feature with another for each field."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from ingc import ir
from ingc.ir.config import Stream
from ingc.ir.features.access import AccessList, SatisfyAny
from ingc.ir.features.affinity import Affinity
from ingc.ir.features.aliases import Alias, WwwRedirect
from ingc.ir.features.backend_tls import BackendTls
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.canary import Canary, HeaderRule
from ingc.ir.features.card import Kind
from ingc.ir.features.client_certs import ClientCertificates, HttpsOnly
from ingc.ir.features.cors import Cors
from ingc.ir.features.errors import CustomErrors, StandIn
from ingc.ir.features.external_auth import (
    AuthCache,
    CacheTime,
    Destination,
    ExternalAuth,
    Keepalive,
    SignIn,
)
from ingc.ir.features.headers import CustomHeaders, KeptHeader, RequestHeader
from ingc.ir.features.limits import Limits, SentKey
from ingc.ir.features.load_balance import HashBy, LeastConnections, LeastTime
from ingc.ir.features.mirror import Mirror
from ingc.ir.features.modsecurity import Firewall
from ingc.ir.features.passthrough import Passthrough
from ingc.ir.features.protocols import BackendProtocol, FastCgi, OneRequestConnections
from ingc.ir.features.redirects import AppRoot, HttpsRedirect
from ingc.ir.features.rewrite import Rewrite
from ingc.ir.features.snippets import (
    AddedHeader,
    AnswerHeaders,
    ErrorPage,
    ErrorPages,
    IfBranch,
    IfCondition,
    LocationProgram,
    ReturnAnswer,
    RewritePath,
    ServerProgram,
    SetVariable,
)
from ingc.ir.features.tracing import Traced
from ingc.ir.features.tuning import ServerTuning, Tuning
from ingc.ir.modules import Exporter, RulesFile, RulesText
from ingc.ir.stream import InnerPorts
from ingc.syntax.text import Text, Variable
from ingc.target import Version

Feature = ir.RouteFeature | ir.HostFeature | ir.UpstreamFeature


def text(*parts: str | Variable) -> Text:
    """Return a text of parts."""
    return Text(parts)


URI = Variable("request_uri")
WEB, OTHER, AUTH = "shop_web_80", "shop_other_80", "auth.test_443"
SERVICE = Destination("https", AUTH, "auth.test", text("/check"))
AUTHENTICATED = ExternalAuth(SERVICE)
HOST = "a.test"


@dataclass(frozen=True)
class Example:
    """A feature, and for each of its fields another value."""

    feature: Feature
    others: dict[str, Any]
    beside: tuple[ir.RouteFeature, ...] = ()
    """What the route has to have too."""
    versions: tuple[Version, ...] = ((1, 26, 0),)
    neighbour: ir.HostFeature | None = None
    """What another host has."""
    instead: str = ""
    """What a value in the text is reported of where nobody requests it; else the feature."""

    @property
    def kind(self) -> Kind:
        """The feature's type."""
        return type(self.feature)


def _networks(number: int) -> tuple[str, ...]:
    """Return so many networks, more than requests ask for."""
    return tuple(f"10.{number}.{part}.0/24" for part in range(number))


_BOTH: tuple[Version, ...] = ((1, 26, 0), (1, 31, 0))

_BOT = IfCondition(text(Variable("http_user_agent")), "~*", pattern="bot")
_TARGET = text("https://b.test/", Variable("1"))
_PROGRAM = (
    SetVariable("sn_x", text("1")),
    IfBranch(_BOT, (SetVariable("sn_x", text(Variable("host"))), ReturnAnswer(403))),
    RewritePath("^/old/(.*)$", _TARGET, "permanent"),
)
_OTHER_PROGRAM = (*_PROGRAM[:1], IfBranch(_BOT, (ReturnAnswer(403),)), *_PROGRAM[2:])

EXAMPLES: tuple[Example, ...] = (
    Example(LocationProgram(_PROGRAM), {"steps": _OTHER_PROGRAM}),
    Example(
        ServerProgram(
            _PROGRAM,
            AnswerHeaders((AddedHeader("X-A", text("1")), AddedHeader("X-B", text(URI), True))),
            (Tuning("charset", ("utf-8",)), Tuning("default_type", ("text/plain",))),
        ),
        {
            "steps": _OTHER_PROGRAM,
            "headers": AnswerHeaders((AddedHeader("X-A", text("1")),)),
            "tunings": (Tuning("charset", ("utf-8",)), Tuning("default_type", ("text/html",))),
        },
        instead="AnswerHeaders",
    ),
    Example(
        AnswerHeaders(
            (AddedHeader("X-A", text("1")), AddedHeader("X-B", text(URI), always=True)),
            (("X-C", text(Variable("msec"))),),
            ("X-D",),
            ("X-E",),
        ),
        {
            "added": (AddedHeader("X-A", text("1")),),
            "replaced": (("X-C", text("2")),),
            "cleared": ("X-D", "X-F"),
            "hidden": ("X-E", "X-F"),
        },
    ),
    Example(
        ErrorPages(
            (ErrorPage((403, 404), text("/a"), 200), ErrorPage((500,), text("https://b.test/")))
        ),
        {"pages": (ErrorPage((403, 404), text("/b"), 200),)},
    ),
    Example(SatisfyAny(), {}),
    Example(
        AccessList(_networks(20), _networks(30)),
        {"deny": _networks(19), "allow": _networks(29)},
    ),
    Example(BasicAuth("a realm", "users"), {"realm": "another", "file": "others"}),
    Example(
        CustomErrors((404, 503), OTHER),
        {"codes": (404, 502), "upstream": AUTH, "intercept": False},
    ),
    Example(
        Cors(("https://*.a.test", "null"), "GET", "X-A", "X-B", True, 60),
        {
            "origins": ("https://a.test", "null"),
            "methods": "GET, PUT",
            "headers": "X-A, X-C",
            "exposed": "",
            "credentials": False,
            "max_age": 61,
        },
    ),
    Example(Cors(None, "GET", "", "", False, 60), {"origins": ()}),
    Example(CustomHeaders((("X-A", "1"), ("Via", ""))), {"headers": (("X-A", "2"), ("Via", ""))}),
    Example(CustomHeaders((("X-A", "1"), ("Via", ""))), {"headers": (("X-A", "1"),)}),
    Example(
        RequestHeader("X-A", text(Variable("host"))),
        {"name": "X-B", "value": text(Variable("http_host"))},
    ),
    Example(
        KeptHeader("X-Forwarded-Proto"),
        {"name": "X-Forwarded-Host"},
        instead="the frame",  # which has a value for each header that can be kept
    ),
    *(
        Example(
            RequestHeader("X-A", text(Variable("msec"))),
            {"value": text(Variable("connection"))},
            (BackendProtocol(protocol),),
        )
        for protocol in ("HTTP", "GRPC", "FCGI")
    ),
    Example(
        Affinity("route", "/app", "test", 60, "None", conditional=True, secure=True),
        {
            "name": "other",
            "path": "/",
            "domain": "",
            "max_age": 61,
            "samesite": "Lax",
            "conditional": False,
            "secure": False,
        },
        versions=_BOTH,
    ),
    Example(Affinity("route", "/"), {"secure": True}, versions=_BOTH),
    *(
        Example(
            BackendTls(
                ir.Certificate("c.crt", "c.key"),
                "ca.crt",
                2,
                "HIGH",
                ("TLSv1.2",),
                "web.shop.svc",
                server_name=True,
            ),
            {
                "certificate": ir.Certificate("c.crt", "other.key"),
                "trusted": "other.crt",
                "depth": 3,
                "ciphers": "DEFAULT",
                "protocols": ("TLSv1.3",),
                "name": "other.shop.svc",
                "server_name": False,
            },
            (BackendProtocol(protocol),),
            _BOTH,
        )
        for protocol in ("HTTPS", "AUTO_HTTP", "GRPCS")
    ),
    Example(StandIn(WEB), {"upstream": OTHER}),
    Example(
        ExternalAuth(
            SERVICE,
            "POST",
            ("X-User",),
            (("X-More", text("1")),),
            text("https://login.test/"),
            AuthCache(text(Variable("remote_user")), (CacheTime((200, 202), "5m"),)),
            always_set_cookie=True,
        ),
        {
            "service": dataclasses.replace(SERVICE, uri=text("/other")),
            "method": "PUT",
            "response_headers": ("X-User", "X-Group"),
            "request_headers": (("X-More", text("2")),),
            "tunings": (("proxy_read_timeout", ("3s",)),),
            "redirect": None,
            "cache": AuthCache(text(URI), (CacheTime((200, 202), "5m"),)),
            "always_set_cookie": False,
        },
    ),
    Example(
        ExternalAuth(SERVICE, cache=AuthCache(text(URI), (CacheTime((200, 202), "5m"),))),
        {
            "service": dataclasses.replace(SERVICE, scheme="http"),
            "method": "POST",
            "request_headers": (("X-Real-IP", text("1")),),
            "cache": AuthCache(text(URI), (CacheTime((200,), "5m"),)),
        },
    ),
    Example(
        SignIn(text("https://login.test/?a=b"), "rd"),
        {"url": text("https://other.test/?a=b"), "parameter": "next"},
        (AUTHENTICATED,),
    ),
    Example(
        SignIn(text("https://login.test/?rd=", Variable("escaped_request_uri")), ""),
        {"url": text("https://login.test/?rd=", URI), "parameter": "rd"},
        (AUTHENTICATED,),
    ),
    Example(
        Limits("shop_web", 3, 40, 5, 2, ("10.0.0.0/8",), "http_x_client"),
        {
            "owner": "shop_other",
            "per_second": 4,
            "per_minute": 41,
            "connections": 6,
            "burst": 3,
            "exempt": ("10.0.0.0/8", "192.0.2.0/24"),
            "by": "binary_remote_addr",
        },
    ),
    Example(Limits("route_shop_web", 0, 42, at_once=7), {"at_once": 8}),
    *(
        Example(
            Limits("shop_web", 3, 40, 5, 2, exempt, by),
            {"by": other},
        )
        for exempt in ((), ("10.0.0.0/8",))
        for by, other in (
            (SentKey("header", "X-Api-Key"), SentKey("header", "X-Other")),
            (SentKey("header", "X-Api-Key"), "http_x_api_key"),
            (SentKey("header", "session"), SentKey("cookie", "session")),
            (SentKey("cookie", "connect.sid"), SentKey("cookie", "connect.id")),
            (SentKey("cookie", "SESSION", address=True), SentKey("cookie", "SESSION")),
            (SentKey("header", "X-Api-Key", address=True), "binary_remote_addr"),
        )
    ),
    Example(
        Mirror(SERVICE, body=False),
        {"service": dataclasses.replace(SERVICE, host="other.test"), "body": True},
    ),
    Example(
        FastCgi("index.php", (("SCRIPT_FILENAME", text("/srv", URI)), ("SERVER_NAME", text("x")))),
        {"index": "app.php", "params": (("SCRIPT_FILENAME", text("/srv", URI)),)},
        (BackendProtocol("FCGI"),),
    ),
    *(
        Example(
            Tuning("proxy_read_timeout", ("7s",)),
            {"directive": "proxy_send_timeout", "args": ("8s",)},
            (BackendProtocol(protocol),),
        )
        for protocol in ("HTTP", "GRPC", "FCGI")
    ),
    Example(Tuning("client_max_body_size", ("7m",)), {"args": ("8m",), "directive": "limit_rate"}),
    *(
        Example(
            Tuning("sub_filter", ("a", text("b", URI), "c", "d")),
            {"args": others, "directive": "gzip_types"},
            (BackendProtocol(protocol),),
        )
        for protocol in ("HTTP", "GRPC", "FCGI")
        for others in (("c", "d", "a", text("b", URI)), ("a", text("b", URI)))
    ),
    Example(
        ClientCertificates("ca.crt", "crl.pem", "optional_no_ca", 2, "/no", True, "CN=a"),
        {
            "authorities": "other.crt",
            "revoked": "",
            "verify": "on",
            "depth": 3,
            "error_page": "/other",
            "pass_certificate": False,
            "subject": "CN=b",
        },
    ),
    Example(Passthrough(OTHER), {"upstream": WEB}),
    Example(
        ServerTuning("ssl_ciphers", ("HIGH",)),
        {"directive": "ssl_prefer_server_ciphers", "args": ("LOW",)},
    ),
    Example(
        Keepalive(4, 100, 60),
        {"connections": 5, "requests": 101, "timeout": 61},
        versions=_BOTH,
    ),
    Example(HashBy(text(URI)), {"key": text(Variable("remote_addr"))}),
    Example(LeastTime(), {}, versions=_BOTH),
    Example(LeastConnections(), {}),
    Example(OneRequestConnections(), {}, versions=_BOTH),
    Example(
        Canary(OTHER, HeaderRule("X-C", "yes"), "c", 10.0),
        {
            "upstream": AUTH,
            "header": HeaderRule("X-C", "no"),
            "cookie": "d",
            "percent": 20.0,
        },
    ),
    Example(
        Canary(OTHER, HeaderRule("X-C", pattern="^a+$")),
        {"header": HeaderRule("X-C", pattern="^a*$"), "percent": 100.0, "cookie": "c-d"},
    ),
    Example(Canary(OTHER, percent=100.0), {"upstream": AUTH, "percent": 99.99}),
    Example(
        Canary(OTHER, cookie="c-d", percent=10.0, sticky=True),
        {"sticky": False, "cookie": "c.d", "percent": 0.0},
        (Affinity("s", "/"),),
        _BOTH,
    ),
    Example(HttpsOnly(), {"status": 503}),
    *(
        Example(BackendProtocol(one), {"name": other})
        for one, other in (
            ("GRPC", "GRPCS"),
            ("HTTPS", "AUTO_HTTP"),
            ("FCGI", "HTTPS"),
            ("GRPC", "HTTP"),
        )
    ),
    Example(HttpsRedirect(), {"status": 301, "keep_slash": True, "with_port": True}),
    Example(
        HttpsRedirect(301, keep_slash=True, with_port=True),
        {"status": 302, "keep_slash": False, "with_port": False},
        (SatisfyAny(), AccessList(("10.0.0.0/8",), ())),
    ),
    Example(
        Rewrite(text("/new"), text("/old"), "^/"),
        {"target": text("/other"), "prefix": text("/older"), "pattern": "^/a"},
    ),
    Example(
        Rewrite(text("/new/", Variable("1")), pattern="^/(.*)"),
        {"target": text("/new/", Variable("2")), "prefix": text("/old"), "pattern": "^/(.+)"},
    ),
    Example(
        Firewall((RulesFile("/a.conf"), RulesText("SecRuleEngine On\n")), text("x")),
        {
            "rules": (RulesText("SecRuleEngine On\n"), RulesFile("/a.conf")),
            "transaction": text("x", Variable("request_id")),
        },
    ),
    Example(
        Traced(trusting=True, name=text("a")),
        {"trusting": False, "name": text("b")},
    ),
    Example(Alias(("b.test", "*.c.test")), {"names": ("b.test",)}),
    Example(Alias(("~^b[0-9]+[.]test$",), 1), {"names": ("~^b[0-9][.]test$",)}),
    Example(
        Alias(("~^b[0-9]+[.]test$",), 1), {"place": 3}, neighbour=Alias(("~^b1.*[.]test$",), 2)
    ),
    Example(WwwRedirect(), {"status": 301}),
    Example(AppRoot("/app"), {"path": "/other"}),
)


def config_with(example: Example, feature: Feature | None, target: Version) -> ir.Config:
    """Return an IR in which the host, its route or its upstream has a feature."""
    features = tuple(item for item in (*example.beside, feature) if item is not None)
    of_route = tuple(item for item in features if isinstance(item, ir.RouteFeature))
    of_host = tuple(item for item in features if isinstance(item, ir.HostFeature))
    of_upstream = tuple(item for item in features if isinstance(item, ir.UpstreamFeature))
    passed = isinstance(example.feature, Passthrough)
    route = ir.Route(
        ir.Prefix("/"),
        ir.Proxy(WEB),
        ir.RouteOrigin("shop", "web", "spec.rules[0].http.paths[0]"),
        "/",
        "Prefix",
        ir.ServiceTarget("shop", "web", 80),
        of_route,
    )
    nothing = ir.Route(
        ir.Prefix("/"), ir.StatusAnswer(404), ir.RouteOrigin("", "", "no default"), "", ""
    )
    https = None if passed else ir.Https(ir.Certificate("a.crt", "a.key"), redirect=False)
    host = ir.Host(HOST, (route,), nothing, https, features=of_host)
    upstreams = tuple(_upstream(name, of_upstream) for name in (WEB, OTHER, AUTH))
    others = () if example.neighbour is None else (example.neighbour,)
    beside = tuple(ir.Host("y.test", (route,), nothing, features=(item,)) for item in others)
    return ir.Config(
        (ir.Host("", (), nothing), host, *beside),
        upstreams,
        (),
        _settings(target, passed=passed),
        Stream(upstreams=upstreams[:2] if passed else ()),
    )


def _upstream(name: str, features: tuple[ir.UpstreamFeature, ...]) -> ir.Upstream:
    service = ir.ServiceTarget("", "auth.test", 443)
    if name != AUTH:
        service = ir.ServiceTarget("shop", name.split("_")[1], 80)
    endpoints = (ir.Endpoint("10.0.0.1", 80), ir.Endpoint("2001:db8::1", 8080))
    return ir.Upstream(name, endpoints, service, features)


def _settings(target: Version, *, passed: bool) -> ir.Settings:
    return ir.Settings(
        target=target,
        listen_addresses=("",),
        http_port=80,
        https_port=443,
        redirect_port=None,
        resolver=(),
        access_log="json",
        health_check_path=None,
        fragment=False,
        default_certificate=None,
        inner_ports=InnerPorts(10443, 10444) if passed else None,
        policies=ir.Policies(exporter=Exporter("otel.test:4317")),
    )
