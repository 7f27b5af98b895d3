"""What the kubelet and Prometheus get: answers of a real server, and numbers by their names."""

from __future__ import annotations

import asyncio
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

import ingc
from ingc.controller.health import Checks, Health
from ingc.controller.metrics import CAUSES, STEPS, Metrics, cause_of
from tests.objects import endpoint_slice, ingress, prefix, rule, service


def ask(request: bytes, ready: Checks | None = None, metrics: Metrics | None = None) -> str:
    """Return what a health server answers to a request."""

    async def asked() -> str:
        health = Health("127.0.0.1", 0, metrics or Metrics(), ready or {"synced": lambda: True})
        await health.start()
        reader, writer = await asyncio.open_connection(*health.address)
        writer.write(request)
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        await health.stop()
        return answer.decode()

    return asyncio.run(asked())


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: a\r\nUser-Agent: kube-probe\r\n\r\n".encode()


def test_ready_is_what_holds_altogether() -> None:
    held = {"synced": True, "nginx answers": True}
    checks: Checks = {name: lambda name=name: held[name] for name in held}  # type: ignore[misc]
    assert ask(_get("/readyz?verbose"), checks).startswith("HTTP/1.1 200 OK\r\n")
    held["nginx answers"] = False
    answer = ask(_get("/readyz"), checks)
    assert answer.startswith("HTTP/1.1 503 Service Unavailable\r\n")
    assert answer.endswith("[+] synced\n[-] nginx answers\nnot ok\n")
    assert ask(_get("/healthz"), checks).startswith("HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (_get("/"), "404"),
        (b"POST /readyz HTTP/1.1\r\n\r\n", "405"),
        (b"nonsense\r\n\r\n", "400"),
        (b"GET /readyz HTTP/1.1\r\n" + b"A: b\r\n" * 1000 + b"\r\n", "200"),
        (b"\r\n\r\n", "400"),
    ],
)
def test_what_else_may_be_requested(request_: bytes, status: str) -> None:
    assert ask(request_).startswith(f"HTTP/1.1 {status} ")


def test_a_line_without_an_end_is_not_read_on() -> None:
    assert ask(b"G" * 100_000) == ""


def test_head_has_no_body() -> None:
    assert ask(b"HEAD /metrics HTTP/1.1\r\n\r\n").endswith("\r\n\r\n")


def test_metrics_are_prometheus_text() -> None:
    metrics = Metrics()
    metrics.time_steps({"compile": 0.2, "reload": 0.3})
    metrics.serve_config("ab" * 32)
    metrics.reloads.labels("routes").inc()
    body = ask(_get("/metrics"), metrics=metrics).partition("\r\n\r\n")[2]
    families = {item.name: item for item in text_string_to_metric_families(body)}
    ours = {name for name in families if name.startswith("ingc_controller_")}
    assert all(re.fullmatch(r"[a-z_]+", name) for name in ours)
    assert all(families[name].documentation for name in ours)
    reloads = families["ingc_controller_reloads"].samples
    counted = {item.labels["cause"]: item.value for item in reloads if "total" in item.name}
    assert counted == {**dict.fromkeys(CAUSES, 0), "routes": 1}
    steps = families["ingc_controller_step_seconds"].samples
    sums = {item.labels["step"]: item.value for item in steps if item.name.endswith("_sum")}
    assert sums == {**dict.fromkeys(STEPS, 0), "compile": 0.2, "reload": 0.3}
    (info,) = families["ingc_controller_config_info"].samples
    assert info.labels == {"sha256": "ab" * 32}
    assert "process_resident_memory_bytes" in families


def test_a_change_has_one_cause() -> None:
    compiler = ingc.Compiler(on_error="isolate")
    made = ingress("web", rule("a.test", prefix("/", "web")))
    first = compiler.apply([made, service("web", 80), endpoint_slice("web", "10.0.0.1", port=80)])
    assert cause_of(first) == "frame"
    moved = compiler.apply([endpoint_slice("web", "10.0.0.2", port=80)])
    assert cause_of(moved) == "endpoints"
    assert cause_of(compiler.apply([ingress("b", rule("b.test", prefix("/", "web")))])) == "routes"
    assert cause_of(compiler.apply(())) is None
