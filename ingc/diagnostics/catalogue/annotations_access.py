"""ING45x: annotations that keep clients out: passwords, client certificates."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING450", name="auth-type-needs-module", severity=ERROR)
class AuthTypeNeedsModule(Entry):
    """An Ingress asks for Digest authentication, which stock nginx does not have.

    It is in the third-party module `ngx_http_auth_digest_module`. Digest protects little where
    the site is on https, and current browsers and tools all know Basic.

    Fix: write `auth-type: basic`, put the Secret's users into `htpasswd` form, and serve the host
    on https.
    """

    summary = 'auth-type "digest" needs a module that stock nginx does not have'
    label = "needs ngx_http_auth_digest_module"
    help = "write auth-type: basic, and serve the host on https"


@code("ING451", name="auth-secret-without-type", severity=ERROR)
class AuthSecretWithoutType(Entry):
    """An Ingress names a Secret with passwords, and not that passwords are to be asked for.

    ingress-nginx asks for none then, and the paths lie open.

    Example: `auth-secret: users` without `auth-type: basic`.

    Fix: add `auth-type: basic`, or remove `auth-secret` where the paths are meant to be open.
    """

    secret: str
    summary = 'auth-secret "{secret}" protects nothing without auth-type'
    label = "the paths would lie open"
    help = "add auth-type: basic, or remove auth-secret"


@code("ING452", name="auth-secret-unusable", severity=ERROR)
class AuthSecretUnusable(Entry):
    """Passwords are asked for, and there is nothing to check them against.

    The Secret has to be in the namespace of the Ingress. With `auth-secret-type: auth-file` (the
    default) it holds a user file under the key `auth`, with `auth-map` a key for each user. It is
    written into a file beside nginx.conf with `-d DIR`; else `--auth-files PATTERN` says where
    such files are. With `--on-error isolate` the paths of the Ingress answer 503.

    Fix: `htpasswd -c auth NAME`, then `kubectl create secret generic users --from-file auth`.
    """

    why: str
    fix: str
    summary = "no passwords to check against: {why}"
    label = "the paths can't be protected"
    help = "{fix}"


@code("ING453", name="password-unusable", severity=WARNING, strict=True)
class PasswordUnusable(Entry):
    """A line of a user file, or a key of an `auth-map`, is nothing that nginx can check.

    The user is left out and can't log in. nginx knows the forms of crypt (`$apr1$`, `$1$`, `$5$`,
    `$6$`, `$y$`, `$2y$`, and the old one of 13 characters), `{SHA}`, `{SSHA}` and `{PLAIN}`; a
    name holds no colon, and a line is short. nginx checks a password for each request, and its
    worker does nothing else meanwhile, so what takes more than a tenth of a second is left out too:
    a bcrypt cost above 10, more than 30,000 rounds of `$5$` or `$6$`, a yescrypt cost above 7, and
    scrypt with more than 32 MB.

    Fix: write the user anew with `htpasswd auth NAME`.
    """

    where: str
    secret: str
    why: str
    summary = "{where} of Secret {secret} is no user of nginx: {why}"
    label = "this user can't log in"
    help = "write the user anew with htpasswd"


@code("ING454", name="client-certificates-unusable", severity=ERROR)
class ClientCertificatesUnusable(Entry):
    """A host is to ask clients for certificates, and can't.

    `auth-tls-secret` names a Secret of the Ingress's own namespace, as `namespace/name`, that holds
    the certificates of authorities under `ca.crt`, and under `ca.crl` what they have revoked. The
    host has to be a named one with https: a certificate is asked for by the name in the TLS
    handshake. `auth-tls-match-cn` alone asks for none. ingress-nginx leaves the host open then, and
    where the Secret has `tls.crt` but no `ca.crt`.
    With `--on-error isolate` the whole host answers 403.

    Fix: `kubectl create secret generic clients --from-file ca.crt`, and a `tls` entry for the host.
    """

    why: str
    fix: str
    summary = "client certificates can't be requested: {why}"
    label = "nobody may be served"
    help = "{fix}"


@code("ING455", name="client-certificates-on-plain-http", severity=WARNING, strict=True)
class ClientCertificatesOnPlainHttp(Entry):
    """A host asks for client certificates, and has paths that plain http is not redirected from.

    There are no certificates on plain http. ingress-nginx serves such paths there to everybody;
    here they answer 403 on plain http. Paths below `/.well-known/acme-challenge` are served.

    Fix: remove `ssl-redirect: "false"`, so that plain http is redirected to https.
    """

    host: str
    paths: tuple[str, ...]
    summary = "plain http of {host} knows no client certificates: 403 there for {paths}"
    label = "asks for certificates on https alone"
    help = 'remove ssl-redirect: "false" from these paths'


@code("ING456", name="client-certificates-of-another", severity=ERROR)
class ClientCertificatesOfAnother(Entry):
    """Another Ingress of the host asks for other client certificates, or for none that are checked.

    A host asks every client for the same certificates, so only the first Ingress decides which:
    the older one, then by namespace and name. ingress-nginx serves the later Ingress all the same,
    to clients that it did not want. With `--on-error isolate` its paths answer 503.

    Fix: give both the same annotations `auth-tls-secret`, `auth-tls-verify-client` and
    `auth-tls-match-cn`, or move one of them to a host of its own.
    """

    host: str
    winner: str
    summary = "{host} asks for the client certificates of {winner} instead"
    label = "is not what clients of the host are checked by"
    help = "ask for the same as {winner}, or use another host"
