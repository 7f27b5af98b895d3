"""TLS to the Service of a reencrypt Route."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.frontend.wishes import Ask, ReencryptWish
from ingc.ir import SecretBytes
from ingc.ir.features.protocols import BackendProtocol
from ingc.k8s.openshift.tls import RouteTls


def reencrypted(tls: RouteTls) -> Iterator[Ask]:
    """Yield that the Service is spoken to in TLS, and verified."""
    yield BackendProtocol("HTTPS")
    text = tls.destination_authorities.encode("utf-8", "replace")
    yield ReencryptWish(SecretBytes(text), tls.origin)
