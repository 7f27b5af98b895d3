"""Clients that are refused: the oracle, the model and real nginx name the same answer."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import pytest

from ingc.nginx import Nginx
from ingc.syntax.request import Headers, Request
from tests.nginx.authorities import Client
from tests.nginx.harness import Site, serving
from tests.nginx.settings import set_by
from tests.nginx.test_access import BASIC, HERE, THERE, USERS, login, web
from tests.nginx.test_client_certs import ANNA, BERT, OPEN, PREFIX, SECRETS, guarded
from tests.nginx.wire import Connection, Response, Tls, get
from tests.objects import Object, ingress, prefix, rule, service, tls

CURL = ("User-Agent", "curl/8.0")
TILDE = ("User-Agent", "a ~BOT")
KEYS = {"block-user-agents": "curl/8.0,~*~bot", "block-referers": "~*spam[.]"}
ERRORS = {"custom_http_errors": "401,403", "default_backend": "errors"}
LISTS = {"allowlist_source_range": HERE}
ANY = {**BASIC, "satisfy": "any"}


def hosts() -> Iterator[Object]:
    """Yield an Ingress for each way to be refused, whose host has its name."""
    asked = {
        "list": LISTS,
        "users": BASIC,
        "both": {**BASIC, **LISTS},
        "any": {**ANY, **LISTS},
        "any-but": {**ANY, "denylist_source_range": THERE},
        "any-alone": ANY,
        "list-page": {**LISTS, **ERRORS},
        "users-page": {**BASIC, **ERRORS},
        "moved": {**LISTS, "permanent_redirect": "https://x.test/"},
    }
    for name, given in asked.items():
        yield web(host=f"{name}.test", name=name, **given)


@pytest.fixture(scope="module")
def site(nginx: Nginx) -> Iterator[Site]:
    with set_by(nginx, [*hosts(), USERS, service("errors", 80)], KEYS) as served:
        yield served


def by_nginx(response: Response) -> tuple[int | None, str | None]:
    """Return the status, or the Service that answers in its place."""
    if response.status == 200:
        return None, response.json()["service"].partition("/")[2]
    return response.status, None


def by_oracle(site: Site, request: Request) -> tuple[int | None, str | None]:
    match = site.oracle.answer(request)
    found = next((item for item in site.config.upstreams if item.name == match.upstream), None)
    return match.status, found.service.service if found else None


def by_model(site: Site, request: Request) -> tuple[int | None, str | None]:
    outcome = site.model.outcome(request)
    found = next((item for item in site.config.upstreams if item.name == outcome.upstream), None)
    return outcome.status, found.service.service if found else None


@pytest.mark.parametrize("source", [HERE, THERE])
@pytest.mark.parametrize("password", [True, False], ids=["password", "none"])
@pytest.mark.parametrize(
    "headers",
    [(), (CURL,), (TILDE,), (("User-Agent", "bot"),), (("Referer", "http://SPAM.test"),)],
    ids=str,
)
def test_who_is_refused(site: Site, source: str, password: bool, headers: Headers) -> None:
    lines = [f"{name}: {value}".encode() for name, value in headers]
    lines += [login("plain", "secret")] if password else []
    wrong = {}
    for host in (name for item in site.config.hosts for name in item.names if name):
        request = Request(
            host.encode(), b"/x?y", headers=headers, address=source, password=password
        )
        with Connection(site.http, source=source) as connection:
            found = by_nginx(connection.request(get("/x?y", host, *lines)))
        told = (by_oracle(site, request), by_model(site, request))
        if told != (found, found):
            wrong[host] = (found, *told)
    assert wrong == {}, "nginx, the oracle, the model"


def test_what_the_error_backend_is_asked_for(site: Site) -> None:
    request = Request(b"list-page.test", b"/x?y", address=THERE)
    match = site.oracle.answer(request)
    with Connection(site.http, source=THERE) as connection:
        seen = connection.request(get("/x?y", "list-page.test")).json()["request"]["target"]
    assert match.upstream_uri == site.model.outcome(request).target == seen.encode()


def test_of_an_unknown_client_nobody_is_refused(site: Site) -> None:
    for name in ("list", "users", "both", "any", "list-page"):
        request = Request(f"{name}.test".encode(), b"/")
        assert site.oracle.answer(request).refused_by is None
        assert site.model.outcome(request).upstream is not None


CERTIFICATES: dict[str, Client | None] = {"none": None, "anna": ANNA, "bert": BERT}


@pytest.fixture(scope="module", params=[True, False], ids=["default", "none"])
def asking(request: pytest.FixtureRequest, nginx: Nginx) -> Iterator[Site]:
    aliases = {PREFIX + "server-alias": "alias.test"}
    first = guarded()
    first["metadata"]["annotations"].update(aliases)
    objects = [
        first,
        guarded("cn.test", auth_tls_match_cn="CN=anna"),
        guarded("maybe.test", auth_tls_verify_client="optional"),
        guarded("page.test", auth_tls_error_page="https://x.test/help"),
        ingress("plain", rule("plain.test", prefix("/", "c"))),
        ingress(
            "twin",
            rule("b.test", prefix("/", "b")),
            tls=[tls("b.test", "www.b.test", by="cert")],
            annotations={PREFIX + "from-to-www-redirect": "true"},
        ),
        OPEN,
        *SECRETS,
    ]
    more = {"default_ssl_certificate": "default/cert"} if request.param else {}
    with serving(nginx, objects, **more) as served:
        yield served


@pytest.mark.parametrize("who", CERTIFICATES)
@pytest.mark.parametrize(
    "sni", ["a.test", "A.test", "alias.test", "open.test", "www.b.test", "unknown.test", ""]
)
def test_certificates_and_names_of_tls(asking: Site, sni: str, who: str) -> None:
    client = CERTIFICATES[who]
    wrong = {}
    names = ("a", "alias", "cn", "maybe", "page", "plain", "open", "b", "www.b", "unknown")
    for host in (f"{name}.test" for name in names):
        request = Request(
            host.encode(),
            b"/",
            "https",
            server_name=sni.encode(),
            verified=client is not None,
            subject=f"CN={who}",
        )
        identity = client.file(asking.prefix) if client else None
        found: tuple[int | None, str | None] = None, None
        try:
            with Connection(asking.https, tls=Tls(sni or None, identity=identity)) as connection:
                found = by_nginx(connection.request(get("/", host)))
        except ssl.SSLError:
            found = None, None
        told = (by_oracle(asking, request), by_model(asking, request))
        if told != (found, found):
            wrong[host] = (found, *told)
    assert wrong == {}, "nginx, the oracle, the model"
