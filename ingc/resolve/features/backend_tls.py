"""TLS to the backend: files of a Secret of the Ingress's own namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingc.diagnostics.catalogue.annotations_protocols import (
    BackendNotVerifiable,
    BackendTlsSecretUnusable,
)
from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import BackendTlsWish
from ingc.ir import Certificate
from ingc.ir.features.backend_tls import BackendTls
from ingc.k8s.backend import ServiceBackend
from ingc.k8s.secret import Secret
from ingc.k8s.store import Store
from ingc.resolve.certificate import CERTIFICATE_KEY, PRIVATE_KEY, Refused, read_key_pair
from ingc.resolve.guard import Faulty, guarded
from ingc.syntax.host import is_subdomain

if TYPE_CHECKING:
    from ingc.resolve.features.context import Granting

TRUSTED_KEY = "ca.crt"
_FOLDER = "certs"
_PAIR = (CERTIFICATE_KEY, PRIVATE_KEY)


def grant_backend_tls(
    wish: BackendTlsWish, intent: IntentRoute, granting: Granting
) -> BackendTls | None:
    """Find the files; ``None``, after a finding, where the Secret does not give what is needed.

    Where no name is asked for, SNI and verification take the name of the Service:
    ``web.shop.svc``, or the host that an ExternalName stands for. Certificates inside a cluster
    are issued for it, and no client can choose it. (nginx's own default would be the name of our
    upstream, ingress-nginx's is "upstream_balancer": nobody has a certificate for these.)
    """
    secret = granting.store.secrets.get((intent.namespace, wish.secret.name))
    if wish.secret.namespace != intent.namespace:
        why = f"a Secret is read only from the Ingress's own namespace {intent.namespace}"
        fix = f"copy it there and write {intent.namespace}/{wish.secret.name}"
        _refuse(wish, granting, why, fix)
        return None
    if secret is None and not granting.options.tls_files:
        fix = "add it and use -d DIR, or pass --tls-files"
        _refuse(wish, granting, "it is not in the input", fix)
        return None
    if secret is not None and not _check(secret, wish, granting):
        return None
    if not granting.files.enabled and not granting.options.tls_files:
        fix = "write to a folder with -d DIR, or pass --tls-files"
        _refuse(wish, granting, "its files are written only to a folder", fix)
        return None
    return BackendTls(
        certificate=_pair(secret, wish, granting),
        trusted=_trusted(secret, wish, granting) if wish.verify else None,
        depth=wish.depth,
        ciphers=wish.ciphers,
        protocols=wish.protocols,
        name=wish.name or _service_name(intent, granting.store),
        server_name=wish.server_name,
    )


def _refuse(wish: BackendTlsWish, granting: Granting, why: str, fix: str) -> None:
    entry = BackendTlsSecretUnusable(secret=str(wish.secret), why=why, fix=fix)
    granting.sink.report(entry, wish.origin)


def _check(secret: Secret, wish: BackendTlsWish, granting: Granting) -> bool:
    """Tell whether a Secret holds what is needed, after reporting what is wrong with it."""
    found = "see the finding at the Secret"
    if secret.broken:
        _refuse(wish, granting, found, "correct the Secret")
        return False
    if not any(secret.data.get(key) for key in (*_PAIR, TRUSTED_KEY)):
        why = "it has neither tls.crt and tls.key nor ca.crt"
        _refuse(wish, granting, why, "add what the backend asks for to the Secret")
        return False
    if any(secret.data.get(key) for key in _PAIR):
        pair = read_key_pair(secret)
        if isinstance(pair, Refused):
            granting.sink.report(pair.why, secret.place_of(pair.key))
            _refuse(wish, granting, found, "correct the Secret")
            return False
    if not wish.verify:
        return True
    if not secret.data.get(TRUSTED_KEY):
        why = f"Secret {wish.secret} has no {TRUSTED_KEY}"
        granting.sink.report(BackendNotVerifiable(why=why), wish.verify_origin)
        return False
    if not _holds_certificates(secret.data[TRUSTED_KEY]):
        _refuse(wish, granting, f"its {TRUSTED_KEY} holds no PEM certificate", "correct the Secret")
        return False
    return True


def _holds_certificates(pem: bytes) -> bool:
    from cryptography import x509

    try:
        with guarded():
            return bool(x509.load_pem_x509_certificates(pem))
    except Faulty:
        return False


def _pair(secret: Secret | None, wish: BackendTlsWish, granting: Granting) -> Certificate | None:
    """Return the files of the client certificate, if there is one.

    A Secret that is not in the input counts as having all that a Secret can have.
    """
    if secret is None:
        return Certificate(_stem(wish, granting) + ".crt", _stem(wish, granting) + ".key")
    if not secret.data.get(CERTIFICATE_KEY):
        return None
    place = (_FOLDER, secret.namespace, secret.name)
    certificate = granting.files.add(*place, "crt", secret.data[CERTIFICATE_KEY])
    key = granting.files.add(*place, "key", secret.data[PRIVATE_KEY], private=True)
    if certificate and key:
        return Certificate(certificate, key)
    return Certificate(_stem(wish, granting) + ".crt", _stem(wish, granting) + ".key")


def _trusted(secret: Secret | None, wish: BackendTlsWish, granting: Granting) -> str:
    written = None
    if secret is not None:
        place = (_FOLDER, secret.namespace, secret.name)
        written = granting.files.add(*place, TRUSTED_KEY, secret.data[TRUSTED_KEY])
    return written or _stem(wish, granting) + "." + TRUSTED_KEY


def _stem(wish: BackendTlsWish, granting: Granting) -> str:
    pattern = granting.options.tls_files or ""
    secret = wish.secret
    return pattern.replace("{namespace}", secret.namespace).replace("{secret}", secret.name)


def _service_name(intent: IntentRoute, store: Store) -> str:
    if not isinstance(intent.backend, ServiceBackend):
        return ""
    service = store.services.get((intent.namespace, intent.backend.name))
    external = service.external_name.rstrip(".").lower() if service else ""
    if external and is_subdomain(external):
        return external
    return f"{intent.backend.name}.{intent.namespace}.svc"
