"""Addresses, passwords and limits, as real nginx keeps them."""

from __future__ import annotations

import base64

import pytest

from ingc.nginx import Nginx
from tests.nginx.harness import Site, serving
from tests.nginx.wire import Connection, Response, get
from tests.objects import Object, ingress, opaque, prefix, rule

PREFIX = "nginx.ingress.kubernetes.io/"

HERE, THERE = "127.0.0.1", "127.0.0.2"

APR1 = b"apr:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/"
CRYPT = (
    b"crypt:$6$ab$2lDVylRMp48hlYZZFOCx/xnhJEsGPynJ17rt2um9Gb8wX6ygI4uDxg3Bg43pp/"
    b"Hv397hwWfT8mciHws9eE4sR/"
)
SSHA = b"ssha:{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0"
PLAIN = b"plain:{PLAIN}secret"


def web(*paths: str, host: str = "a.test", name: str = "web", **annotations: str) -> Object:
    """Return an Ingress with annotations; ``_`` in their names stands for ``-``."""
    given = {PREFIX + key.replace("_", "-"): value for key, value in annotations.items()}
    return ingress(
        name, rule(host, *(prefix(path, "a") for path in paths or ("/",))), annotations=given
    )


def ask(
    site: Site, target: str = "/", *headers: bytes, source: str = HERE, host: str = "a.test"
) -> Response:
    with Connection(site.http, source=source) as connection:
        return connection.request(get(target, host, *headers))


def login(user: str, password: str) -> bytes:
    return b"Authorization: Basic " + base64.b64encode(f"{user}:{password}".encode())


def status(site: Site, *headers: bytes, source: str = HERE, target: str = "/") -> int:
    return ask(site, target, *headers, source=source).status


@pytest.mark.parametrize(
    ("lists", "here", "there"),
    [
        ({"allowlist_source_range": "127.0.0.1"}, 200, 403),
        ({"whitelist_source_range": "127.0.0.2/32, 10.0.0.0/8"}, 403, 200),
        ({"denylist_source_range": "127.0.0.2"}, 200, 403),
        ({"allowlist_source_range": "127.0.0.0/8", "denylist_source_range": HERE}, 403, 200),
        ({"allowlist_source_range": HERE, "denylist_source_range": "127.0.0.0/8"}, 403, 403),
        ({"allowlist_source_range": "127.0.0.3/8"}, 200, 200),
        ({"allowlist_source_range": "::1"}, 403, 403),
    ],
)
def test_what_is_denied_counts_before_what_is_allowed(
    nginx: Nginx, lists: dict[str, str], here: int, there: int
) -> None:
    with serving(nginx, [web(**lists)]) as site:
        assert status(site, source=HERE) == here
        assert status(site, source=THERE) == there


@pytest.mark.parametrize("value", ["", " ", "10.0.0.0/33", "127.0.0.1,nobody", "127.0.0.1,"])
@pytest.mark.parametrize("name", ["allowlist_source_range", "denylist_source_range"])
def test_a_bad_list_lets_nobody_pass(nginx: Nginx, name: str, value: str) -> None:
    with serving(nginx, [web(**{name: value})], on_error="isolate") as site:
        assert status(site) == 503


USERS = opaque("users", auth=b"\n".join((b"# staff", APR1, CRYPT, SSHA, PLAIN, b"")))

BASIC = {"auth_type": "basic", "auth_secret": "users", "auth_realm": "Staff only"}


@pytest.mark.parametrize("value", ["any", "all"])
def test_satisfy_any_takes_the_address_or_the_password(nginx: Nginx, value: str) -> None:
    asked = {**BASIC, "satisfy": value, "allowlist_source_range": HERE}
    with serving(nginx, [web(**asked), USERS]) as site:
        one = 200 if value == "any" else 401
        assert status(site) == one
        assert status(site, login("apr", "secret")) == 200
        assert status(site, login("apr", "secret"), source=THERE) == (200 if one == 200 else 403)
        assert status(site, source=THERE) == (401 if one == 200 else 403)
