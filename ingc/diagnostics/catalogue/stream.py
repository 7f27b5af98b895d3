"""ING34x: TCP and UDP ports, and TLS that is passed on unopened."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING340", name="port-services-missing", severity=ERROR)
class PortServicesMissing(Entry):
    """The ConfigMap of TCP or UDP services that an option names is not in the input.

    The options are `--tcp-services-configmap` and `--udp-services-configmap`.

    Fix: give the file with the ConfigMap too, or leave the option out.
    """

    config_map: str
    option: str
    summary = "the ConfigMap {config_map} is not in the input"
    label = "named by {option}"
    help = "add its manifest to the input, or leave {option} out"


@code("ING341", name="port-unusable", severity=ERROR)
class PortUnusable(Entry):
    """A key of the ConfigMap of TCP or UDP services is no port that nginx could listen on.

    A key is a port in digits, without zeros before it. Those of http, of https and of
    `--ssl-passthrough-proxy-port` are taken.

    Fix: choose another port.
    """

    port: str
    protocol: str
    why: str
    summary = 'nothing can listen on {protocol} port "{port}": {why}'
    label = "this entry is left out"
    help = 'write a free port in digits, such as "9000"'


@code("ING342", name="port-service-invalid", severity=ERROR)
class PortServiceInvalid(Entry):
    """A value of the ConfigMap of TCP or UDP services names no Service port.

    It is `namespace/service:port`, the port a number or a name of the Service's. For TCP a
    `:PROXY` behind it says that connections to nginx begin with a line of the PROXY protocol, and a
    second one that the Service is sent such a line; `::PROXY` says the second alone.

    Fix: write a value of this form.
    """

    port: str
    value: str
    why: str
    words: str
    examples: tuple[str, ...]
    summary = 'port {port} can not be passed to "{value}"'
    label = "{why}"
    help = "it must be {words}; for example {examples}"


@code("ING343", name="port-closed", severity=WARNING, strict=True)
class PortClosed(Entry):
    """The Service behind a TCP or UDP port has nothing that connections could be passed to.

    nginx closes each connection to that port at once, and drops datagrams.

    Fix: add the Service or its EndpointSlices to the input, or correct the entry.
    """

    port: str
    why: str
    fix: str
    summary = "port {port} is closed: {why}"
    label = "every connection is closed"
    help = "{fix}"


@code("ING344", name="passthrough-not-enabled", severity=WARNING, strict=True)
class PassthroughNotEnabled(Entry):
    """An Ingress wants the TLS of its hosts passed on, and the operator has not allowed it.

    ingress-nginx opens such TLS itself then. That would show nginx what only the backend should
    see, so https is refused for these hosts; plain http is served as ever.

    Fix: pass `--enable-ssl-passthrough`, or remove the annotation.
    """

    host: str
    then: str
    summary = "TLS of {host} is not passed on: {then}"
    label = "works with --enable-ssl-passthrough"
    help = "pass --enable-ssl-passthrough, or remove ssl-passthrough"


@code("ING345", name="passthrough-impossible", severity=ERROR)
class PassthroughImpossible(Entry):
    """The TLS of a host can't be passed on as `ssl-passthrough` asks.

    TLS tells the host and nothing else, so all of it goes to the Service of the path `/`, and
    nothing that nginx checks of a request is checked. So the host needs a name and a path `/` in
    the Ingress's own namespace, no older Ingress of another namespace may have paths there, and
    nothing that protects `/` may be asked of nginx. To open the TLS instead would show nginx what
    only the backend should see; with `--on-error isolate` the paths of the Ingress answer 503.

    Fix: do what the message says, or remove the annotation.
    """

    host: str
    why: str
    fix: str
    summary = "TLS of {host} can not be passed on"
    label = "{why}"
    help = "{fix}, or remove ssl-passthrough"


@code("ING346", name="passthrough-hides-paths", severity=WARNING, strict=True)
class PassthroughHidesPaths(Entry):
    """A host whose TLS is passed on has more paths than `/`; they are served on plain http alone.

    TLS tells the host and no path, so that all https requests reach the Service of `/`.

    Fix: remove the other paths, or the annotation.
    """

    host: str
    paths: tuple[str, ...]
    summary = "https requests of {host} reach the Service of / alone"
    label = "its other paths are served on plain http alone: {paths}"
    help = "give the other paths a host of their own, or remove ssl-passthrough"
