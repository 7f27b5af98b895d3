"""What places tell backends and clients, and what holds around them, whoever asks for it."""

from __future__ import annotations

import dataclasses

import pytest

import ingc
from ingc import ir
from ingc.ir.features.backend_tls import BackendTls
from ingc.ir.features.headers import CustomHeaders, RequestHeader
from ingc.ir.features.protocols import BackendProtocol
from ingc.model import Model
from ingc.model.tree import read_statements
from ingc.prove.answers import answers_differ
from ingc.prove.backend_headers import headers_differ, owed_by
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.parsing import RefusedText, parse
from ingc.prove.samples import SAMPLES, usual_headers
from ingc.prove.written import Written
from ingc.syntax.text import Text
from tests.golden.case import ROOT, Case
from tests.objects import path, rule
from tests.prove.readable import EXAMPLES, config_with
from tests.prove.test_equivalence import differences
from tests.prove.test_readers import printed, proved
from tests.shop import ingress, service

CONFIG = config_with(EXAMPLES[0], None, (1, 26, 0))
HOST = CONFIG.hosts[1]
ROUTE = HOST.routes[0]


def places(text: str, *, scheme: str = "http") -> list[InEffect]:
    """Return the locations of the first server of an ``http`` block."""
    parsed = parse(text)
    assert not isinstance(parsed, RefusedText), parsed
    model = Model(read_statements(parsed), (1, 26, 0))
    written, server = Written(model.http, (1, 26, 0)), model.http.all("server")[0]
    level = model.level(server)
    locations = server.all("location")
    return [InEffect(written, (model.http, server, item), level, scheme) for item in locations]


def asked(place: InEffect, *features: ir.RouteFeature) -> ExpectedRoute:
    route = dataclasses.replace(ROUTE, features=features)
    host = dataclasses.replace(HOST, https=None)
    return ExpectedRoute(host, route, CONFIG.settings, {}, place.written, place.scheme)


def test_what_a_location_sets_tells_it_from_another_one() -> None:
    usual = "\n".join(
        f'proxy_set_header {name} "{value.decode() if isinstance(value, bytes) else value}";'
        for name, value in {"X-A": "$ingc_header_x_a"}.items()
    )
    text = printed(CONFIG)
    frame = [line for line in text.splitlines() if "proxy_set_header" in line]
    maps = text[text.index("    map ") : text.index("    upstream ")]
    locations = "".join(
        f"location {name} {{ set $ingc_header_x_a {value}; proxy_pass http://a; }}"
        for name, value in (("/a", "one"), ("/b", "two"))
    )
    whole = "\n".join((*frame, usual, maps, "upstream a { server 10.0.0.1; }"))
    first, second = places(f"http {{ {whole}\nserver {{ listen 80; {locations} }} }}")
    feature = RequestHeader("X-A", Text(("one",)))
    for place, differs in ((first, False), (second, True)):
        wanted = asked(place, feature)
        found = headers_differ(place, wanted, owed_by(wanted.host, wanted.route))
        assert (found is not None) is differs, found


def test_headers_of_answers_are_those_of_their_own_route() -> None:
    text = """http { map $https $ingc_hsts { on x; default ""; }
        server { listen 80; add_header X-A 1 always; proxy_hide_header X-A;
        location / { proxy_pass http://a; } } upstream a { server 10.0.0.1; } }"""
    policies = dataclasses.replace(CONFIG.settings.policies, hsts=None)
    settings = dataclasses.replace(CONFIG.settings, policies=policies)
    (place,) = places(text)
    for value, differs in (("1", False), ("2", True), ("1", False), (None, True)):
        features = (CustomHeaders((("X-A", value),)),) if value is not None else ()
        wanted = dataclasses.replace(asked(place, *features), settings=settings)
        assert (answers_differ(place, wanted) is not None) is differs, value


def test_an_absent_directive_says_what_nginx_says() -> None:
    terms = BackendTls(None, "ca.crt", 1, "DEFAULT", ("TLSv1.2", "TLSv1.3"), "web", True)
    example = next(item for item in EXAMPLES if isinstance(item.feature, BackendTls))
    example = dataclasses.replace(example, beside=(BackendProtocol("HTTPS"),))
    config = config_with(example, terms, (1, 26, 0))
    text = printed(config)
    assert "proxy_ssl_verify_depth 1;" in text
    assert proved(text.replace("proxy_ssl_verify_depth 1;", ""), config) == []
    other = config_with(example, dataclasses.replace(terms, depth=2), (1, 26, 0))
    assert proved(text.replace("proxy_ssl_verify_depth 1;", ""), other)


PLAIN, HTTPS = "frame/plain-http", "frame/https"
STAPLED = "configmap/files-for-tls-and-keys-of-limits"
GRPC, FASTCGI = "protocols/backend-protocol-grpc", "protocols/backend-protocol-fcgi"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (PLAIN, "proxy_pass http://shop_web_80;", "empty_gif; proxy_pass http://shop_web_80;"),
        (HTTPS, "return 308 https://$host$", "return 308 https://$hostname$"),
        (PLAIN, "server_tokens off;", "server_tokens off; default_type text/html;"),
        (PLAIN, "server_tokens off;", "server_tokens off; underscores_in_headers on;"),
        (PLAIN, "pid nginx.pid;", "pid nginx.pid; user root;"),
        (PLAIN, "worker_connections 16384;", "worker_connections 16384; multi_accept on;"),
        (PLAIN, "server_name shop.test;", "server_name shop.test more.test;"),
        (PLAIN, "log_format ingc_json escape=json", "log_format ingc_json escape=none"),
        (PLAIN, '"$scheme"', '"$https"'),
        (STAPLED, "ssl_stapling on;", "ssl_stapling off;"),
        (STAPLED, "ssl_stapling on;", ""),
        (HTTPS, "ssl_session_tickets off;", "ssl_session_tickets off; ssl_stapling on;"),
        (GRPC, "grpc_set_header Host", "grpc_set_header Connection close; grpc_set_header Host"),
        (FASTCGI, '"" if_not_empty', '""'),
        (FASTCGI, "HTTP_X_SCHEME $scheme if_not_empty", "HTTP_X_SCHEME $scheme"),
        (FASTCGI, "HTTPS $https if_not_empty", "HTTPS $https"),
        (FASTCGI, "CONTENT_TYPE $content_type", "CONTENT_TYPE $content_type if_not_empty"),
        (
            FASTCGI,
            "fastcgi_param HTTP_HOST",
            "fastcgi_param HTTP_UPGRADE h2c; fastcgi_param HTTP_HOST",
        ),
    ],
)
def test_nothing_may_be_said_that_nobody_asks_for(name: str, old: str, new: str) -> None:
    case = Case(ROOT / name)
    text = case.result.config or ""
    assert old in text
    assert differences(case.result, text.replace(old, new))


def test_a_twin_is_read_on_both_schemes() -> None:
    """Of a fragment, where each server has the terms of TLS."""
    twin = {"nginx.ingress.kubernetes.io/from-to-www-redirect": "true"}
    tls = [{"hosts": ["a.test"], "secretName": "tls"}]
    web = ingress("web", rule("a.test", path("/", "web")), annotations=twin, tls=tls)
    options = ingc.Options(fragment=True, tls_files="/tls/{namespace}/{secret}")
    result = ingc.compile([web, service("web")], options)
    text = result.config or ""
    start = text.index("# www.a.test")
    assert differences(result, text) == []
    for old, new in (
        ("ssl_session_tickets off", "ssl_session_tickets on"),
        ("ssl_protocols TLSv1.2", "ssl_protocols TLSv1"),
        ("/tls/shop/tls.key", "/tls/shop/other.key"),
        ("http2 on", "http2 off"),
    ):
        assert old in text[start:]
        assert differences(result, text[:start] + text[start:].replace(old, new)), old


def test_samples_differ_in_all_that_is_told_of_a_client() -> None:
    """A header that is the same in all samples could be a constant, and nobody would notice."""
    for scheme in SAMPLES:
        told = [usual_headers(CONFIG.settings, sample) for sample in SAMPLES[scheme]]
        constant = {name for name in told[0] if len({item[name] for item in told}) == 1}
        of_the_scheme = {"x-forwarded-proto", "x-forwarded-scheme", "x-scheme"}
        assert constant - {"x-forwarded-port"} == {"proxy", *of_the_scheme}
    alike = [usual_headers(CONFIG.settings, SAMPLES[scheme][0]) for scheme in SAMPLES]
    assert alike[0]["x-scheme"] != alike[1]["x-scheme"]
    assert alike[0]["x-forwarded-port"] != alike[1]["x-forwarded-port"]
