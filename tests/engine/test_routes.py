"""OpenShift Routes that come and go give at each time what a whole compile gives."""

from __future__ import annotations

import itertools

import ingc
from tests.objects import Object, endpoint_slice, ingress, prefix, rule, service
from tests.routes_of import edge, route, to

OPTIONS = ingc.Options(default_ssl_certificate="/c,/k")


def key(item: Object) -> tuple[str, str, str]:
    meta = item["metadata"]
    return item["kind"], meta.get("namespace", "default"), meta["name"]


def test_each_change_gives_what_a_whole_compile_gives() -> None:
    split = route("web", "a.test", to("web", 3), alternateBackends=[to("next", 1)], tls=edge())
    changes: list[Object] = [
        split,
        service("web", 80, clusterIP="10.0.0.1"),
        service("next", 80, clusterIP="10.0.0.2"),
        endpoint_slice("web", "10.1.0.1", "10.1.0.2", port=80),
        ingress("web", rule("b.test", prefix("/", "web"))),
        {**split, "spec": {**split["spec"], "path": "/api/"}},
        route("root", "a.test", tls=edge("Redirect")),
        service("web", {"port": 80, "targetPort": 8080}, clusterIP="10.0.0.1"),
    ]
    compiler = ingc.Compiler(OPTIONS)
    there: dict[tuple[str, str, str], Object] = {}
    for change in changes:
        there[key(change)] = change
        compiler.apply([change])
        whole = ingc.compile([there[name] for name in sorted(there)], OPTIONS, on_error="isolate")
        assert compiler.result.config == whole.config
        assert [d.message for d in compiler.result.diagnostics] == [
            d.message for d in whole.diagnostics
        ]
    for name in itertools.islice(sorted(there), 3):
        gone = there.pop(name)
        compiler.apply(deletes=[compiler.key(gone)])
        whole = ingc.compile([there[left] for left in sorted(there)], OPTIONS, on_error="isolate")
        assert compiler.result.config == whole.config
