"""Expectations against a compiled input: what holds, what does not, and what is said then."""

from __future__ import annotations

import pytest

import ingc
from ingc.diagnostics import Sink
from ingc.explain.conf.reading import conf_of
from ingc.routetest import (
    CheckOutcome,
    StaticReplier,
    coverage_of,
    read_file,
    read_tests,
    run_tests,
)
from tests.objects import Object, path, rule
from tests.shop import ingress, service

PREFIX = "nginx.ingress.kubernetes.io/"


def _annotated(value: Object, **annotations: str) -> Object:
    names = {PREFIX + name.replace("_", "-"): text for name, text in annotations.items()}
    value["metadata"] = {**value["metadata"], "annotations": names}
    return value


OBJECTS = [
    ingress("shop/web", rule("a.test", path("/", "web"), path("/cart", "cart", "Exact"))),
    _annotated(
        ingress("shop/api", rule("api.test", path("/v1/(.*)", "api", "ImplementationSpecific"))),
        rewrite_target="/$1",
        limit_rps="5",
    ),
    _annotated(
        ingress("shop/moved", rule("old.test", path("/", "web"))),
        permanent_redirect="https://a.test/new",
    ),
    ingress("shop/canaried", rule("c.test", path("/", "web"))),
    _annotated(
        ingress("shop/canary", rule("c.test", path("/", "cart"))),
        canary="true",
        canary_weight="20",
        canary_by_header="X-Canary",
    ),
    _annotated(
        ingress("shop/staff", rule("staff.test", path("/", "web"))),
        whitelist_source_range="10.0.0.0/8",
        upstream_vhost="staff.internal",
    ),
    ingress("shop/gone", rule("gone.test", path("/", "missing"))),
    service("web", clusterIP="10.96.0.1"),
    service("cart", clusterIP="10.96.0.2"),
    service("api", clusterIP="10.96.0.3"),
    service("missing", clusterIP="10.96.0.4", ports=[{"port": 81, "name": "other"}]),
]


@pytest.fixture(scope="module")
def replier() -> StaticReplier:
    result = ingc.compile(OBJECTS)
    assert result.ok, [item.message for item in result.errors]
    return StaticReplier(result)


@pytest.fixture(scope="module")
def conf_replier() -> StaticReplier:
    result = ingc.compile(OBJECTS)
    assert result.config is not None
    return StaticReplier(conf_of(result.config, (1, 26, 0)))


def run(text: str, replier: StaticReplier) -> tuple[CheckOutcome, ...]:
    sink = Sink()
    tests = read_tests(read_file(text, "routes.ingc", sink), sink)
    assert not sink.diagnostics(), [item.message for item in sink.diagnostics()]
    return run_tests(tests, replier)[0]


HOLDS = [
    "http://a.test/ -> shop/web:80",
    "http://a.test/ -> shop/web",
    "http://a.test/x?y -> shop/web as /x?y",
    "http://a.test/cart -> shop/cart:80 and ingress shop/web",
    "http://a.test/cart/ -> not shop/cart",
    "http://a.test/cart/ -> same as /",
    "http://a.test/cart -> not same as /",
    "http://A.test:8080/cart -> shop/cart",
    "http://a.test/ -> any of 404 or shop/web",
    "http://a.test/ -> not any of 404 or shop/cart",
    "http://api.test/v1/items?a=b -> shop/api:80 as /items?a=b",
    "http://api.test/V1/items -> shop/api",
    "http://api.test/v2 -> 404",
    "http://api.test/v2 -> not ingress shop/api",
    "http://old.test/x -> 301 https://a.test/new",
    "http://old.test/x -> 301 /new",
    "http://old.test/x -> redirect",
    "http://old.test/x -> not redirect /x",
    "http://c.test/ -> any of shop/web or shop/cart",
    "http://c.test/ with header X-Canary: always -> shop/cart",
    "http://c.test/ with header X-Canary: never -> shop/web",
    "http://c.test/ with header X-Canary: always -> same as /x",
    "http://staff.test/ with client 10.1.2.3 -> shop/web",
    "http://staff.test/ with client 192.0.2.1 -> 403",
    "http://staff.test/ -> upstream header Host: staff.internal",
    "http://a.test/ with header X-Own: 1 -> upstream header X-Own: 1",
    "http://gone.test/ -> 503",
    "https://a.test/ -> refused",
    "GET http://nobody.test/ -> 404",
    "TRACE http://a.test/ -> 405",
]


@pytest.mark.parametrize("text", HOLDS)
def test_what_holds(text: str, replier: StaticReplier) -> None:
    (outcome,) = run(text, replier)
    assert outcome.passed, outcome.failures


@pytest.mark.parametrize("text", [it for it in HOLDS if "old.test/x -> not" not in it])
def test_the_same_of_the_nginx_conf(text: str, conf_replier: StaticReplier) -> None:
    (outcome,) = run(text, conf_replier)
    assert outcome.passed, outcome.failures


FAILS = [
    # test, what came, words of the reason
    ("http://a.test/ -> shop/cart", "shop/web:80", ""),
    ("http://a.test/ -> shop/web:81", "shop/web:80", ""),
    ("http://a.test/ -> not shop/web", "shop/web:80", ""),
    ("http://a.test/ -> 404", "shop/web:80", ""),
    ("http://a.test/x -> as /y", "shop/web:80 as /x", ""),
    ("http://a.test/x -> shop/web as /y", "shop/web:80 as /x", ""),
    ("http://a.test/ -> 200", "shop/web:80", "--live"),
    ("http://a.test/ -> redirect", "shop/web:80", ""),
    ("http://a.test/ -> refused", "shop/web:80", ""),
    ("http://a.test/ -> ingress shop/api", "ingress shop/web", ""),
    ("http://a.test/ -> header X-A", "no header X-A", "--live"),
    ("http://a.test/ -> not header X-A", "no header X-A", "--live"),
    ("http://nobody.test/ -> header X-A", "no header X-A", ""),
    ("http://nobody.test/ -> upstream header X-A", "no header X-A", ""),
    ("http://staff.test/ -> upstream header Host: a", "header Host: staff.internal", ""),
    ("http://api.test/v1/a -> 503", "shop/api:80 as /a", "--live"),
    ("http://old.test/x -> 302 https://a.test/new", "301 https://a.test/new", ""),
    ("http://old.test/x -> 301 /other", "301 https://a.test/new", ""),
    ("http://c.test/ -> shop/web", "shop/web:80, or shop/cart:80 in 20%", ""),
    ("http://c.test/ -> not shop/cart", "shop/web:80, or shop/cart:80 in 20%", ""),
    ("http://nobody.test/ -> shop/web", "404", "no rule names this host"),
    ("http://a.test/cart -> same as /", "shop/cart:80", ""),
    ("http://a.test/ -> upstream other", "shop/web:80", ""),
]


@pytest.mark.parametrize(("text", "got", "why"), FAILS)
def test_what_fails_is_told(text: str, got: str, why: str, replier: StaticReplier) -> None:
    (outcome,) = run(text, replier)
    (failure,) = outcome.failures
    assert failure.got == got
    assert why in failure.why


def test_a_failure_names_what_a_variable_stands_for(replier: StaticReplier) -> None:
    (outcome,) = run("let cart = shop/cart:80\nhttp://a.test/ -> not $cart and $cart", replier)
    assert [item.expected for item in outcome.failures] == ["shop/cart:80"]


def test_coverage_counts_rules(replier: StaticReplier) -> None:
    sink = Sink()
    text = "host a.test\n/ -> shop/web\n/y -> shop/web\nhost c.test\n/ -> same as http://gone.test/"
    tests = read_tests(read_file(text, "routes.ingc", sink), sink)
    _, hit = run_tests(tests, replier)
    found = coverage_of(replier.refs(), hit)
    assert (found.rules, found.hit) == (7, 3)
    assert {str(ref) for ref in found.missed} == {
        "shop/web spec.rules[0].http.paths[1]",
        "shop/api spec.rules[0].http.paths[0]",
        "shop/moved spec.rules[0].http.paths[0]",
        "shop/staff spec.rules[0].http.paths[0]",
    }


PASSED = [
    _annotated(ingress("shop/db", rule("db.test", path("/", "db"))), ssl_passthrough="true"),
    service("db", clusterIP="10.96.0.9"),
]
UNOPENED = [
    "https://db.test/ -> unopened",
    "https://db.test/x -> unopened shop/db:80",
    "https://db.test/x -> unopened shop/db and same as /y",
    "https://db.test/ -> not refused",
    "https://db.test/ -> not shop/db:80",
    "https://db.test/ -> not unopened shop/web:80",
    "https://db.test/ -> not 200",
    "https://other.test/ -> refused and not unopened",
    "http://db.test/ -> shop/db and not unopened",
]


def _passing() -> tuple[StaticReplier, StaticReplier]:
    result = ingc.compile(PASSED, ingc.Options(enable_ssl_passthrough=True))
    assert result.config is not None
    return StaticReplier(result), StaticReplier(conf_of(result.config, (1, 26, 0)))


@pytest.mark.parametrize("text", UNOPENED)
def test_tls_that_is_passed_on(text: str) -> None:
    for source in _passing():
        for outcome in run(text, source):
            assert outcome.passed, outcome.failures


def test_what_came_in_place_of_unopened_tls() -> None:
    compiled, _ = _passing()
    for text, got in (
        ("https://db.test/ -> refused", "unopened shop/db:80"),
        ("http://db.test/ -> unopened shop/db:80", "shop/db:80"),
        ("https://other.test/ -> unopened", "refused"),
    ):
        (outcome,) = run(text, compiled)
        assert [failure.got for failure in outcome.failures] == [got]


def test_whether_a_file_is_there_is_not_known() -> None:
    text = "events { } http { server { listen 80; root /srv; } }"
    conf = StaticReplier(conf_of(text, (1, 26, 0)))
    (outcome,) = run("http://a.test/x -> 200", conf)
    assert [(item.got, item.why.partition(";")[0]) for item in outcome.failures] == [
        ("file /srv/x", "the disk decides whether /srv/x is there")
    ]
