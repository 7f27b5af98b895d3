"""Intents → hosts: order, duplicates, dead routes, default backends, TLS entries.

The first stage that sees all Ingresses at once. References are still unresolved.
"""

from ingc.merge.hosts import MergedHost, merge
from ingc.merge.order import in_order
from ingc.merge.scopes import UpstreamUse, settle_upstreams, upstream_uses

__all__ = [
    "MergedHost",
    "UpstreamUse",
    "in_order",
    "merge",
    "settle_upstreams",
    "upstream_uses",
]
