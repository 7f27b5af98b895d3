"""Headers that nginx drops, joins, or has no room for: the oracle and the model against it."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from ingc.explain import read_question
from ingc.explain.api import teller_of
from ingc.nginx import Nginx
from ingc.syntax.request import Request
from tests.nginx.harness import Site
from tests.nginx.settings import set_by
from tests.nginx.test_explained import explained
from tests.nginx.wire import get
from tests.objects import annotated, backend, ingress, prefix, rule

CANARY = ingress(
    "beta",
    rule("a.test", {"path": "/", "pathType": "Prefix", "backend": backend("beta")}),
    annotations=annotated(canary="true", canary_by_header="X-Beta"),
)
OBJECTS = [ingress("web", rule("a.test", prefix("/", "web"))), CANARY]
SETTINGS: list[dict[str, str]] = [
    {},
    {"enable-underscores-in-headers": "true"},
    {"ignore-invalid-headers": "false"},
    {"large-client-header-buffers": "2 2k", "client-header-buffer-size": "512"},
    {"large-client-header-buffers": "3 1k", "client-header-buffer-size": "4k"},
]


@pytest.fixture(scope="module", params=SETTINGS, ids=str)
def site(request: pytest.FixtureRequest, nginx: Nginx) -> Iterator[Site]:
    with set_by(nginx, OBJECTS, request.param) as served:
        yield served


def upstreams(site: Site, *headers: tuple[str, str], target: str = "/") -> set[str]:
    """Return who takes a request, or the status, as nginx, the oracle and the model say."""
    lines = [f"{name}: {value}".encode() for name, value in headers]
    response = site.ask("a.test", target, *lines)
    request = Request(b"a.test", target.encode(), headers=headers)
    assert get(target, "a.test", *lines).startswith(b"GET " + request.target)
    match, outcome = site.oracle.answer(request), site.model.outcome(request)
    found = str(response.status)
    if response.status == 200:
        found = "default_{}_80".format(response.json()["service"].partition("/")[2])
    return {
        found,
        str(match.upstream or match.status),
        str(outcome.upstream or outcome.status),
    }


@pytest.mark.parametrize(
    "headers",
    [
        [("X-Beta", "always")],
        [("x_beta", "always")],
        [("X_Beta", "never"), ("X-Beta", "always")],
        [("X-Beta", "always"), ("x_beta", "never")],
        [("X-Beta", "never"), ("X-Beta", "always")],
        [("X-Beta", "always"), ("x-beta", "")],
        [("X.Beta", "always"), ("X~Beta", "always")],
    ],
    ids=str,
)
def test_which_headers_decide(site: Site, headers: list[tuple[str, str]]) -> None:
    assert len(upstreams(site, *headers)) == 1


@pytest.mark.parametrize("length", [490, 1000, 1014, 1015, 2030, 2038, 2039, 4090, 8184, 8185])
def test_a_long_line(site: Site, length: int) -> None:
    assert len(upstreams(site, ("X-Long", "a" * (length - 1)))) == 1
    assert len(upstreams(site, ("X-Long", "a" * length), ("X-Beta", "always"))) == 1


def test_lines_that_fill_the_buffers(site: Site) -> None:
    chance = random.Random(1)  # noqa: S311 - a test's sample
    found = set()
    for _ in range(120):
        lengths = chance.choices((10, 200, 500, 1000, 2000, 4000, 8000), k=chance.randint(1, 9))
        headers = [(f"X-{n}", "a" * (length + chance.randint(-9, 9)))
                   for n, length in enumerate(lengths)]  # fmt: skip
        told = upstreams(site, *headers, target="/" + "a" * chance.choice((1, 300, 1500)))
        assert len(told) == 1, (lengths, told)
        found |= told
    assert found >= {"400", "default_web_80"}


@pytest.mark.parametrize("name", ["api_key", "X.Own", "X-Own", "x"])
def test_what_is_dropped_is_told(site: Site, name: str) -> None:
    sent = {
        key.lower() for key, _ in site.received("a.test", "/", f"{name}: 1".encode())["headers"]
    }
    question = read_question("http://a.test/", headers=[(name, "1")])
    told = teller_of(explained(site).result).tell(question).applied
    dropped = [item.what for item in told if item.name == "dropped"]
    assert (name.lower() in sent) == (not dropped)
    assert all(name in what and "ConfigMap" in what for what in dropped)
