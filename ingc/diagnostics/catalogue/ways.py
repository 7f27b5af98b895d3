"""ING325 and on: by which way a Service is reached."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING325", name="backends-unknown", severity=ERROR)
class BackendsUnknown(Entry):
    """The annotation `ingc/backends` of a Service has a value that is no way to reach it.

    The annotation decides for one Service what `--backends` decides for all.

    Fix: write one of the ways, or remove the annotation.
    """

    value: str
    modes: tuple[str, ...]
    summary = 'annotation ingc/backends "{value}" is no way to reach a Service'
    label = "has no meaning"
    help = "write one of {modes}"


@code("ING326", name="object-left-out", severity=WARNING, strict=True)
class ObjectLeftOut(Entry):
    """A Pod or a Node has errors, so no request goes to it or through it.

    Pods and Nodes decide where requests go in the modes `pods`, `host-port` and `node-port` of
    `--backends` and of the annotation `ingc/backends`. In the other modes nothing in them counts.

    Fix: correct the object, or take it from the cluster anew.
    """

    kind: str
    why: str
    summary = "this {kind} is left out: {why}"
    label = "keeps requests from it"
    help = "correct the {kind}, or take it from the cluster anew"


@code("ING327", name="h2c-needs-newer-nginx", severity=WARNING, strict=True)
class H2cNeedsNewerNginx(Entry):
    """A Service port speaks HTTP/2 without TLS, and the nginx that is compiled for can't.

    `appProtocol: kubernetes.io/h2c` is HTTP/2 with prior knowledge. nginx speaks it to backends
    from 1.29.4 on; before, requests go there in HTTP/1.1, which most such servers understand.

    Fix: compile for a newer nginx with `--nginx-version`, or let the port say `http`.
    """

    service: str
    port: str
    needed: str
    target: str
    summary = "port {port} of Service {service} speaks h2c, for which nginx {target} is too old"
    label = "requests go there in HTTP/1.1"
    help = "compile for nginx {needed} or later, or check that the backend understands HTTP/1.1"


@code("ING328", name="client-of-the-cluster-is-nginx", severity=WARNING, strict=True)
class ClientOfTheClusterIsNginx(Entry):
    """A Service keeps each client on one Pod, and the cluster takes nginx for the client.

    With `sessionAffinity: ClientIP` whoever forwards for the Service sends the connections of one
    address to one Pod. Behind the Service's own address or name, a Node's port or a load balancer
    that address is nginx's: one Pod may get all requests of all clients.

    Where nginx knows the Pods (`endpoints`, `pods`, `host-port`), it keeps the addresses of clients
    on them by itself.

    Fix: put the Service's EndpointSlices into the input, or remove `sessionAffinity`.
    """

    service: str
    way: str
    summary = "sessionAffinity of Service {service} sees nginx alone: it is reached by {way}"
    label = "one Pod may get the requests of all clients"
    help = "let nginx know the Pods (--backends endpoints, pods, host-port), or remove it"
