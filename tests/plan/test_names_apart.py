"""What two authors ask for never gets one name in the configuration, however they choose it."""

from __future__ import annotations

import re

import ingc
from tests.objects import annotated, endpoint_slice, ingress, prefix, rule, service

WEB = [service("web", 80), endpoint_slice("web", "10.0.0.1", port=80)]


def printed(*asked: dict[str, str]) -> str:
    """Return the configuration of a path with each of these annotations."""
    ingresses = [
        ingress(
            f"i{number}", rule("a.test", prefix(f"/{number}", "web")), annotations=annotated(**a)
        )
        for number, a in enumerate(asked)
    ]
    result = ingc.compile(
        [*WEB, *ingresses], ingc.Options(nginx_version="1.31.3", resolver=("10.96.0.10",))
    )
    assert result.config is not None, result.errors
    return result.config


def test_cookies_chosen_for_equal_digests_have_upstreams_of_their_own() -> None:
    # The first 24 bits of the digests of these two are equal.
    session = {"affinity": "cookie", "session_cookie_path": "/"}
    names = ("c1450", "c5479")
    conf = printed(*({**session, "session_cookie_name": name} for name in names))
    made = re.findall(r"^    upstream (\S+sticky_\S+) ", conf, re.MULTILINE)
    assert len(set(made)) == len(made) == 2


def test_names_made_of_contents_can_not_be_searched_for() -> None:
    verified = {"backend_protocol": "HTTPS", "proxy_ssl_name": "a.test"}
    conf = printed(
        {"affinity": "cookie"},
        {"enable_cors": "true", "cors_allow_origin": "https://a.test"},
        {"mirror_target": "http://b.test/"},
        {"auth_url": "http://c.test/"},
        {**verified, "proxy_ssl_server_name": "on"},
    )
    digests = re.findall(r"[/_]([0-9a-f]{6,})\b", conf)
    assert len(digests) > 5
    assert {len(digest) for digest in digests} == {24}


def test_a_dns_name_is_not_taken_for_an_address() -> None:
    conf = printed(
        {"mirror_target": "http://2001-db8--1/"}, {"mirror_target": "http://[2001:db8::1]/"}
    )
    assert "server 2001-db8--1:80" in conf
    assert "server [2001:db8::1]:80" in conf
