"""ingress-nginx's own nginx.conf: what is known of a request, and what is named as unknown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingc.diagnostics import Sink
from ingc.explain import Answer, asker_of, read_conf, read_question
from ingc.explain.answer import answer_text
from ingc.explain.api import teller_of
from ingc.explain.conf.certificates import CertifiedHosts
from ingc.explain.conf.evidence import WatchedObjects, evidence_of
from ingc.explain.text import story_as_text
from ingc.load import Document
from ingc.options import Options
from tests.explain.controller import FOLDER, OPTIONS, VERSIONS, controller_conf, manifests
from tests.objects import annotated, ingress, prefix, rule

SERVICES = [
    ("https://shop.example.com/cart", "web/cart:80"),
    ("https://shop.example.com/cart/7", "web/cart:80"),
    ("https://shop.example.com/cartoon", "web/front:80"),
    ("https://shop.example.com/pay/", "web/pay:https"),
    ("http://shop.example.com/pay/", "308 https://shop.example.com/pay"),
    ("http://shop.example.com/", "302 http://shop.example.com/start"),
    ("https://api.example.com/v1/items", "web/api:8080 as /items"),
    ("https://API.example.com/V1/items?a=b", "web/api:8080 as /items?a=b"),
    ("https://api.example.com/v2", "upstream-default-backend"),
    ("https://members.example.com/x", "web/members:80"),
    ("https://members.example.com/_external-auth-Lw-Prefix", "404"),
    ("https://admin.example.com/", "web/admin:80"),
    ("https://www.example.com/", "web/site:80"),
    ("https://site.example.com/", "web/site:80"),
    ("https://a.apps.example.com/", "web/apps:80"),
    ("https://apps.example.com/", "upstream-default-backend"),
    ("https://old.example.com/", "301 https://new.example.com"),
    ("http://grpc.example.com/", "web/grpc:50051"),
    ("http://nobody.example.com/", "upstream-default-backend"),
    ("http://nobody.example.com/healthz", "200"),
]


def asked(
    version: str, url: str, evidence: WatchedObjects | None = None, **given: object
) -> Answer:
    conf = controller_conf(version)
    conf = conf if evidence is None else conf.with_evidence(evidence)
    return asker_of(conf).ask(read_question(url, **given))  # type: ignore[arg-type]


def evidence(*more: dict[str, object]) -> WatchedObjects:
    documents = [Document(item) for item in (*manifests(), *more)]
    return evidence_of(documents, Options(**OPTIONS), Sink())  # type: ignore[arg-type]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("url", "text"), SERVICES)
def test_the_service_is_named(version: str, url: str, text: str) -> None:
    if version == "0.26":  # it keeps the slash, and has other names for its own locations
        text = text.replace("m/pay", "m/pay/") if "308" in text else text
        url = url.removesuffix("-Prefix")
    assert answer_text(asked(version, url)) == text


@pytest.mark.parametrize(
    ("version", "location"),
    [
        ("0.26", "http://www.example.com/a/"),
        ("1.3", "http://www.example.com/a"),
        ("1.15", "http://www.example.com:80/a"),
    ],
)
def test_the_other_name_is_redirected(version: str, location: str) -> None:
    answer = asked(version, "http://example.com/a/")
    assert (answer.status, answer.redirect) == (308, location)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_redirect_that_a_certificate_decides_is_named(version: str) -> None:
    conf, question = controller_conf(version), read_question("http://shop.example.com/cart")
    (unless,) = teller_of(conf).tell(question).unless or ()
    assert answer_text(unless.answer) == "308 https://shop.example.com/cart"
    assert "certificate for shop.example.com" in unless.why
    assert not teller_of(conf).tell(read_question("https://shop.example.com/cart")).unless


@pytest.mark.parametrize("version", VERSIONS)
def test_the_objects_tell_which_hosts_have_certificates(version: str) -> None:
    known = evidence()
    assert asked(version, "http://shop.example.com/cart", known).status == 308
    assert asked(version, "http://SHOP.example.com/cart", known).status == 308
    assert asked(version, "http://grpc.example.com/", known).backend is not None
    conf = controller_conf(version).with_evidence(known)
    assert conf.if_certified(read_question("http://grpc.example.com/")) is None


@pytest.mark.parametrize("version", VERSIONS)
def test_lua_redirects_after_the_locations_own_answer(version: str) -> None:
    hosts = frozenset({"old.example.com", "www.example.com"})
    known = WatchedObjects(CertifiedHosts(hosts, frozenset()))
    assert asked(version, "http://old.example.com/", known).status == 301
    preflight = {"method": "OPTIONS", "headers": [("Origin", "https://app.example.com")]}
    assert asked(version, "http://www.example.com/", known, **preflight).status == 204
    assert asked(version, "http://www.example.com/", known).status == 308


def test_all_hosts_of_an_ingress_with_tls_have_one_and_the_aliases_that_it_names() -> None:
    made = ingress("more", rule("grpc.example.com", prefix("/x", "grpc")), namespace="web")
    made["spec"].update(ingressClassName="nginx", tls=[{"secretName": "shop-tls"}])
    made["metadata"]["annotations"] = annotated(server_alias="shop.example.com,other.example.com")
    known = evidence(made).certificates
    assert known.of("grpc.example.com") is True
    assert known.of("other.example.com") is False
    assert known.of("apps.example.com") is False
    made["spec"]["tls"] = [{"secretName": "none"}]
    assert evidence(made).certificates.of("other.example.com") is None


@pytest.mark.parametrize("version", VERSIONS)
def test_canaries_are_read_from_the_objects(version: str) -> None:
    made = ingress(
        "next",
        rule("shop.example.com", prefix("/cart", "cart-next")),
        namespace="web",
        annotations=annotated(canary="true", canary_weight="25", canary_by_header="X-Next"),
    )
    made["spec"]["ingressClassName"] = "nginx"
    known = evidence(made)
    url = "https://shop.example.com/cart/1"
    assert answer_text(asked(version, url, known)) == "web/cart:80, or web/cart-next:80 in 25%"
    for value, text in (("always", "web/cart-next:80"), ("never", "web/cart:80")):
        found = asked(version, url, known, headers=[("x-next", value)])
        assert answer_text(found) == text
    assert answer_text(asked(version, "https://shop.example.com/", known)).startswith("302")


def test_the_default_backend_is_what_the_flag_names() -> None:
    url = "https://api.example.com/v2"
    assert asked("1.15", url, evidence()).status == 404
    named = WatchedObjects(default_backend="web/errors")
    assert answer_text(asked("1.15", url, named)) == "web/errors"
    (unless,) = teller_of(controller_conf("1.15")).tell(read_question(url)).unless or ()
    assert unless.answer.status == 404
    assert "--default-backend-service" in unless.why


@pytest.mark.parametrize("version", VERSIONS)
def test_ports_name_their_services(version: str) -> None:
    services = list(controller_conf(version).streams.services())
    assert services == [("tcp", 5432, "tcp-data-postgres-5432"), ("udp", 53, "udp-data-dns-53")]
    assert "tcp-data-postgres-5432" in (asked(version, "http://a.test:5432/").unknown or "")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_story_is_printed(version: str) -> None:
    text = story_as_text(
        teller_of(controller_conf(version)).tell(read_question("http://www.example.com/")),
        color=False,
    )
    assert "route     web/site: prefix /" in text
    assert "Lua: it chooses the endpoint, and the canary if there is one" in text


@pytest.mark.parametrize(
    ("origin", "method", "status", "allowed"),
    [
        ("https://app.example.com", "GET", None, "https://app.example.com"),
        ("https://a.example.org", "OPTIONS", 204, "https://a.example.org"),
        ("https://example.org", "GET", None, None),
        ("https://other.example.com", "OPTIONS", None, None),
    ],
)
def test_headers_more_is_followed(
    origin: str, method: str, status: int | None, allowed: str | None
) -> None:
    question = read_question(
        "https://www.example.com/", method=method, headers=[("Origin", origin)]
    )
    answer, outcome = controller_conf("1.15").answered(question, headers=True)
    assert outcome is not None
    assert (answer.status, dict(outcome.sent).get("Access-Control-Allow-Origin")) == (
        status,
        allowed,
    )


def test_other_ports_are_found(tmp_path: Path) -> None:
    text = (FOLDER / "controller-1.15.conf").read_text("utf-8")
    for old, new in (("80", "8080"), ("443", "442")):
        text = re.sub(rf"(listen (?:\[::\]:)?){old}\b", rf"\g<1>{new}", text)
    (tmp_path / "nginx.conf").write_text(text.replace("ssl;", "proxy_protocol ssl;"), "utf-8")
    conf = read_conf(tmp_path / "nginx.conf")
    for url, expected in SERVICES:
        assert answer_text(asker_of(conf).ask(read_question(url))) == expected


MODULES = """
events {}
http {
  lua_package_path "/etc/nginx/lua/?.lua;;";
  init_by_lua_block { collectgarbage("collect") }
  geoip2 /a.mmdb { $geoip2_city city names en; }
  more_set_headers "X-Served: yes";
  modsecurity on;
  server {
    listen 80; server_name a.test;
    location / { access_by_lua_block { ngx.exit(403) } proxy_pass http://backend; }
    location /waf { proxy_pass http://backend; }
    location /off { modsecurity off; proxy_pass http://backend; }
    location /lua { modsecurity off; content_by_lua_block { ngx.say("}") } }
    location /city { modsecurity off; return 200 $geoip2_city; }
    location /digest { modsecurity off; auth_digest realm; proxy_pass http://backend; }
  }
}
"""


@pytest.mark.parametrize(
    ("path", "text", "unless"),
    [
        ("/", "unknown", []),
        ("/waf", "backend", ["modsecurity"]),
        ("/off", "backend", []),
        ("/lua", "unknown", []),
        ("/city", "unknown", []),
        ("/digest", "backend", ["auth_digest"]),
    ],
)
def test_other_modules(tmp_path: Path, path: str, text: str, unless: list[str]) -> None:
    (tmp_path / "nginx.conf").write_text(MODULES, "utf-8")
    conf = read_conf(tmp_path / "nginx.conf")
    story = teller_of(conf).tell(read_question(f"http://a.test{path}"))
    assert answer_text(story.answer) == text
    assert [item.why.split()[0] for item in story.unless or ()] == unless
    passed = {item["directive"] for item in conf.passed}
    assert {"lua_package_path", "geoip2", "init_by_lua_block", "auth_digest"} <= passed
