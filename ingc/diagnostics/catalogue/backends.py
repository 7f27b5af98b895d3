"""ING3xx: backends: Services, their ports, their endpoints."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, NOTE, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING301", name="backend-missing", severity=ERROR)
class BackendMissing(Entry):
    """A backend names neither a Service nor a resource.

    `serviceName` and `servicePort` belong to the API versions before `networking.k8s.io/v1`.

    Fix: add `service` with `name` and `port`.
    """

    service: str
    port: str
    summary = "the backend has neither service nor resource"
    label = "nothing to send requests to"
    help = "write it like service: {{name: {service}, port: {{{port}}}}}"


@code("ING302", name="backend-ambiguous", severity=ERROR)
class BackendAmbiguous(Entry):
    """A backend names both a Service and a resource; exactly one is allowed.

    Fix: remove one of the two.
    """

    summary = "the backend has both service and resource"
    label = "exactly one of the two is allowed"
    help = "remove service or resource"


@code("ING303", name="port-missing", severity=ERROR)
class PortMissing(Entry):
    """A Service backend has no port.

    Fix: add `port: {number: 80}` or `port: {name: http}`.
    """

    summary = "the backend's Service has no port"
    label = "a port belongs here"
    help = "add the port's number or name, as the Service lists it"


@code("ING304", name="port-ambiguous", severity=ERROR)
class PortAmbiguous(Entry):
    """A Service port is given by name and by number; exactly one is allowed.

    Fix: remove one of the two.
    """

    summary = "the port has both a number and a name"
    label = "exactly one of the two is allowed"
    help = "remove number or name"


@code("ING305", name="port-out-of-range", severity=ERROR)
class PortOutOfRange(Entry):
    """A port number is not between 1 and 65535.

    Fix: write the Service's port number.
    """

    port: int
    summary = "port {port} is out of range"
    label = "must be 1 to 65535"
    help = "write the number that the Service lists under ports"


@code("ING306", name="port-name-invalid", severity=ERROR)
class PortNameInvalid(Entry):
    """A port name is not what Kubernetes allows.

    A name has at most 15 lower-case letters, digits and `-`, at least one letter, and no `-` at
    an end or beside another.

    Fix: write the name that the Service lists, or the number under `number`.
    """

    port: str
    summary = 'port name "{port}" is not valid'
    label = 'at most 15 of a-z, 0-9 and "-"'
    help = "write the port's name as the Service lists it, or use number"


@code("ING310", name="resource-backend", severity=WARNING, strict=True)
class ResourceBackendUsed(Entry):
    """A backend is a resource other than a Service; nginx can't serve it.

    The route answers 404. ingress-nginx leaves its path out, so that another path of the host may
    take the requests there; here they fall to none.

    Fix: point the rule to a Service.
    """

    ref: str
    summary = "backend {ref} is not a Service and can't be served"
    label = "this route answers 404"
    help = "point the rule to a Service"


@code("ING311", name="service-not-in-input", severity=WARNING, strict=True)
class ServiceNotInInput(Entry):
    """A Service is not in the input, so the route answers 503.

    An input comes from a cluster if a Service has an address in `spec.clusterIP`, or an Ingress or
    Service has `metadata.uid`. It counts as complete: what it does not hold does not exist. Of
    other manifests a part may be elsewhere, and a Service that is not among them is reached by its
    DNS name; but in the modes `endpoints` and `cluster-ip` addresses come from the input alone.

    Fix: correct the Service's name, or add the Service. `--partial` says that an input lacks
    Services though it comes from a cluster.
    """

    service: str
    why: str
    fix: str
    summary = "Service {service} is not in the input, {why}"
    label = "this route answers 503"
    help = "{fix}"


@code("ING312", name="port-name-unresolved", severity=ERROR)
class PortNameUnresolved(Entry):
    """A rule names a Service port by name, but the Service is not in the input.

    Only the Service knows the number behind the name.

    Fix: add the Service to the input, or give the number with
    `--assume-port NS/SERVICE:NAME=NUMBER`; `--assume-port NAME=NUMBER` gives it for all Services.
    """

    service: str
    port: str
    summary = 'port "{port}" needs Service {service}, which is not in the input'
    label = "no number for this name"
    help = "add the Service to the input, or pass --assume-port {service}:{port}=NUMBER"


@code("ING313", name="port-not-in-service", severity=WARNING, strict=True)
class PortNotInService(Entry):
    """The Service has no TCP port of this number or name, so the route answers 503.

    A rule's port is the Service's `port` (or its name), never its `targetPort`.

    Fix: use one of the ports that the message lists.
    """

    service: str
    port: str
    ports: tuple[str, ...]
    summary = "Service {service} has no port {port}"
    label = "this route answers 503"
    help = "use one of the ports the Service has: {ports}"


@code("ING314", name="no-usable-endpoint", severity=WARNING, strict=True)
class NoUsableEndpoint(Entry):
    """No endpoint can serve the Service port, so the route answers 503.

    The message says what the input shows: no EndpointSlice, no ready endpoint, or none with a
    port of the Service port's name. By `--backends` or the Service's annotation `ingc/backends`
    it is about Pods (`pods`, `host-port`), Nodes (`node-port`), or the Service's own status
    (`load-balancer`, which may be pending) and `externalIPs` (`external-ips`).

    Fix: look at the Pods (`kubectl get pods`) and at the Service's selector and targetPort.
    """

    service: str
    port: str
    why: str
    fix: str
    summary = "Service {service} port {port} has no usable endpoint: {why}"
    label = "this route answers 503"
    help = "{fix}"


@code("ING315", name="no-cluster-ip", severity=WARNING, strict=True)
class NoClusterIp(Entry):
    """The Service has no cluster IP, which `--backends cluster-ip` needs; the route answers 503.

    Headless Services have none; a manifest that was never applied has none yet.

    Fix: use `--backends auto`, `endpoints` or `dns`.
    """

    service: str
    why: str
    summary = "Service {service} has no cluster IP: {why}"
    label = "this route answers 503"
    help = "use --backends auto, endpoints or dns"


@code("ING316", name="external-name-unusable", severity=WARNING, strict=True)
class ExternalNameUnusable(Entry):
    """The name of an ExternalName Service can't be used; the route answers 503.

    It must be a DNS name. Names of the local machine and IP addresses are refused, as they
    would let the Service's author reach what listens beside nginx.

    Fix: write the DNS name of the server that is meant.
    """

    service: str
    external_name: str
    why: str
    summary = 'ExternalName "{external_name}" of Service {service} can\'t be used: {why}'
    label = "this route answers 503"
    help = "write the public DNS name of the server"


@code("ING317", name="port-behind-headless-unknown", severity=WARNING, strict=True)
class PortBehindHeadlessUnknown(Entry):
    """A headless Service is reached by DNS at its Pods, whose port only the Pods know.

    Its targetPort is a name, and no EndpointSlice in the input gives the number.

    Fix: add the EndpointSlices to the input, or make targetPort a number.
    """

    service: str
    port: str
    summary = "headless Service {service} has a named targetPort for port {port}"
    label = "this route answers 503"
    help = "add the Service's EndpointSlices to the input"


@code("ING318", name="service-broken", severity=WARNING)
class ServiceBroken(Entry):
    """A route uses a Service that has errors of its own, so it answers 503.

    Fix: correct the Service; its findings are listed beside this one.
    """

    service: str
    summary = "Service {service} has errors"
    label = "this route answers 503"
    help = "correct the Service"


@code("ING319", name="backend-is-alb-action", severity=ERROR)
class BackendIsAlbAction(Entry):
    """A rule names the port `use-annotation`: its Service is no Service but an action.

    The AWS load balancer controller takes the name of such a Service for that of an annotation,
    `alb.ingress.kubernetes.io/actions.NAME`. nginx knows no actions.

    Fix: remove the path, and ask for what the action does by annotations: `force-ssl-redirect` for
    a redirect to https, `permanent-redirect` for one to another URL.
    """

    action: str
    summary = 'the backend is the action "{action}" of the AWS load balancer controller'
    label = "no Service"
    help = "remove this path; for a redirect to https use the annotation force-ssl-redirect"


@code("ING320", name="names-resolved-at-start", severity=WARNING)
class NamesResolvedAtStart(Entry):
    """Some upstreams are DNS names, which nginx resolves once, when it starts or reloads.

    If a single one can't be resolved then, nginx does not start, and no host is served; if its
    address changes later, nginx does not notice. Such are the names of Services that rules name,
    where the input does not come from a cluster and so has no address of them, and names in the
    operator's own options. No other name is resolved at the start without `--resolve-at-start`.

    Fix: pass `--resolver` with the cluster's DNS server, add the Services (and EndpointSlices)
    with their addresses to the input, or accept names that never change, such as those of cluster
    IPs, with `--resolve-at-start`.
    """

    names: tuple[str, ...]
    summary = "nginx resolves these names once, and does not start without: {names}"
    help = "add those that are Services to the input, or pass --resolver ADDRESS for run time"


@code("ING324", name="name-not-resolved", severity=WARNING, strict=True)
class NameNotResolved(Entry):
    """A Service is known by a DNS name alone, and there is nothing to resolve it while nginx runs.

    Such are Services of type ExternalName, headless ones without EndpointSlices, and with
    `--on-error isolate` those that are not in the input. Resolved at its start, a name that is not
    found would keep nginx from starting for everybody; so the route answers 503.

    Fix: pass `--resolver` with the address of a DNS server, and only this route fails where the
    name is not found. `--resolve-at-start NAME` accepts that nginx does not start without the name;
    `--resolve-at-start '*'` accepts all names.
    """

    service: str
    dns_name: str
    fix: str
    summary = (
        'Service {service} is the name "{dns_name}", which nginx would resolve at its start alone'
    )
    label = "this route answers 503"
    help = "{fix}"


@code("ING321", name="address-invalid", severity=ERROR)
class AddressInvalid(Entry):
    """An address of an endpoint or Service is no IP address.

    Fix: write an IPv4 or IPv6 address.
    """

    value: str
    summary = '"{value}" is not an IP address'
    label = "must be an IPv4 or IPv6 address"
    help = "write an IPv4 or IPv6 address"


@code("ING323", name="address-refused", severity=WARNING, strict=True)
class AddressRefused(Entry):
    """An endpoint or Service has an address that nginx may not be sent to; it is left out.

    Addresses of nginx's own machine (loopback, unspecified), of its link (link-local, multicast)
    and of the cloud's metadata service are refused, as whoever writes a Service or an
    EndpointSlice could reach with nginx's rights what listens there. Where no other endpoint is
    left, the route answers 503.

    Fix: name the addresses of Pods. The operator of nginx may open networks:
    `--allow-address 127.0.0.1/32`.
    """

    service: str
    address: str
    why: str
    summary = "address {address} of Service {service} is left out: {why}"
    label = "nginx may not be sent there"
    help = "use Pods' addresses, or let the operator pass --allow-address {address}"


@code("ING322", name="address-type-unsupported", severity=NOTE)
class AddressTypeUnsupported(Entry):
    """An EndpointSlice has an addressType other than IPv4 and IPv6; its endpoints are not used.

    The type FQDN was never given a meaning and is deprecated.

    Fix: use an ExternalName Service for a DNS name.
    """

    address_type: str
    summary = "EndpointSlice of addressType {address_type} is not used"
    label = "only IPv4 and IPv6 are"
    help = "use a Service of type ExternalName for a DNS name"


@code("ING330", name="default-backend-service-unknown", severity=WARNING, strict=True)
class DefaultBackendServiceUnknown(Entry):
    """The Service of `--default-backend-service` can't serve; unmatched requests get 404.

    Fix: add the Service and its endpoints to the input, or correct the name.
    """

    service: str
    why: str
    summary = "--default-backend-service {service} can't serve: {why}"
    help = "add the Service and its endpoints to the input; until then unmatched requests get 404"
