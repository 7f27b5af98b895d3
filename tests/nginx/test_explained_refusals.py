"""What is explained of clients that might be refused, client by client, against real nginx."""

from __future__ import annotations

import dataclasses
from base64 import b64encode
from collections.abc import Iterator

import pytest

from ingc.explain import read_question
from ingc.explain.api import asker_of, teller_of
from ingc.explain.story import Unless
from ingc.nginx import Nginx
from ingc.routetest.run.offline import StaticReplier
from ingc.syntax.request import Presented
from tests.nginx.authorities import Client
from tests.nginx.deciding import deciding
from tests.nginx.harness import Site, serving
from tests.nginx.settings import NAME, config_map
from tests.nginx.test_access import BASIC, THERE, USERS, web
from tests.nginx.test_client_certs import ANNA, EVE, SECRETS, ask, guarded
from tests.nginx.test_explained import explained
from tests.nginx.test_external_auth import guarded as decided
from tests.nginx.wire import Connection, Tls, get
from tests.objects import Object

PASSWORD = b"Authorization: Basic " + b64encode(b"plain:secret")
MODES: dict[str, dict[str, str]] = {
    "on.test": {},
    "optional.test": {"auth_tls_verify_client": "optional"},
    "any.test": {"auth_tls_verify_client": "optional_no_ca"},
    "anna.test": {"auth_tls_match_cn": "CN=anna"},
    "bert.test": {"auth_tls_match_cn": "CN=bert"},
    "page.test": {"auth_tls_error_page": "https://help.test/certificates"},
}
CLIENTS: dict[str, tuple[Client | None, Presented]] = {
    "none": (None, Presented(verified=False)),
    "anna": (ANNA, Presented(verified=True, subject="CN=anna")),
    "eve": (EVE, Presented(verified=False, rejected="unvouched")),
}


@pytest.fixture(scope="module")
def asking(nginx: Nginx) -> Iterator[Site]:
    hosts = [guarded(host, **given) for host, given in MODES.items()]
    with serving(nginx, [*hosts, *SECRETS]) as site:
        yield site


@pytest.mark.parametrize("host", MODES)
@pytest.mark.parametrize("client", CLIENTS)
def test_certificates(asking: Site, host: str, client: str) -> None:
    identity, presented = CLIENTS[client]
    found = ask(asking, identity, host=host)
    ours = explained(asking)
    question = read_question(f"https://{host}/")
    known = dataclasses.replace(question, presented=presented)
    for source in (ours.result, ours.conf):
        answer = asker_of(source).ask(known)
        assert (answer.status or 200) == found.status
        assert answer.redirect == found.header("Location")
    # Of a client that is not known it is said that it might be refused so.
    if found.status != 200:
        story = teller_of(ours.result).tell(question)
        assert found.status in {item.answer.status for item in story.unless or ()}


@pytest.mark.parametrize("host", MODES)
def test_route_tests_send_no_certificate_but_what_they_name(asking: Site, host: str) -> None:
    replier = StaticReplier(explained(asking).result)
    for client in ("none", "anna"):
        identity, presented = CLIENTS[client]
        given = None if identity is None else presented
        question = dataclasses.replace(read_question(f"https://{host}/"), presented=given)
        reply = replier.reply(question, headers=False)
        assert (reply.status or 200) == ask(asking, identity, host=host).status


def unless(site: Site, url: str, client_ip: str | None = None) -> tuple[Unless, ...]:
    """Return what is said of clients that would be refused."""
    found = teller_of(explained(site).result).tell(read_question(url, client_ip=client_ip)).unless
    assert found is not None
    return found


def statuses(site: Site, host: str) -> dict[str, int | None]:
    """Return the answers of such clients, by what they lack."""
    return {item.why: item.answer.status for item in unless(site, f"http://{host}/")}


LIMITED = {"limit_rps": "1", "limit_burst_multiplier": "1", "limit_connections": "7"}


def test_passwords_addresses_and_limits(nginx: Nginx) -> None:
    hosts: list[Object] = [
        web(host="secret.test", name="secret", **BASIC),
        web(host="list.test", name="list", allowlist_source_range=THERE),
        web(host="any.test", name="any", allowlist_source_range=THERE, satisfy="any", **BASIC),
        web(host="fast.test", name="fast", **LIMITED),
        USERS,
        config_map("settings", {"limit-req-status-code": "429"}),
    ]
    with serving(nginx, hosts, configmap=NAME) as site:
        assert statuses(site, "secret.test") == {
            "no name and password that the rule knows": site.ask("secret.test", "/").status
        }
        assert statuses(site, "list.test") == {
            "an address that the rule does not admit": site.ask("list.test", "/").status
        }
        assert not unless(site, "http://list.test/", THERE)
        neither = "neither the address nor a password lets the client in"
        assert statuses(site, "any.test") == {neither: site.ask("any.test", "/").status}
        assert site.ask("any.test", "/", PASSWORD).status == 200
        with Connection(site.http, source=THERE) as connection:
            assert connection.request(get("/", "any.test")).status == 200
        assert not unless(site, "http://any.test/", THERE)
        over = [site.ask("fast.test", "/").status for _ in range(9)][-1]
        assert statuses(site, "fast.test") == {
            "more than 1 requests a second": over,
            "more than 7 connections at a time": 503,
        }


def test_an_auth_service_and_its_sign_in_page(nginx: Nginx) -> None:
    hosts = [
        decided(host="plain.test", name="plain"),
        decided(host="page.test", name="page", auth_signin="https://login.test/start"),
    ]
    with deciding() as auth, serving(nginx, hosts, outside={"auth.test": auth.port}) as site:
        for host in ("plain.test", "page.test"):
            told = {item.why: item.answer for item in unless(site, f"http://{host}/x?y=%2F&z")}
            assert list(told) == [
                "the auth service answers 401",
                "the auth service answers 403",
                "the auth service answers neither so nor with 2xx",
            ]
            sent = {"401": "nobody", "403": "forbidden"}
            for status, said in sent.items():
                response = site.ask(host, "/x?y=%2F&z", f"Authorization: {said}".encode())
                answer = told[f"the auth service answers {status}"]
                assert (answer.status, answer.redirect) == (
                    response.status,
                    response.header("Location"),
                )


def test_another_name_in_tls_counts_before_the_method_and_the_headers(asking: Site) -> None:
    ours = explained(asking)
    long = ("X-Long", "a" * 9000)
    for method, headers in (("TRACE", ()), ("GET", (long,)), ("GET", ())):
        question = read_question("https://on.test/", method=method, headers=headers, sni="any.test")
        lines = [f"{name}: {value}".encode() for name, value in headers]
        with Connection(asking.https, tls=Tls("any.test")) as connection:
            status = connection.request(get("/", "on.test", *lines, method=method.encode())).status
        assert status == 421
        for source in (ours.result, ours.conf):
            assert asker_of(source).ask(question).status == status
