"""Generated clusters of Ingresses, and requests that probe them.

Hosts and paths come from alphabets so small that rules collide: duplicates, shadows, wildcards
over names, prefixes of prefixes. Each path has a Service of its own, which so names the route.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

from ingc.syntax.uri import decode_once
from tests.objects import Object, backend, ingress, prefix, rule, tls

HOSTS = (
    *("a.test", "a.test", "b.a.test", "*.a.test", "*.a.test"),
    *("*.b.a.test", "*.test", "c.test", None, None),
)
TLS_HOSTS = ("a.test", "b.a.test", "*.a.test", "*.a.test", "*.test", None)
ELEMENTS = (
    *("foo", "foo", "foo", "fo", "foobar", "f%6Fo", "Foo", "bar", "o"),
    *("é", "%C3%A9", "a b", "a%20b", "{x}", "$x", "${x}", '"', "\\", "a;b", "it's"),
    *("%23", "100%", "%25", "%2541", "a+b", "~x", "*", "(.*)", "%7f", "%0A", "x.y", "..."),
)
ABNORMAL = ("", "//", "/./foo", "/foo/../bar", "/..", "/foo//", "/%2e%2e/x", "/foo%2Fbar")
"""Paths that only ImplementationSpecific allows."""
TIMES = (None, None, "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z")

Request = tuple[bytes, bytes]
"""A Host header and a target."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Objects to compile and requests to ask them."""

    objects: tuple[Object, ...]
    requests: tuple[Request, ...]

    def __repr__(self) -> str:
        """Leave the requests to the report, which tells those that went wrong."""
        return f"Cluster({list(self.objects)!r})"


_normal_paths = st.builds(
    lambda elements, slash: "/" + "/".join(elements) + ("/" if slash and elements else ""),
    st.lists(st.sampled_from(ELEMENTS), max_size=3),
    st.booleans(),
)
_typed_paths = st.one_of(
    st.tuples(_normal_paths, st.sampled_from(("Exact", "Prefix", "Prefix"))),
    st.tuples(_normal_paths, st.sampled_from(("Exact", "Prefix", "Prefix"))),
    st.tuples(
        st.one_of(_normal_paths, st.sampled_from(ABNORMAL)), st.just("ImplementationSpecific")
    ),
)
_path_lists = st.lists(_typed_paths, max_size=6)


@st.composite
def _ingresses(draw: st.DrawFn, hosts: tuple[str | None, ...]) -> Object:
    """Draw an Ingress without a name, and with a Service called ``?`` everywhere."""
    rules = draw(st.lists(st.tuples(st.sampled_from(hosts), _path_lists), max_size=3))
    wants_default = not rules or draw(st.integers(0, 3)) == 0
    return ingress(
        "?",
        *(
            rule(host, *({"path": p, "pathType": t, "backend": backend("?")} for p, t in paths))
            for host, paths in rules
        ),
        default="?" if wants_default else None,
        created=draw(st.sampled_from(TIMES)),
        namespace=draw(st.sampled_from((None, None, "other"))),
    )


def _name_all(drawn: list[Object], names: random.Random) -> tuple[Object, ...]:
    """Give each Ingress a name, in no order, and each backend a Service of its own."""
    numbers = count()
    letters = names.sample("abcdefghij", len(drawn))
    for letter, item in zip(letters, drawn, strict=True):
        item["metadata"]["name"] = letter
        for found in _backends(item):
            found["service"]["name"] = f"s{next(numbers)}"
    return tuple(drawn)


def _backends(item: Object) -> Iterator[Object]:
    spec = item["spec"]
    for path in _paths(item):
        yield path["backend"]
    if "defaultBackend" in spec:
        yield spec["defaultBackend"]


def _paths(item: Object) -> Iterator[Object]:
    for found in item["spec"].get("rules", ()):
        yield from found.get("http", {}).get("paths", ())


@st.composite
def clusters(
    draw: st.DrawFn,
    *,
    most: int = 4,
    requests: int = 80,
    broken: bool = False,
    hosts: tuple[str | None, ...] = HOSTS,
) -> Cluster:
    """Draw up to ``most`` Ingresses and a sample of the requests that probe them.

    With ``broken`` an Ingress may have a path that Kubernetes refuses.
    """
    drawn = draw(st.lists(_ingresses(hosts), min_size=1, max_size=most))
    if broken and draw(st.booleans()):
        bad = rule("bad.test", prefix("no-slash", "?"))
        drawn[0]["spec"].setdefault("rules", []).append(bad)
    chance = random.Random(draw(st.integers(0, 1 << 32)))  # noqa: S311 - a test's sample
    objects = _name_all(drawn, chance)
    own, every = sorted(set(_own_probes(objects))), list(_probes(objects))
    # Most of what can go wrong shows at a rule's own host and path; the rest is spread widely.
    sample = chance.sample(own, min(requests * 2 // 3, len(own)))
    sample += chance.sample(every, min(requests - len(sample), len(every)))
    return Cluster(objects, tuple(sample))


@st.composite
def tls_clusters(draw: st.DrawFn, *, requests: int = 40) -> Cluster:
    """Draw a cluster in which some Ingresses have ``tls[]``, with and without a certificate.

    Often a wildcard with a certificate covers the names that others serve without one.
    """
    cluster = draw(clusters(most=3, requests=requests, hosts=TLS_HOSTS))
    if draw(st.booleans()):
        wild = ingress("wild", rule("*.a.test", prefix("/", "wild")), tls=[tls(by="cert")])
        cluster = Cluster((wild, *cluster.objects), cluster.requests)
    for item in cluster.objects:
        if "tls" in item["spec"]:
            continue
        own = [found["host"] for found in item["spec"].get("rules", ()) if "host" in found]
        names = st.sampled_from([*own, *own, *(host for host in HOSTS if host)])
        entries = st.builds(
            lambda hosts, by: tls(*hosts, by=by),
            st.lists(names, max_size=2, unique=True),
            st.sampled_from(["cert", "cert", "cert", "none", None]),
        )
        found = draw(st.lists(entries, max_size=2))
        if found:
            item["spec"]["tls"] = found
    return cluster


def _own_probes(objects: tuple[Object, ...]) -> Iterator[Request]:
    """Yield each rule's host with its own paths: equal, with and without the slash, and below."""
    for item in objects:
        for found in item["spec"].get("rules", ()):
            header = next(_headers(found.get("host")), "other.test").encode()
            for path in found.get("http", {}).get("paths", ()):
                decoded = decode_once(path["path"] or "/")
                bare = quote_from_bytes(decoded.rstrip(b"/"), safe="/").encode()
                for target in (bare or b"/", bare + b"/", bare + b"/x", bare + b"x"):
                    yield header, target


def _probes(objects: tuple[Object, ...]) -> Iterator[Request]:
    """Yield every Host around the rules with every target around their paths."""
    hosts = {found.get("host") for item in objects for found in item["spec"].get("rules", ())}
    paths = {path["path"] for item in objects for path in _paths(item)}
    headers = sorted({header for host in hosts for header in _headers(host)} | {"other.test"})
    targets = sorted({target for path in paths for target in _targets(path)} | {b"/", b"/foo"})
    for header in headers:
        for target in targets:
            yield header.encode(), target


def _headers(host: str | None) -> Iterator[str]:
    if host is None:
        return
    if host.startswith("*."):
        suffix = host[2:]
        yield from (f"x.{suffix}", f"x.y.{suffix}", suffix, f".{suffix}", f"X.{suffix.upper()}:1")
        return
    yield from (host, host.upper(), f"{host}.", f"{host}:80", f"{host}.:8443", f"x.{host}")
    yield host.partition(".")[2]


def _targets(path: str) -> Iterator[bytes]:
    """Yield targets at, around and beside a rule's path, in several spellings."""
    decoded = decode_once(path or "/")
    plain = quote_from_bytes(decoded, safe="/").encode()
    bare = plain.rstrip(b"/")
    parent = bare.rpartition(b"/")[0]
    yield from (plain, bare or b"/", bare + b"/", bare + b"/x", bare + b"x", bare + b"//")
    yield from (parent or b"/", parent + b"/", plain.swapcase(), plain + b"?a=/../b#c")
    yield from (b"/x/.." + plain, bare + b"/x/../", bare + b"/.", bare + b"/..", b"/" + plain)
    yield from (plain.replace(b"/", b"%2F").replace(b"%2F", b"/", 1), plain + b"/./y")
    yield b"/" + b"".join(b"%%%02x" % byte for byte in decoded[1:])
    yield from (b"http://c.test" + plain, b"https://a.test:80" + plain, plain + b"%0")
    if path.startswith("/") and " " not in path:
        yield path.encode()
