"""Asks for the endpoints that a rule's backend is resolved to."""

from __future__ import annotations

from typing import Any

import ingc
from tests.objects import Object, backend, path, rule
from tests.shop import ingress


def endpoints(objects: list[Object], port: int | str = 80, **options: Any) -> list[str] | str:
    """Compile one rule for Service ``web``; return its endpoints, or the code that says why not."""
    asked = ingress("web", rule("a.test", path("/", backend("web", port))))
    given: dict[str, Any] = {"resolver": ("10.0.0.53",), **options}
    result = ingc.compile([asked, *objects], ingc.Options(**given), on_error="isolate")
    assert result.ir is not None
    match = result.match("a.test", "/")
    if match.upstream is None:
        assert match.status == 503
        assert not result.ir.upstreams
        (code,) = [d.code for d in result.diagnostics]
        return code
    assert not result.diagnostics
    (upstream,) = result.ir.upstreams
    return [f"{e.address}:{e.port}{' dns' * e.dns}" for e in upstream.endpoints]
