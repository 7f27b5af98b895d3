"""Headers that backends get, each worked out for some requests, and who sets it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ingc.ir import Host, Proxy, Route
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.client_certs import ClientCertificates
from ingc.ir.features.errors import StandIn
from ingc.ir.features.external_auth import ExternalAuth
from ingc.ir.features.headers import KeptHeader, RequestHeader
from ingc.ir.features.protocols import FastCgi
from ingc.ir.features.rewrite import Rewrite
from ingc.ir.features.snippets import depends_on_program
from ingc.prove.effective import HTTP, InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.samples import SAMPLES, usual_headers
from ingc.prove.unequal import Unequal
from ingc.prove.values import canonical, known_as, read_text, render
from ingc.syntax.pcre import given_up
from ingc.syntax.text import Text, Variable

_OF_HTTP_1 = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade"})
"""Headers that neither gRPC nor FastCGI has (RFC 9113, 8.2.2): none may be set for them."""
_OF_CERTIFICATES = (
    "ssl-client-verify",
    "ssl-client-subject-dn",
    "ssl-client-issuer-dn",
    "ssl-client-cert",
)
_FLAG = "if_not_empty"
_PREFIX = "x-forwarded-prefix"


@dataclass(frozen=True, slots=True)
class Owed:
    """What a header has to be, and the feature and field that requires it."""

    feature: str
    field: str
    value: Text | None
    """``None``: another reader knows."""
    usual: Owed | None = None
    """What the header is where the client sends none; else it is the client's."""


Owing = Mapping[str, Owed]


def owed_by(host: Host, route: Route) -> dict[str, Owed]:
    """Return the headers that features set in place of the usual ones, by their names."""
    found: dict[str, Owed] = {}
    if host.features and host.feature(ClientCertificates) is not None:
        found.update((name, Owed("ClientCertificates", "", None)) for name in _OF_CERTIFICATES)
    given = route.feature(FastCgi) if route.features else None
    for name, value in given.params if given is not None else ():
        if name.startswith(HTTP):
            found[known_as(name.removeprefix(HTTP))] = Owed("FastCgi", "params", value)
    basic = route.feature(BasicAuth) if route.features else None
    if basic is not None:
        found["authorization"] = Owed("BasicAuth", "file", Text(()))
    for item in route.features:
        if isinstance(item, RequestHeader):
            found[known_as(item.name)] = Owed("RequestHeader", "value", item.value)
        elif isinstance(item, KeptHeader):
            found[known_as(item.name)] = Owed("KeptHeader", "name", Text(()))
        elif isinstance(item, Rewrite) and item.prefix is not None:
            found[_PREFIX] = Owed("Rewrite", "prefix", None)
        elif isinstance(item, StandIn):
            found.update(owed_about(503, route, "StandIn"))
        elif isinstance(item, ExternalAuth):
            others = (known_as(name) for name in item.response_headers)
            found.update((name, Owed("ExternalAuth", "response_headers", None)) for name in others)
    return found


def owed_about(code: int, route: Route, feature: str) -> Iterator[tuple[str, Owed]]:
    """Yield the headers about a backend for who answers in its place."""
    origin, service = route.origin, route.service
    values: dict[str, str | Text] = {
        "x-code": str(code),
        "x-format": Text((Variable("http_accept"),)),
        "x-namespace": origin.namespace,
        "x-ingress-name": origin.name,
    }
    if service is not None:
        values |= {"x-service-name": service.service, "x-service-port": str(service.port)}
    for name, value in values.items():
        yield name, Owed(feature, "upstream", value if isinstance(value, Text) else Text((value,)))


def headers_differ(place: InEffect, expected: ExpectedRoute, owing: Owing) -> Unequal | None:
    """Return the first header to the backend that is not what it has to be.

    A header that nobody sets is the client's own, and so is one that a location sets to that.
    """
    if not place.module or (isinstance(expected.route.action, Proxy) and not expected.module):
        return None
    kept, key = place.written.header_differences, _key(place, expected, owing)
    if key not in kept:
        before, found = given_up(), _differs(place, expected, owing)
        # What a search without an answer decides is not compared.
        kept[key] = found if given_up() == before else None
    return kept[key]


def _key(place: InEffect, expected: ExpectedRoute, owing: Owing) -> object:
    """Return what decides what the headers are."""
    sets = tuple([(name, value) for name, value in place.assigned.items() if name != "ingc_route"])
    return id(place.header_list), place.module, expected.scheme, sets, tuple(owing.items())


def _differs(place: InEffect, expected: ExpectedRoute, owing: Owing) -> Unequal | None:
    wanted = dict(_usual(expected))
    usual = frozenset(wanted) if place.module == "fastcgi" else None
    for name, own in owing.items():
        if own.feature == "KeptHeader":
            wanted[name] = replace(own, usual=wanted[name])
        elif _counts(own, name, usual):
            wanted[name] = own
    written = place.written_headers
    for name in _sent_empty(place):
        if not _is_param(wanted.get(name)):
            return Unequal("the frame", name, f"{name}: left out where it is empty", "sent")
    for name in {**wanted, **written}:
        owed = wanted.get(name)
        if owed is not None and owed.value is None:
            continue
        if place.module != "proxy" and name in _OF_HTTP_1:
            found = _of_another_protocol(name, written.get(name))
        else:
            found = _compare(name, written.get(name), owed, place, expected)
        if found is not None:
            return found
    return None


def _sent_empty(place: InEffect) -> Iterator[str]:
    """Yield the headers that a FastCGI backend gets where they are empty too."""
    params = (item.args for item in place.header_list if item.args[0].startswith(HTTP))
    for name, value, *flag in params if place.module == "fastcgi" else ():
        if flag != [_FLAG] and (not value or "$" in value):
            yield known_as(name.removeprefix(HTTP))


def _of_another_protocol(name: str, argument: str | None) -> Unequal | None:
    """Return that a header of HTTP/1 is set for a backend that is spoken to otherwise."""
    if argument is None:
        return None
    return Unequal("the frame", name, f"{name}: set by nobody", f"{name}: {argument}")


def _counts(owed: Owed, name: str, usual: frozenset[str] | None) -> bool:
    """A param counts for FastCGI alone, and after the headers of every request."""
    return not _is_param(owed) or (usual is not None and name not in usual)


def _is_param(owed: Owed | None) -> bool:
    """Return whether an Ingress itself names the param, which is sent as it is then."""
    return owed is not None and owed.feature == "FastCgi"


def _usual(expected: ExpectedRoute) -> Iterator[tuple[str, Owed]]:
    settings = expected.settings
    for name in _of_samples(expected)[0]:
        yield name, Owed("the frame", name, Text(()))
    for name, value in settings.policies.request_headers:
        yield known_as(name), Owed("Policies", "request_headers", value)
    if settings.echo:
        yield "x-ingc-upstream", Owed("the frame", "echo", Text((Variable("proxy_host"),)))
        yield "x-ingc-route", Owed("the frame", "echo", Text((Variable("ingc_route"),)))


def _of_samples(expected: ExpectedRoute) -> tuple[Mapping[str, str], ...]:
    """Return the headers that every backend gets for each sample, worked out once for one text."""
    known = expected.written.usual
    if expected.scheme not in known:
        made = [usual_headers(expected.settings, sample) for sample in SAMPLES[expected.scheme]]
        known[expected.scheme] = tuple(made)
    return known[expected.scheme]


def _compare(
    name: str, argument: str | None, owed: Owed | None, place: InEffect, expected: ExpectedRoute
) -> Unequal | None:
    samples = SAMPLES[expected.scheme]
    client = tuple([sample.header(name) for sample in samples])
    text = None if argument is None else place.resolved(argument)
    if owed is not None and owed.field == "echo":
        if argument is not None and canonical(read_text(argument)) == canonical(owed.value):
            return None
        return Unequal(owed.feature, owed.field, render(owed.value), render(argument))
    if owed is not None and owed.value is not None and depends_on_program(owed.value):
        # It has to stand where it is sent: a ``set`` in front of the program knows nothing of it.
        if argument is not None and canonical(read_text(argument)) == canonical(owed.value):
            return None
        return Unequal(owed.feature, owed.field, f"{name}: {render(owed.value)}", render(argument))
    found = client if text is None else place.on_samples(text)
    wanted = _wanted(name, owed, client, expected)
    if found is not None and wanted is not None:
        if found == wanted:
            return None
    elif owed is not None and text is not None and canonical(text) == canonical(owed.value):
        return None
    feature, field = (owed.feature, owed.field) if owed is not None else ("RequestHeader", "name")
    if argument is None and feature == "RequestHeader":
        field = "name"
    value = owed.value if owed is not None and wanted is None else wanted or ("the client's",)
    return Unequal(feature, field, f"{name}: {render(value)}", f"{name}: {render(found or text)}")


def _wanted(
    name: str, owed: Owed | None, client: tuple[str, ...], expected: ExpectedRoute
) -> tuple[str, ...] | None:
    """Return what a header has to be for each sample; ``None``: a variable is not modelled."""
    if owed is None:
        return client
    if owed.usual is not None:
        other = _wanted(name, owed.usual, client, expected)
        return other and tuple([own or usual for own, usual in zip(client, other, strict=True)])
    if owed.feature == "the frame":
        return tuple([headers[name] for headers in _of_samples(expected)])
    return expected.written.on_samples(owed.value or Text(()), None, expected.scheme)
