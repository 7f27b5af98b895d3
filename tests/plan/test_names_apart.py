"""What two authors ask for never gets one name in the configuration, however they choose it."""

from __future__ import annotations

import re
from random import Random

import pytest

import ingc
from tests.objects import Object, annotated, endpoint_slice, ingress, prefix, rule, service

WEB = [service("web", 80), endpoint_slice("web", "10.0.0.1", port=80)]


def printed(*asked: dict[str, str]) -> str:
    """Return the configuration of a path with each of these annotations."""
    ingresses = [
        ingress(
            f"i{number}", rule("a.test", prefix(f"/{number}", "web")), annotations=annotated(**a)
        )
        for number, a in enumerate(asked)
    ]
    result = ingc.compile(
        [*WEB, *ingresses], ingc.Options(nginx_version="1.31.3", resolver=("10.96.0.10",))
    )
    assert result.config is not None, result.errors
    return result.config


def test_names_made_of_contents_can_not_be_searched_for() -> None:
    conf = printed(
        {"affinity": "cookie", "session_cookie_name": "Some-Cookie"},
        {"enable_cors": "true", "cors_allow_origin": "https://a.test, https://b.test"},
        {"backend_protocol": "HTTPS", "proxy_ssl_name": "a.test", "proxy_ssl_server_name": "on"},
        {"x_forwarded_prefix": "/a.b", "rewrite_target": "/"},
    )
    digests = re.findall(r"[/_]((?=[0-9]*[a-f])[0-9a-f]{6,})\b", conf)
    assert len(digests) > 5
    assert {len(digest) for digest in digests} == {24}


def test_a_cookie_called_like_a_digest_takes_nobodys_upstream() -> None:
    session = {"affinity": "cookie", "session_cookie_path": "/"}
    first = {**session, "session_cookie_name": "Some-Cookie"}
    (taken,) = re.findall(r"upstream \S+sticky_([0-9a-f]{24}) ", printed(first))
    conf = printed(first, {**session, "session_cookie_name": taken})
    assert len(set(re.findall(r"upstream (\S+sticky_\S+) ", conf))) == 2


def test_dashes_tell_no_two_services_for_one() -> None:
    objects: list[Object] = []
    for namespace, name in (("a", "b-c"), ("a-b", "c")):
        given = {"namespace": namespace, "clusterIP": "10.0.0.1"}
        objects += [service(name, 80, **given), service("next", 80, **given)]
        at = f"{namespace}.test"
        objects.append(ingress("web", rule(at, prefix("/", name)), namespace=namespace))
        split = annotated(canary="true", canary_weight="5")
        beside = rule(at, prefix("/", "next"))
        objects.append(ingress("part", beside, namespace=namespace, annotations=split))
    config = ingc.compile(objects, ingc.Options(resolver=("10.96.0.10",))).config
    assert config is not None
    assert "ingc_upstream_a_b__c_80___a_next_80___share_5 {" in config
    assert "ingc_upstream_a__b_c_80___a__b_next_80___share_5 {" in config


NAMES = (
    *("a", "A", "a_b", "a__b", "a___b", "a-b", "a--b", "a.b", "b", "path_app", "secure", "by_a"),
    *("cookie_a", "ingc_cookie_a_b", "ingresscookie", "INGRESSCOOKIE", "a_side", "else", "is"),
    *("0123456789abcdef01234567", "canary", "primary", "share_5", "http_a"),
)
ORIGINS = (
    *("https://a.b", "https://a-b", "https://*.a.b", "https://any.a.b", "http://a.b", "https://a"),
    *("https://http.a.b", "http://any.a.b", "null", "https://a.b:8443", "https://a.b, https://a-b"),
    *("https://methods", "https://*.methods", "https://a.b, https://methods", "*"),
)
VALUES = (*NAMES, "always", "never", "5", "50")
NETWORKS = ("10.0.0.0/8", "10.0.0.0", "10.0.0.0/8,10.1.0.0/16", "10.1.0.0/16,10.0.0.0/8", "::1")
PATHS = ("/", "/app", "/app/x", "/app-x", "/app_x", "/App", "/secure", "/a/b", "/a-b", "/a.b")
OWNERS = (("a", "b-c"), ("a-b", "c"), ("a", "b--c"), ("a--b", "c"), ("a", "sticky"), ("sn", "b"))


def _session(chance: Random) -> dict[str, str]:
    asked = {"affinity": "cookie", "session_cookie_name": chance.choice(NAMES)}
    more = {
        "session_cookie_path": chance.choice(PATHS),
        "session_cookie_max_age": chance.choice(("0", "5", "50")),
        "session_cookie_domain": chance.choice(("a.b", "a-b.c", "secure")),
        "session_cookie_samesite": chance.choice(("None", "Lax")),
        "session_cookie_conditional_samesite_none": "true",
        "session_cookie_secure": "true",
    }
    return asked | {key: value for key, value in more.items() if chance.random() < 0.3}


def _others(chance: Random) -> dict[str, str]:
    asked: dict[str, str] = {}
    if chance.random() < 0.5:
        asked |= {"enable_cors": "true", "cors_allow_origin": chance.choice(ORIGINS)}
        asked |= {"cors_max_age": chance.choice(("5", "50"))}
        asked |= {"cors_allow_methods": chance.choice(("GET", "GET, PUT"))}
    if chance.random() < 0.5:
        asked |= {"limit_rps": chance.choice(("5", "50")), "limit_connections": "5"}
        asked |= {"limit_allowlist": chance.choice(NETWORKS)} if chance.random() < 0.5 else {}
    if chance.random() < 0.5:
        asked |= {"x_forwarded_prefix": chance.choice(PATHS), "rewrite_target": "/"}
    if chance.random() < 0.3:
        asked |= {"mirror_target": chance.choice(("http://b.test/", "http://b.test/x"))}
    if chance.random() < 0.3:
        asked |= {"auth_url": chance.choice(("http://c.test/", "http://c.test/x"))}
        asked |= {"auth_keepalive": chance.choice(("0", "5"))}
    return asked


def _canary(chance: Random) -> dict[str, str]:
    asked = {"canary": "true", "canary_weight": chance.choice(("0", "5", "50", "100"))}
    if chance.random() < 0.5:
        asked |= {"canary_by_header": chance.choice(("a", "a-b", "A--B", "else", "is"))}
        if chance.random() < 0.5:
            asked |= {"canary_by_header_value": chance.choice(VALUES)}
    if chance.random() < 0.5:
        asked |= {"canary_by_cookie": chance.choice(NAMES)}
    if chance.random() < 0.3:
        asked |= {"affinity_canary_behavior": "legacy"}
    return asked


def _neighbours(chance: Random) -> list[Object]:
    """Return Services of several namespaces, and Ingresses whose authors try each other's names."""
    made: list[Object] = []
    for namespace, name in OWNERS:
        made.append(service(name, 80, namespace=namespace, clusterIP="10.0.0.1"))
        made.append(service("next", 80, namespace=namespace, clusterIP="10.0.0.2"))
    for number in range(40):
        namespace, name = chance.choice(OWNERS)
        at = rule(f"{number % 7}.test", prefix(f"/{number}", name))
        asked = _others(chance) | (_session(chance) if chance.random() < 0.7 else {})
        made.append(ingress(f"i{number}", at, namespace=namespace, annotations=annotated(**asked)))
        if chance.random() < 0.5:
            beside = rule(f"{number % 7}.test", prefix(f"/{number}", "next"))
            wanted = annotated(**_canary(chance))
            made.append(ingress(f"c{number}", beside, namespace=namespace, annotations=wanted))
    return made


@pytest.mark.parametrize("version", ["1.22", "1.31.3"])
@pytest.mark.parametrize("seed", range(6))
def test_what_authors_choose_never_meets_in_one_name(version: str, seed: int) -> None:
    objects = _neighbours(Random(seed))  # noqa: S311 - an order, not a secret
    options = ingc.Options(nginx_version=version, resolver=("10.96.0.10",))
    config = ingc.compile(objects, options, on_error="isolate").config
    assert config is not None
    for kind in ("upstream", r"(?:map|geo|split_clients) (?:\"[^\"]*\" |\S+ )?"):
        names = re.findall(rf"^    {kind} ?(\S+) {{$", config, re.MULTILINE)
        assert len(names) > 20
        assert len(names) == len(set(names))
    zones = re.findall(r"zone=(\S+):5m", config)
    assert len(zones) == len(set(zones))


def test_a_name_is_the_same_whoever_else_is_there() -> None:
    web = {"affinity": "cookie", "enable_cors": "true", "cors_allow_origin": "https://a.test"}
    alone = set(re.findall(r"ingc_\w+|\S+sticky_\S+", printed(web)))
    among = set(
        re.findall(
            r"ingc_\w+|\S+sticky_\S+",
            printed(web, *({**web, "session_cookie_name": n} for n in "xyz")),
        )
    )
    assert alone < among


def test_a_dns_name_is_not_taken_for_an_address() -> None:
    conf = printed(
        {"mirror_target": "http://2001-db8--1/"}, {"mirror_target": "http://[2001:db8::1]/"}
    )
    assert "server 2001-db8--1:80" in conf
    assert "server [2001:db8::1]:80" in conf
