"""OpenShift Routes → Intents: the same that Ingresses make, by the rules of OpenShift's router."""

from ingc.frontend.openshift.intent import read_route_intent

__all__ = ["read_route_intent"]
