"""ING26x: OpenShift Routes: their form, and what nginx can't do as their router does."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, NOTE, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING260", name="route-value-invalid", severity=ERROR)
class RouteValueInvalid(Entry):
    """A field of an OpenShift Route has a value that the API server refuses.

    Example: `termination: Edge`, `weight: 300`, `insecureEdgeTerminationPolicy: Allow` of a
    passthrough Route.

    Fix: write one of the values that `oc explain route.spec` lists.
    """

    field_name: str
    value: str
    why: str
    summary = '{field_name} can\'t be "{value}": {why}'
    label = "not taken by the API server"
    help = "write a value that oc explain route.spec lists"


@code("ING261", name="route-field-excluded", severity=ERROR)
class RouteFieldExcluded(Entry):
    """An OpenShift Route has a field that another of its fields excludes.

    A passthrough Route has no certificates, headers and paths, an edge Route no
    `destinationCACertificate`, and a certificate stands either in the Route or in the Secret of
    `externalCertificate`. The API server refuses the rest.

    Fix: remove the field, or choose another `termination`.
    """

    field_name: str
    why: str
    summary = "{field_name} has no place here: {why}"
    label = "not taken by the API server"
    help = "remove it"


@code("ING262", name="route-too-many-items", severity=ERROR)
class RouteTooManyItems(Entry):
    """A list of an OpenShift Route is longer than the API server allows.

    A Route has at most three `alternateBackends`, and 20 actions on headers of requests and
    answers each.

    Fix: remove the items that are not needed.
    """

    field_name: str
    most: int
    summary = "{field_name} has more than {most} items"
    label = "not taken by the API server"
    help = "keep at most {most}"


@code("ING263", name="route-without-host", severity=WARNING, strict=True)
class RouteWithoutHost(Entry):
    """An OpenShift Route has no host, so no request can reach it.

    A cluster fills `spec.host` in, or a router makes the host of `spec.subdomain` and its own
    domain and writes it into the Route's status. A manifest on disk may have neither. Where
    several routers admit it, it is served under the host of each.

    Fix: write the host into `spec.host`, or compile the Route as `oc get route -o yaml` prints it.
    """

    route: str
    made: str
    summary = "{route} has no host and is passed over"
    label = "no request can reach it"
    help = "{made}write spec.host, or compile what oc get route -o yaml prints"


@code("ING264", name="route-not-admitted", severity=NOTE)
class RouteNotAdmitted(Entry):
    """A router's status says that it does not serve an OpenShift Route.

    The status is another router's, and decides nothing here: the Route is compiled as any other,
    by the rules of this compiler. Most often the reason is HostAlreadyClaimed, where a Route of
    another namespace is older.

    Fix: none is needed; to move as the router serves, remove the Route.
    """

    router: str
    reason: str
    summary = "router {router} has not admitted the Route ({reason}); it is compiled nevertheless"
    label = "decides nothing here"
    help = "remove the Route if it is not to be served"


@code("ING265", name="route-port-unknown", severity=WARNING, strict=True)
class RoutePortUnknown(Entry):
    """No port of a Service is the one that an OpenShift Route names, so the Route answers 503.

    `spec.port.targetPort` is a port of the Pods, or the name of a port of the Service. Without it
    the Service must be in the input, or nobody knows its ports.

    Fix: write a port that the Service has, or add the Service to the input.
    """

    service: str
    port: str
    why: str
    summary = "Service {service} has no port for targetPort {port}: {why}"
    label = "answers 503"
    help = "write a targetPort that it has, or add the Service to the input"


@code("ING266", name="route-ports-several", severity=WARNING, strict=True)
class RoutePortsSeveral(Entry):
    """An OpenShift Route names no port, and its Service has several.

    The router sends requests to all ports of the endpoints then, which is hardly meant. nginx uses
    the first port of the Service.

    Fix: write `spec.port.targetPort`.
    """

    service: str
    ports: tuple[str, ...]
    used: str
    summary = "the Route names no port of Service {service}, which has {ports}; {used} is used"
    label = "has several ports"
    help = "write spec.port.targetPort"


@code("ING267", name="route-material-unusable", severity=ERROR)
class RouteMaterialUnusable(Entry):
    """A certificate or key in `spec.tls` of an OpenShift Route can't be used.

    `certificate` holds a PEM certificate, `key` its PEM private key without a passphrase,
    `caCertificate` what stands between it and its root, one of which has signed it,
    `destinationCACertificate` the authorities of the Service's certificate. Each is read whole and
    written anew, into files that lie beside nginx.conf.

    Fix: look at it with `openssl x509 -text` or `openssl pkey -check`.
    """

    field_name: str
    why: str
    fix: str
    summary = "{field_name} of the Route can't be used: {why}"
    label = "not usable"
    help = "{fix}"


@code("ING268", name="route-backend-not-verified", severity=WARNING, strict=True)
class RouteBackendNotVerified(Entry):
    """A reencrypt Route has nothing to verify its Service's certificate by.

    Without `destinationCACertificate` OpenShift's router verifies by the authority of the cluster's
    service certificates. It is in the ConfigMap `openshift-service-ca.crt` of every namespace: with
    that in the input nginx verifies as the router does. Without it TLS is spoken to whoever
    answers.

    Fix: add that ConfigMap to the input, or write `destinationCACertificate`.
    """

    service: str
    summary = "the certificate of Service {service} is not verified"
    label = "TLS is spoken to whoever answers"
    help = "add ConfigMap openshift-service-ca.crt, or write destinationCACertificate"


@code("ING269", name="route-without-weight", severity=WARNING, strict=True)
class RouteWithoutWeight(Entry):
    """Every Service of an OpenShift Route has weight 0, so that none gets a request.

    The router answers 503 then, and so does nginx.

    Fix: give one of them a weight.
    """

    summary = "no Service of the Route has a weight, so it answers 503"
    label = "0 for every Service"
    help = "give one of them a weight of 1 to 256"


@code("ING270", name="route-share-lost", severity=WARNING, strict=True)
class RouteShareLost(Entry):
    """A Service that should get a part of an OpenShift Route's requests can't get any.

    The others share its part, as in the router.

    Fix: check the Service, its selector and its Pods.
    """

    service: str
    why: str
    summary = "Service {service} gets no part of the requests: {why}"
    label = "the other Services share its part"
    help = "check the Service's selector and targetPort, and whether its Pods are ready"


@code("ING271", name="route-header-unusable", severity=ERROR)
class RouteHeaderUnusable(Entry):
    """An action of an OpenShift Route on a header can't be done by nginx.

    Requests can be given text and other headers of theirs (`%[req.hdr(NAME)]`), answers text
    alone. HAProxy's converters, client certificates and headers of the connection are none of it.
    To leave such an action out could open something that relies on it, so it is an error.

    Fix: write plain text, or let the application do it.
    """

    header: str
    why: str
    summary = 'header "{header}" can\'t be set or deleted: {why}'
    label = "not possible in nginx"
    help = "write plain text, or let the application do it"


@code("ING273", name="route-balance-beside-cookie", severity=WARNING, strict=True)
class RouteBalanceBesideCookie(Entry):
    """An OpenShift Route chooses endpoints by a method, and keeps clients there by a cookie.

    In HAProxy the method decides for clients without a cookie. nginx spreads those evenly, but from
    1.29.6 on `leastconn` decides for them too. Without the cookie the method decides for everybody.

    Fix: write `haproxy.router.openshift.io/disable_cookies: "true"`, leave the method out, or, for
    `leastconn`, compile for nginx 1.29.6 with `--nginx-version`.
    """

    method: str
    newer: str
    summary = "balance {method} has no effect beside the session cookie"
    label = "the cookie decides, and chance for new clients"
    help = "{newer}write disable_cookies, or leave balance out"


@code("ING274", name="route-without-certificate", severity=WARNING, strict=True)
class RouteWithoutCertificate(Entry):
    """An edge or reencrypt Route has no certificate here, so https is refused for its host.

    OpenShift's router has a certificate of its own for such Routes. Plain http is answered as
    `insecureEdgeTerminationPolicy` says.

    Fix: pass the router's certificate as `--default-ssl-certificate`, or write one into the Route.
    """

    host: str
    why: str
    fix: str
    summary = "no certificate for {host}: {why}"
    label = "https is refused"
    help = "{fix}"
