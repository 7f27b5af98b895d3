"""How much room nginx needs for variables: many values of authors make many of them."""

from __future__ import annotations

import re

import pytest

import ingc
from ingc import ir
from ingc.nginx import Nginx
from ingc.plan.frame import http
from ingc.serve.config_test import rehearse
from tests.colliding import colliding
from tests.hostile.tree import room_asked, room_needed
from tests.nginx.harness import version_of
from tests.objects import Object, annotated, ingress, rule, service, specific

SERVICES = [service("web", 80, clusterIP="10.0.0.1")]
BUILT = re.compile(r"could not build optimal variables_hash").search


def prefixes(count: int) -> list[Object]:
    """Each value of ``x-forwarded-prefix`` that nginx has to write is a variable of a map."""
    return [
        ingress(
            f"web{number}",
            rule("a.test", specific(f"/p{number}/(.*)", "web")),
            annotations=annotated(rewrite_target="/$1", x_forwarded_prefix=f"/q{number}/$1"),
        )
        for number in range(count)
    ]


def compiled(nginx: Nginx, objects: list[Object]) -> tuple[str, ir.Config]:
    options = ingc.Options(nginx_version=version_of(nginx))
    result = ingc.compile([*objects, *SERVICES], options)
    assert result.config is not None, result.errors
    assert result.ir is not None
    return result.config, result.ir


@pytest.mark.parametrize("count", [0, 5, 8, 9, 40, 400])
def test_nginx_has_room_for_what_many_values_make(
    nginx: Nginx, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, config = compiled(nginx, [*prefixes(count), ingress("own", rule("b.test"))])
    assert room_asked(text) == room_needed(text)
    test = rehearse(nginx, config)
    assert test.ok, test.messages
    assert not test.messages
    monkeypatch.setattr(http, "room_for_variables", lambda *_: ())
    without = rehearse(nginx, config)
    assert without.ok, without.messages
    if count >= 40:
        assert any(map(BUILT, without.messages))
    if not room_needed(text):
        assert not without.messages


def test_names_of_one_hash_are_refused_before_nginx_refuses_them(nginx: Nginx) -> None:
    names = colliding(1500, 24, "x-")
    asked = {"auth_url": "http://10.0.0.9/"}
    objects = [
        ingress(
            f"evil{first}",
            rule("evil.test", specific(f"/{first}", "web")),
            annotations=annotated(
                **asked, auth_response_headers=",".join(names[first : first + 30])
            ),
            namespace="evil",
        )
        for first in range(0, len(names), 30)
    ]
    fine = ingress("fine", rule("fine.test", specific("/", "web")))
    options = ingc.Options(nginx_version=version_of(nginx))
    given = [*objects, fine, *SERVICES, service("web", 80, namespace="evil", clusterIP="10.0.0.2")]
    result = ingc.compile(given, options, on_error="isolate")
    assert {item.code for item in result.errors} == {"ING602"}
    assert {item.origin.object.namespace for item in result.errors if item.origin.object} == {
        "evil"
    }
    assert result.ir is not None
    test = rehearse(nginx, result.ir)
    assert test.ok, test.messages
    assert any(item.name == "fine.test" and item.routes for item in result.ir.hosts)
