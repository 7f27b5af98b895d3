"""Each kind has a manifest that meets it, and one beside it that does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

import ingc
from ingc.departures import Departure, DepartureKind, departures, notes
from ingc.diagnostics import Severity
from tests.objects import (
    Object,
    annotated,
    config_map,
    endpoint_slice,
    exact,
    ingress,
    opaque,
    path,
    prefix,
    rule,
    service,
    specific,
    tls,
)
from tests.routes_of import route as route_of

Kind = DepartureKind
HOST = "a.example"
GLOBAL: Object = {"configmap": "default/global"}
CERTIFICATE: Object = {"tls_files": "/etc/tls/{namespace}/{secret}"}
"""Hosts with TLS have a certificate."""


def backed(name: str) -> list[Object]:
    return [service(name, 80), endpoint_slice(name, "10.0.0.1", port=80)]


WEB, ERRORS = backed("web"), backed("errors")
PASSWORDS = opaque("users", auth=b"a:$apr1$x$y1mWCSPtvWZTbcZX6mW6U0\n")
BASIC = {"auth_type": "basic", "auth_secret": "users"}


def one(*rules: Object, name: str = "one", created: str = "", **rest: Any) -> Object:
    """Return an Ingress, with its values as annotations but for those that an Ingress has."""
    known = {key: rest.pop(key) for key in ("default", "tls") if key in rest}
    return ingress(name, *rules, created=created, annotations=annotated(**rest), **known)


def root(**annotations: str) -> list[Object]:
    """Return an Ingress that takes all of a host."""
    return [one(rule(HOST, prefix("/", "web")), **annotations), *WEB]


def secure(*paths: Object, **annotations: str) -> list[Object]:
    """Return an Ingress whose host has TLS."""
    return [one(rule(HOST, *paths), tls=[tls(HOST, by="own")], **annotations), *WEB]


@dataclass(frozen=True)
class Case:
    """Objects that meet a kind, and objects that are like them and do not."""

    kind: DepartureKind
    name: str
    meets: list[Object]
    misses: list[Object]
    request: str
    """The request of the departure."""
    answers: tuple[str, str]
    """Words in what ingress-nginx answers, and in what is answered here."""
    options: Object = field(default_factory=dict)


def below(**annotations: str) -> list[Object]:
    """Return an Ingress that leaves paths of its host to nobody."""
    return [one(rule(HOST, prefix("/a", "web")), **annotations), *WEB, PASSWORDS]


LEAD_BACK = {"auth_url": "http://10.0.0.9/check", "auth_signin": "https://sso.example/start"}
AFFINITY = {"affinity": "cookie", "session_cookie_name": "sc"}
CANARY = one(rule(HOST, prefix("/", "next")), name="next", canary="true", canary_weight="10")
BUCKET: Object = {"resource": {"kind": "Bucket", "name": "assets"}}
HOSTLESS = one(rule(None, prefix("/", "web")), name="hostless")

CASES = (
    Case(
        Kind.ANNOTATIONS,
        "a password",
        below(**BASIC),
        [*root(**BASIC), PASSWORDS],
        "GET http://a.example/no-such-path",
        ("401", "404"),
    ),
    Case(
        Kind.ANNOTATIONS,
        "a redirect",
        below(permanent_redirect="https://new.example"),
        root(permanent_redirect="https://new.example"),
        "GET http://a.example/no-such-path",
        ("301 to https://new.example", "404"),
    ),
    Case(
        Kind.ANNOTATIONS,
        "an allow list of the Ingress that came second",
        [
            one(
                rule(HOST, prefix("/a", "web")),
                created="2020-01-01T00:00:00Z",
                allowlist_source_range="10.0.0.0/8",
            ),
            one(rule(HOST, prefix("/b", "web")), name="two", created="2021-01-01T00:00:00Z"),
            *WEB,
        ],
        [
            one(
                rule(HOST, prefix("/a", "web")),
                created="2022-01-01T00:00:00Z",
                allowlist_source_range="10.0.0.0/8",
            ),
            one(rule(HOST, prefix("/b", "web")), name="two", created="2021-01-01T00:00:00Z"),
            *WEB,
        ],
        "GET http://a.example/no-such-path",
        ("403", "404"),
    ),
    Case(
        Kind.ANNOTATIONS,
        "https by an annotation",
        below(force_ssl_redirect="true"),
        below(ssl_redirect="true"),
        "GET http://a.example/no-such-path",
        ("308 to https", "404"),
    ),
    Case(
        Kind.ANNOTATIONS,
        "no redirect to https",
        secure(prefix("/a", "web"), ssl_redirect="false"),
        secure(prefix("/a", "web")),
        "GET http://a.example/no-such-path",
        ("404", "308 to https://a.example/no-such-path"),
    ),
    Case(
        Kind.ANNOTATIONS,
        "a rule without paths",
        [one(rule("www.a.example"), from_to_www_redirect="true")],
        [one(rule("www.a.example", prefix("/", "web")), from_to_www_redirect="true"), *WEB],
        "GET http://a.example/",
        ("404", "308 to www.a.example"),
    ),
    Case(
        Kind.REDIRECT,
        "a rewrite that leaves no path",
        secure(specific("/a(/|$)(.*)", "web"), rewrite_target="$2", use_regex="true"),
        secure(specific("/a(/.*)", "web"), rewrite_target="$1", use_regex="true"),
        "GET http://a.example/a(/|$)(.*)",
        ("500", "308 to https"),
    ),
    Case(
        Kind.NO_BACKEND,
        "a name outside",
        [
            one(rule(HOST, prefix("/", "out"))),
            service("out", 80, external_name="db.outside.example"),
        ],
        root(),
        "GET http://a.example/",
        ("503", "502"),
        {"resolver": ("10.0.0.53",)},
    ),
    Case(
        Kind.NO_BACKEND,
        "no endpoints, and no path",
        [
            one(rule(HOST, specific("/a/(.*)", "empty")), rewrite_target="$1", use_regex="true"),
            service("empty", 80),
            endpoint_slice("empty", port=80),
        ],
        [
            one(rule(HOST, specific("/a/(.*)", "empty")), rewrite_target="/$1", use_regex="true"),
            service("empty", 80),
            endpoint_slice("empty", port=80),
        ],
        "GET http://a.example/a/(.*)",
        ("500", "503"),
    ),
    Case(
        Kind.NO_BACKEND,
        "a resource beside another path",
        [one(rule(HOST, path("/files", BUCKET), prefix("/", "web"))), *WEB],
        [one(rule(HOST, path("/files", BUCKET), prefix("/a", "web"))), *WEB],
        "GET http://a.example/files",
        ("what / answers", "404"),
    ),
    Case(
        Kind.REFUSED_VALUE,
        "an annotation",
        root(proxy_body_size="much", allowlist_source_range="no"),
        root(allowlist_source_range="10.0.0.0/8"),
        "GET http://a.example/",
        ("as without the annotation", "503"),
    ),
    Case(
        Kind.REFUSED_VALUE,
        "a key of the ConfigMap",
        [*root(), config_map("global", {"whitelist-source-range": "no"})],
        [*root(), config_map("global", {"whitelist-source-range": "10.0.0.0/8"})],
        "GET http://a.example/",
        ("as without the value", "503"),
        GLOBAL,
    ),
    Case(
        Kind.PROXY_LINES,
        "a header that is believed",
        [
            *root(),
            config_map("global", {"use-proxy-protocol": "true", "use-forwarded-headers": "true"}),
        ],
        [*root(), config_map("global", {"use-proxy-protocol": "true"})],
        "GET http://a.example/ with X-Forwarded-For: 198.51.100.7",
        ("X-Real-IP: 198.51.100.7", "PROXY line"),
        GLOBAL,
    ),
    Case(
        Kind.COOKIES,
        "a canary",
        [*root(**AFFINITY), CANARY, *backed("next")],
        [*root(**AFFINITY), one(rule(HOST, prefix("/b", "next")), name="next"), *backed("next")],
        "GET http://a.example/",
        ("one cookie", "sc_side"),
    ),
    Case(
        Kind.COOKIES,
        "a regex as Path",
        [one(rule(HOST, specific("/a.*", "web")), **AFFINITY, use_regex="true"), *WEB],
        [
            one(
                rule(HOST, specific("/a.*", "web")),
                **AFFINITY,
                use_regex="true",
                session_cookie_path="/a",
            ),
            *WEB,
        ],
        "GET http://a.example/a.*",
        ("Path=/a.*", "Path=/"),
    ),
    Case(
        Kind.LEAD_BACK,
        "a sign-in page",
        root(**LEAD_BACK),
        root(auth_url=LEAD_BACK["auth_url"]),
        "GET http://a.example/",
        ("rd=http%3A%2F%2Fa.example%2F", "rd=http://a.example/"),
    ),
    Case(
        Kind.SLASH,
        "a prefix",
        [one(rule(HOST, prefix("/foo/", "web"))), *WEB],
        [one(rule(HOST, prefix("/foo/", "web"), prefix("/foo", "web"))), *WEB],
        "GET http://a.example/foo",
        ("301 to /foo/", "what the path answers"),
    ),
    Case(
        Kind.SLASH,
        "an exact path",
        [one(rule(HOST, exact("/foo/", "web"))), *WEB],
        [one(rule(HOST, specific("/foo/", "web")), use_regex="true"), *WEB],
        "GET http://a.example/foo",
        ("301 to /foo/", "404"),
    ),
    Case(
        Kind.ONE_HOST,
        "a wildcard alias",
        root(server_alias="*.b.example"),
        root(server_alias="b.example"),
        "GET http://a.b.b.example/",
        ("what the host answers", "404"),
    ),
    Case(
        Kind.DEFAULTS,
        "the health check",
        [HOSTLESS, *WEB],
        [one(rule(None, prefix("/a", "web"))), *WEB],
        "GET http://unnamed.example/healthz",
        ("200", "what the rule's backend answers"),
    ),
    Case(
        Kind.DEFAULTS,
        "a default backend beside a rule without a host",
        [
            one(rule(None, prefix("/", "web")), name="rule"),
            one(name="default", default="web"),
            *WEB,
        ],
        [one(rule(HOST, prefix("/", "web")), name="rule"), one(name="d", default="web"), *WEB],
        "GET http://unnamed.example/healthz",
        ("200", "what the rule's backend answers"),
    ),
    Case(
        Kind.DEFAULTS,
        "the default backend of the Ingress that came second",
        [
            one(rule(HOST, prefix("/a", "web")), name="old", created="2020-01-01T00:00:00Z"),
            one(
                rule(HOST, prefix("/b", "web")),
                name="young",
                created="2021-01-01T00:00:00Z",
                default="web",
            ),
            *WEB,
        ],
        [
            one(rule(HOST, prefix("/", "web")), name="old", created="2020-01-01T00:00:00Z"),
            one(
                rule(HOST, prefix("/b", "web")),
                name="young",
                created="2021-01-01T00:00:00Z",
                default="web",
            ),
            *WEB,
        ],
        "GET http://a.example/no-such-path",
        ("404", "what it answers"),
    ),
    Case(
        Kind.DEFAULTS,
        "errors without a default backend",
        root(custom_http_errors="418"),
        [*root(custom_http_errors="418", default_backend="errors"), *ERRORS],
        "GET http://a.example/",
        ("a page of its own with 418", "the backend's own 418"),
    ),
    Case(
        Kind.ERROR_BACKEND,
        "errors",
        [*root(custom_http_errors="418", default_backend="errors"), *ERRORS],
        [*root(default_backend="errors"), *ERRORS],
        "GET http://a.example/ with X-Forwarded-Proto: https",
        ("HTTP/1.0", "HTTP/1.1"),
    ),
)

GENERAL = (
    Case(
        Kind.REDIRECT,
        "a large body",
        secure(prefix("/", "web")),
        secure(prefix("/", "web"), ssl_redirect="false"),
        "POST http://a.example/ with Content-Length: 1000000000000",
        ("413", "308 to https"),
    ),
    Case(
        Kind.HEADERS,
        "HSTS",
        secure(prefix("/", "web")),
        root(),
        "GET https://a.example/no-such-path",
        ("no Strict-Transport-Security", "Strict-Transport-Security"),
    ),
    Case(
        Kind.HEADERS,
        "CORS",
        root(enable_cors="true", cors_allow_origin="https://b.example"),
        root(),
        "POST http://a.example/ with Origin: https://other.example, Content-Length: 1000000000000",
        ("413 without", "413 with"),
    ),
    Case(
        Kind.COOKIES,
        "a hash",
        root(**AFFINITY),
        root(),
        "GET http://a.example/",
        ("names the endpoint", "hash"),
        {"nginx_version": "1.26"},
    ),
    Case(
        Kind.COOKIES,
        "a lifetime",
        root(**AFFINITY, session_cookie_expires="60"),
        root(**AFFINITY),
        "GET http://a.example/",
        ("Expires or Max-Age", "Expires and Max-Age"),
    ),
    Case(
        Kind.ONE_HOST,
        "a request line with a host",
        root(),
        [HOSTLESS, *WEB],
        "GET http://a.example/ with Host: other.example",
        ("other.example", "a.example"),
    ),
    Case(
        Kind.ANNOTATIONS,
        "CORS",
        below(enable_cors="true"),
        root(enable_cors="true"),
        "OPTIONS http://a.example/no-such-path",
        ("204", "404"),
    ),
)
ALL = CASES + GENERAL


def found(objects: Iterable[Object], options: Object) -> tuple[Departure, ...]:
    chosen = ingc.Options(**{"nginx_version": "1.31.3", **CERTIFICATE, **options}, proof=False)
    result = ingc.compile(objects, chosen)
    assert result.store is not None
    assert result.ir is not None
    return departures(result.store, result.ir, result.diagnostics, chosen)


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.kind.name} {case.name}")
def test_a_manifest_that_meets_a_kind_and_one_that_does_not(case: Case) -> None:
    general = case in GENERAL
    met = [
        item
        for item in found(case.meets, case.options)
        if item.kind is case.kind and item.general is general
    ]
    assert [str(item.request) for item in met] == [case.request]
    theirs, ours = case.answers
    assert theirs in met[0].theirs
    assert ours in met[0].ours
    assert met[0].why
    missed = found(case.misses, case.options)
    assert (case.kind, general) not in {(item.kind, item.general) for item in missed}


def test_each_kind_has_cases() -> None:
    assert {case.kind for case in ALL} == set(DepartureKind)


def test_one_ingress_has_one_departure_of_a_kind() -> None:
    objects = [one(rule(HOST, *(prefix(f"/{n}/", "web") for n in range(9)))), *WEB]
    slashes = [item for item in found(objects, {}) if item.kind is Kind.SLASH]
    assert [(item.ingress, item.places) for item in slashes] == [("default/one", 9)]


def test_notes_have_a_severity_that_changes_no_exit_code() -> None:
    printed = notes(found([*secure(prefix("/a/", "web"))], {}), general=True)
    assert {item.severity for item in printed} == {Severity.NOTE}
    assert len({item.message for item in printed}) == len(printed)


def test_what_all_meet_alike_is_noted_once_and_on_request_alone() -> None:
    objects = [
        *(one(rule(f"{n}.example", prefix("/", "web")), name=f"n{n}") for n in range(5)),
        *WEB,
    ]
    everything = found(objects, {})
    assert notes(everything) == ()
    (note,) = notes(everything, general=True)
    assert note.message.endswith("one request, one host, as in 5 Ingresses")


def test_routes_of_openshift_depart_from_nothing() -> None:
    """Their router is another one; ingress-nginx has never served them."""
    result = ingc.compile(
        [
            route_of("web", "a.test", tls={"termination": "edge"}),
            service("web", 80, clusterIP="10.0.0.1"),
        ]
    )
    assert result.ir is not None
    assert result.store is not None
    assert not departures(result.store, result.ir, result.diagnostics, ingc.Options())
