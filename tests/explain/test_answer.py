"""The short answer: the same from the oracle and from the text that was compiled."""

from __future__ import annotations

import dataclasses

import pytest

import ingc
from ingc.explain import Answer, BadQuestion, asker_of, conf_of, read_question
from tests.objects import path, rule
from tests.shop import ingress, service

WEB = [
    ingress("shop/web", rule("a.test", path("/", "web"), path("/exact", "web", "Exact"))),
    ingress(
        "shop/lists",
        rule("l.test", path("/", "web")),
        annotations={"nginx.ingress.kubernetes.io/whitelist-source-range": "10.0.0.0/8"},
    ),
    service("web", clusterIP="10.96.0.1"),
]


@pytest.fixture(scope="module")
def web() -> ingc.Result:
    return ingc.compile(WEB)


def ask(result: ingc.Result, url: str, **given: str) -> Answer:
    """Ask the oracle and the model, which have to agree."""
    question = read_question(url, **given)
    answer = asker_of(result).ask(question)
    assert result.config is not None
    assert result.ir is not None
    other = conf_of(result.config, result.ir.settings.target).ask(question)
    assert other.unknown is None
    for name in ("status", "redirect", "refused", "upstream", "upstream_uri"):
        assert getattr(answer, name) == getattr(other, name), name
    return answer


def test_a_route_and_its_backend(web: ingc.Result) -> None:
    answer = ask(web, "http://A.test:80//x/../exact?q")
    assert (answer.server, answer.uri, answer.upstream_uri) == (
        "a.test",
        "/exact",
        "//x/../exact?q",
    )
    assert answer.route is not None
    assert (answer.route.ingress, answer.route.path_type) == ("shop/web", "Exact")
    assert (answer.route.service, answer.route.port) == ("shop/web", 80)
    assert answer.backend is not None
    assert answer.backend.endpoints == ("10.96.0.1:80",)


def test_a_redirect_to_what_is_not_ascii() -> None:
    own = ingress("shop/web", rule("a.test", path("/", "web")), tls=[{"hosts": ["a.test"]}])
    options = ingc.Options(default_ssl_certificate="/tls/any.crt,/tls/any.key")
    result = ingc.compile([own, WEB[-1]], options)
    assert ask(result, "http://a.test/ü").redirect == "https://a.test/ü"


@pytest.mark.parametrize(
    ("url", "status", "why"),
    [
        ("http://b.test/", 404, "no rule names this host"),
        ("http://a.test/a b", 400, "space or a control character"),
        ("http://a.test/\r\n", 400, "space or a control character"),
        ("http://a.test/" + "x" * 9000, 414, "longer than nginx reads"),
        ("http://a.test/%", 400, "hexadecimal"),
        ("http://a.test/..", 400, "above the root"),
        ("http://a..test/", 400, "not a host name"),
    ],
)
def test_what_no_rule_takes(web: ingc.Result, url: str, status: int, why: str) -> None:
    answer = ask(web, url)
    assert answer.status == status
    assert answer.route is None
    assert why in answer.why


def test_https_that_is_refused(web: ingc.Result) -> None:
    assert ask(web, "https://a.test/").refused


def test_a_list_of_addresses_counts_where_the_client_is_known(web: ingc.Result) -> None:
    assert ask(web, "http://l.test/").upstream == "shop_web_80"
    assert ask(web, "http://l.test/", client_ip="10.1.2.3").upstream == "shop_web_80"
    assert ask(web, "http://l.test/", client_ip="192.0.2.9").status == 403


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "empty"),
        ("ftp://a.test/", "neither http nor https"),
        ("a.test/x", "is not a URL"),
        ("http:///x", "has no host"),
        ("http://:80/", "has no host"),
        ("http://a.test/\ud800", "half of a character"),
    ],
)
def test_what_is_no_url(url: str, why: str) -> None:
    with pytest.raises(BadQuestion, match=why):
        read_question(url)


def test_an_answer_made_fast_equals_one_made_whole(web: ingc.Result) -> None:
    fast = asker_of(web).ask(read_question("http://a.test/x"))
    slow = asker_of(web).ask(read_question("http://a.test/x", client_ip="192.0.2.1"))
    assert dataclasses.replace(slow, request=fast.request) == fast
    assert repr(fast) == repr(dataclasses.replace(fast))
    assert hash(fast) == hash(dataclasses.replace(fast))
