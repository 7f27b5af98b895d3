"""Lists of agents and referers beyond ASCII: clients send bytes, and a person writes text."""

from __future__ import annotations

import pytest

import ingc
from tests.objects import config_map, ingress, prefix, rule, service

OBJECTS = (
    ingress("web", rule("a.test", prefix("/", "web"))),
    service("web", {"port": 80}, clusterIP="10.0.0.1"),
)


@pytest.mark.parametrize("listed", ["é", "Zoë/1", "\U0010ffff", "~*^zoë"])
def test_what_is_listed_beyond_ascii_is_proved_and_found(listed: str) -> None:
    listing = config_map("conf", {"block-user-agents": listed})
    result = ingc.compile([listing, *OBJECTS], ingc.Options(configmap="default/conf"))
    assert result.ok
    sent = "Zoë/1" if "o" in listed else listed
    assert result.match("a.test", "/", headers=[("User-Agent", sent)]).status == 403
    assert result.match("a.test", "/", headers=[("User-Agent", "Zoe/1")]).status is None


def test_case_is_that_of_ascii_alone() -> None:
    listing = config_map("conf", {"block-user-agents": "Éa"})
    result = ingc.compile([listing, *OBJECTS], ingc.Options(configmap="default/conf"))
    for agent, status in (("ÉA", 403), ("éa", None)):
        assert result.match("a.test", "/", headers=[("User-Agent", agent)]).status == status
