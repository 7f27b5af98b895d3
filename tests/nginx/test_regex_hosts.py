"""Hosts in regex mode, with rewrites, redirects and more names: the oracle against real nginx on
generated Ingresses, and the order of a thousand regexes against a plain reference.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import product
from urllib.parse import quote

import pcre2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingc.nginx import Nginx
from ingc.serve.config_test import rehearse
from ingc.serve.selfsigned import self_signed
from tests.clusters import ELEMENTS
from tests.match.test_trie import compiles, patterns
from tests.nginx.bare import Talk
from tests.nginx.harness import Site, foretold, seen, serving
from tests.nginx.test_differential import (
    Asked,
    Request,
    ask_https,
    ask_model,
    fits_https,
    report,
)
from tests.nginx.wire import get
from tests.objects import Object, annotated, backend, ingress, rule, secret, specific, tls
from tests.strategies import examples, target_pieces

HOSTS = (*["a.test"] * 6, "*.a.test", "www.b.test", None)
NAMES = (
    *(*["a.test"] * 12, "x.a.test", "www.b.test", "b.test", "www.a.test", "other.test"),
    *("c.test", "x.c.test", "d1.test", "dx.test", "y.a.test"),
)
SHAPES = (
    *("/a(/|$)(.*)", "/(a|b)/(.*)", "/(.*)", "/a/?(.*)", "/a(/.*)?", "/a.b", "/A[0-9]*$"),
    *("/a|/b", "/(?s)(.).(.*)", "/[^/]+/(b)", "/a", "/b/", "/", "/b$", "/a{2}", "/(?:a)+\\/b"),
)
TARGETS = ("/", "/$1", "$1", "/x/$2$1", "/$2", "/a", "/b/", "/x.$1/../y")
REGEX = ({}, {"use-regex": "true"}, *({"rewrite-target": target} for target in TARGETS))
ASKED = {
    "permanent-redirect": ("https://r.test/?a=b", "/new", "new", "https://r.test$request_uri"),
    "permanent-redirect-code": ("302", "308"),
    "temporal-redirect": ("http://r.test:81/",),
    "ssl-redirect": ("false",),
    "force-ssl-redirect": ("true",),
    "preserve-trailing-slash": ("true",),
    "use-port-in-redirects": ("true",),
    "relative-redirects": ("true",),
    "app-root": ("/a",),
    "server-alias": ("c.test", "*.c.test,x.a.test", "~^d[0-9],y.a.test", "~^.*[ax]", "www.a.test"),
    "from-to-www-redirect": ("true",),
    "upstream-vhost": ("in.$host",),
    "x-forwarded-prefix": ("/p/$1",),
}
"""Annotations and some of their values."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Objects to compile and requests to ask them."""

    objects: tuple[Object, ...]
    requests: tuple[Request, ...]


_plain_paths = st.lists(st.sampled_from(ELEMENTS), max_size=2).map("/".join)
_paths = st.one_of(
    st.sampled_from(SHAPES),
    st.sampled_from(SHAPES),
    patterns.filter(compiles),
    _plain_paths.map(lambda path: f"/{path}"),
)
_kinds = st.sampled_from(("Prefix", "Exact", "ImplementationSpecific", "ImplementationSpecific"))
_more = st.lists(st.sampled_from(sorted(ASKED)), max_size=2, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: st.sampled_from(ASKED[name]) for name in names})
)
_annotations = st.builds(
    lambda first, more: {**first, **more},
    st.sampled_from(REGEX),
    st.one_of(st.just({}), st.just({}), _more),
)
_bits = (*("a", "b", "/", "A", "1", ".", "aa", "//", "/../", "%2f", "%0a", "+", "%20", "é", "a/b"),)
_targets = st.one_of(
    st.builds(
        lambda head, tail: (head + tail).encode(),
        st.sampled_from(("/a/", "/a", "/b/", "/A/", "/aa/", "/axb", "/foo/", "/a/b/", "/1/b")),
        st.sampled_from(("", "b", "x%20y", "%0a", "//c", "/", "é", "?c=d/", "%2Fb?c", "a+b%25")),
    ),
    st.lists(st.sampled_from(_bits), max_size=5).map(lambda found: ("/" + "".join(found)).encode()),
    st.lists(st.sampled_from(_bits), max_size=3).map(
        lambda found: ("/" + "".join(found) + "?a=b/").encode()
    ),
    st.lists(target_pieces, max_size=4).map(lambda found: b"/" + b"".join(found)),
    _plain_paths.map(lambda path: ("/" + quote(path)).encode()),
)
_requests = st.tuples(st.sampled_from(NAMES).map(str.encode), _targets)


@st.composite
def _clusters(draw: st.DrawFn) -> Cluster:
    objects = []
    for number in range(draw(st.integers(1, 4))):
        host = draw(st.sampled_from(HOSTS))
        paths = draw(st.lists(st.tuples(_paths, _kinds), min_size=1, max_size=4))
        secure = host is not None and draw(st.integers(0, 2)) == 0
        made = ingress(
            f"i{number}",
            rule(
                host,
                *(
                    {"path": p, "pathType": kind, "backend": backend(f"s{number}-{index}")}
                    for index, (p, kind) in enumerate(paths)
                ),
            ),
            default=f"d{number}" if draw(st.integers(0, 4)) == 0 else None,
            tls=[tls(host, by="cert")] if secure and host else (),
            annotations=annotated(**draw(_annotations)),
        )
        objects.append(made)
    return Cluster(tuple(objects), tuple(draw(st.lists(_requests, min_size=30, max_size=60))))


@pytest.fixture(scope="module")
def certificate() -> Object:
    """A certificate; whom it is for makes no difference here."""
    return secret("cert", *self_signed(["a.test"]))


@examples(60)
@given(cluster=_clusters())
def test_generated_ingresses(nginx: Nginx, certificate: Object, cluster: Cluster) -> None:
    with serving(nginx, [*cluster.objects, certificate], on_error="isolate") as site:
        asked, wrong = [], []
        with Talk(site.http) as talk:
            for request in cluster.requests:
                found, arrived = _ask(site, talk, request)
                asked.append(found)
                if arrived is not None and arrived != found.match.upstream_uri:
                    wrong.append(f"{found}\n   sent: {arrived!r}, not {found.match.upstream_uri!r}")
        if site.listens_for_https:
            asked += [
                ask_https(site, request) for request in cluster.requests[::3] if fits_https(request)
            ]
        assert report([item for item in asked if _arrives(item)]) == ""
        assert wrong == []


def _ask(site: Site, talk: Talk, request: Request) -> tuple[Asked, bytes | None]:
    """Ask on http; also return the target that arrived at the backend, if one did."""
    name, target = request
    match = site.oracle.match(name, target)
    response = talk.ask(get(target, name))
    outcome = seen(response)
    arrived = None
    if outcome.service is not None:
        arrived = str(response.json()["request"]["target"]).encode("latin-1")
    modelled = ask_model(site, request, "http", match)
    return Asked(request, "http", outcome, foretold(match, site.config), modelled, match), arrived


def _arrives(asked: Asked) -> bool:
    """No backend takes a request line whose path has no slash, as a rewrite can make one."""
    sent = asked.match.upstream_uri
    return sent is None or sent.startswith((b"/", b"http"))


STEMS = ["".join(letters) for size in range(1, 7) for letters in product("ab", repeat=size)][:100]
REAL_SHAPES = (
    *("/{}(/|$)(.*)", "/api/v1/{}/[0-9]+", "/{}/(.*)", "/[^/]+/{}/edit", "/(en|de)/{}"),
    *("/{}/.*\\.(png|css)$", "/{}-[a-z0-9-]{{3,12}}", "/{}", "/{}/?(.*)", "/(?i){}[.]php"),
)
"""Paths as people write them; ``{}`` is a name."""
TAILS = ("", "/", "/x", "/a.png", "/edit", "-abc", "-ab", ".php", "b", "/12", "//b", "/é")
HEADS = ("/", "/", "/", "/api/v1/", "/x/", "/en/", "/DE/", "/a/")


def test_the_order_of_a_thousand_regexes(nginx: Nginx) -> None:
    paths = [shape.format(stem) for shape in REAL_SHAPES for stem in STEMS]
    assert len(set(paths)) == 1000
    chance = random.Random(4)  # noqa: S311 - a test's sample
    chance.shuffle(paths)
    served = {path: f"s{number}" for number, path in enumerate(paths)}
    made = ingress(
        "many",
        rule("a.test", *(specific(path, name) for path, name in served.items())),
        annotations=annotated(use_regex="true"),
    )
    ordered = sorted(paths, key=lambda path: (len(path.encode()), path.encode()), reverse=True)
    reference = [(pcre2.compile(b"^" + p.encode(), pcre2.IGNORECASE), served[p]) for p in ordered]
    with serving(nginx, [made]) as site, Talk(site.http) as talk:
        said = rehearse(nginx, site.config)
        assert said.ok, said.messages
        taken = set()
        for _ in range(2000):
            stem = chance.choice(STEMS)
            path = chance.choice(HEADS) + chance.choice((stem, stem, stem.upper()))
            path += chance.choice(TAILS)
            uri = path.replace("//", "/").encode()
            expected = next((name for regex, name in reference if regex.search(uri)), "404")
            answer = talk.ask(get(quote(path), "a.test"))
            told = answer.json()["service"] if answer.status == 200 else str(answer.status)
            assert told.removeprefix("default/") == expected, path
            taken.add(expected)
            if len(taken) % 4 == 0:
                match = site.oracle.match("a.test", quote(path))
                service = match.route.service if match.route else None
                assert (service.service if service else "404") == expected, path
        assert len(taken) > 150, "many of them take something"
