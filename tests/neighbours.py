"""Pairs of clusters, one with Ingresses of a younger namespace more, and what must not differ.

Drawn with a `random.Random`: ten thousand pairs would be too much for hypothesis.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingc.ir import Config, Exact, Host, Prefix, Regex, Route
from ingc.match import Match
from ingc.match.path_tests import path_test
from ingc.syntax.regex.paths import beginning
from tests.objects import Object, annotated, backend, ingress, rule, tls

NEIGHBOUR = "zz"
"""The younger namespace."""

_ELEMENTS = ("a", "a", "b", "foo", "foo", "fo", "A", "a.b", "x1", "é", "a b", "(.*)")
_SHAPES = (
    *("/a(/|$)(.*)", "/foo(/|$)(.*)", "/b/?(.*)", "/(.*)", "/a.*", "/a[0-9]+", "/fo+", "/A(/|$)"),
    *(
        "/zzz|.*",
        "/a|/b",
        "/(a|b)/x",
        "/a/b/(.*)",
        "/foo/[^/]+/(b)",
        "/a$",
        "/",
        "/foo",
        "/[a-f]oo",
    ),
    *("/(?i)foo/x", "/a.b(/|$)", "/é/(.*)", "/b(v1)?/x", "/a/(?:x)+", "/.*", "/foo[/]?bar"),
)
_BROKEN = ("/zz(", "/a[", "/a\\Qb", "/a(?x) #c", "/(?<n>a)", "/*", "/a{2}{3}")
_TARGETS = ("/", "/$1", "/$2", "/x/$1", "/a", "https://r.test/$1")
_WHOLE_HOST: tuple[dict[str, str], ...] = (
    {"app-root": "/foo"},
    {"server-alias": "alias.{domain}"},
    {"server-alias": r"~^d[0-9]\.{domain}$"},
    {"from-to-www-redirect": "true"},
    {"auth-tls-secret": "{namespace}/nobody"},
    {"auth-tls-match-cn": "CN=me"},
    {"auth-tls-secret": "{namespace}/nobody", "auth-tls-verify-client": "off"},
    {"ssl-ciphers": "ECDHE-RSA-AES128-GCM-SHA256"},
    {"ssl-ciphers": "broken value;"},
    {"ssl-prefer-server-ciphers": "off"},
    {"ssl-passthrough": "true"},
)
_OWN_PATHS: tuple[dict[str, str], ...] = (
    {"force-ssl-redirect": "true"},
    {"ssl-redirect": "false"},
    {"permanent-redirect": "https://r.test/"},
    {"enable-cors": "true"},
    {"whitelist-source-range": "10.0.0.0/8"},
    {"custom-http-errors": "not a number"},
    {"upstream-vhost": "in.test"},
    {"proxy-body-size": "1m"},
    {"affinity": "cookie"},
    {"auth-type": "basic", "auth-secret": "users"},
    {"configuration-snippet": "return 200;"},
)
_CANARY: tuple[dict[str, str], ...] = (
    {"canary": "true", "canary-weight": "100"},
    {"canary": "true", "canary-by-header": "X-Canary"},
)
_CANARY_KEY = next(iter(annotated(canary="true")))
_LITERAL = re.compile("[A-Za-z0-9/é]*")
_PARTED = re.compile(r"[^(]*\|").match
"""A | outside of parentheses."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Ingresses, and those of a younger namespace on the same hosts."""

    older: tuple[Object, ...]
    younger: tuple[Object, ...]


def draw_pair(chance: random.Random, number: int, *, hostless: bool) -> Pair:
    """Draw a pair with a domain of its own, ``hostless`` with rules without a host, too."""
    domain = f"p{number}.test"
    hosts = [domain, domain, domain, f"*.{domain}", f"a.{domain}", *([None] if hostless else [])]
    older = [
        _ingress(chance, f"p{number}o{place}", hosts, domain, chance.choice(("default", "other")))
        for place in range(chance.randint(1, 4))
    ]
    _without_canary(older[0])
    # A canary names no host: one that it alone names would be new.
    serving = [item for item in older if _CANARY_KEY not in item["metadata"]["annotations"]]
    named = [found.get("host") for item in serving for found in item["spec"]["rules"]]
    younger = [
        _ingress(chance, f"p{number}z{place}", named, domain, NEIGHBOUR)
        for place in range(chance.choice((1, 1, 2)))
    ]
    if chance.random() < 0.2:
        _take_paths(chance.choice(serving), chance.choice(younger))
    for place, item in enumerate((*chance.sample(older, len(older)), *younger)):
        item["metadata"]["creationTimestamp"] = f"20{20 + place}-01-01T00:00:00Z"
    return Pair(tuple(older), tuple(younger))


def _without_canary(item: Object) -> None:
    annotations = item["metadata"]["annotations"]
    for key in [key for key in annotations if "/canary" in key]:
        del annotations[key]


def _ingress(
    chance: random.Random, name: str, hosts: list[str | None], domain: str, namespace: str
) -> Object:
    regex = chance.random() < 0.45
    annotations: dict[str, str] = {}
    if regex:
        use = {"use-regex": "true"}
        annotations |= use if chance.random() < 0.5 else {"rewrite-target": chance.choice(_TARGETS)}
    for group, odds in ((_WHOLE_HOST, 0.5), (_OWN_PATHS, 0.4), (_CANARY, 0.1)):
        annotations |= chance.choice(group) if chance.random() < odds else {}
    filled = {
        key: value.replace("{domain}", domain).replace("{namespace}", namespace)
        for key, value in annotations.items()
    }
    chosen = [chance.choice(hosts) for _ in range(chance.choice((1, 1, 2)))]
    named = [host for host in chosen if host is not None]
    secured = named and chance.random() < 0.4
    return ingress(
        name,
        *(rule(host, *_paths(chance, name, regex)) for host in chosen),
        default=f"{name}d" if chance.random() < 0.25 else None,
        tls=[tls(*named, by=chance.choice(("cert", "cert", "none")))] if secured else (),
        namespace=namespace,
        annotations=annotated(**{key.replace("-", "_"): text for key, text in filled.items()}),
    )


def _paths(chance: random.Random, name: str, regex: bool) -> Iterator[Object]:
    for place in range(chance.choice((1, 1, 2, 3))):
        kind = chance.choice(("Prefix", "Prefix", "Exact", "ImplementationSpecific"))
        if regex and chance.random() < 0.8:
            path = chance.choice(_SHAPES if chance.random() < 0.9 else _BROKEN)
            kind = "ImplementationSpecific"
        else:
            elements = [chance.choice(_ELEMENTS) for _ in range(chance.choice((0, 1, 1, 2, 3)))]
            path = "/" + "/".join(elements) + ("/" if elements and chance.random() < 0.2 else "")
            path += "x" * 300 if chance.random() < 0.03 else ""
        yield {"path": path, "pathType": kind, "backend": backend(f"{name}s{place}")}


def _take_paths(older: Object, younger: Object) -> None:
    """Let an Ingress have the very rules of another one, with Services of its own."""
    rules = [
        {
            **item,
            "http": {"paths": [{**p, "backend": backend("mine")} for p in item["http"]["paths"]]},
        }
        for item in older["spec"]["rules"]
    ]
    younger["spec"]["rules"] = rules


def difference(uri: bytes, without: Match, beside: Match) -> str:
    """Say what a neighbour has changed of a request that its own paths may not take; or nothing."""
    route = beside.route
    if route is not None and route.origin.namespace == NEIGHBOUR and route.path_type:
        return _not_its_own(uri, route, without.route)
    for name in ("status", "route", "upstream", "redirect", "upstream_uri", "why", "unopened"):
        one, other = getattr(without, name), getattr(beside, name)
        if one != other:
            return f"{name}: {one} → {other}"
    if without.alternatives != beside.alternatives:
        return "the odds of a canary"
    return ""


def _not_its_own(uri: bytes, route: Route, before: Route | None) -> str:
    if not path_test(route.match)(uri):
        return f"{route.match} does not take it"
    if isinstance(route.match, Regex) and not path_test(Prefix(_bound(route.path)))(uri):
        return f"{route.path} takes what is not below {_bound(route.path)}"
    if before is None or not before.path_type or isinstance(route.match, Exact):
        return ""
    if isinstance(before.match, Exact):
        return "an Exact path took it"
    if _length(route) < _length(before) or (
        isinstance(route.match, Regex) and _length(route) == _length(before)
    ):
        return f"{before.match} is longer than {route.match}"
    return ""


def _bound(pattern: str) -> str:
    """Return whole elements that a regex begins with, found as simply as can be."""
    if _PARTED(pattern):
        return ""
    literal = _LITERAL.match(pattern)
    found = literal[0] if literal else ""
    rest = pattern[len(found) :]
    if rest[:1] in ("?", "*", "{") and rest:
        return found[:-1].rpartition("/")[0]
    whole = rest == "" or rest.startswith(("(/|$)", ".*", "$", "(.*)"))
    return found.rstrip("/") if whole else found.rpartition("/")[0]


def _length(route: Route) -> int:
    match route.match:
        case Exact(path) | Prefix(path):
            return len(path.encode())
        case Regex(pattern):
            return len(beginning(pattern).literal.encode())


def host_differences(without: Config, beside: Config) -> Iterator[str]:
    """Yield what a neighbour has changed of what holds for whole hosts."""
    younger = {host.name: host for host in beside.hosts}
    for host in without.hosts:
        for one, other in zip(_of_all(host), _of_all(younger.pop(host.name)), strict=True):
            if one != other:
                yield f"{host.name}: {one} → {other}"
    yield from (f"{name}: a new host" for name in younger)


def _of_all(host: Host) -> tuple[object, ...]:
    return host.https, host.features, host.default
