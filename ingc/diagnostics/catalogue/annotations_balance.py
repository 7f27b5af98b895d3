"""ING412, ING466 and ING47x: which endpoint gets a request: methods, affinity, canaries."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import NOTE, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING412", name="service-setting-conflict", severity=WARNING, strict=True)
class ServiceSettingConflict(Entry):
    """Two Ingresses of a Service give an annotation that holds for the whole Service port
    different values.

    The first Ingress in order decides: the older one, then by namespace and name.

    Fix: give both the same value, or remove one of them.
    """

    annotation: str
    service: str
    winner: str
    summary = "{annotation} holds for all of {service}, and {winner} sets it differently"
    label = "is not used"
    help = "give both the same value, or remove one"


@code("ING466", name="canary-weight-rounded", severity=WARNING)
class CanaryWeightRounded(Entry):
    """A canary's share of the requests is finer than nginx can split them.

    nginx splits by hundredths of a percent. The nearest share is used, but never none or all in
    place of some.

    Fix: choose a `canary-weight` and a `canary-weight-total` whose share has at most two decimals.
    """

    weight: int
    total: int
    percent: str
    summary = "a weight of {weight} of {total} becomes {percent} % of the requests"
    label = "nginx splits by hundredths of a percent"
    help = "choose a weight and a total whose share in percent has at most two decimals"


@code("ING470", name="load-balance-names-no-method", severity=WARNING, strict=True)
class LoadBalanceNamesNoMethod(Entry):
    """A `load-balance` has a value that ingress-nginx uses inside, for other annotations.

    Requests are spread in turn (`round_robin`), unless one of the other annotations is there.

    Fix: use `upstream-hash-by` for a hash, `affinity: cookie` for sessions.
    """

    value: str
    instead: str
    summary = 'load-balance "{value}" does nothing without {instead}'
    label = "requests are spread in turn"
    help = "add {instead}, or remove load-balance"


@code("ING471", name="load-balance-is-nearest", severity=NOTE)
class LoadBalanceIsNearest(Entry):
    """What `load-balance: ewma` asks for is not exactly what stock nginx can do.

    ingress-nginx takes the faster of two random endpoints, by an average of response times that
    forgets. nginx has `least_time header` from 1.31.0 on, and before that
    `random two least_conn`: the one of two random endpoints that has fewer requests open.

    Fix: nothing, unless endpoints differ much in speed; then compile for a newer nginx.
    """

    method: str
    difference: str
    summary = "load-balance ewma becomes {method}"
    label = "{difference}"
    help = "check that the endpoints get the load that they can take"


@code("ING472", name="affinity-is-nearest", severity=NOTE)
class AffinityIsNearest(Entry):
    """Cookie affinity is not exactly what the nginx that is compiled for can do.

    From 1.29.6 on `sticky cookie` names an endpoint and stays with it: new endpoints get new
    sessions alone (`affinity-mode: persistent`). Before, the cookie holds a random text of which
    nginx takes a consistent hash, so that each change of the endpoints moves some sessions
    (`affinity-mode: balanced`).

    Fix: compile for the nginx that does what the application needs, with `--nginx-version`.
    """

    method: str
    difference: str
    summary = "affinity becomes {method}"
    label = "{difference}"
    help = "check that the application can live with that"


@code("ING473", name="session-cookie-path-missing", severity=WARNING, strict=True)
class SessionCookiePathMissing(Entry):
    """A session cookie has no path of its own, and that of the rule is no path for a cookie.

    A regex, or a path with characters that a cookie can't have, would give a cookie that no
    browser sends back. The cookie is set for the whole host instead.

    Fix: set `session-cookie-path`.
    """

    path: str
    summary = 'path "{path}" can not be the path of a session cookie'
    label = "the cookie is set for /"
    help = "add session-cookie-path with the path at which the application is reached"


@code("ING474", name="session-cookie-lifetimes-differ", severity=NOTE)
class SessionCookieLifetimesDiffer(Entry):
    """Both `session-cookie-expires` and `session-cookie-max-age` are there, with different times.

    Browsers go by Max-Age where both are there, and nginx writes one time in both forms.

    Fix: give both the same value, or remove `session-cookie-expires`.
    """

    expires: str
    max_age: str
    summary = "the session cookie lasts {max_age}s by Max-Age, not {expires}s by Expires"
    label = "is not used"
    help = "remove it, or set it to {max_age}"


@code("ING475", name="affinity-behind-one-address", severity=WARNING)
class AffinityBehindOneAddress(Entry):
    """A route has cookie affinity, and nginx reaches its Service at one address only.

    That address is the Service's own, so the cluster spreads the requests behind it, and a cookie
    changes nothing about that.

    Fix: put EndpointSlices into the input, and remove `service-upstream`.
    """

    service: str
    address: str
    summary = "affinity has no effect: {service} is reached at {address} alone"
    label = "the cluster chooses the endpoint, not nginx"
    help = "add the Service's EndpointSlices to the input, without service-upstream"


@code("ING476", name="canary-not-used", severity=WARNING, strict=True)
class CanaryNotUsed(Entry):
    """A canary Ingress, or one path of it, gets no requests.

    A canary takes requests of another Ingress's rule that has the same host, path and pathType
    (ImplementationSpecific counts as Prefix), in the same namespace, with another Service. Of
    several canaries of a rule the first in order counts.

    Fix: make host, path and pathType equal to those of the rule that is meant.
    """

    canary: str
    why: str
    fix: str
    summary = "canary {canary} gets no requests here"
    label = "{why}"
    help = "{fix}"


@code("ING477", name="annotations-of-canary-ignored", severity=NOTE)
class AnnotationsOfCanaryIgnored(Entry):
    """Annotations of a canary Ingress have no effect: those of the rule it belongs to hold.

    A canary's own are `canary-*`, `load-balance`, `upstream-hash-by`, `service-upstream` and
    `affinity-canary-behavior`.

    Fix: remove them here, or set them at the other Ingress.
    """

    annotations: tuple[str, ...]
    summary = "a canary takes these from the Ingress it belongs to: {annotations}"
    label = "have no effect here"
    help = "remove them here, or set them at the Ingress that the canary belongs to"


@code("ING478", name="canary-splits-fewer-routes", severity=NOTE)
class CanarySplitsFewerRoutes(Entry):
    """A canary belongs to some routes of a Service, and other routes of it stay whole.

    In ingress-nginx a canary hangs on the Service, so that every route of the Service is split.

    Fix: add the other hosts and paths to the canary Ingress where they are meant too.
    """

    service: str
    others: tuple[str, ...]
    summary = "other routes of {service} are not split: {others}"
    label = "only the rules that the canary names are split"
    help = "add their hosts and paths to the canary where it is meant for them too"


@code("ING494", name="canary-served-otherwise", severity=WARNING)
class CanaryServedOtherwise(Entry):
    """A canary gets requests here that ingress-nginx does not give it, or gives it by other values.

    In ingress-nginx a canary hangs on Services. Of several canaries of a Service the first takes
    requests on all its paths, and the others nothing, whichever paths they name. The header, cookie
    and weight are those of the first Ingress that names the canary's Service. A rule of the canary
    that belongs to no other takes its Service away from its other rules too. Here each canary takes
    requests of the rules that it names.

    Fix: nothing where the canary is meant as it is written; it begins to get requests. Else remove
    it.
    """

    canary: str
    why: str
    summary = "canary {canary} gets other requests here than in ingress-nginx"
    label = "{why}"
    help = "see that it is meant as it is written, or remove it"


@code("ING479", name="canary-without-endpoints", severity=WARNING)
class CanaryWithoutEndpoints(Entry):
    """A canary's Service can't be reached, so every request goes to the other Service.

    Fix: check the canary's Service and its Pods.
    """

    service: str
    why: str
    summary = "all requests stay with the primary: canary {service} can't be reached"
    label = "{why}"
    help = "check the Service, its port, and whether its Pods are ready"
