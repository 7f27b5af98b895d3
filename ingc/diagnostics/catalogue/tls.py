"""ING5xx: TLS, Secrets and who may use them."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING501", name="secret-not-base64", severity=ERROR)
class SecretNotBase64(Entry):
    """A value under a Secret's `data` is not base64.

    Fix: encode it (`base64 -w0 FILE`), or put the plain text under `stringData`.
    """

    key: str
    summary = 'the Secret\'s data "{key}" is not base64'
    label = "not base64"
    help = "encode the value with base64, or put it under stringData as it is"


@code("ING502", name="secret-without-key", severity=ERROR)
class SecretWithoutKey(Entry):
    """The Secret of a `tls` entry lacks `tls.crt` or `tls.key`.

    Fix: create it with `kubectl create secret tls NAME --cert FILE --key FILE`.
    """

    secret: str
    missing: str
    summary = "Secret {secret} has no {missing}"
    label = "needed for TLS"
    help = "create it with kubectl create secret tls"


@code("ING503", name="certificate-unreadable", severity=ERROR)
class CertificateUnreadable(Entry):
    """The certificate or key in a Secret can't be read.

    `tls.crt` must hold a PEM certificate, `tls.key` its PEM private key without a passphrase.

    Fix: look at it with `openssl x509 -in tls.crt -text` or `openssl pkey -in tls.key -check`.
    """

    secret: str
    key: str
    why: str
    summary = "{key} of Secret {secret} can't be read: {why}"
    label = "not a usable PEM file"
    help = "write the PEM file as openssl prints it, the key without a passphrase"


@code("ING504", name="certificate-key-mismatch", severity=ERROR)
class CertificateKeyMismatch(Entry):
    """The private key of a Secret does not belong to its certificate; nginx would not start.

    Fix: put the certificate and the key of one pair into the Secret, the certificate of the
    host first in `tls.crt`.
    """

    secret: str
    summary = "tls.key of Secret {secret} does not belong to its tls.crt"
    label = "another certificate's key"
    help = "put the certificate and the key of one pair into the Secret"


@code("ING505", name="certificate-expired", severity=WARNING, strict=True)
class CertificateExpired(Entry):
    """A certificate is past its end or before its beginning; it is used all the same.

    Fix: renew it.
    """

    whose: str
    when: str
    summary = "the certificate of {whose} {when}"
    label = "clients will refuse it"
    help = "renew the certificate"


@code("ING506", name="certificate-not-for-host", severity=WARNING, strict=True)
class CertificateNotForHost(Entry):
    """The names in a certificate do not cover the host that it is used for.

    Fix: use a certificate for the host, or list the host under the entry of its certificate.
    """

    whose: str
    host: str
    names: tuple[str, ...]
    summary = 'the certificate of {whose} does not cover "{host}"'
    label = "clients of this host will refuse it"
    help = "use a certificate for this host; it is for {names}"


@code("ING507", name="certificate-missing", severity=WARNING, strict=True)
class CertificateMissing(Entry):
    """A host of `spec.tls` has no certificate here, so https is refused for it.

    Plain http still redirects to https: nothing that was meant for TLS is served in clear. A
    Secret is read only from the Ingress's own namespace.

    Fix: add the Secret to the input and write to a folder (`-d`), or say where the files are
    with `--tls-files`, or give a `--default-ssl-certificate`.
    """

    hosts: tuple[str, ...]
    why: str
    fix: str
    summary = "no certificate for {hosts}: {why}"
    label = "https is refused, http still redirects"
    help = "{fix}"


@code("ING509", name="tls-without-host", severity=WARNING)
class TlsWithoutHost(Entry):
    """An Ingress with `spec.tls` has rules without a host; those stay on plain http.

    A certificate is chosen by name, and a rule without a host has none. They answer on https
    too with `--default-ssl-certificate`.

    Fix: give the rule a host, or pass `--default-ssl-certificate`.
    """

    summary = "spec.tls does not reach this Ingress's rules without a host"
    label = "served on http alone"
    help = "give the rules a host, or pass --default-ssl-certificate"


@code("ING510", name="default-certificate-unusable", severity=ERROR)
class DefaultCertificateUnusable(Entry):
    """The Secret of `--default-ssl-certificate` is missing or unusable.

    A Secret is written into files only with an output folder (`-d DIR`).

    Fix: add it to the input and use `-d`, or pass the files as
    `--default-ssl-certificate CERT,KEY`.
    """

    secret: str
    why: str
    summary = "--default-ssl-certificate {secret} can't be used: {why}"
    help = "add the Secret to the input and use -d DIR, or pass CERT,KEY files"


@code("ING511", name="wildcard-of-another-namespace", severity=WARNING, strict=True)
class WildcardOfAnotherNamespace(Entry):
    """A host without `tls` lies below a wildcard that has it, of another namespace.

    ingress-nginx would serve the host with that certificate, and redirect plain http to https. Here
    a certificate serves the hosts of its own namespace alone, so https is refused.

    Fix: give the host a `tls` entry and a Secret of its own namespace, or pass
    `--default-ssl-certificate`.
    """

    host: str
    wildcard: str
    namespace: str
    summary = "{host} has no https: the certificate of {wildcard} is of namespace {namespace}"
    label = "https is refused, http is served as it is"
    help = "add a tls entry with a Secret of this namespace, or pass --default-ssl-certificate"


@code("ING521", name="ocsp-responder-refused", severity=ERROR)
class ResponderRefused(Entry):
    """A certificate lets nginx ask a URL that nobody but the operator may let it ask.

    With `enable-ocsp` nginx asks the URL that a certificate names whether it is revoked. Whoever
    writes a Secret could point it to the machine that nginx runs on, to its link, or to its
    metadata service.

    Fix: use a certificate of an authority with a public OCSP service.
    """

    whose: str
    url: str
    why: str
    summary = 'the certificate of {whose} lets nginx ask "{url}": {why}'
    label = "names this URL for OCSP"
    help = "use a certificate of an authority with a public OCSP service"
