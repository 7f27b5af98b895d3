"""The redirect to a sign-in page, and the URL that leads back from it."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingc.nginx import Nginx
from tests.nginx.certificates import secret_for
from tests.nginx.deciding import Verdict, deciding
from tests.nginx.harness import Site, serving
from tests.nginx.test_external_auth import ALLOWED, guarded
from tests.nginx.wire import Response
from tests.objects import Object, prefix
from tests.strategies import examples

LOGIN = "https://login.test/start"
HOST = "a.test"


def with_sign_in(url: str = LOGIN, **asked: str) -> Object:
    return guarded(prefix("/", "web"), auth_signin=url, **asked)


@pytest.fixture(scope="module")
def site(nginx: Nginx) -> Iterator[Site]:
    with (
        deciding() as auth,
        serving(
            nginx,
            [
                with_sign_in(),
                guarded(auth_signin=LOGIN, host="*.wild.test", name="wild"),
                guarded(
                    auth_signin=f"{LOGIN}?rd=https://$host$escaped_request_uri",
                    host="b.test",
                    name="own",
                ),
                guarded(
                    auth_signin=f"{LOGIN}?a=b",
                    auth_signin_redirect_param="back",
                    host="c.test",
                    name="named",
                ),
            ],
            outside={"auth.test": auth.port},
        ) as served,
    ):
        yield served


def came_from(response: Response, parameter: str = "rd") -> str:
    """Return what a sign-in page reads as the URL to lead back to: the one value of it."""
    assert response.status == 302
    location = response.header("Location")
    assert location is not None
    start, _, query = location.partition("?")
    assert start == LOGIN
    assert "#" not in query
    assert ";" not in query
    pairs = urllib.parse.parse_qs(query, strict_parsing=True, encoding="latin-1")
    (value,) = pairs.pop(parameter)
    assert set(pairs) <= {"a"}
    return value


def test_only_a_401_leads_to_the_page(site: Site) -> None:
    assert came_from(site.ask(HOST, "/x")) == f"http://{HOST}/x"
    assert site.ask(HOST, "/x", ALLOWED).status == 200
    assert site.ask(HOST, "/x", b"Authorization: forbidden").status == 403


NASTY = [
    "/",
    "/?a=b&c=d",
    "/a?x=1&rd=https://evil.test/&rd=2",
    "/%26?%26rd=https%3A%2F%2Fevil.test",
    "/a;rd=https://evil.test",
    "/a?b+c=d%2Bc",
    "/a#b&c",
    "/a?b=?c/d:e@f",
    '/"quoted"?<a>',
    "/caf\xc3\xa9?\xe9",
    "/%25%32%36?%2525",
    "/" + "%E4%BD%A0" * 10,
    "/a?" + "&".join(f"k{n}=v" for n in range(8)),
    "/$host${host}?$1",
    "/a\\b|c^d`e{f}",
    "/%00",
]


@pytest.mark.parametrize("target", NASTY)
def test_the_page_gets_the_url_as_it_was_sent(site: Site, target: str) -> None:
    response = site.ask(HOST, target)
    if target == "/%00":
        assert response.status == 400
        return
    assert came_from(response) == f"http://{HOST}{target}"


def kept(target: str) -> str:
    """Say what of a target is told: what has few enough characters that must be encoded."""
    most = {"%": 31, "&": 7, "+": 7, "#": 1, ";": 3}

    def fits(text: str) -> bool:
        return all(text.count(char) <= most[char] for char in most)

    path = target.partition("?")[0].partition("#")[0]
    return next((text for text in (target, path) if fits(text)), "/")


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("/a?" + "&" * 7, "/a?" + "&" * 7),
        ("/a?" + "&" * 8, "/a"),
        ("/a?" + "%41" * 31, "/a?" + "%41" * 31),
        ("/a?" + "%41" * 32, "/a"),
        ("/" + "%41" * 32 + "?a", "/"),
        ("/a;b;c;d", "/a;b;c;d"),
        ("/a;b;c;d;e", "/"),
        ("/a#b#c", "/a"),
        ("/" + "&" * 8, "/"),
        ("/" + "&" * 8000, "/"),
        ("/a?" + "%26" * 2500, "/a"),
    ],
    ids=len,
)
def test_of_a_url_with_too_much_to_encode_the_path_is_told(
    site: Site, target: str, told: str
) -> None:
    assert kept(target) == told
    assert came_from(site.ask(HOST, target)) == f"http://{HOST}{told}"


_PIECES = st.sampled_from(
    ["a", "/", "?", "&", "+", ";", "=", "%41", "%26", "%25", "%E4%BD", "&rd=", "#", ":", "'", '"']
)


@examples(1500)
@given(target=st.lists(_PIECES, max_size=40).map(lambda pieces: "/" + "".join(pieces)))
def test_any_url(site: Site, target: str) -> None:
    response = site.ask(HOST, target)
    if response.status == 400:
        return  # nginx refuses the target
    assert came_from(response) == f"http://{HOST}{kept(target)}"


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("a.test:8080", "http://a.test:8080/x"),
        ("A.test", "http://A.test/x"),
        ("x.wild.test", "http://x.wild.test/x"),
        ("x&rd=evil.wild.test", "/x"),
        ("x'y.wild.test", "/x"),
    ],
)
def test_a_host_that_would_need_encoding_is_not_told(site: Site, host: str, told: str) -> None:
    assert came_from(site.ask(host, "/x")) == told


def test_the_host_of_a_whole_url_outweighs_the_header(site: Site) -> None:
    assert came_from(site.ask("evil.test", "http://a.test/x")) == "http://a.test/x"


def test_a_url_that_has_the_parameter_gets_no_other(site: Site) -> None:
    assert came_from(site.ask("b.test", "/x?a&b=c")) == "https://b.test/x?a&b=c"


def test_the_parameter_has_the_name_that_was_asked_for(site: Site) -> None:
    assert came_from(site.ask("c.test", "/x?a&b"), "back") == "http://c.test/x?a&b"


@pytest.mark.parametrize("always", ["true", "false"])
def test_the_services_cookie_and_hsts_come_with_the_redirect(nginx: Nginx, always: str) -> None:
    asked = with_sign_in(auth_always_set_cookie=always)
    asked["spec"]["tls"] = [{"hosts": [HOST], "secretName": "cert"}]
    with (
        deciding(lambda _: Verdict(401, (("Set-Cookie", "s=1"),))) as auth,
        serving(
            nginx,
            [asked, secret_for("cert", HOST)],
            secret_files=True,
            outside={"auth.test": auth.port},
        ) as site,
    ):
        answer = site.ask(HOST, "/x", scheme="https")
        assert came_from(answer) == f"https://{HOST}/x"
        assert answer.all("Set-Cookie") == ["s=1"]
        assert answer.header("Strict-Transport-Security")
