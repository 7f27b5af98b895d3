"""The certificate that a Route holds itself."""

from __future__ import annotations

from ingc.frontend.intent import InlineCertificate
from ingc.ir import SecretBytes
from ingc.k8s.openshift.tls import RouteTls


def read_certificate(name: str, tls: RouteTls) -> InlineCertificate | None:
    """Return the PEM texts of a Route of this name; ``None`` where it has no certificate."""
    if not tls.certificate:
        return None
    texts = (tls.certificate, tls.key, tls.authorities)
    return InlineCertificate(
        name, *(SecretBytes(text.encode("utf-8", "replace")) for text in texts)
    )
