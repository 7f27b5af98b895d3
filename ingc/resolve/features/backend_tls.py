"""TLS to the backend: files of a Secret of the Ingress's own namespace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingc.diagnostics import Related
from ingc.diagnostics.catalogue.annotations_protocols import (
    BackendNotVerifiable,
    BackendTlsSecretUnusable,
)
from ingc.frontend.declarations.namespaces import how_to_read, may_read
from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import BackendTlsWish
from ingc.ir import Certificate, SecretBytes
from ingc.ir.features.backend_tls import BackendTls
from ingc.k8s.backend import ServiceBackend
from ingc.k8s.secret import Secret
from ingc.k8s.store import Store
from ingc.resolve.authorities import read_trusted
from ingc.resolve.certificate import (
    CERTIFICATE_KEY,
    FOLDER,
    PRIVATE_KEY,
    KeyPair,
    Refused,
    read_key_pair,
)
from ingc.resolve.x509_rules import BadMaterial
from ingc.syntax.host import is_subdomain

if TYPE_CHECKING:
    from ingc.resolve.features.context import Granting

TRUSTED_KEY = "ca.crt"
_PAIR = (CERTIFICATE_KEY, PRIVATE_KEY)


@dataclass(frozen=True, slots=True)
class _Material:
    """What a Secret holds for TLS to the backend, written anew."""

    pair: KeyPair | None
    trusted: SecretBytes | None


def grant_backend_tls(
    wish: BackendTlsWish, intent: IntentRoute, granting: Granting
) -> BackendTls | None:
    """Find the files; ``None``, after a finding, where the Secret does not give what is needed.

    Where no name is set, SNI and verification take the name of the Service:
    ``web.shop.svc``, or the host that an ExternalName stands for. Certificates inside a cluster
    are issued for it, and no client can choose it. (nginx's own default would be the name of our
    upstream, ingress-nginx's is "upstream_balancer": nobody has a certificate for these.)
    """
    if not may_read(wish.secret.namespace, intent.namespace, granting.settings.defaults):
        why = f"a Secret is read only from the Ingress's own namespace {intent.namespace}"
        fix = how_to_read(intent.namespace, wish.secret.name)
        _refuse(wish, granting, why, fix)
        return None
    secret = granting.store.find_secret(
        wish.secret.namespace, wish.secret.name, granting.sink, wish.origin
    )
    if secret is None and not granting.options.tls_files:
        absent = granting.store.no_secret(wish.secret.namespace, wish.secret.name)
        fix = f"{absent.add} and use -d DIR, or pass --tls-files"
        _refuse(wish, granting, f"it {absent.why}", fix)
        return None
    material = _read(secret, wish, granting) if secret is not None else None
    if secret is not None and material is None:
        return None
    if not granting.files.enabled and not granting.options.tls_files:
        fix = "write to a folder with -d DIR, or pass --tls-files"
        _refuse(wish, granting, "its files are written only to a folder", fix)
        return None
    return BackendTls(
        certificate=_pair(material, wish, granting),
        trusted=_trusted(material, wish, granting) if wish.verify else None,
        depth=wish.depth,
        ciphers=wish.ciphers,
        protocols=wish.protocols,
        name=wish.name or service_name(intent, granting.store),
        server_name=wish.server_name,
    )


def _refuse(wish: BackendTlsWish, granting: Granting, why: str, fix: str) -> None:
    entry = BackendTlsSecretUnusable(secret=str(wish.secret), why=why, fix=fix)
    granting.sink.report(entry, wish.origin)


def _read(secret: Secret, wish: BackendTlsWish, granting: Granting) -> _Material | None:
    """Return what a Secret holds; ``None`` after reporting what is wrong with it."""
    if secret.broken:
        return None
    if not any(secret.data.get(key) for key in (*_PAIR, TRUSTED_KEY)):
        why = "it has neither tls.crt and tls.key nor ca.crt"
        _refuse(wish, granting, why, "add what the backend asks for to the Secret")
        return None
    pair = read_key_pair(secret) if any(secret.data.get(key) for key in _PAIR) else None
    if isinstance(pair, Refused):
        named = (Related(wish.origin, "named here"),)
        granting.sink.report(pair.why, secret.place_of(pair.key), named)
        return None
    if not wish.verify:
        return _Material(pair, None)
    if not secret.data.get(TRUSTED_KEY):
        why = f"Secret {wish.secret} has no {TRUSTED_KEY}"
        granting.sink.report(BackendNotVerifiable(why=why), wish.verify_origin)
        return None
    try:
        return _Material(pair, read_trusted(secret.data[TRUSTED_KEY]))
    except BadMaterial as error:
        _refuse(wish, granting, f"its {TRUSTED_KEY} can't be used: {error}", "correct the Secret")
        return None


def _pair(
    material: _Material | None, wish: BackendTlsWish, granting: Granting
) -> Certificate | None:
    """Return the files of the client certificate, if there is one.

    A Secret that is not in the input counts as having all that a Secret can have.
    """
    made = None
    if material is not None:
        if material.pair is None:
            return None
        made = material.pair.as_files(granting.files, wish.secret.namespace, wish.secret.name)
    stem = _stem(wish, granting)
    return made or Certificate(f"{stem}.crt", f"{stem}.key")


def _trusted(material: _Material | None, wish: BackendTlsWish, granting: Granting) -> str:
    written = None
    if material is not None and material.trusted is not None:
        place = (FOLDER, wish.secret.namespace, wish.secret.name)
        written = granting.files.add(*place, TRUSTED_KEY, material.trusted)
    return written or _stem(wish, granting) + "." + TRUSTED_KEY


def _stem(wish: BackendTlsWish, granting: Granting) -> str:
    pattern = granting.options.tls_files or ""
    secret = wish.secret
    return pattern.replace("{namespace}", secret.namespace).replace("{secret}", secret.name)


def service_name(intent: IntentRoute, store: Store) -> str:
    """Return the name in the certificate of a route's Service; "" where it has none."""
    if not isinstance(intent.backend, ServiceBackend):
        return ""
    service = store.services.get((intent.namespace, intent.backend.name))
    external = service.external_name.rstrip(".").lower() if service else ""
    if external and is_subdomain(external):
        return external
    return f"{intent.backend.name}.{intent.namespace}.svc"
