"""The same with TLS that is passed on unopened: nginx has a stream server before its own TLS."""

from __future__ import annotations

import random

import pytest

from ingc.compiler import Result
from ingc.explain.question import Question
from ingc.ir.features.passthrough import Passthrough
from ingc.nginx import Nginx
from tests.nginx.backend import Backend
from tests.nginx.certificates import certificate, secret_for
from tests.nginx.explaining.clients import Client, Sender
from tests.nginx.explaining.judging import Told
from tests.nginx.explaining.run import Coverage, features_of
from tests.nginx.harness import Site
from tests.nginx.settings import NAME, config_map
from tests.nginx.streams import stream_module
from tests.nginx.test_explained import explained
from tests.nginx.test_passthrough import passing
from tests.nginx.tls_backend import TlsBackend
from tests.nginx.wire import Response
from tests.objects import Object, annotated, endpoint_slice, ingress, prefix, rule, service, tls

_HOSTS = ("secure.test", "x.wild.test", "web.test", "www.web.test", "staff.test", "nobody.test")
_FRONTS: tuple[dict[str, str], ...] = ({}, {"use-proxy-protocol": "true"})
_BAD_GATEWAY = 502
_CLIENTS = 40
"""For each of `_FRONTS`."""


def _objects(secure: Backend, web: Backend, settings: dict[str, str]) -> list[Object]:
    passed, own = annotated(ssl_passthrough="true"), ("web.test", "www.web.test", "staff.test")
    twin = annotated(from_to_www_redirect="true", ssl_redirect="false")
    listed = annotated(allowlist_source_range="127.0.1.0/24,198.51.100.0/24")
    secured = [tls(*own, by="own")]
    return [
        ingress(
            "secure",
            *(rule(host, prefix("/", "secure", 443)) for host in ("secure.test", "*.wild.test")),
            annotations=passed,
        ),
        ingress("web", rule("web.test", prefix("/", "web")), tls=secured, annotations=twin),
        ingress("staff", rule("staff.test", prefix("/", "web")), tls=secured, annotations=listed),
        secret_for("own", *own),
        service("secure", 443),
        endpoint_slice("secure", secure.address, port=secure.port),
        service("web", 80),
        endpoint_slice("web", web.address, port=web.port),
        config_map("settings", settings),
    ]


def explore_passthrough(nginx: Nginx, seed: int, coverage: Coverage) -> None:
    """Ask of sites with passthrough; not where nginx has no stream module."""
    try:
        stream_module(nginx)
    except pytest.skip.Exception as error:
        coverage.without[Passthrough.__name__] = str(error)
        return
    chance = random.Random(seed)  # noqa: S311 - a test's sample
    for settings in _FRONTS:
        with (
            TlsBackend("secure", certificate("secure.test", "*.wild.test")) as secure,
            Backend("web") as web,
            passing(nginx, *_objects(secure, web, settings), configmap=NAME) as site,
        ):
            coverage.sites += 1
            result = explained(site).result
            for number in range(_CLIENTS):
                _ask(site, result, _client(number, settings, chance), web, coverage)


def _client(number: int, settings: dict[str, str], chance: random.Random) -> Client:
    host = chance.choice(_HOSTS)
    third = chance.choice((1, 2))
    line = (chance.choice(("198.51.100.7", "203.0.113.1")), chance.choice((80, 443, 8080)))
    scheme = chance.choice(("http", "https", "https"))
    return Client(
        host,
        chance.choice(("/", "/x?y", "/a/../b")),
        scheme,
        "GET",
        (),
        f"127.0.{third}.{number + 1}",
        "",
        chance.choice((None, None, None, chance.choice(_HOSTS))) if scheme == "https" else None,
        line if settings else None,
        over=False,
        known=True,
    )


def _ask(site: Site, result: Result, client: Client, web: Backend, coverage: Coverage) -> None:
    response = Sender(site).send(client)
    told = Told.of(result, client)
    found = _difference(told, response, client.question, web)
    if found:
        coverage.differences.append(f"passthrough: {found}\n{client}\n{response}\n{told.answer}")
    coverage.requests += 1
    coverage.features.update(features_of(told.match, site.config))
    coverage.kinds["TLS unopened" if told.answer.unopened else "beside unopened TLS"] += 1


def _difference(told: Told, response: Response | None, question: Question, web: Backend) -> str:
    answer = told.answer
    if answer.refused or response is None:
        return "" if answer.refused == (response is None) else "the handshake"
    body = response.body.decode("latin-1")
    if answer.unopened is not None:
        return "" if f"default/{body}" == answer.unopened.service else "who opens the TLS"
    if answer.backend is None:
        location = response.header("Location")
        same = (answer.status, answer.redirect) == (response.status, location)
        return "" if same else f"{answer.status} {answer.redirect} for {question.url}"
    if response.status == _BAD_GATEWAY and answer.backend.service == "default/secure":
        return ""  # it is reached in the clear, and understands nothing but TLS
    if f"default/{body}" != answer.backend.service:
        return f"the Service {answer.backend.service}"
    sent = web.requests[-1].target
    return "" if sent == answer.upstream_uri else f"the path as sent, {answer.upstream_uri}"
