"""One Ingress or OpenShift Route → one Intent: what it requests, with references unresolved.

Looks at no other Ingress; chooses by class which Ingresses are ours.
"""

from ingc.frontend.classes import select, select_ingresses
from ingc.frontend.configmap import GlobalSettings
from ingc.frontend.global_settings import of_routes_alone, read_config_map
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
    "of_routes_alone",
    "read_config_map",
    "read_intent",
    "read_port_services",
    "read_route_intent",
    "select",
    "select_ingresses",
]
