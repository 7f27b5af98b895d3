"""Variables of ingress-nginx that say the same of every request of a route: written out."""

from __future__ import annotations

from ingc.frontend.intent import IntentRoute
from ingc.k8s.backend import ServiceBackend
from ingc.syntax.text import Text, Variable


def with_names(text: Text, intent: IntentRoute) -> Text:
    """Return a text with the names of the route's Ingress and Service for their variables."""
    names = _names(intent)
    if names.keys().isdisjoint(text.variables):
        return text
    parts = (
        names.get(part.name, part) if isinstance(part, Variable) else part for part in text.parts
    )
    return Text(tuple(part for part in parts if part != ""))


def _names(intent: IntentRoute) -> dict[str, str]:
    service, port, upstream = "", "", "-"
    if isinstance(intent.backend, ServiceBackend):
        service, port = intent.backend.name, str(intent.backend.port)
        upstream = f"{intent.namespace}-{service}-{port}"
    return {
        "namespace": intent.namespace,
        "ingress_name": intent.ingress,
        "service_name": service,
        "service_port": port,
        "proxy_upstream_name": upstream,
    }
