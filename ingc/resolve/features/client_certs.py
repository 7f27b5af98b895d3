"""Client certificates: from Secrets of the Ingress's own namespace alone."""

from __future__ import annotations

from ingc.diagnostics import Origin
from ingc.diagnostics.catalogue.annotations_access import (
    ClientCertificatesUnusable,
)
from ingc.frontend.wishes import ClientCertificatesWish
from ingc.ir import ANY_HOST, Https
from ingc.ir.features.client_certs import ClientCertificates
from ingc.k8s.secret import Secret
from ingc.options import Options
from ingc.resolve.authorities import CA_KEY, read_authorities
from ingc.resolve.features.context import Granting

FOLDER = "auth"


def grant_client_certificates(
    wish: ClientCertificatesWish, host: str, https: Https | None, at: Origin, granting: Granting
) -> ClientCertificates | None:
    """Write the authorities into files; ``None``, after a finding: nobody may be served."""
    why, fix = "", f"create the Secret with kubectl create secret generic NAME --from-file {CA_KEY}"
    found: tuple[str, str] | str = ""
    secret = granting.store.find_secret(wish.namespace, wish.secret, granting.sink, at)
    if secret is not None and secret.broken:
        return None
    if host == ANY_HOST:
        why, fix = "a rule without a host has no name in TLS", "give the rules a host"
    elif https is None:
        why, fix = f"{host} has no https", "add a tls entry for the host"
    elif secret is None:
        absent = granting.store.no_secret(wish.namespace, wish.secret)
        why = f"Secret {wish.namespace}/{wish.secret} {absent.why}"
        fix = f"{absent.add}, also where --auth-files says where its files are"
    else:
        found = _authority_files(secret, granting)
        if isinstance(found, str):
            why = found
            fix = fix if CA_KEY in found else "write to a folder with -d DIR, or pass --auth-files"
    if isinstance(found, str):
        granting.sink.report(ClientCertificatesUnusable(why=why, fix=fix), at)
        return None
    authorities, revoked = found
    return ClientCertificates(
        authorities,
        revoked,
        wish.verify,
        wish.depth,
        wish.error_page,
        wish.pass_certificate,
        wish.subject,
    )


def _authority_files(secret: Secret, granting: Granting) -> tuple[str, str] | str:
    """Return the paths of the authorities and of what they revoked, or why there are none."""
    found = read_authorities(secret)
    if isinstance(found, str):
        return found
    place = (FOLDER, secret.namespace, secret.name)
    certificates = granting.files.add(*place, "crt", found.certificates)
    revoked = granting.files.add(*place, "crl", found.revoked) if found.revoked else ""
    if certificates is not None and revoked is not None:
        return certificates, revoked
    pattern = from_pattern(granting.options, secret.namespace, secret.name)
    if pattern is None:
        return f"Secret {secret.namespace}/{secret.name} is written only to a folder"
    return pattern + ".ca.crt", pattern + ".ca.crl" if found.revoked else ""


def from_pattern(options: Options, namespace: str, secret: str) -> str | None:
    pattern = options.auth_files
    if not pattern:
        return None
    return pattern.replace("{namespace}", namespace).replace("{secret}", secret)
