"""One object with rules → one Intent: what it requests, with references unresolved.

Looks at no other object with rules; chooses by class which Ingresses are ours.
"""

from ingc.frontend.classes import select, select_ingresses
from ingc.frontend.configmap import GlobalSettings
from ingc.frontend.global_settings import read_config_map, settings_for
from ingc.frontend.ingress import read_intent
from ingc.frontend.intent import Intent, IntentRoute, IntentTls
from ingc.frontend.kinds import read_others
from ingc.frontend.port_services import PortWish, read_port_services

__all__ = [
    "GlobalSettings",
    "Intent",
    "IntentRoute",
    "IntentTls",
    "PortWish",
    "read_config_map",
    "read_intent",
    "read_others",
    "read_port_services",
    "select",
    "select_ingresses",
    "settings_for",
]
