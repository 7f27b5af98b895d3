"""The card of Ingresses, in whose words everything is described."""

from ingc.kinds.card import Floor, RuleKind

INGRESS = RuleKind(
    name="Ingress",
    plural="Ingresses",
    column="ingress",
    floors=(Floor.CARD, Floor.K8S, Floor.FRONTEND),
    version="networking.k8s.io/v1",
    resource="ingresses",
    secrets_at=(("spec", "tls", "secretName"),),
    backend_field="backend",
)
