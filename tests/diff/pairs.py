"""Pairs of inputs, and what differs between them."""

from __future__ import annotations

import copy
from dataclasses import dataclass

from tests.k8s.objects import service
from tests.nginx.objects import Object, annotated, exact, ingress, prefix, rule, specific

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
_CANARY = "canary: none → upstream default_beta_80, percent 20.0, sticky yes"

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
        ("changed a.test Prefix / proxy_read_timeout: none → 5s",),
    ),
    Pair(
        "an allow list",
        _one(),
        _one(whitelist_source_range="10.0.0.0/8"),
        ("changed a.test Prefix / access list: none → allow 10.0.0.0/8",),
    ),
    Pair("app-root", _one(), _one(app_root="/app"), ("changed a.test app root: none → path /app",)),
    Pair(
        "an alias",
        _one(),
        _one(server_alias="alias.test"),
        ("changed a.test alias: none → names alias.test",),
    ),
    Pair(
        "www",
        _one(),
        _one(from_to_www_redirect="true"),
        ("changed a.test www redirect: none → status 308",),
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
        "a canary by cookie",
        _one(),
        _canary(canary_by_cookie="beta"),
        ("changed a.test Prefix / " + _CANARY.replace("percent 20.0", "cookie beta"),),
    ),
    Pair(
        "balancing",
        _one(),
        _one(load_balance="ewma"),
        ("changed a.test Prefix / least time: none → set",),
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
