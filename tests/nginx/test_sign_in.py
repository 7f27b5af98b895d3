"""The redirect to a sign-in page, and the URL that leads back from it."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ingc
from ingc.ir.features.external_auth import LONGEST_URI
from ingc.nginx import Nginx, Running, free_ports
from ingc.plan.escaping import ESCAPED_URI
from ingc.prove.written import Written
from tests.nginx import http2
from tests.nginx.bare import bare
from tests.nginx.certificates import secret_for
from tests.nginx.conf import conf, write
from tests.nginx.deciding import Verdict, deciding
from tests.nginx.harness import Site, as_ourselves, serving, version_of
from tests.nginx.settings import NAME, config_map, set_by
from tests.nginx.test_external_auth import ALLOWED, guarded
from tests.nginx.wire import Connection, Response, Tls, fetch, get
from tests.objects import Object, endpoint_slice, prefix, service
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


ENCODED = b"%&+#;"


def encoded(target: bytes) -> bytes:
    """Return what a parameter of a query holds where its value is the target."""
    return b"".join(b"%%%02X" % byte if byte in ENCODED else bytes((byte,)) for byte in target)


def holds(site: Site, target: bytes) -> None:
    """Fail where the page does not get the whole target, in nginx or in the model of it."""
    response = site.ask(HOST, target)
    if response.status == 400:
        return  # nginx refuses the target
    assert came_from(response).encode("latin-1") == f"http://{HOST}".encode() + target
    location = response.header("Location")
    assert location is not None
    start, _, told = location.partition(f"http://{HOST}")
    assert start == f"{LOGIN}?rd="
    assert told.encode("latin-1") == encoded(target)
    assert modelled(site, target) == told


def modelled(site: Site, target: bytes) -> str:
    written = Written(site.model.http, site.config.settings.target)
    return written.expand(f"${ESCAPED_URI.name}", {"request_uri": target})


LINE = 8192 - len("GET  HTTP/1.1\r\n")
"""The longest target that nginx takes."""


@pytest.mark.parametrize("sign", ["&", "%41", "+", ";", "#", "a", "\xe9"])
@pytest.mark.parametrize("length", [7, 8, 9, 31, 32, 33, 511, 512, 513, 514, 2049, LINE])
def test_a_url_of_any_length_is_told_whole(site: Site, sign: str, length: int) -> None:
    holds(site, ("/a?" + sign * length).encode("latin-1")[:length])


def test_a_url_that_is_too_long_for_nginx_is_refused(site: Site) -> None:
    assert site.ask(HOST, "/" + "&" * (LINE - 1)).status == 302
    assert site.ask(HOST, "/" + "&" * LINE).status == 414


_PIECES = st.sampled_from(
    ["a", "/", "?", "&", "+", ";", "=", "%41", "%26", "%25", "%E4%BD", "&rd=", "#", ":", "'", '"']
)


@examples(500)
@given(target=st.lists(_PIECES, max_size=40).map(lambda pieces: "/" + "".join(pieces)))
def test_any_url(site: Site, target: str) -> None:
    holds(site, target.encode())


def any_target(random: Random) -> bytes:
    """Return a target of any bytes that a request line may have, the long ones with many signs."""
    alike = [b"&", b"%41", b"+", b";", b"#", b"&a=%20b", b"=", b"/"]
    plain = [bytes((byte,)) for byte in range(0x21, 0x100) if byte != 0x7F]
    pieces = random.choice([alike, plain, [*alike, *plain], [random.choice(alike), b"a"]])
    length = random.choice([10, 100, 256, 512, 600, 1024, 3000, 6000, LINE])
    return b"/?".join([b"", b"".join(random.choices(pieces, k=length))])[:length]


def test_any_url_of_any_bytes_and_length(site: Site) -> None:
    random = Random(36)  # noqa: S311 - a test's sample
    for _ in range(100):
        holds(site, any_target(random))


LARGE = "large_client_header_buffers 4 128k;"


def test_larger_buffers_take_longer_urls(nginx: Nginx) -> None:
    (port,) = free_ports(1)
    # The service reads lines that are longer still.
    refusing = f"{LARGE} server {{ LISTEN listen 127.0.0.1:{port}; return 401; }}"
    with (
        bare(nginx, refusing),
        set_by(
            nginx,
            [with_sign_in()],
            {"large-client-header-buffers": "4 128k"},
            outside={"auth.test": port},
        ) as site,
    ):
        for length in (LINE, 13108, 40000, LONGEST_URI):
            holds(site, (b"/?" + b"&" * 600 + b"a%;" * length)[:length])
        assert came_from(site.ask(HOST, b"/" + b"&" * LONGEST_URI)) == f"http://{HOST}/"


def test_http2_takes_longer_urls_than_its_buffers(nginx: Nginx) -> None:
    """HTTP/2 sends some characters in 5 bits, and nginx limits the bits."""
    target = "/" + "%25" * 600 + "0" * 11050
    asked = with_sign_in()
    asked["spec"]["tls"] = [{"hosts": [HOST], "secretName": "cert"}]
    headers = {":method": "GET", ":scheme": "https", ":authority": HOST, ":path": target}
    with (
        deciding() as auth,
        set_by(
            nginx,
            [asked, secret_for("cert", HOST)],
            {"log-format-upstream": "$sent_http_location"},
            secret_files=True,
            outside={"auth.test": auth.port},
        ) as site,
        Connection(site.https, tls=Tls(HOST, alpn=("h2",))) as connection,
    ):
        http2.request(connection, headers)
        (told,) = site.log(1)
    assert told.decode() == f"{LOGIN}?rd=https://{HOST}{encoded(target.encode()).decode()}"


def test_in_a_fragment_any_buffers_may_stand_around_it(nginx: Nginx, tmp_path: Path) -> None:
    port, auth = free_ports(2)
    options = ingc.Options(
        listen_address=("127.0.0.1",),
        allow_address=("127.0.0.0/8",),
        http_port=port,
        nginx_version=version_of(nginx),
        fragment=True,
    )
    asked = with_sign_in(auth_url=f"http://127.0.0.1:{auth}/")
    objects = [asked, service("web", 80), endpoint_slice("web", "127.0.0.1", port=1)]
    result = ingc.compile(objects, options)
    assert result.config is not None, result.errors
    refusing = f"server {{ listen 127.0.0.1:{auth}; return 401; }}\n"
    file = write(tmp_path, conf(f"{LARGE}\n{refusing}{result.config}"))
    with Running(nginx, tmp_path, file, directives=as_ourselves()) as running:
        assert not [line for line in running.log() if "[warn]" in line]
        for length, whole in ((100, True), (LONGEST_URI, True), (LONGEST_URI + 1, False)):
            target = (b"/?" + b"&" * 600 + b"a%;" * length)[:length]
            response = fetch(("127.0.0.1", port), get(target, HOST))
            told = target if whole else b"/"
            assert came_from(response).encode() == f"http://{HOST}".encode() + told


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


@pytest.mark.parametrize(("size", "noted"), [("39k", False), ("40k", True), ("128k", True)])
def test_what_does_not_lead_back_is_noted(size: str, noted: bool) -> None:
    buffers = config_map("settings", {"large-client-header-buffers": f"4 {size}"})
    objects = [with_sign_in(), service("web", 80), endpoint_slice("web", "10.0.0.1", port=80)]
    for fragment in (False, True):
        options = ingc.Options(configmap=NAME, resolve_at_start=("*",), fragment=fragment)
        result = ingc.compile([*objects, buffers], options)
        found = [item.message for item in result.diagnostics if item.code == "ING422"]
        said = "auth-signin leads back to / where a URL has more than 65535 bytes"
        assert found == ([said] if noted and not fragment else [])
    asked = with_sign_in(f"{LOGIN}?rd=here")
    options = ingc.Options(configmap=NAME, resolve_at_start=("*",))
    result = ingc.compile([asked, *objects[1:], buffers], options)
    assert "ING422" not in {item.code for item in result.diagnostics}
