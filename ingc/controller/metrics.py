"""What the controller counts and times, in Prometheus' names and units.

https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

import ingc

CAUSES = ("frame", "routes", "files", "endpoints")
"""Why nginx loads its configuration again, the first that holds: what all hosts have in common, a
host's routes, certificates and passwords, addresses behind Services alone."""
STEPS = ("compile", "write", "test", "reload")
"""Of a change, in their order; the proof is part of ``compile``."""
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_PREFIX = "ingc_controller"


class Metrics:
    """The numbers of one controller, in a registry of their own."""

    def __init__(self) -> None:
        """Start at zero; every cause, step and severity is there from the start."""
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self.seconds = Histogram(
            f"{_PREFIX}_step_seconds",
            "Time of one step of a change; the proof is part of compile.",
            ["step"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.batches = self._counter("batches", "Changes that were compiled together.")
        self.reloads = self._counter("reloads", "Configurations that nginx took over.", "cause")
        self.reload_seconds = self._counter(
            "reload_seconds",
            "Time from the start of writing until only new workers take connections.",
            "cause",
        )
        self.failures = self._counter(
            "failures", "Changes that are not served, by the step that refused them.", "step"
        )
        self.starts = self._counter("nginx_starts", "Masters of nginx that were started.")
        self.stuck = self._counter(
            "stuck_workers", "Workers of nginx that did not react and were killed."
        )
        self.objects = self._gauge("objects", "Objects that are compiled.")
        self.findings = self._gauge("findings", "Findings about the objects.", "severity")
        self.up_to_date = self._gauge(
            "config_up_to_date", "1 where nginx serves what the objects say, else 0."
        )
        self.last_reload = self._gauge(
            "last_successful_reload_timestamp_seconds",
            "When nginx last took over a configuration, in Unix time.",
        )
        self._config = Info(
            f"{_PREFIX}_config", "SHA-256 of the nginx.conf that is served.", registry=registry
        )
        self._begin()

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"{_PREFIX}_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"{_PREFIX}_{name}", text, labels, registry=self.registry)

    def _begin(self) -> None:
        """Make every series appear at zero, so that its first increase is seen."""
        for cause in CAUSES:
            self.reloads.labels(cause)
            self.reload_seconds.labels(cause)
        for step in STEPS:
            self.seconds.labels(step)
            self.failures.labels(step)
        self.count_findings(())

    def count_findings(self, found: Iterable[ingc.Diagnostic]) -> None:
        """Set how many findings there are now, by severity."""
        tally = Tally(item.severity for item in found)
        for severity in ingc.Severity:
            self.findings.labels(severity.value).set(tally[severity])

    def time_steps(self, seconds: Mapping[str, float]) -> None:
        """Note how long the steps of a change took."""
        for step, took in seconds.items():
            self.seconds.labels(step).observe(took)

    def serve_config(self, sha256: str) -> None:
        """Note which configuration nginx serves now."""
        self._config.info({"sha256": sha256})
        self.last_reload.set_to_current_time()

    def render(self) -> tuple[str, bytes]:
        """Return the content type and the text that Prometheus scrapes."""
        return CONTENT_TYPE_LATEST, generate_latest(self.registry)


def cause_of(change: ingc.Change) -> str | None:
    """Return which of `CAUSES` a change is; ``None``: it changes no configuration."""
    if change.frame:
        return "frame"
    if change.hosts or change.upstreams:
        return "routes"
    if change.files:
        return "files"
    return "endpoints" if change.endpoints else None
