"""The request line's length and its method: the oracle against real nginx."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ingc.ir import Prefix
from ingc.match import Oracle
from ingc.nginx import Nginx
from ingc.syntax.header_rules import HeaderRules
from tests.match.by_hand import config_of, host, route
from tests.nginx.bare import Talk, bare

Both = Callable[[str, bytes], tuple[int, int | None]]

TAKEN = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "OPTIONS",
    "PATCH",
    "PURGE",
    "X",
    "M-SEARCH",
    "A_B",
    "_",
    "-",
]
REFUSED = ["get", "Get", "GEt", "G1", "G.T", "é", "G\x01T", ""]
LONG = b"a" * 9000


@pytest.fixture(scope="module")
def both(nginx: Nginx) -> Iterator[Both]:
    """Asks nginx and the oracle for the status of a request for any host."""
    web = route(Prefix("/"), "web")
    oracle = Oracle(config_of([host("", web), host("x", web)], nginx.version))
    with (
        bare(nginx, "server { LISTEN server_name _; location / { return 200; } }") as address,
        Talk(address) as talk,
    ):

        def statuses(method: str, target: bytes) -> tuple[int, int | None]:
            line = method.encode() + b" " + target + b" HTTP/1.1\r\n"
            seen = talk.ask(line + b"Host: x\r\n\r\n").status
            match = oracle.match("x", target, method=method)
            return seen, 200 if match.upstream else match.status

        yield statuses


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "P"])
@pytest.mark.parametrize("start", [b"/", b"/?", b"http://a.test/", b"http://a.test?"])
@pytest.mark.parametrize(("over", "status"), [(-1, 200), (0, 200), (1, 414), (2000, 414)])
def test_one_byte_too_long(both: Both, method: str, start: bytes, over: int, status: int) -> None:
    around = len(f"{method}  HTTP/1.1\r\n")
    target = start.ljust(HeaderRules().longest - around + over, b"a")
    assert both(method, target) == (status, status)


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", b"/\x01" + LONG, 400),
        ("GET", b"/" + LONG + b"\x01", 414),
        ("GET", b"/%zz" + LONG, 414),
        ("GET", b"/../" + LONG, 414),
        ("get", b"/" + LONG, 400),
        ("TRACE", b"/" + LONG, 414),
    ],
)
def test_what_is_wrong_first_is_answered(
    both: Both, method: str, target: bytes, status: int
) -> None:
    assert both(method, target) == (status, status)


@pytest.mark.parametrize("method", TAKEN)
def test_methods_that_are_taken(both: Both, method: str) -> None:
    assert both(method, b"/a") == (200, 200)


@pytest.mark.parametrize("method", REFUSED)
def test_methods_that_are_none(both: Both, method: str) -> None:
    assert both(method, b"/a") == (400, 400)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
@pytest.mark.parametrize(
    "target",
    b"""/ /../ /%zz * x x:80 x:0 :80 x_y:80 x:80/ [::1]:80 [::1] [::1:80 http://x/ http://x:80
    x..y:80 x.:80 X:80 x:65535 x:65536 x:8a 1.2.3.4:5 /a?b""".split(),
)
def test_methods_that_nginx_never_passes_on(both: Both, method: str, target: bytes) -> None:
    seen, foretold = both(method, target)
    assert seen == foretold
    assert seen in (400, 405)
