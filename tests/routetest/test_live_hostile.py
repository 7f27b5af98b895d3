"""A server under test is somebody else's: what it sends is no reason to believe it, or to fail."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingc.explain import read_question
from ingc.routetest.run import live
from ingc.routetest.run.live import LiveReplier
from ingc.routetest.run.reply import Reply
from ingc.serve.client import HttpAnswer
from ingc.syntax.url import read_url

TOLD: dict[str, Any] = {
    "service": "shop/web",
    "port": "80",
    "ingress": "shop/a",
    "rule": "spec.rules[0].http.paths[0]",
    "request": {"target": "/x", "headers": [["Host", "a.test"]]},
}
ROUTE = ("X-Ingc-Route", "shop/a/spec.rules[0]/http.paths[0]")


def reply(
    patch: pytest.MonkeyPatch, body: bytes, *headers: tuple[str, str], loopback: bool = True
) -> Reply:
    patch.setattr(live, "send", lambda *_, **__: HttpAnswer(200, "OK", headers, body, loopback))
    replier = LiveReplier([read_url("http://127.0.0.1:1")])
    return replier.reply(read_question("http://a.test/x"), headers=True)


def test_the_responder_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    for headers in ((), (ROUTE,)):
        found = reply(monkeypatch, json.dumps(TOLD).encode(), *headers)
        backend = found.answer.backend
        assert backend is not None
        assert (backend.service, backend.port) == ("shop/web", "80")
        assert found.answer.upstream_uri == "/x"
        assert found.upstream_headers == (("Host", "a.test"),)


def test_a_backend_that_writes_the_same_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps(TOLD).encode()
    far = reply(monkeypatch, body, loopback=False)
    other = reply(monkeypatch, body, ("X-Ingc-Route", "evil/b/spec.rules[0]/http.paths[0]"))
    for found in (far, other):
        assert found.answer.status == 200
        assert found.answer.backend is None or found.answer.backend.service is None
    assert far.answer.route is None
    assert other.answer.route is not None
    assert other.answer.route.ingress == "evil/b"


@pytest.mark.parametrize(
    "changed",
    [
        *({"request": value} for value in ("x", None, [], {}, {"target": "/"})),
        *({"request": {"target": "/", "headers": value}} for value in (5, [["a"]], [[1, 2]], "ab")),
        *({"request": {"target": value, "headers": []}} for value in ([1], "\ud800", "\u202e")),
        *({name: value} for name in ("ingress", "rule") for value in ([1], {"a": 1}, "\ud800", 5)),
        *({name: value} for name in ("service", "port") for value in ([1], {"a": 1}, "\ud800")),
    ],
)
def test_any_form_of_answer(monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any]) -> None:
    found = reply(monkeypatch, json.dumps(TOLD | changed).encode())
    assert (found.answer.status, found.answer.route) == (200, None)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"request":' + b"[" * 100_000, b"1" * 10_000])
def test_any_depth_of_answer(monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    assert reply(monkeypatch, body).answer.status == 200
