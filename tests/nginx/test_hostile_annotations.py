"""Whatever hostile values of annotations leave standing, nginx reads as it was meant."""

from __future__ import annotations

import ingc
from ingc.nginx import Nginx
from ingc.serve.config_test import rehearse
from ingc.target import format_version
from tests.frontend.hostile import ingresses, supported, surroundings
from tests.nginx.modules import modules_given
from tests.resolve.pairs import NOW


def test_nginx_takes_what_is_left_of_hostile_values(nginx: Nginx) -> None:
    objects = surroundings()
    for family, declared in supported():
        objects.extend(ingresses(family, declared))
    # The other tests of these values prove them; here nginx is the judge.
    options = ingc.Options(
        now=NOW,
        nginx_version=format_version(nginx.version),
        proof=False,
        configmap="shop/settings",
        **modules_given(nginx),
    )
    result = ingc.compile(objects, options, on_error="isolate")
    assert result.ir is not None
    test = rehearse(nginx, result.ir)
    assert test.ok, test.messages
