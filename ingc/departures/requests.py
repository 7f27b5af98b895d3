"""What a request meets before its path counts: its host, the redirect to https, a slash."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingc.departures.departure import Departure, DepartureKind, SampleRequest
from ingc.departures.manifests import (
    Manifests,
    met_by,
    name_of,
    request_for,
    sample_path,
)
from ingc.diagnostics.catalogue.tls import CertificateNotForHost
from ingc.ir import Exact, Host, Prefix, Regex, Route, StatusAnswer
from ingc.ir.features.aliases import Alias
from ingc.ir.features.redirects import HttpsRedirect
from ingc.ir.features.rewrite import Rewrite
from ingc.k8s.ingress import Ingress

_MARK = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\(\?|[()|]")
"""What opens and closes groups, and what only looks like it."""


def redirect_comes_first(manifests: Manifests) -> Iterator[Departure]:
    """Yield routes whose redirect to https comes before what fails there first."""
    for placed in manifests.routed:
        redirect = placed.route.feature(HttpsRedirect)
        if redirect is None:
            continue
        ours = f"{redirect.status} to https"
        if may_leave_no_path(placed.route):
            request = request_for(placed.host, sample_path(placed.route))
            why = "https answers 500 as well, so that nothing is hidden"
            yield met_by(placed.route, DepartureKind.REDIRECT, request, "500", ours, why)
        request = request_for(
            placed.host,
            sample_path(placed.route),
            ("Content-Length", "1000000000000"),
            method="POST",
        )
        why = "https answers 413 as well, so that nothing is hidden"
        yield met_by(placed.route, DepartureKind.REDIRECT, request, "413", ours, why, general=True)
    yield from _aliases(manifests)


def may_leave_no_path(route: Route) -> bool:
    """Return whether a rewrite may leave a path that is empty or does not begin with a slash."""
    rewrite = route.feature(Rewrite)
    if rewrite is None or rewrite.redirects:
        return False
    first = rewrite.target.parts[0]
    if isinstance(first, str) or not first.name.isdigit():
        return False
    return not isinstance(route.match, Regex) or _may_be_no_path(route.path, int(first.name))


def _may_be_no_path(pattern: str, number: int) -> bool:
    """Return whether a group of a regex may match what does not begin with a slash, or nothing."""
    marks = [found for found in _MARK.finditer(pattern) if found[0] in ("(", "(?", ")", "|")]
    opening = [index for index, found in enumerate(marks) if found[0] == "("]
    if number > len(opening):
        return True
    start = opening[number - 1]
    if not pattern.startswith("(/", marks[start].start()):
        return True
    depth = 0
    for found in marks[start:]:
        depth += {"(": 1, "(?": 1, ")": -1}.get(found[0], 0)
        if found[0] == "|" and depth == 1:
            return True
        if not depth:
            return pattern[found.end() : found.end() + 1] in ("?", "*", "{")
    return True


def _aliases(manifests: Manifests) -> Iterator[Departure]:
    """Yield aliases that their host's certificate does not name."""
    uncovered = {
        item.entry.host
        for item in manifests.findings
        if isinstance(item.entry, CertificateNotForHost)
    }
    for host in manifests.config.hosts:
        alias = host.feature(Alias)
        if alias is None or host.https is None or not host.https.redirect:
            continue
        for name in alias.names:
            if name in uncovered:
                yield from _uncovered(manifests, host, name)


def _uncovered(manifests: Manifests, host: Host, name: str) -> Iterator[Departure]:
    found = manifests.answer(name.replace("*", "some"), "/")
    if found.redirect is None:
        return
    owner = _alias_owner(manifests, host, name)
    if owner is not None:
        request = SampleRequest("GET", f"http://{name.replace('*', 'some')}/")
        origin = manifests.place_of(owner, "server-alias")
        theirs, ours = "what the path answers", f"{found.status} to https"
        why = "a host has one rule for all its names, and nothing is served in clear"
        kind = DepartureKind.REDIRECT
        yield Departure(kind, origin, owner.meta.namespaced, request, theirs, ours, why)


def _alias_owner(manifests: Manifests, host: Host, name: str) -> Ingress | None:
    for ingress in manifests.naming(host.name):
        text = manifests.annotation(ingress, "server-alias") or ""
        if name in (item.strip().lower() for item in text.split(",")):
            return ingress
    return None


def no_slash_is_added(manifests: Manifests) -> Iterator[Departure]:
    """Yield paths with a slash at their end, for which nginx would add one by a redirect."""
    for host, route in manifests.routed:
        bare = route.path[:-1]
        if host.regex or not bare or not route.path.endswith("/") or not route.path_type:
            continue
        if not isinstance(route.match, Exact | Prefix):
            continue
        # One that is dead here has a location of its own there.
        others = (*host.routes, *(dead.route for dead in host.dead))
        if any(other.path == bare for other in others):
            continue
        found = manifests.answer(name_of(host.name), bare, secure=host.answers_https)
        taken = found.route is not None and found.route.origin == route.origin
        ours = "what the path answers" if taken else _words(found.status, found.route)
        scheme = "https" if host.answers_https else "http"
        request = request_for(host, bare, scheme=scheme)
        why = "a Prefix takes the path without its slash too, as Kubernetes specifies it"
        if not taken:
            why = "an Exact path takes nothing else, as Kubernetes specifies it"
        theirs = f"301 to {route.path}"
        yield met_by(route, DepartureKind.SLASH, request, theirs, ours, why, "path")


def _words(status: int | None, route: Route | None) -> str:
    if status is None and route is not None:
        return f"what {route.path} answers"
    return str(status)


def one_host(manifests: Manifests) -> Iterator[Departure]:
    """Yield what depends on the form in which a client names the host."""
    kind = DepartureKind.ONE_HOST
    for host in manifests.config.hosts:
        alias = host.feature(Alias)
        for name in alias.names if alias else ():
            owner = _alias_owner(manifests, host, name)
            if name.startswith("*.") and owner is not None:
                origin = manifests.place_of(owner, "server-alias")
                request = SampleRequest("GET", f"http://a.b{name[1:]}/")
                why = "a wildcard takes one label, as in the host of a rule"
                theirs, ours = "what the host answers", "404"
                yield Departure(kind, origin, owner.meta.namespaced, request, theirs, ours, why)
    seen = set()
    for host, route in manifests.routed:
        if host.name and route.origin.ingress not in seen:
            seen.add(route.origin.ingress)
            url = f"http://{name_of(host.name)}{sample_path(route)}"
            request = SampleRequest("GET", url, (("Host", "other.example"),))
            theirs = "what other.example answers, or the backend gets Host: other.example"
            ours = f"the backend gets Host: {name_of(host.name)}"
            why = "the host that chooses the rules is the one that the backend gets"
            yield met_by(route, kind, request, theirs, ours, why, general=True)


def unanswered(route: Route) -> bool:
    """Return whether a route's Service has no endpoints."""
    return isinstance(route.action, StatusAnswer) and route.action.status == 503


def behind_proxy_lines(manifests: Manifests) -> Iterator[Departure]:
    """Yield the key by which there a header names the client, where a PROXY line does here."""
    front, placed = manifests.config.settings.policies.front, next(iter(manifests.routed), None)
    if not (front.proxy_protocol and front.believed) or placed is None:
        return
    namespace, _, name = (manifests.options.configmap or "").partition("/")
    place = manifests.store.config_maps[namespace, name].place_of("use-forwarded-headers")
    client = "198.51.100.7"
    request = request_for(placed.host, sample_path(placed.route), (front.sent_for, client))
    theirs = f"X-Real-IP: {client} to the backend, if proxy-real-ip-cidr has the line's address"
    ours = "X-Real-IP: the address that the PROXY line names"
    why = "by default every address is in proxy-real-ip-cidr, and any client could claim one"
    yield Departure(DepartureKind.PROXY_LINES, place, "", request, theirs, ours, why)
