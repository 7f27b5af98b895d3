"""What of a request was about its client, and about the services that decide and answer."""

from __future__ import annotations

from collections.abc import Iterator

from ingc import ir
from ingc.ir.features.client_certs import ClientCertificates
from ingc.ir.features.errors import CustomErrors
from ingc.ir.features.external_auth import ExternalAuth, SignIn
from ingc.ir.features.limits import Limits
from ingc.ir.policies import Front
from ingc.match import Match
from ingc.match.addresses import is_among
from tests.nginx.three_way.case import Answer, Asking, Cluster
from tests.nginx.three_way.guards import GLOBAL_AUTH_URL

LEAST = {
    "certificate: anna": 0.002,
    "certificate: bert": 0.0003,
    "certificate: deep": 0.0003,
    "certificate: expired": 0.0002,
    "certificate: foreign": 0.0002,
    "certificate: none": 0.0005,
    "certificate is missing or wrong": 0.001,
    "certificate of another TLS name": 0.0002,
    "certificate passed on": 0.0003,
    "certificate: a page of the host": 0.00005,
    "certificate: another page": 0.00005,
    "certificate: the subject is wrong": 0.0003,
    "verify on": 0.002,
    "verify optional": 0.0005,
    "verify optional_no_ca": 0.0005,
    "verify off": 0.0003,
    "auth: passes": 0.01,
    "auth: 401": 0.0003,
    "auth: 403": 0.0002,
    "auth: another status": 0.001,
    "auth: a page of errors": 0.0001,
    "auth: headers of its answer": 0.001,
    "sign in": 0.0005,
    "auth of the ConfigMap": 0.005,
    "auth of the ConfigMap, opted out": 0.0005,
    "limit: far below": 0.001,
    "limit: exceeded": 0.001,
    "limit: a page of errors": 0.0002,
    "limit: exempt": 0.0001,
    "limit of requests": 0.001,
    "limit of connections": 0.0005,
    "error page": 0.001,
    "error page for the backend's answer": 0.0005,
    "error passed on": 0.0005,
    "address reported": 0.01,
    "address of a foreign proxy": 0.003,
    "scheme reported": 0.003,
    "host reported": 0.003,
    "port reported": 0.002,
    "PROXY v1": 0.01,
    "PROXY v2": 0.005,
    "PROXY for nobody": 0.001,
    "PROXY: of a foreign proxy": 0.002,
    "PROXY is missing": 0.0005,
}
"""The share of all requests that each kind has at least, far below the usual."""


def client_kinds(
    cluster: Cluster, config: ir.Config, asking: Asking, match: Match, found: Answer
) -> Iterator[str]:
    """Yield every kind that a request is of; ``found`` is nginx's answer."""
    front = config.settings.policies.front
    if front.proxy_protocol:
        yield from _of_prelude(asking)
    if found.status is None:
        return
    if front.believed:
        for name, kind in (("Proto", "scheme"), ("Host", "host"), ("Port", "port")):
            if asking.header(f"X-Forwarded-{name}"):
                yield f"{kind} reported"
    if found.upstreams:
        yield from _of_address(front, asking, found)
    if match.host is not None and asking.scheme == "https":
        yield from _of_certificates(asking, match, match.host, found)
    if match.route is not None:
        yield from _of_global_auth(cluster, match.route, found)
        yield from _of_auth(asking, match.route, found)
        yield from _of_limits(match, match.route, asking, found)
        yield from _of_errors(match.route, asking, found)


def _of_prelude(asking: Asking) -> Iterator[str]:
    if not asking.prelude:
        yield "PROXY is missing"
        return
    form, *named = asking.prelude.split()
    yield f"PROXY {form}"
    if not named:
        yield "PROXY for nobody"


def _of_address(front: Front, asking: Asking, found: Answer) -> Iterator[str]:
    address = dict(found.told).get("x-real-ip")
    if address != asking.source:
        yield "address reported"
    elif front.proxy_protocol and asking.source not in asking.prelude:
        yield "PROXY: of a foreign proxy"
    elif front.address_header and asking.header(front.address_header):
        yield "address of a foreign proxy"


def _of_certificates(asking: Asking, match: Match, host: ir.Host, found: Answer) -> Iterator[str]:
    wanted = host.feature(ClientCertificates)
    if wanted is None:
        return
    yield f"verify {wanted.verify}"
    yield f"certificate: {asking.certificate or 'none'}"
    refusal = match.refusal
    if refusal is not None and refusal.by is wanted:
        if refusal.page:
            yield "certificate: a page of the host"
        elif refusal.location:
            yield "certificate: another page"
        yield {
            421: "certificate of another TLS name",
            403: "certificate: the subject is wrong",
        }.get(refusal.status, "certificate is missing or wrong")
    if dict(found.told).get("ssl-client-cert"):
        yield "certificate passed on"


def _of_auth(asking: Asking, route: ir.Route, found: Answer) -> Iterator[str]:
    auth = route.feature(ExternalAuth)
    if auth is None:
        return
    if found.upstreams and dict(found.told).get("x-user") == "joe":
        yield "auth: headers of its answer"
    if found.status == 302 and route.feature(SignIn) is not None:
        yield "sign in"
    verdict = asking.header("X-Verdict") or "200"
    if not found.upstreams:
        if found.status == int(verdict):
            yield f"auth: {verdict}"
        elif found.status == 500:
            yield "auth: another status"
    elif is_page(route, found):
        yield "auth: a page of errors"
    else:
        yield "auth: passes"


def _of_global_auth(cluster: Cluster, route: ir.Route, found: Answer) -> Iterator[str]:
    auth = route.feature(ExternalAuth)
    if auth is not None and GLOBAL_AUTH_URL.endswith(str(auth.service.uri)):
        yield "auth of the ConfigMap"
    wanted = auth is None and "global-auth-url" in dict(cluster.settings)
    if wanted and route.origin.name and found.upstreams and not is_page(route, found):
        yield "auth of the ConfigMap, opted out"


def _of_limits(match: Match, route: ir.Route, asking: Asking, found: Answer) -> Iterator[str]:
    limits, address = route.feature(Limits), dict(found.told).get("x-real-ip") or asking.source
    if limits is None or found.location is not None:
        return
    if match.refusal is None and found.upstreams:
        yield "limit: exempt" if is_among(limits.exempt, address) else "limit: far below"
    elif match.refusal is not None and match.refusal.by is limits:
        yield "limit: exceeded"
        yield "limit of connections" if limits.connections else "limit of requests"
        if found.upstreams:
            yield "limit: a page of errors"


def _of_errors(route: ir.Route, asking: Asking, found: Answer) -> Iterator[str]:
    reply = int(asking.header("X-Reply") or 200)
    if is_page(route, found):
        yield "error page"
        errors = route.feature(CustomErrors)
        if errors is not None and reply in errors.codes and errors.intercept:
            yield "error page for the backend's answer"
    elif found.upstreams and reply >= 400:
        yield "error passed on"


def is_page(route: ir.Route, found: Answer) -> bool:
    """Return whether the backend of error pages answers."""
    errors = route.feature(CustomErrors)
    return errors is not None and errors.upstream in found.upstreams
