"""Makes a case that went wrong small: one request, and no Ingress, path or header too many."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tests.nginx.three_way.case import Asking, Cluster
from tests.nginx.three_way.draining import DRAIN
from tests.objects import Object

Case = tuple[Cluster, Asking | None]
"""Without a request: the cluster alone goes wrong."""
Fails = Callable[[Cluster, Asking | None], bool]

_SECONDS = 120.0


def shrink(case: Case, fails: Fails, seconds: float = _SECONDS) -> Case:
    """Return the smallest case that was found to go wrong like this one."""
    until = time.monotonic() + seconds
    case = _fewer_ingresses(case, fails, until)
    while time.monotonic() < until:
        smaller = next(
            (found for found in _smaller(case) if time.monotonic() < until and fails(*found)), None
        )
        if smaller is None:
            break
        case = smaller
    return case


def _fewer_ingresses(case: Case, fails: Fails, until: float) -> Case:
    """Halve the number of Ingresses for as long as it goes; then leave out one after the other."""
    cluster, asking = case
    size = len(cluster.ingresses) // 2
    while size and time.monotonic() < until:
        start = 0
        while start < len(cluster.ingresses) and time.monotonic() < until:
            kept = cluster.ingresses[:start] + cluster.ingresses[start + size :]
            tried = replace(cluster, ingresses=kept)
            if fails(tried, asking):
                cluster = tried
            else:
                start += size
        size //= 2
    return cluster, asking


def _smaller(case: Case) -> Iterator[Case]:
    cluster, asking = case
    if cluster.default_backend:
        yield replace(cluster, default_backend=False), asking
    if cluster.default_certificate:
        yield replace(cluster, default_certificate=False), asking
    for number in range(len(cluster.settings)):
        kept_keys = cluster.settings[:number] + cluster.settings[number + 1 :]
        yield replace(cluster, settings=kept_keys), asking
    if asking is not None:
        for simpler in _simpler(asking):
            yield cluster, simpler
    for number in range(len(cluster.ingresses)):
        for item in _smaller_ingresses(cluster.ingresses[number]):
            kept = (*cluster.ingresses[:number], item, *cluster.ingresses[number + 1 :])
            yield replace(cluster, ingresses=kept), asking


def _simpler(asking: Asking) -> Iterator[Asking]:
    if asking.scheme == "https":
        yield replace(asking, scheme="http", server_name=None)
    if asking.headers:
        yield replace(asking, headers=())
        for number in range(len(asking.headers)):
            yield replace(asking, headers=asking.headers[:number] + asking.headers[number + 1 :])
    if asking.certificate:
        yield replace(asking, certificate="")
    if asking.prelude:
        yield replace(asking, prelude="")
    if asking.method != "GET":
        yield replace(asking, method="GET")
    if asking.source != "127.0.0.1":
        yield replace(asking, source="127.0.0.1")
    target = asking.target
    for size in (len(target) // 2, len(target) // 4, 3, 1):
        for start in range(0, len(target) if size else 0, max(size, 1)):
            yield replace(asking, target=target[:start] + target[start + size :])
    if asking.host != asking.host.lower():
        yield replace(asking, host=asking.host.lower())


def _smaller_ingresses(item: Object) -> Iterator[Object]:
    """Yield copies that lack one thing each: the largest things first."""
    metadata, spec = item["metadata"], item["spec"]
    for key in ("tls", "defaultBackend"):
        if key in spec and (key == "tls" or spec.get("rules")):
            yield _without(item, "spec", key)
    rules = spec.get("rules", [])
    for number, rule in enumerate(rules):
        if rule.get("host", "").endswith(DRAIN):
            continue  # without it nobody could tell whether a limit is exceeded
        if len(rules) > 1 or "defaultBackend" in spec:
            yield _without(item, "spec", "rules", number)
        paths = rule["http"]["paths"]
        for index in range(len(paths) if len(paths) > 1 else 0):
            yield _without(item, "spec", "rules", number, "http", "paths", index)
    for key in metadata.get("annotations", {}):
        yield _without(item, "metadata", "annotations", key)
    for key in ("creationTimestamp", "namespace"):
        if key in metadata:
            yield _without(item, "metadata", key)


def _without(item: Object, *way: str | int) -> Object:
    made = copy.deepcopy(item)
    inner: Any = made
    for step in way[:-1]:
        inner = inner[step]
    del inner[way[-1]]
    return made
