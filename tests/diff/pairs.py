"""Pairs of inputs, and what differs between them."""

from __future__ import annotations

import copy
from dataclasses import dataclass

from tests.objects import Object, annotated, exact, ingress, prefix, rule, specific
from tests.shop import service

SERVICES = [
    service(name, clusterIP=f"10.96.0.{number}", namespace="default")
    for number, name in enumerate(("web", "cart", "api", "beta"), start=1)
]


@dataclass(frozen=True)
class Pair:
    """Two versions."""

    name: str
    old: list[Object]
    new: list[Object]
    told: tuple[str, ...]


def web(*paths: Object, host: str | None = "a.test", **annotations: str) -> Object:
    """An Ingress of one host."""
    return ingress("web", rule(host, *paths), annotations=annotated(**annotations))


def _paths(*paths: Object, **annotations: str) -> list[Object]:
    return [web(*paths, **annotations)]


def _one(**annotations: str) -> list[Object]:
    return _paths(prefix("/", "web"), **annotations)


def _canary(**annotations: str) -> list[Object]:
    beta = ingress(
        "beta",
        rule("a.test", prefix("/", "beta")),
        annotations=annotated(canary="true", **annotations),
    )
    return [*_one(), beta]


ROOT = prefix("/", "web")
_REWRITE = "rewrite: none → target /$1, pattern /api/(.*)"
_CANARY = "canary: none → upstream default/beta:80, percent 20.0, sticky yes"

_NETWORKS = ",".join(f"10.{number}.0.0/16" for number in range(10))

PAIRS = [
    Pair("nothing", _one(), _one(), ()),
    Pair(
        "a path more",
        _paths(ROOT),
        _paths(ROOT, prefix("/cart", "cart")),
        ("added a.test Prefix /cart",),
    ),
    Pair(
        "a path less",
        _paths(ROOT, prefix("/cart", "cart")),
        _paths(ROOT),
        ("removed a.test Prefix /cart",),
    ),
    Pair(
        "a path more that changes nothing", _paths(ROOT), _paths(ROOT, prefix("/cart", "web")), ()
    ),
    Pair(
        "a path more that another has",
        _paths(ROOT),
        _paths(ROOT, prefix("/cart/", "web"), prefix("/cart", "cart")),
        (),
    ),
    Pair(
        "another backend",
        _paths(ROOT, prefix("/x", "api")),
        _paths(prefix("/", "cart"), prefix("/x", "api")),
        ("moved a.test Prefix /",),
    ),
    Pair("another port", _one(), _paths(prefix("/", "web", 81)), ("moved a.test Prefix /",)),
    Pair(
        "another type",
        _paths(ROOT, prefix("/cart", "cart")),
        _paths(ROOT, exact("/cart", "cart")),
        ("removed a.test Prefix /cart",),
    ),
    Pair(
        "a host more",
        _one(),
        [*_one(), ingress("b", rule("b.test", prefix("/", "api")))],
        ("added b.test Prefix /",),
    ),
    Pair(
        "a host below a wildcard",
        [web(ROOT, host="*.a.test")],
        [web(ROOT, host="*.a.test"), ingress("b", rule("b.a.test", prefix("/x", "api")))],
        ("added b.a.test Prefix /x", "moved *.a.test Prefix /"),
    ),
    Pair(
        "a wildcard more",
        _one(),
        [*_one(), ingress("w", rule("*.test", prefix("/", "api")))],
        ("added *.test Prefix /",),
    ),
    Pair(
        "rules without a host",
        _one(),
        [*_one(), ingress("any", rule(None, prefix("/", "api")))],
        ("added * Prefix /",),
    ),
    Pair(
        "a default backend",
        _paths(prefix("/cart", "cart")),
        [ingress("web", rule("a.test", prefix("/cart", "cart")), default="web")],
        ("added a.test /",),
    ),
    Pair(
        "a rewrite",
        _paths(specific("/api/(.*)", "api"), use_regex="true"),
        _paths(specific("/api/(.*)", "api"), rewrite_target="/$1"),
        ("changed a.test ImplementationSpecific /api/(.*) " + _REWRITE,),
    ),
    Pair(
        "a redirect",
        _one(),
        _one(permanent_redirect="https://b.test/"),
        ("changed a.test Prefix /",),
    ),
    Pair(
        "a regex on the host",
        _paths(ROOT, exact("/cart", "cart")),
        _paths(ROOT, exact("/cart", "cart"), use_regex="true"),
        ("moved a.test Exact /cart paths are regexes: no → yes",),
    ),
    Pair(
        "limits",
        _one(limit_rps="5"),
        _one(limit_rps="7"),
        ("changed a.test Prefix / limits per second: 5 → 7",),
    ),
    Pair(
        "a timeout",
        _one(),
        _one(proxy_read_timeout="5"),
        ("changed a.test Prefix / proxy_read_timeout: 60s → 5s",),
    ),
    Pair("what holds anyway", _one(), _one(proxy_read_timeout="60", proxy_buffering="off"), ()),
    Pair(
        "one of two headers",
        _one(upstream_vhost="one.test", connection_proxy_header="close"),
        _one(upstream_vhost="two.test", connection_proxy_header="close"),
        ("changed a.test Prefix / request header Host: one.test → two.test",),
    ),
    Pair(
        "the end of a long list",
        _one(whitelist_source_range=_NETWORKS),
        _one(whitelist_source_range=f"{_NETWORKS},192.168.0.0/24"),
        (
            "changed a.test Prefix / access list allow: "
            "…10.8.0.0/16 10.9.0.0/16 → …10.8.0.0/16 10.9.0.0/16 192.168.0.0/24",
        ),
    ),
    Pair(
        "an auth service",
        _one(auth_url="http://10.9.0.1:9000/one"),
        _one(auth_url="http://10.9.0.1:9000/two"),
        (
            "changed a.test Prefix / external auth service: "
            "http://10.9.0.1:9000/one → http://10.9.0.1:9000/two",
        ),
    ),
    Pair(
        "an allow list",
        _one(),
        _one(whitelist_source_range="10.0.0.0/8"),
        ("changed a.test Prefix / access list: none → allow 10.0.0.0/8",),
    ),
    Pair("app-root", _one(), _one(app_root="/app"), ("changed a.test app root: none → /app",)),
    Pair(
        "an alias",
        _one(),
        _one(server_alias="alias.test"),
        ("changed a.test alias: none → alias.test",),
    ),
    Pair(
        "www",
        _one(),
        _one(from_to_www_redirect="true"),
        ("changed a.test www redirect: none → 308",),
    ),
    Pair("a canary", _one(), _canary(canary_weight="20"), ("changed a.test Prefix / " + _CANARY,)),
    Pair(
        "a canary's weight",
        _canary(canary_weight="20"),
        _canary(canary_weight="30"),
        ("changed a.test Prefix / canary percent: 20.0 → 30.0",),
    ),
    Pair(
        "a canary's header",
        _canary(canary_by_header="X-One"),
        _canary(canary_by_header="X-Two"),
        ("changed a.test Prefix / canary header: name X-One → name X-Two",),
    ),
    Pair(
        "how a canary is balanced",
        _canary(canary_weight="20"),
        _canary(canary_weight="20", upstream_hash_by="$request_uri"),
        ("changed a.test Prefix / canary hash by: none → $request_uri",),
    ),
    Pair(
        "a canary by pattern",
        _canary(canary_by_header="X-To", canary_by_header_pattern="^one$"),
        _canary(canary_by_header="X-To", canary_by_header_pattern="^two$"),
        (
            "changed a.test Prefix / canary header: "
            "name X-To, pattern ^one$ → name X-To, pattern ^two$",
        ),
    ),
    Pair(
        "a canary by cookie",
        _one(),
        _canary(canary_by_cookie="beta"),
        ("changed a.test Prefix / " + _CANARY.replace("percent 20.0", "cookie beta"),),
    ),
    Pair(
        "balancing",
        _one(),
        _one(load_balance="ewma"),
        ("changed a.test Prefix / least time: no → yes",),
    ),
]


def together(side: str) -> list[Object]:
    """Return one side of all pairs, their hosts renamed so that they don't meet."""
    found = [item for pair in PAIRS for item in _renamed(getattr(pair, side), pair.name)]
    return [*found, *SERVICES]


def _renamed(objects: list[Object], name: str) -> list[Object]:
    suffix = name.replace(" ", "-").replace("'", "")
    found = copy.deepcopy(objects)
    for item in found:
        item["metadata"]["name"] += f"-{suffix}"
        for each in item["spec"].get("rules", ()):
            if "host" in each:
                each["host"] = f"{each['host']}.{suffix}.test"
    return found
