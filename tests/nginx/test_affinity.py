"""Hashes, methods and session cookies, on real backends."""

from __future__ import annotations

from collections import Counter

from ingc.nginx import Nginx, free_port
from ingc.target import STICKY
from tests.nginx.certificates import secret_for
from tests.nginx.harness import serving
from tests.nginx.pods import attributes, body, cookies, noted, pods, sent
from tests.objects import Object, endpoint_slice, ingress, prefix, rule, tls

CLIENTS = 100

CHROME_60 = b"User-Agent: Mozilla/5.0 Chrome/60.0 Safari/537.36"


def web(path: str = "/", by: str = "", **values: str) -> Object:
    entries = [tls("a.test", by=by)] if by else []
    return ingress(
        "web", rule("a.test", prefix(path, "web")), annotations=noted(**values), tls=entries
    )


def test_a_hundred_clients_stay_on_their_endpoint(nginx: Nginx, three: list[Object]) -> None:
    with serving(nginx, [web(affinity="cookie"), *three], echo=False) as site:
        firsts = [site.ask("a.test", "/") for _ in range(CLIENTS)]
        for first in firsts:
            jar = cookies(first)
            assert set(jar) == {"INGRESSCOOKIE"}
            for _ in range(3):
                assert body(site.ask("a.test", "/", *sent(jar))) == body(first)
    spread = Counter(map(body, firsts))
    assert len(spread) == 3
    assert min(spread.values()) >= CLIENTS // 10, spread


def test_without_its_cookie_nobody_stays(nginx: Nginx, three: list[Object]) -> None:
    with serving(nginx, [web(affinity="cookie"), *three], echo=False) as site:
        found = {body(site.ask("a.test", "/", b"Cookie: other=1")) for _ in range(30)}
    assert len(found) == 3


def test_sessions_pass_by_an_endpoint_that_is_gone(nginx: Nginx) -> None:
    gone = endpoint_slice("web", "127.0.0.9", port=free_port(), name="gone")
    with (
        pods(web=2) as two,
        serving(nginx, [web(affinity="cookie"), *two, gone], echo=False) as site,
    ):
        for _ in range(30):
            first = site.ask("a.test", "/")
            assert body(site.ask("a.test", "/", *sent(cookies(first)))) == body(first)


def test_the_attributes_of_the_cookie(nginx: Nginx, three: list[Object]) -> None:
    asked = web(
        "/app",
        affinity="cookie",
        session_cookie_name="my-route.x",
        session_cookie_domain="a.test",
        session_cookie_max_age="3600",
        session_cookie_samesite="Lax",
    )
    with serving(nginx, [asked, *three], echo=False) as site:
        first = site.ask("a.test", "/app/x")
        jar = cookies(first)
        for _ in range(5):
            assert body(site.ask("a.test", "/app", *sent({"a": "b", **jar}))) == body(first)
    assert set(jar) == {"my-route.x"}
    wanted = {"path=/app", "domain=a.test", "max-age=3600", "httponly", "samesite=lax"}
    assert attributes(first) == wanted


def test_the_path_can_be_another(nginx: Nginx, three: list[Object]) -> None:
    asked = web("/app", affinity="cookie", session_cookie_path="/")
    with serving(nginx, [asked, *three], echo=False) as site:
        assert attributes(site.ask("a.test", "/app/x")) == {"path=/", "httponly"}


def test_a_cookie_of_https_is_secure(nginx: Nginx, three: list[Object]) -> None:
    both = web(by="web", affinity="cookie", ssl_redirect="false")
    objects = [both, secret_for("web", "a.test"), *three]
    with serving(nginx, objects, echo=False, secret_files=True) as site:
        plain, safe = site.ask("a.test", "/"), site.ask("a.test", "/", scheme="https")
        assert attributes(plain) == {"path=/", "httponly"}
        assert attributes(safe) == {"path=/", "httponly", "secure"}
        again = site.ask("a.test", "/", *sent(cookies(plain)), scheme="https")
        assert body(again) == body(plain)
    redirected = [web(by="web", affinity="cookie"), *objects[1:]]
    with serving(nginx, redirected, echo=False, secret_files=True) as site:
        assert "secure" in attributes(site.ask("a.test", "/", scheme="https"))
    with serving(
        nginx, [web(affinity="cookie", session_cookie_secure="true"), *three], echo=False
    ) as site:
        assert "secure" in attributes(site.ask("a.test", "/"))


def test_answers_of_nginx_itself_begin_no_session(nginx: Nginx, three: list[Object]) -> None:
    refusing = web(by="web", affinity="cookie", denylist_source_range="127.0.0.1")
    secret = secret_for("web", "a.test")
    with serving(nginx, [refusing, secret, *three], echo=False, secret_files=True) as site:
        for scheme, status in (("http", 308), ("https", 403)):
            answer = site.ask("a.test", "/", scheme=scheme)
            assert answer.status == status
            assert not cookies(answer)


def test_old_browsers_are_spared_samesite_none(nginx: Nginx, three: list[Object]) -> None:
    asked = web(
        affinity="cookie",
        session_cookie_samesite="None",
        session_cookie_conditional_samesite_none="true",
    )
    with serving(nginx, [asked, *three], echo=False) as site:
        assert "samesite=none" in attributes(site.ask("a.test", "/"))
        assert attributes(site.ask("a.test", "/", CHROME_60)) == {"path=/", "httponly"}


def test_a_cookie_can_be_forgotten_at_once(nginx: Nginx, three: list[Object]) -> None:
    asked = web(affinity="cookie", session_cookie_max_age="-1")
    with serving(nginx, [asked, *three], echo=False) as site:
        assert attributes(site.ask("a.test", "/")) == {"path=/", "httponly", "max-age=-1"}


def test_another_route_of_the_service_has_no_cookie(nginx: Nginx, three: list[Object]) -> None:
    other = ingress("other", rule("a.test", prefix("/other", "web")))
    with serving(nginx, [web("/app", affinity="cookie"), other, *three], echo=False) as site:
        assert site.ask("a.test", "/other").header("Set-Cookie") is None
        assert site.ask("a.test", "/app").header("Set-Cookie") is not None


def test_which_nginx_names_the_endpoint(nginx: Nginx, three: list[Object]) -> None:
    """From 1.29.6 on the cookie names the endpoint; before it is a text of its own."""
    with serving(nginx, [web(affinity="cookie"), *three], echo=False) as site:
        values = {cookies(site.ask("a.test", "/"))["INGRESSCOOKIE"] for _ in range(20)}
    assert (len(values) == 3) == (nginx.version >= STICKY)
