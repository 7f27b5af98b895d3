"""The grammars of URLs that nginx asks, and of what external auth has beside them."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest

from ingc.frontend.annotations.auth_values import (
    CACHE_KEY,
    CACHE_TIMES,
    FRAMING,
    METHOD,
    SETTABLE_HEADERS,
)
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import FULL_OBJECT, OBJECT
from ingc.frontend.declarations.outside_url import AUTH_URL, MIRROR_URL, REDIRECT_URL
from ingc.syntax.outside import refuse_host

GRAMMARS: tuple[Grammar[Any], ...] = (
    AUTH_URL,
    MIRROR_URL,
    REDIRECT_URL,
    CACHE_KEY,
    CACHE_TIMES,
    METHOD,
    SETTABLE_HEADERS,
    OBJECT,
    FULL_OBJECT,
)


def cases(field: str) -> list[Any]:
    return [
        pytest.param(grammar, text, id=f"{grammar.name}: {text}")
        for grammar in GRAMMARS
        for text in getattr(grammar, field)
    ]


@pytest.mark.parametrize(("grammar", "text"), cases("examples"))
def test_examples_are_read_and_written_back(grammar: Grammar[Any], text: str) -> None:
    value = grammar.read(text)
    assert grammar.read(grammar.write(value)) == value


@pytest.mark.parametrize(("grammar", "text"), cases("wrong"))
def test_wrong_values_are_refused(grammar: Grammar[Any], text: str) -> None:
    with pytest.raises(BadValue):
        grammar.read(text)


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "a.localhost", "localhost.localdomain", "127.0.0.1", "127.9.9.9"),
        *("0.0.0.0", "0.1.2.3", "127.1", "2130706433", "0x7f.1", "017700000001", "0"),
        *("::1", "::", "::ffff:127.0.0.1", "::ffff:169.254.1.1", "::127.0.0.1", "fe80::1"),
        *("::ffff:a9fe:a9fe", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::0.0.0.0"),
        *("64:ff9b::169.254.169.254", "64:ff9b::100.100.100.200"),
        *("64:ff9b:1::127.0.0.1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002::1", "ff05::1"),
        *("2001:0:7f00:1::", "2001:0:102:304::80ff:fffe", "::ffff:0.0.0.0"),
        *("fd00:ec2::254", "fd00:0ec2:0:0::254", "fd20:ce::254", "2002:6464:64c8::"),
        *("fd00:ec2::23", "fd00:ec2:0:1::5", "fd00:c1::a9fe:a9fe", "fd00:c1:0::169.254.169.254"),
        *("fd00:42::42", "fd00:a9fe:a9fe::1", "fd00:100::100:200", "metadata.tencentyun.com"),
        *("instance-data.eu-west-1.compute.internal", "localhost6", "localhost4.localdomain4"),
        *("100.100.100.200", "168.63.129.16", "192.0.0.192", "metadata.google.internal"),
        *("metadata.goog", "instance-data", "instance-data.ec2.internal", "unix"),
        *("0177.0.0.1", "0x7f000001", "0x7f.0x1", "127.0x1", "0x", "00.0.0.0", "0250.254.43518"),
        *("169.254.169.254", "224.0.0.1", "ff02::1", "-a.test", "a_b.test", "a..b", "."),
    ],
)
def test_this_machine_and_its_link_are_refused(host: str) -> None:
    assert refuse_host(host)


@pytest.mark.parametrize(
    "host",
    [
        *("auth", "auth.ns.svc.cluster.local", "10.0.0.1", "1.2.3.4.test", "2001:db8::1"),
        *("64:ff9b::10.0.0.1", "2002:a00:1::1", "::ffff:10.0.0.1", "fd00::1", "0xa.test"),
        *("fd00:ec3::23", "fd00:42::43", "instance-data.a.b.compute.internal", "localhost6.test"),
        *("metadata.shop.svc", "2001:0:a00:1::f5ff:fffe"),
    ],
)
def test_other_hosts_may_be_asked(host: str) -> None:
    assert not refuse_host(host)


def test_nothing_can_prolong_the_host() -> None:
    starts = ("$arg_x", "${http_x}/", "$host", "$is_args", "@evil.test/", ".$arg_x", ":$arg_x")
    for host, start in itertools.product(("auth.test", "$host", "10.0.0.1"), starts):
        with pytest.raises(BadValue):
            AUTH_URL.read(f"http://{host}{start}")


def test_headers_of_the_connection_are_refused_in_any_case() -> None:
    for name in FRAMING:
        for text in (name, name.upper(), f"X-A, {name.title()}"):
            with pytest.raises(BadValue):
                SETTABLE_HEADERS.read(text)


@pytest.mark.parametrize(
    ("query", "drop"),
    [
        ("?url=$request_uri&error=$auth_resp_err", "&error=$auth_resp_err"),
        ("?error=${auth_resp_err}&url=$request_uri", "error=${auth_resp_err}&"),
        ("?error=$upstream_http_x_err", "?error=$upstream_http_x_err"),
        ("?a=b&jwt=$auth_resp_jwt&c=d", "&jwt=$auth_resp_jwt"),
    ],
)
def test_what_an_answer_tells_is_to_be_dropped_and_then_the_url_can_be_read(
    query: str, drop: str
) -> None:
    url = f"https://login.example.com/start{query}"
    with pytest.raises(BadValue, match=re.escape(f'drop "{drop}"')):
        REDIRECT_URL.read(url)
    assert REDIRECT_URL.read(url.replace(drop, "")).parts
