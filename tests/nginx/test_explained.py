"""What is explained without a server, and what route tests are judged by, against real nginx.

Here are the requests that never reach a rule: those that TLS or the request line ends, those of
clients that are refused.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from ingc.compiler import Result
from ingc.explain import Conf, conf_of, read_question
from ingc.explain.api import asker_of, teller_of
from ingc.explain.json_form import form
from ingc.explain.question import Question
from ingc.explain.story import Story, Teller
from ingc.nginx import Nginx
from ingc.routetest.run.offline import StaticReplier
from ingc.syntax.request import CONNECT_AUTHORITY_SINCE, Request
from tests.nginx.certificates import certificate
from tests.nginx.harness import Site, serving
from tests.nginx.settings import set_by
from tests.nginx.test_access import BASIC, HERE, THERE, USERS, web
from tests.nginx.test_client_certs import ANNA, PREFIX, SECRETS, guarded
from tests.nginx.wire import Connection, Response, Tls, Unanswered, get
from tests.objects import Object, ingress, prefix, rule, secret, service, tls

LONG = "/" + "a" * 9000
CORS = {"enable_cors": "true"}
KEYS = {"add-headers": "ingress-nginx/said", "block-referers": "~*spam[.]"}
SAID: Object = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "said", "namespace": "ingress-nginx"},
    "data": {"X-Said": "here"},
}
SPAM = ("Referer", "http://spam.test/")


def objects() -> list[Object]:
    """Return a host with https, and one without."""
    given = {PREFIX + key.replace("_", "-"): value for key, value in CORS.items()}
    return [
        ingress(
            "own",
            rule("own.test", prefix("/", "a")),
            tls=[tls("own.test", by="cert")],
            annotations={**given, PREFIX + "ssl-redirect": "false"},
        ),
        ingress("bare", rule("bare.test", prefix("/", "b"))),
        secret("cert", *certificate("own.test")),
        SAID,
    ]


@dataclass(frozen=True)
class Explained:
    """A running site, and both that explain it."""

    site: Site
    result: Result
    conf: Conf

    @property
    def tellers(self) -> tuple[Teller, Teller]:
        """Those that tell stories: of the objects, of the nginx.conf."""
        return teller_of(self.result), teller_of(self.conf)

    @property
    def repliers(self) -> tuple[StaticReplier, StaticReplier]:
        """Those that answer route tests."""
        return StaticReplier(self.result), StaticReplier(self.conf)

    def send(self, question: Question, source: str = HERE) -> Response | None:
        """Ask nginx; ``None`` where it refuses the handshake."""
        secure = question.scheme == "https"
        name = question.host_name if question.sni is None else question.sni
        wire = Tls(name.encode() or None) if secure else None  # type: ignore[arg-type]
        lines = [f"{name}: {value}".encode() for name, value in question.headers]
        data = get(question.target, question.host, *lines, method=question.method.encode())
        address = self.site.https if secure else self.site.http
        try:
            with Connection(address, tls=wire, source=source) as connection:
                return connection.request(data)
        except (ssl.SSLError, Unanswered):
            return None


def explained(site: Site) -> Explained:
    """Explain what a site runs."""
    text = (site.prefix / "nginx.conf").read_text(encoding="utf-8")
    return Explained(
        site,
        Result(True, text, (), (), site.config),
        conf_of(text, site.config.settings.target),
    )


@pytest.fixture(scope="module")
def ours(nginx: Nginx) -> Iterator[Explained]:
    with set_by(nginx, objects(), KEYS) as site:
        yield explained(site)


@pytest.mark.parametrize(
    ("url", "given"),
    [
        ("https://own.test/", {"sni": ""}),
        ("https://own.test/", {"sni": "bad..host"}),
        ("https://own.test/", {"sni": "unknown.test"}),
        ("https://own.test/", {"sni": "bare.test"}),
        ("https://own.test/", {"sni": "bare.test", "method": "TRACE"}),
        ("https://own.test/%zz", {"sni": "unknown.test"}),
        ("https://own.test" + LONG, {"sni": ""}),
        ("https://bad..host/", {}),
        ("https://bad..host/", {"method": "CONNECT"}),
        ("https://bare.test/", {"headers": [SPAM]}),
        ("https://bare.test/", {"sni": ""}),
    ],
    ids=str,
)
def test_tls_that_is_refused_comes_first(ours: Explained, url: str, given: dict[str, str]) -> None:
    question = read_question(url, **given)  # type: ignore[arg-type]
    assert ours.send(question) is None
    for source in (ours.result, ours.conf):
        answer = asker_of(source).ask(question)
        assert (answer.refused, answer.status, answer.backend) == (True, None, None)
    for teller in ours.tellers:
        for story in (teller.tell(question), teller.short(question)):
            assert not any(item.wins for item in story.contenders), "no rule is asked"


def test_of_tls_that_is_refused_the_name_that_it_asks_for_is_told(ours: Explained) -> None:
    teller, _ = ours.tellers
    question = read_question("https://own.test/", sni="bare.test")
    (first, *_) = teller.tell(question).names
    assert (first.name, first.reason) == ("bare.test", "the exact name")
    for sni in ("unknown.test", "bad..host", ""):
        (first, *_) = teller.tell(read_question("https://own.test/", sni=sni)).names
        assert first.reason == "no rule names this host: rules without a host apply"


def test_tls_of_another_name_opens_the_host(ours: Explained) -> None:
    question = read_question("https://bare.test/", sni="own.test")
    received = ours.send(question)
    assert received is not None
    assert received.status == asker_of(ours.result).ask(question).status == 404
    assert asker_of(ours.conf).ask(question).status == 404


UNREAD = [
    ("/%zz", "GET", 400),
    ("/../..", "GET", 400),
    (LONG, "GET", 414),
    ("/", "TRACE", 405),
]


@pytest.mark.parametrize("url", ["http://own.test", "https://own.test", "http://nobody.test"])
@pytest.mark.parametrize(("target", "method", "status"), UNREAD, ids=lambda item: str(item)[:9])
def test_what_can_not_be_read_reaches_no_location(
    ours: Explained, url: str, target: str, method: str, status: int
) -> None:
    question = read_question(url + target, method=method, headers=[("Origin", "http://x.test")])
    received = ours.send(question)
    assert received is not None
    assert received.status == status
    names = ("X-Said", "Strict-Transport-Security", "Access-Control-Allow-Origin")
    sent = {(name, value) for name, value in received.headers if name in names}
    assert ("X-Said", "here") in sent
    for replier in ours.repliers:
        reply = replier.reply(question, headers=True)
        assert (reply.status, set(reply.headers), reply.headers_known) == (status, sent, True)
    _, of_conf = ours.tellers
    story = of_conf.tell(question)
    assert (story.names, story.contenders, story.lines) == ((), (), None)
    assert {item.what for item in story.applied} == {f"{name}: {value}" for name, value in sent}
    of_objects, _ = ours.tellers
    assert of_objects.tell(question).lines is None


def test_connect_names_a_host_and_a_port(ours: Explained) -> None:
    question = read_question("http://own.test/", method="CONNECT")
    received = ours.send(question)
    by_authority = ours.site.config.settings.target >= CONNECT_AUTHORITY_SINCE
    assert received is not None
    assert received.status == (400 if by_authority else 405)
    for source in (ours.result, ours.conf):
        assert asker_of(source).ask(question).status == received.status


def test_who_is_refused_by_address_may_not_pass(nginx: Nginx) -> None:
    errors = {"custom_http_errors": "403", "default_backend": "errors"}
    hosts = [
        web(host="list.test", name="list", allowlist_source_range=THERE),
        web(host="page.test", name="page", allowlist_source_range=THERE, **errors),
        service("errors", 80),
    ]
    with serving(nginx, hosts) as site:
        ours = explained(site)
        for host, address in (("list", HERE), ("list", THERE), ("page", HERE), ("page", THERE)):
            question = read_question(f"http://{host}.test/", client_ip=address)
            received = ours.send(question, address)
            assert received is not None
            passed = received.status == 200 and received.json()["service"] == "default/a"
            assert passed == (address == THERE)
            teller, _ = ours.tellers
            for story in (teller.tell(question), teller.short(question)):
                assert ("may pass" in str(form(story))) == passed
                assert (story.answer.upstream == "default_a_80") == passed


@pytest.mark.parametrize("given", [{}, {"satisfy": "any"}], ids=["all", "any"])
def test_route_tests_without_a_password_get_401(nginx: Nginx, given: dict[str, str]) -> None:
    with serving(nginx, [web(**BASIC, **given), USERS]) as site:
        ours = explained(site)
        question = read_question("http://a.test/")
        received = ours.send(question)
        assert received is not None
        for replier in ours.repliers:
            reply = replier.reply(question, headers=True)
            assert (reply.status, reply.answer.backend) == (received.status, None) == (401, None)


@pytest.fixture(scope="module", params=[True, False], ids=["default", "none"])
def asking(request: pytest.FixtureRequest, nginx: Nginx) -> Iterator[Explained]:
    hosts = [
        guarded(),
        guarded("page.test", auth_tls_error_page="https://x.test/help"),
        ingress("open", rule("open.test", prefix("/", "b")), tls=[tls("open.test", by="own")]),
        secret("own", *certificate("open.test")),
        *SECRETS,
    ]
    more = {"default_ssl_certificate": "default/cert"} if request.param else {}
    with serving(nginx, hosts, **more) as site:
        yield explained(site)


@pytest.mark.parametrize("sni", [None, "a.test", "open.test", "unknown.test", ""])
@pytest.mark.parametrize("host", ["a.test", "page.test", "open.test"])
def test_certificates_that_tls_did_not_ask_for(
    asking: Explained, host: str, sni: str | None
) -> None:
    question = read_question(f"https://{host}/", sni=sni)
    name = host if sni is None else sni
    wire = Tls(name or None, identity=ANNA.file(asking.site.prefix))
    try:
        with Connection(asking.site.https, tls=wire) as connection:
            status: int | None = connection.request(get("/", host)).status
    except ssl.SSLError:
        status = None
    for source in (asking.result, asking.conf):
        answer = asker_of(source).ask(question)
        assert answer.refused == (status is None)
        assert (200 if answer.backend else answer.status) == status, answer


def test_a_misdirected_request_is_shown_no_certificate_of_its_host(asking: Explained) -> None:
    question = read_question("https://a.test/", sni="open.test")
    with Connection(asking.site.https, tls=Tls("open.test")) as connection:
        assert connection.request(get("/", "a.test")).status == 421
    teller, _ = asking.tellers
    story: Story = teller.tell(question)
    assert story.answer.status == 421
    assert not any(item.name == "certificate" for item in story.applied)


def test_a_sign_in_page_comes_before_error_pages(nginx: Nginx) -> None:
    """For a 401 nginx takes the first ``error_page``, whoever refuses the client."""
    given = {
        "auth_url": "http://127.0.0.1:1/check",
        "auth_signin": "https://login.test/start",
        "custom_http_errors": "401",
        "default_backend": "b",
    }
    pages = service("b", 80, clusterIP="10.96.0.9")
    allowed = ("127.0.0.0/8",)
    with serving(nginx, [web(**BASIC, **given), USERS, pages], allow_address=allowed) as site:
        response = site.ask("a.test", "/")
        assert response.status == 302
        assert (response.header("Location") or "").startswith("https://login.test/start")
        match = site.oracle.answer(Request(b"a.test", b"/", password=False))
        assert (match.status, match.upstream) == (302, None)
