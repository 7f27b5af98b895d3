"""Intents → hosts: order, duplicates, dead routes, default backends, TLS entries.

The first stage that sees all Ingresses at once. References are still unresolved.
"""

from ingc.merge.drafts import HostDraft, IntentPart, draft_host, parts_of
from ingc.merge.hosts import MergedHost, merge
from ingc.merge.order import in_order
from ingc.merge.scopes import UpstreamUse, settle_upstream, settle_upstreams, upstream_uses

__all__ = [
    "HostDraft",
    "IntentPart",
    "MergedHost",
    "UpstreamUse",
    "draft_host",
    "in_order",
    "merge",
    "parts_of",
    "settle_upstream",
    "settle_upstreams",
    "upstream_uses",
]
