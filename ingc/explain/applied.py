"""What is applied to a request on its way: a line for each feature of the route that takes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ingc.explain.answer import Answer, text_of
from ingc.explain.question import Question
from ingc.ir import Config, HostFeature, Route, RouteFeature
from ingc.ir.access import AccessList, BasicAuth, Limits
from ingc.ir.balance import Affinity, Canary
from ingc.ir.client_certs import ClientCertificates, HttpsOnly
from ingc.ir.cors import Cors
from ingc.ir.errors import CustomErrors, StandIn
from ingc.ir.features import (
    BackendProtocol,
    HttpsRedirect,
    RequestHeader,
    Rewrite,
    ServerTuning,
    Tuning,
    UseRegex,
)
from ingc.ir.outside import ExternalAuth, Mirror, SignIn
from ingc.ir.protocols import BackendTls
from ingc.ir.response_headers import CustomHeaders
from ingc.match import Match
from ingc.syntax.regex import TooManySteps, read_pattern
from ingc.syntax.text import Text


@dataclass(frozen=True, slots=True)
class Applied:
    """One thing that is done to a request or its answer."""

    name: str
    """In a word or two: ``rewrite``, ``canary``, ``limit`` …"""
    what: str


@dataclass(frozen=True, slots=True)
class _On:
    """A request at its route."""

    question: Question
    match: Match
    route: Route


def applied(question: Question, match: Match, config: Config) -> tuple[Applied, ...]:
    """Return what the features of the route and of its host do to a request."""
    found = [*_certificate(question, match, config)]
    host = match.host
    for item in host.features if host else ():
        found.extend(_of_host(item, question))
    if match.route is not None:
        on = _On(question, match, match.route)
        for feature in match.route.features:
            found.extend(_of_route(feature, on))
    return tuple(found)


def resolved(config: Config, answer: Answer) -> tuple[Applied, ...]:
    """Return a word on the backend's name, where nginx has to resolve it: it may be nobody's."""
    upstream = next((item for item in config.upstreams if item.name == answer.upstream), None)
    named = next((item for item in upstream.endpoints if item.dns), None) if upstream else None
    if named is None or upstream is None:
        return ()
    when = "at run time" if config.settings.resolver else "when it starts"
    said = f"nginx resolves {named.address} {when}"
    if upstream.outside_name is None:
        said += f"; the input has no address of Service {upstream.service.name}"
    return (Applied("dns", said),)


def written(text: Text) -> str:
    """Return a text as a person writes it, with ``$name`` for variables."""
    return "".join(part if isinstance(part, str) else f"${part.name}" for part in text.parts)


def _certificate(question: Question, match: Match, config: Config) -> Iterator[Applied]:
    host = match.host
    if question.scheme != "https" or host is None or match.unopened is not None:
        return
    own = host.https.certificate if host.https else None
    certificate = own or config.settings.default_certificate
    if certificate is not None and match.status != 421:
        name = question.sni or text_of(question.host.encode()).partition(":")[0]
        whose = "" if own else " (--default-ssl-certificate)"
        yield Applied("certificate", f"for {name}: {certificate.certificate}{whose}")


def _of_host(feature: HostFeature, question: Question) -> Iterator[Applied]:
    if isinstance(feature, ClientCertificates):
        if question.scheme == "https":
            yield Applied("client", f"certificate, verify {feature.verify} ({feature.authorities})")
    elif isinstance(feature, ServerTuning):
        yield Applied("nginx", _directive(feature.directive, feature.args))


def _of_route(feature: RouteFeature, on: _On) -> Iterator[Applied]:
    if isinstance(feature, UseRegex):
        return
    before = isinstance(feature, HttpsRedirect | Cors | HttpsOnly)
    redirects = isinstance(feature, Rewrite) and on.match.redirect and on.match.status == 302
    if on.match.upstream is None and not before and not redirects:
        return  # nginx answers before it comes to that
    describe = _WORDS.get(type(feature))
    if describe is not None:
        yield from describe(feature, on)
        return
    values = (f"{name}={value!r}" for name, value in _fields(feature))
    yield Applied(type(feature).__name__.lower(), ", ".join(values) or "on")


def _fields(feature: object) -> Iterator[tuple[str, object]]:
    """Yield what a feature says that has no words of its own here."""
    if dataclasses.is_dataclass(feature):
        for item in dataclasses.fields(feature):
            yield item.name, getattr(feature, item.name)


def _directive(name: str, args: tuple[Any, ...]) -> str:
    return " ".join((name, *(written(a) if isinstance(a, Text) else str(a) for a in args)))


def _tuning(feature: Tuning, _on: _On) -> Iterator[Applied]:
    yield Applied("nginx", _directive(feature.directive, feature.args))


def _to_https(feature: HttpsRedirect, on: _On) -> Iterator[Applied]:
    if on.question.scheme == "http" and on.match.redirect:
        yield Applied("redirect", f"plain http to https ({feature.status})")


def _rewrite(feature: Rewrite, on: _On) -> Iterator[Applied]:
    target = written(feature.target)
    groups = filled(feature, on.route, on.match.uri)
    sent = text_of(on.match.upstream_uri) if on.match.upstream_uri else on.match.redirect
    arrow = f" → {sent}" if sent else ""
    yield Applied("rewrite", f"{target}{groups}{arrow}")
    if feature.prefix is not None:
        yield Applied("header", f"X-Forwarded-Prefix: {written(feature.prefix)}")


def filled(feature: Rewrite, route: Route, uri: bytes) -> str:
    """Return the captures of a rewrite: `` with $1 = "a", $2 = ""``."""
    try:
        found = read_pattern(feature.pattern or route.path, caseless=True).search(uri)
    except TooManySteps:
        return ""
    if found is None:
        return ""
    named = [name for name in dict.fromkeys(feature.target.variables) if name.isdigit()]
    groups = found.groups()
    values = [
        f'${name} = "{text_of(groups[int(name) - 1] or b"") if int(name) <= len(groups) else ""}"'
        for name in named
    ]
    return f" with {', '.join(values)}" if values else ""


def _access(feature: AccessList, on: _On) -> Iterator[Applied]:
    lists = [f"deny {', '.join(feature.deny)}"] if feature.deny else []
    lists += [f"allow {', '.join(feature.allow)} alone"] if feature.allow else []
    client = on.question.client_ip
    told = f"; {client} may pass" if client else "; 403 for others (--client-ip tells for one)"
    yield Applied("access", "; ".join(lists) + told)


def _basic(feature: BasicAuth, _on: _On) -> Iterator[Applied]:
    yield Applied("auth", f'name and password (realm "{feature.realm}"), else 401')


def _external(feature: ExternalAuth, _on: _On) -> Iterator[Applied]:
    service = feature.service
    where = f"{service.scheme}://{service.host}{written(service.uri)}"
    yield Applied(
        "auth", f"{feature.method or 'GET'} {where} is asked; 2xx lets pass, else 401, 403"
    )


def _sign_in(feature: SignIn, _on: _On) -> Iterator[Applied]:
    yield Applied("auth", f"in place of a 401: 302 to {written(feature.url)}")


def _limits(feature: Limits, _on: _On) -> Iterator[Applied]:
    rates = [
        f"{number} requests a {unit}"
        for number, unit in ((feature.per_second, "second"), (feature.per_minute, "minute"))
        if number
    ]
    rates += [f"{feature.connections} connections"] if feature.connections else []
    exempt = f", but for {', '.join(feature.exempt)}" if feature.exempt else ""
    yield Applied("limit", f"{', '.join(rates)} of each client{exempt}, else 503")


def _canary(feature: Canary, on: _On) -> Iterator[Applied]:
    asked = []
    if feature.header is not None:
        rule = feature.header
        value = rule.value or (f"~{rule.pattern}" if rule.pattern else "always or never")
        asked.append(f"header {rule.name}: {value}")
    if feature.cookie:
        asked.append(f"cookie {feature.cookie}=always or never")
    by = f" ({', then '.join(asked)} decide first)" if asked else ""
    if on.match.alternatives:
        odds = "".join(f"{100 * share:g}% to {name}" for name, share in on.match.alternatives)
        yield Applied("canary", f"chance decides: {odds}{by}")
    else:
        side = "the canary" if on.match.upstream == feature.upstream else "not the canary"
        yield Applied("canary", f"{side}, {feature.upstream}: {feature.percent:g}% by chance{by}")


def _affinity(feature: Affinity, _on: _On) -> Iterator[Applied]:
    yield Applied("affinity", f"cookie {feature.name} keeps a client on its endpoint")


def _cors(feature: Cors, on: _On) -> Iterator[Applied]:
    origins = "every origin" if feature.origins is None else ", ".join(feature.origins) or "none"
    told = " (this is a preflight: 204)" if on.match.status == 204 else ""
    yield Applied("cors", f"{origins}{told}")


def _errors(feature: CustomErrors, _on: _On) -> Iterator[Applied]:
    codes = ", ".join(map(str, feature.codes))
    yield Applied("errors", f"{feature.upstream} answers in place of {codes}")


def _stand_in(feature: StandIn, _on: _On) -> Iterator[Applied]:
    yield Applied("stand-in", f"{feature.upstream}: the Service has no endpoint")


def _header(feature: RequestHeader, _on: _On) -> Iterator[Applied]:
    yield Applied("header", f"{feature.name}: {written(feature.value)}")


def _answer_headers(feature: CustomHeaders, _on: _On) -> Iterator[Applied]:
    for name, value in feature.headers:
        yield Applied("answer", f"{name}: {value}")


def _mirror(feature: Mirror, _on: _On) -> Iterator[Applied]:
    service = feature.service
    yield Applied("mirror", f"a copy to {service.scheme}://{service.host}{written(service.uri)}")


def _protocol(feature: BackendProtocol, _on: _On) -> Iterator[Applied]:
    yield Applied("protocol", feature.name)


def _backend_tls(feature: BackendTls, _on: _On) -> Iterator[Applied]:
    verified = f"verified as {feature.name}" if feature.trusted else "not verified"
    yield Applied("backend tls", verified)


def _https_only(_feature: HttpsOnly, on: _On) -> Iterator[Applied]:
    if on.question.scheme == "http":
        yield Applied("client", "plain http has no client certificate, so 403")


_WORDS: dict[type[RouteFeature], Callable[[Any, _On], Iterator[Applied]]] = {
    Tuning: _tuning,
    HttpsRedirect: _to_https,
    Rewrite: _rewrite,
    AccessList: _access,
    BasicAuth: _basic,
    ExternalAuth: _external,
    SignIn: _sign_in,
    Limits: _limits,
    Canary: _canary,
    Affinity: _affinity,
    Cors: _cors,
    CustomErrors: _errors,
    StandIn: _stand_in,
    RequestHeader: _header,
    CustomHeaders: _answer_headers,
    Mirror: _mirror,
    BackendProtocol: _protocol,
    BackendTls: _backend_tls,
    HttpsOnly: _https_only,
}
