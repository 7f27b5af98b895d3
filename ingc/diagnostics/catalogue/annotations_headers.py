"""ING44x: headers of answers, CORS and error pages."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING440", name="cors-origin-unusable", severity=WARNING, strict=True)
class CorsOriginUnusable(Entry):
    """An item of `cors-allow-origin` is no origin, so it is left out.

    An origin is what a browser sends: a scheme, `://`, a host, and a port where it is not the
    scheme's own. The first label of the host may be `*`, which stands for exactly one label.
    Where no item is left, no other origin is allowed: never all of them.

    Example: `example.com` has no scheme.

    Fix: write `https://example.com`.
    """

    origin: str
    left: str
    summary = 'cors-allow-origin holds "{origin}", which is no origin'
    label = "{left}"
    help = "write scheme, host and port as the browser does: https://example.com:8443"


@code("ING441", name="custom-headers-map-missing", severity=ERROR)
class CustomHeadersMapMissing(Entry):
    """The ConfigMap that `custom-headers` names is not in the input, or has errors.

    In ingress-nginx the paths of the Ingress answer 503 then; here it is an error, and with
    `--on-error isolate` they answer 503.

    Fix: add the ConfigMap to the input, or correct the name.
    """

    config_map: str
    summary = "custom-headers names ConfigMap {config_map}, which can't be used"
    label = "not in the input, or has errors"
    help = "add ConfigMap {config_map} to the input"


@code("ING442", name="custom-headers-map-elsewhere", severity=ERROR)
class CustomHeadersMapElsewhere(Entry):
    """The annotation `custom-headers` names a ConfigMap of another namespace.

    ingress-nginx takes one of any namespace. Here an Ingress reads only from its own, unless the
    operator says otherwise: who may write it need not be allowed to read elsewhere.

    Fix: copy the ConfigMap into the namespace of the Ingress, or let all Ingresses read elsewhere
    by `allow-cross-namespace-resources` of the ConfigMap with the global settings.
    """

    config_map: str
    namespace: str
    wanted: str
    summary = "custom-headers names ConfigMap {config_map} of another namespace"
    label = "an Ingress of {namespace} reads only from {namespace}, unlike in ingress-nginx"
    help = "copy it and write {wanted}, or set allow-cross-namespace-resources in the ConfigMap"


@code("ING443", name="custom-header-not-allowed", severity=ERROR)
class CustomHeaderNotAllowed(Entry):
    """A ConfigMap of `custom-headers` sets a header that the operator has not allowed.

    The names that may be set stand in `global-allowed-response-headers` of the ConfigMap with the
    global settings; without that key there are none.

    Fix: let the operator add the name there, or remove the header.
    """

    header: str
    config_map: str
    allowed: str
    summary = 'header "{header}" of ConfigMap {config_map} is not allowed'
    label = "custom-headers takes its names from here; allowed: {allowed}"
    help = 'add "{header}" to global-allowed-response-headers of the ConfigMap of --configmap'


@code("ING444", name="custom-header-unusable", severity=ERROR)
class CustomHeaderUnusable(Entry):
    """A header of `custom-headers` has a name or a value that nginx can't send.

    A name is of letters, digits, `-` and `_`; a value is one line of printable ASCII. Some headers
    nginx writes itself: a second one of the name would stand beside them.

    Fix: correct the name or the value, or remove the header.
    """

    header: str
    why: str
    summary = 'custom-headers can not send the header "{header}"'
    label = "{why}"
    help = "correct it, or remove it from the ConfigMap"


@code("ING445", name="custom-errors-without-backend", severity=WARNING, strict=True)
class CustomErrorsWithoutBackend(Entry):
    """The annotation `custom-http-errors` has no effect: there is no backend to ask for a page.

    Fix: name a Service in `default-backend`, or pass `--default-backend-service`.
    """

    codes: str
    summary = "custom-http-errors {codes} has no effect: there is no default backend"
    label = "nobody to ask for a page"
    help = "add the annotation default-backend, or pass --default-backend-service ns/name"


@code("ING446", name="default-backend-unusable", severity=WARNING, strict=True)
class DefaultBackendUnusable(Entry):
    """The Service that the annotation `default-backend` names can't be reached.

    The paths are served without it: error pages come from the global default backend, if there
    is one, and paths without endpoints answer 503.

    Fix: add the Service to the input with its endpoints, or correct the name.
    """

    service: str
    why: str
    summary = "default-backend names Service {service}, which can't be used"
    label = "{why}"
    help = "add Service {service} and its endpoints to the input, or correct the name"


@code("ING447", name="default-backend-stands-in", severity=WARNING, strict=True)
class DefaultBackendStandsIn(Entry):
    """A path's own Service has no endpoint, so the Service of `default-backend` gets its requests.

    It is told so by `X-Code: 503`, and may answer with any status.

    Fix: give the path's own Service endpoints, where it should have some.
    """

    service: str
    stand_in: str
    why: str
    summary = "Service {service} can't be reached: {stand_in} answers in its place"
    label = "{why}"
    help = "check the Service's selector and ports, and whether its Pods are ready"
