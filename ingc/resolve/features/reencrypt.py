"""TLS to the Service of a reencrypt Route, verified by authorities that the Route holds itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingc.diagnostics.catalogue.openshift import RouteBackendNotVerified, RouteMaterialUnusable
from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import ReencryptWish
from ingc.ir import SecretBytes
from ingc.ir.features.backend_tls import BackendTls
from ingc.k8s.backend import ServiceBackend
from ingc.resolve.authorities import read_trusted
from ingc.resolve.certificate import FOLDER
from ingc.resolve.features.backend_tls import TRUSTED_KEY, service_name
from ingc.resolve.x509_rules import BadMaterial

if TYPE_CHECKING:
    from ingc.resolve.features.context import Granting

SERVICE_CA, SERVICE_CA_KEY = "openshift-service-ca.crt", "service-ca.crt"
"""The ConfigMap that OpenShift puts into every namespace, with the authorities of its service
certificates."""
_ANY_DEPTH = 100
"""OpenSSL's own default."""


def reencrypt(
    wish: ReencryptWish, intent: IntentRoute, granting: Granting
) -> BackendTls | tuple[()] | None:
    """Verify the Service of a reencrypt Route, as OpenShift's router does.

    Without authorities of its own by those of the cluster's service certificates, if the input has
    them; without those too, not at all. ``None``, after a finding: they can't be used.
    """
    texts, place = wish.authorities, wish.origin.at("destinationCACertificate")
    if not texts:
        found = granting.store.config_maps.get((intent.namespace, SERVICE_CA))
        texts = SecretBytes((found.data.get(SERVICE_CA_KEY, "") if found else "").encode())
        place = found.place_of(SERVICE_CA_KEY) if found else place
    if not texts:
        name = intent.backend.name if isinstance(intent.backend, ServiceBackend) else "?"
        finding = RouteBackendNotVerified(service=f"{intent.namespace}/{name}")
        granting.sink.report(finding, wish.origin)
        return ()
    why, fix, path = "", "write the PEM text as openssl prints it", None
    try:
        content = read_trusted(texts)
        path = granting.files.add(
            FOLDER, f"route_{intent.namespace}", intent.ingress, TRUSTED_KEY, content
        )
        if path is None:
            why, fix = "it is written only to a folder", "write to a folder with -d DIR"
    except BadMaterial as error:
        why = str(error)
    if path is None:
        name = "destinationCACertificate" if wish.authorities else SERVICE_CA_KEY
        granting.sink.report(RouteMaterialUnusable(field_name=name, why=why, fix=fix), place)
        return None
    return BackendTls(
        certificate=None,
        trusted=path,
        depth=_ANY_DEPTH,
        ciphers="DEFAULT",
        protocols=("TLSv1.2", "TLSv1.3"),
        name=service_name(intent, granting.store),
        server_name=False,
    )
