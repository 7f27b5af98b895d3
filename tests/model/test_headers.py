"""Headers as nginx takes and inherits them: the model and real nginx agree."""

from __future__ import annotations

import pytest

from ingc.model import Request
from ingc.nginx import Nginx
from tests.model.test_foreign import model_of
from tests.nginx.bare import Talk, bare
from tests.nginx.wire import get


@pytest.mark.parametrize("first", ["", "underscores_in_headers on;"])
@pytest.mark.parametrize("second", ["", "underscores_in_headers on;"])
def test_the_server_of_the_host_decides_on_underscores(
    nginx: Nginx, first: str, second: str
) -> None:
    http = (
        f"server {{ LISTEN server_name one.test; {first} return 200 1:$http_api_key; }}"
        f"server {{ LISTEN server_name two.test; {second} return 200 2:$http_api_key; }}"
    )
    with bare(nginx, http) as socket, Talk(socket) as talk:
        model = model_of(http.replace("LISTEN", f"listen unix:{socket};"), nginx.version)
        for host, on in (("one.test", first), ("two.test", second)):
            answered = talk.ask(get("/", host, b"api_key: x"))
            asked = Request(host.encode(), b"/", headers=(("api_key", "x"),))
            assert model.outcome(asked).text == answered.body
            assert answered.body.endswith(b":x") is bool(on)
