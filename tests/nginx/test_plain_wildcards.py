"""Wildcards that nginx looks up answer each name, byte for byte, as regexes of one label do."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from ingc.nginx import Nginx
from tests.nginx.certificates import secret_for
from tests.nginx.harness import Site, serving
from tests.nginx.wire import Unanswered, raw_request
from tests.objects import Object, annotated, ingress, prefix, rule, tls

CERT = secret_for("cert", "*.s.test")
NAMES = (
    *(b"x.w1.test", b"X.W1.test:81", b"x.w1.test.", b"w1.test", b".w1.test", b"x.y.w1.test"),
    *(b"x..w1.test", b"x.d.w1.test", b"x.y.d.w1.test", b"d.w1.test", b"e.e.w1.test", b"x.s.test"),
    *(b"x.y.s.test", b"s.test", b"x.kept.test", b"x.t.kept.test", b"x.y.t.kept.test", b"-.w1.test"),
    *(b"x.y.kept.test", b"x.r1.test", b"b.x.r1.test", b"unknown.test", b"_.w1.test"),
    *(b"*.w1.test", b"a b.w1.test", b"%78.w1.test", "é.w1.test".encode(), b"x.y.W1.TEST:9"),
)  # fmt: skip
TARGETS = (
    b"/",
    b"/app/x?y=/z",
    b"/healthz",
    b"/healthz/",
    b"//ingc/nobody/",
    b"/a%3Fb%0a%00",
    b"*",
)
FORMS = (
    *("GET {} HTTP/1.1", "HEAD {} HTTP/1.1", "GET {} HTTP/1.0", "OPTIONS {} HTTP/1.1"),
    *("POST {} HTTP/1.1\r\nContent-Length: 3000000", "POST {} HTTP/1.1\r\nContent-Length: 2"),
    "POST {} HTTP/1.1\r\nTransfer-Encoding: chunked",
)
CHANGING = re.compile(rb"(?m)^Date: .*?\r$|\b[0-9a-f]{32}\b|\b\d{4,5}\b")
"""What differs from one site, or one request, to the next: times, names of requests, ports."""
QUIET = 0.3  # seconds in which nginx writes nothing


def objects() -> Iterator[Object]:
    """Yield wildcards, some of which keep their regexes."""
    for number in range(9):
        yield ingress(f"w{number}", rule(f"*.w{number}.test", prefix("/app", f"w{number}")))
    yield ingress("d", rule("*.d.w1.test", prefix("/", "d")), rule("e.e.w1.test", prefix("/", "e")))
    yield ingress("s", rule("*.s.test", prefix("/", "s")), tls=[tls("*.s.test", by="cert")])
    yield CERT
    yield ingress("kept", rule("*.kept.test", prefix("/", "kept")))
    more = annotated(server_alias="x.test")
    yield ingress("t", rule("*.t.kept.test", prefix("/", "t")), annotations=more)
    alias = annotated(server_alias="~^[a-c]+[.].+[.]r1[.]test$")
    yield ingress("r1", rule("*.r1.test", prefix("/", "r1")))
    yield ingress("r2", rule("r2.test", prefix("/", "r2")), annotations=alias)


def answers(site: Site) -> dict[str, bytes]:
    """Return what nginx answers, on connections that it may close."""
    found = {}
    for name in NAMES:
        for target in TARGETS:
            for form in FORMS:
                line = form.format(target.decode()).encode()
                data = line + b"\r\nHost: " + name + b"\r\n\r\n"
                if b": 2\r" in data:
                    data += b"ab"
                elif b"chunked" in data:
                    data += b"0\r\n\r\n"
                try:
                    answer = raw_request(site.http, data, timeout=5)
                except (Unanswered, OSError) as error:
                    answer = type(error).__name__.encode()
                found[data.decode("latin-1")] = CHANGING.sub(b"", answer)
    return found


def logged(site: Site) -> list[tuple[str, ...]]:
    """Return what the log has of each request, as soon as nothing more comes."""
    lines, before = len(site.log(1)), 0
    while lines > before:
        time.sleep(QUIET)
        lines, before = len(site.log(1)), lines
    keys = ("host", "method", "uri", "protocol", "status", "route", "upstream_status")
    return sorted(tuple(entry[key] for key in keys) for entry in site.log_entries(1))


@pytest.mark.parametrize("layout", ["plain-wildcards", "compact"])
def test_every_answer_and_every_line_of_the_log_is_as_with_regexes(
    nginx: Nginx, layout: str
) -> None:
    given = list(objects())
    found = {}
    for name in ("readable", layout):
        with serving(nginx, given, layout=name) as site:
            text = (site.prefix / "nginx.conf").read_text(encoding="utf-8")
            found[name] = answers(site), logged(site)
    assert "server_name *.w1.test;" in text
    assert "server_name *.kept.test;" not in text
    assert "server_name *.r1.test;" not in text
    (wanted, lines), (has, others) = found.values()
    wrong = [data for data in wanted if wanted[data] != has[data]]
    assert not wrong, (wrong[0], wanted[wrong[0]], has[wrong[0]])
    assert others == lines
    assert b"413" in has["POST / HTTP/1.1\r\nContent-Length: 3000000\r\nHost: x.y.w1.test\r\n\r\n"]
