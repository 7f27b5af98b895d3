"""The Services that share a Route's requests, each with its weight."""

from __future__ import annotations

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.openshift import RouteWithoutWeight
from ingc.frontend.intent import WeightedBackend
from ingc.frontend.openshift.ports import as_backend
from ingc.k8s.openshift.route import OpenshiftRoute
from ingc.k8s.store import Store


def read_shares(route: OpenshiftRoute, store: Store, sink: Sink) -> tuple[WeightedBackend, ...]:
    """Return the Services that get requests; one that is named twice counts as the last one does.

    A weight of 0 gets none. (The router keeps sessions there that began before.)
    """
    targets = {target.service: target for target in route.targets}
    wanted = [target for target in targets.values() if target.weight]
    if targets and not wanted:
        sink.report(RouteWithoutWeight(), route.spec.at("to", "weight"))
    found = ((as_backend(target, route, store, sink), target.weight) for target in wanted)
    return tuple(WeightedBackend(backend, weight) for backend, weight in found if backend)
