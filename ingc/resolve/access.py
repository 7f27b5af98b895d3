"""Passwords and client certificates: from Secrets of the Ingress's own namespace alone."""

from __future__ import annotations

import dataclasses

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.annotations_access import (
    AuthSecretUnusable,
    ClientCertificatesOnPlainHttp,
    ClientCertificatesUnusable,
    PasswordUnusable,
)
from ingc.frontend.access_wishes import BasicAuthWish, ClientCertificatesWish
from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import HttpsPolicy
from ingc.ir import ANY_HOST, Answer, Host, Https, Proxy, Route
from ingc.ir.access import BasicAuth
from ingc.ir.client_certs import ClientCertificates, HttpsOnly
from ingc.ir.features import HttpsRedirect
from ingc.k8s.secret import Secret
from ingc.options import Options
from ingc.resolve.authorities import CA_KEY, read_authorities
from ingc.resolve.granting import Granting
from ingc.resolve.passwords import FILE_KEY, read_users

FOLDER = "auth"
_ON_HTTP = HttpsPolicy().exempt


def grant_basic_auth(
    wish: BasicAuthWish, intent: IntentRoute, granting: Granting
) -> BasicAuth | tuple[()] | None:
    """Write the users into a file, or name the operator's; a path that is exempt has none."""
    if wish.exempts(intent.path):
        return ()
    secret = granting.store.secrets.get((wish.namespace, wish.secret))
    pattern = _from_pattern(granting.options, wish.namespace, wish.secret)
    if secret is None and pattern is not None:
        return BasicAuth(wish.realm, pattern + ".htpasswd")
    why, fix, file = "", "", None
    if secret is None:
        why = f"Secret {wish.namespace}/{wish.secret} is not in the input"
        fix = "add it, or say where the files are with --auth-files"
    elif not secret.data or (wish.layout == "auth-file" and FILE_KEY not in secret.data):
        missing = f"key {FILE_KEY}" if wish.layout == "auth-file" else "keys"
        why = f"Secret {wish.namespace}/{wish.secret} has no {missing}"
        fix = "create it with kubectl create secret generic NAME --from-file auth"
    else:
        users = read_users(wish.layout, secret.data)
        for item in users.unusable:
            name = f"{secret.namespace}/{secret.name}"
            entry = PasswordUnusable(where=item.where, secret=name, why=item.why)
            granting.sink.report(entry, secret.place_of(item.key))
        place = (FOLDER, wish.namespace, wish.secret, "htpasswd")
        file = granting.files.add(*place, users.content, workers=True)
        if file is None and pattern is not None:
            file = pattern + ".htpasswd"
        if not users.content:
            why = f"Secret {wish.namespace}/{wish.secret} has no usable user"
            fix = "create users with htpasswd"
        elif file is None:
            why = f"Secret {wish.namespace}/{wish.secret} is written only to a folder"
            fix = "write to a folder with -d DIR, or say where the files are with --auth-files"
    if why or file is None:
        granting.sink.report(AuthSecretUnusable(why=why, fix=fix), wish.origin)
        return None
    return BasicAuth(wish.realm, file)


def grant_client_certificates(
    wish: ClientCertificatesWish, host: str, https: Https | None, at: Origin, granting: Granting
) -> ClientCertificates | None:
    """Write the authorities into files; ``None``, after a finding: nobody may be served."""
    why, fix = "", f"create the Secret with kubectl create secret generic NAME --from-file {CA_KEY}"
    found: tuple[str, str] | str = ""
    secret = granting.store.secrets.get((wish.namespace, wish.secret))
    if host == ANY_HOST:
        why, fix = "a rule without a host has no name in TLS", "give the rules a host"
    elif https is None:
        why, fix = f"{host} has no https", "add a tls entry for the host"
    elif secret is None:
        why = f"Secret {wish.namespace}/{wish.secret} is not in the input"
        fix = "add it to the input, also where --auth-files says where its files are"
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
    pattern = _from_pattern(granting.options, secret.namespace, secret.name)
    if pattern is None:
        return f"Secret {secret.namespace}/{secret.name} is written only to a folder"
    return pattern + ".ca.crt", pattern + ".ca.crl" if found.revoked else ""


def _from_pattern(options: Options, namespace: str, secret: str) -> str | None:
    pattern = options.auth_files
    if not pattern:
        return None
    return pattern.replace("{namespace}", namespace).replace("{secret}", secret)


def closed(host: Host) -> Host:
    """Return a host that answers 403 to everybody, on http and https."""
    default = dataclasses.replace(host.default, action=Answer(403), service=None, features=())
    return dataclasses.replace(host, routes=(), default=default, regex=False, features=())


def guarded(host: Host, at: Origin, sink: Sink) -> Host:
    """Return a host whose paths are not served on plain http where certificates are required."""
    asked = host.feature(ClientCertificates)
    if asked is None or not asked.required:
        return host
    routes = tuple(map(_https_only, host.routes))
    default = _https_only(host.default)
    told = [r.path for r in (*routes, default) if r.feature(HttpsOnly)]
    if told:
        entry = ClientCertificatesOnPlainHttp(host=host.name, paths=tuple(dict.fromkeys(told)))
        sink.report(entry, at)
    return dataclasses.replace(host, routes=routes, default=default)


def _https_only(route: Route) -> Route:
    served = isinstance(route.action, Proxy) and not route.feature(HttpsRedirect)
    if not served or route.path.startswith(_ON_HTTP):
        return route
    return dataclasses.replace(route, features=(HttpsOnly(), *route.features))
