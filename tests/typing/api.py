"""The public API under strict mypy: type-checked, never run."""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

import ingc

objects: list[dict[str, object]] = []
options = ingc.Options(http_port=8080, backends="endpoints", listen_address=("127.0.0.1", "[::1]"))
result = ingc.compile(objects, options, on_error="isolate")

assert_type(result, ingc.Result)
assert_type(result.ok, bool)
assert_type(result.config, str | None)
assert_type(result.files, tuple[ingc.OutputFile, ...])
assert_type(result.diagnostics, tuple[ingc.Diagnostic, ...])
assert_type(result.routes, tuple[ingc.RouteRow, ...])


class OfLightkube:
    """An object of a client library that has types."""

    def to_dict(self, dict_factory: type[object] = dict) -> dict[str, object]:
        return {"factory": dict_factory}


assert_type(ingc.compile([OfLightkube(), *objects]), ingc.Result)

for report in result.ingresses:
    assert_type(report, ingc.IngressReport)
    assert_type(report.uid, str)
    assert_type(report.routes, tuple[ingc.RouteRow, ...])
    assert_type(report.reference, dict[str, str])
    assert_type(report.events, tuple[ingc.IngressEvent, ...])
for item in result.events:
    assert_type(item, ingc.ObjectEvents)
    assert_type(item.events, tuple[ingc.IngressEvent, ...])
    made = ingc.event_object(item.reference, item.events[0], controller="mine", instance="mine-1")
    assert_type(made, dict[str, Any])

nginx = ingc.Nginx("run", binary=None, most_old=4)
assert_type(result.write(nginx.folder, worker_group=None, tested_by=nginx), Path)
assert_type(nginx.version, str)
assert_type(nginx.pid, int | None)
assert_type(nginx.config_sha256, str | None)
assert_type(ingc.Nginx("run", keep_sockets=True, outlives=True).claim(), bool)
assert_type(nginx.test(timeout=5), tuple[ingc.Diagnostic, ...])
with nginx as running:
    assert_type(running, ingc.Nginx)
    running.reload(timeout=5)
    running.drain(30)
try:
    nginx.start()
except ingc.PortTaken as error:
    assert_type(error.diagnostics, tuple[ingc.Diagnostic, ...])

match = result.match("shop.example.com", b"/cart?x=1", scheme="https", method="POST")
assert_type(match, ingc.Match)
assert_type(match.status, int | None)
assert_type(match.route, ingc.Route | None)
assert_type(match.upstream, str | None)
assert_type(match.redirect, str | None)
assert_type(match.candidates, tuple[ingc.Candidate, ...])

comparison = ingc.compare(result, result)
assert_type(comparison, ingc.Comparison)
assert_type(comparison.same, bool)
assert_type(comparison.differences, tuple[ingc.Difference, ...])
assert_type(ingc.check_routes("http://a.test/ -> 404", result), ingc.Report)

for diagnostic in result.diagnostics:
    assert_type(diagnostic.code, str)
    assert_type(diagnostic.severity, ingc.Severity)
    assert_type(diagnostic.file, str | None)

for file in result.files:
    assert_type(file.path, str)
    assert_type(file.content, ingc.SecretBytes)

answer = ingc.explain(result, "http://shop.example.com/", headers=[("X-Canary", "always")])
assert_type(answer, ingc.Answer)
assert_type(answer.status, int | None)
assert_type(answer.upstream, str | None)
assert_type(ingc.explain(ingc.read_conf("nginx.conf"), "http://x/").redirect, str | None)
assert_type(ingc.story(result, "http://shop.example.com/").answer, ingc.Answer)
