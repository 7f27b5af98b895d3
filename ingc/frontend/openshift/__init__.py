"""OpenShift Routes → Intents: the same that Ingresses make, by the rules of OpenShift's router."""

from ingc.frontend.openshift.annotations import ANNOTATIONS
from ingc.frontend.openshift.intent import read_intent

__all__ = ["ANNOTATIONS", "read_intent"]
