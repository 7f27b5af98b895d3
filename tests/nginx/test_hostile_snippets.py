"""All hostile snippets at once on real nginx, beside a namespace that has done nothing."""

from __future__ import annotations

import re

from ingc.nginx import Nginx
from tests.hostile.snippet_texts import OPTIONS, PREFIX, TEXTS, hostile_ingress, neighbour
from tests.nginx.harness import Site, serving
from tests.objects import Object

_SMALL = 1000
_ASKS = (
    ("bank.test", "/"),
    ("bank.test", "/a%20b?c=d"),
    ("bank.test", "/healthz"),
    ("shared.test", "/bank"),
    ("shared.test", "/bank/x?y"),
    ("shared.test", "/other"),
    ("nobody.test", "/"),
)


def _beside() -> list[Object]:
    """Return the neighbour without its auth service, which the responder can't be."""
    made = [item for item in neighbour() if item["kind"] != "EndpointSlice"]
    made[0]["metadata"]["annotations"].pop(PREFIX + "auth-url")
    return made


def _answers(site: Site) -> list[object]:
    found: list[object] = []
    for host, target in _ASKS:
        answer = site.ask(host, target)
        body = re.sub(rb'"[0-9a-f]{32}"|:\d{4,5}\b|"\d{4,5}"', b"", answer.body)
        names = [pair for pair in answer.headers if pair[0] not in ("Date", "Content-Length")]
        found.append((answer.status, names, body))
    return found


def test_a_neighbour_is_answered_as_if_they_were_not_there(nginx: Nginx) -> None:
    small = [item for item in TEXTS if len(item.text) < _SMALL]
    with serving(nginx, _beside(), allow_snippets=("*",)) as site:
        expected = _answers(site)
    hostile = [hostile_ingress(item, f"evil{number}") for number, item in enumerate(small)]
    assert len(hostile) > 200
    with serving(nginx, [*hostile, *_beside()], on_error="isolate", **OPTIONS) as site:
        assert _answers(site) == expected
