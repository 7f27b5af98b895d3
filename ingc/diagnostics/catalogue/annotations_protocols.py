"""ING435 to ING439: how backends are spoken to."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING435", name="backend-tls-secret-unusable", severity=ERROR)
class BackendTlsSecretUnusable(Entry):
    """The Secret of `proxy-ssl-secret` can't be used for TLS to the backend.

    It must be in the namespace of its Ingress and hold a client certificate with its key
    (`tls.crt` and `tls.key`), certificates to verify the backend by (`ca.crt`), or both; and its
    files must be written (`-d DIR`) or be named by `--tls-files`, which then stands for
    `.crt`, `.key` and `.ca.crt`. Without it the backend would be spoken to without the client
    certificate or without verification, so the paths of the Ingress answer 503 under
    `--on-error isolate`.

    Fix: correct the Secret or the annotation.
    """

    secret: str
    why: str
    fix: str
    summary = "Secret {secret} can not be used for TLS to the backend"
    label = "{why}"
    help = "{fix}"


@code("ING436", name="backend-not-verifiable", severity=ERROR)
class BackendNotVerifiable(Entry):
    """The backend must be verified, as `proxy-ssl-verify` is on, and there is nothing to do it by.

    ingress-nginx speaks to such a backend without verifying it, and says nothing.

    Fix: name a Secret that has a `ca.crt` with `proxy-ssl-secret`, or turn `proxy-ssl-verify` off.
    """

    why: str
    summary = "proxy-ssl-verify is on, and there is nothing to verify the backend by"
    label = "{why}"
    help = 'name a Secret with a ca.crt in proxy-ssl-secret, or set proxy-ssl-verify: "off"'


@code("ING437", name="protocol-setting-unused", severity=WARNING, strict=True)
class ProtocolSettingUnused(Entry):
    """An annotation is about another protocol than the one that the backend is spoken to in.

    The `proxy-ssl-…` annotations are for HTTPS, GRPCS and AUTO_HTTP, the `fastcgi-…` ones for FCGI.

    Fix: correct `backend-protocol`, or remove the annotation.
    """

    annotation: str
    protocol: str
    wanted: str
    summary = "annotation {annotation} has no effect with backend-protocol {protocol}"
    label = "works with {wanted}"
    help = 'set backend-protocol: "{wanted}", or remove {annotation}'


@code("ING438", name="grpc-needs-https", severity=WARNING, strict=True)
class GrpcNeedsHttps(Entry):
    """A gRPC service is on a host without https, where an older nginx speaks no HTTP/2.

    gRPC needs HTTP/2 on the whole way. On a port without TLS nginx speaks HTTP/1 and HTTP/2 side
    by side since 1.25.1; before, clients reach the service on https alone.

    Fix: give the host a `tls` entry, or compile for nginx 1.25.1.
    """

    host: str
    target: str
    summary = "no gRPC client can reach {host}: it has no https"
    label = "nginx {target} speaks no HTTP/2 on a port without TLS"
    help = "add the host to spec.tls, or pass --nginx-version 1.25.1 and run such an nginx"


@code("ING439", name="fastcgi-params-unusable", severity=ERROR)
class FastcgiParamsUnusable(Entry):
    """The ConfigMap of `fastcgi-params-configmap` is missing or holds something that is no param.

    It must be in the namespace of its Ingress. A name is made of letters, digits and `_-.`, a value
    of letters, digits and `-_/.`, and of variables such as `$fastcgi_script_name` or `${host}`.

    Fix: correct the ConfigMap or the annotation.
    """

    config_map: str
    why: str
    fix: str
    summary = "the params of ConfigMap {config_map} can not be used for FastCGI"
    label = "{why}"
    help = "{fix}"
