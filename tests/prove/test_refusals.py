"""That clients are refused everywhere is read back from every server."""

from __future__ import annotations

import pytest

import ingc
from ingc.plan import servers
from tests.nginx.settings import NAME, config_map
from tests.objects import path, rule
from tests.shop import ingress


@pytest.mark.parametrize(
    "keys",
    [
        {"block-cidrs": "203.0.113.0/24"},
        {"block-user-agents": "~*bot[0-9]"},
        {"block-referers": "http://spam.test/"},
    ],
    ids=lambda keys: next(iter(keys)),
)
def test_who_is_refused_everywhere_is_proved(
    monkeypatch: pytest.MonkeyPatch, keys: dict[str, str]
) -> None:
    objects = [ingress("web", rule("b.test", path("/", "web"))), config_map("settings", keys)]
    options = ingc.Options(configmap=NAME)
    assert ingc.compile(objects, options).ok
    monkeypatch.setattr(servers, "refusals", lambda _: ())
    result = ingc.compile(objects, options)
    assert not result.ok
    assert "Blocked." in str(result.errors[0])
