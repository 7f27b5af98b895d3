"""One Ingress, or one OpenShift Route → one Intent: what it requests, with references still unresolved.

Looks at no other Ingress; chooses by class which Ingresses are ours.
"""

from ingc.frontend.classes import select
from ingc.frontend.configmap import GlobalSettings
from ingc.frontend.global_settings import read_config_map
from ingc.frontend.ingress import read_intent
from ingc.frontend.intent import Intent, IntentRoute, IntentTls
from ingc.frontend.openshift import read_route_intent
from ingc.frontend.port_services import PortWish, read_port_services

__all__ = [
    "GlobalSettings",
    "Intent",
    "IntentRoute",
    "IntentTls",
    "PortWish",
    "read_config_map",
    "read_intent",
    "read_port_services",
    "read_route_intent",
    "select",
]
