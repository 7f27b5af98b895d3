"""The oracle against real nginx, on generated clusters and requests.

What is compared: the status, the rule and the Service that the responder was asked for, the
Location, and the route's name in the access log.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingc import model
from ingc.ir import Regex
from ingc.match import Match
from ingc.nginx import Nginx
from ingc.serve.selfsigned import self_signed
from tests.clusters import Cluster, Request, clusters, tls_clusters
from tests.match.by_hand import host, route
from tests.match.test_trie import compiles, patterns, subjects
from tests.nginx.bare import Talk
from tests.nginx.harness import (
    Outcome,
    Scheme,
    Site,
    foretold,
    modelled,
    seen,
    serving,
    serving_ir,
    sni,
)
from tests.nginx.wire import Tls, get
from tests.objects import secret
from tests.strategies import examples

FALLBACK = "default/fallback:80"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and what came of it here and there."""

    request: Request
    scheme: Scheme
    nginx: Outcome
    oracle: Outcome
    model: Outcome
    match: Match

    @property
    def is_own_redirect(self) -> bool:
        """Whether nginx answered with a 301 that nobody asked for."""
        return self.nginx.status == 301 and self.match.redirect is None

    def __str__(self) -> str:
        name, target = self.request
        return (
            f"{self.scheme} Host: {name!r} {target!r}\n"
            f"   nginx:  {self.nginx}\n   oracle: {self.oracle}\n   model:  {self.model}"
        )


def ask_all(site: Site, requests: Iterator[Request]) -> list[Asked]:
    """Ask nginx and the oracle; the number of a request is its X-Request-ID."""
    asked = []
    with Talk(site.http) as talk:
        for number, (name, target) in enumerate(requests):
            match = site.oracle.match(name, target)
            response = talk.ask(get(target, name, b"X-Request-ID: %d" % number))
            asked.append(
                Asked(
                    (name, target),
                    "http",
                    seen(response),
                    foretold(match, site.config),
                    ask_model(site, (name, target), "http", match),
                    match,
                )
            )
    return asked


def ask_model(site: Site, request: Request, scheme: Scheme, match: Match) -> Outcome:
    """Ask the model of nginx."""
    name, target = request
    asked = model.Request(name, target, scheme)
    return modelled(site.model.outcome(asked), match, site.config)


def report(asked: list[Asked]) -> str:
    """Tell the requests that nginx answered in another way than the oracle; empty for none."""
    wrong = [
        item
        for item in asked
        if item.is_own_redirect or not item.nginx == item.oracle == item.model
    ]
    return "\n".join(map(str, wrong[:10]))


def report_log(site: Site, asked: list[Asked]) -> str:
    """Tell the requests that the access log books on another route."""
    wrong = []
    entries = site.log_entries(len(asked))
    assert len(entries) == len(asked)
    for entry in entries:
        if not entry["request_id"].isdigit() or len(entry["request_id"]) > 8:
            continue  # a request line that nginx could not read: no header was
        item = asked[int(entry["request_id"])]
        taken = item.match.route
        redirected = item.match.redirect is not None
        expected = str(taken.origin) if taken and taken.origin.name and not redirected else "-"
        if entry["route"] != expected:
            wrong.append(f"{item}\n   log: {entry['route']}, expected {expected}")
    return "\n".join(wrong[:10])


@examples(60)
@given(cluster=clusters(broken=True, requests=110), fallback=st.booleans())
def test_routes_over_http(nginx: Nginx, cluster: Cluster, fallback: bool) -> None:
    backend = FALLBACK if fallback else None
    with serving(
        nginx, cluster.objects, on_error="isolate", default_backend_service=backend
    ) as site:
        asked = ask_all(site, iter(cluster.requests))
        assert report(asked) == ""
        assert report_log(site, asked) == ""


@pytest.fixture(scope="module")
def certificate() -> tuple[bytes, bytes]:
    """A certificate and its key; whom it is for makes no difference here."""
    return self_signed(["a.test"])


@examples(30)
@given(cluster=tls_clusters(), default=st.booleans())
def test_routes_over_both_schemes(
    nginx: Nginx, certificate: tuple[bytes, bytes], cluster: Cluster, default: bool
) -> None:
    objects = [
        *cluster.objects,
        *(secret("cert", *certificate, namespace=space) for space in ("default", "other")),
    ]
    named = "default/cert" if default else None
    with serving(nginx, objects, default_ssl_certificate=named) as site:
        asked = ask_all(site, iter(cluster.requests))
        if site.listens_for_https:
            asked += [
                ask_https(site, request) for request in cluster.requests if fits_https(request)
            ]
        assert report(asked) == ""


def fits_https(request: Request) -> bool:
    """A name that a client can send in TLS, and no second one in the target: the oracle takes the
    TLS name to be the Host's.
    """
    name, target = request
    return not name.startswith(b".") and b"://" not in target


def ask_https(site: Site, request: Request) -> Asked:
    """Ask nginx and the oracle on https, on a connection with the Host's name."""
    name, target = request
    match = site.oracle.match(name, target, scheme="https")
    try:
        with Talk(site.https, tls=Tls(sni(name))) as talk:
            outcome = seen(talk.ask(get(target, name)))
    except ssl.SSLError:
        outcome = Outcome(None)
    oracle = foretold(match, site.config)
    if match.status == 400 and outcome == Outcome(None):
        oracle = outcome  # TLS comes before the request line that the oracle refuses
    return Asked(request, "https", outcome, oracle, ask_model(site, request, "https", match), match)


@examples(25)
@given(
    found=st.lists(patterns, max_size=6).map(lambda texts: list(filter(compiles, texts))),
    uris=st.lists(subjects, min_size=12, max_size=40),
)
def test_hosts_in_regex_mode(nginx: Nginx, found: list[str], uris: list[bytes]) -> None:
    routes = [route(Regex(text), f"s{n}") for n, text in enumerate(dict.fromkeys(found))]
    with serving_ir(nginx, [host("a.test", *routes, regex=True)]) as site:
        requests = ((b"a.test", _encoded(uri)) for uri in uris)
        assert report(ask_all(site, requests)) == ""


def test_regex_mode_and_the_health_check_on_hosts_that_nobody_names(nginx: Nginx) -> None:
    taken = host("", route(Regex("/HEALTH"), "web"), regex=True)
    with serving_ir(nginx, [taken], health="/healthz") as site:
        assert site.who("x.test", "/healthz") == "web"
    other = host("", route(Regex("/foo"), "web"), regex=True)
    with serving_ir(nginx, [other], health="/healthz") as site:
        assert site.who("x.test", "/healthz") == "200"
        assert site.who("x.test", "/FOObar") == "web"
        assert site.who("x.test", "/healthz/") == "404"


def _encoded(uri: bytes) -> bytes:
    return b"/" + b"".join(b"%%%02x" % byte if byte != 0x2F else b"/" for byte in uri[1:])
