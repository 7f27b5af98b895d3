"""What a person reads of each feature of a route, a host, an upstream: a function each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingc.explain.answer import text_of
from ingc.explain.question import Question
from ingc.ir import Route
from ingc.ir.features.access import AccessList, SatisfyAny
from ingc.ir.features.affinity import Affinity
from ingc.ir.features.backend_tls import BackendTls
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.canary import Canary
from ingc.ir.features.client_certs import ClientCertificates, HttpsOnly
from ingc.ir.features.cors import Cors
from ingc.ir.features.errors import CustomErrors, StandIn
from ingc.ir.features.external_auth import ExternalAuth, Keepalive, SignIn
from ingc.ir.features.headers import CustomHeaders, KeptHeader, RequestHeader
from ingc.ir.features.limits import ADDRESS, Limits, SentKey
from ingc.ir.features.load_balance import HashBy, LeastConnections, LeastTime
from ingc.ir.features.mirror import Mirror
from ingc.ir.features.modsecurity import Firewall
from ingc.ir.features.protocols import BackendProtocol, FastCgi, OneRequestConnections
from ingc.ir.features.redirects import HttpsRedirect
from ingc.ir.features.rewrite import Rewrite
from ingc.ir.features.snippets import (
    AnswerHeaders,
    ErrorPages,
    IfBranch,
    IfCondition,
    LocationProgram,
    ReturnAnswer,
    RewritePath,
    ServerProgram,
    SetVariable,
    Step,
)
from ingc.ir.features.tracing import Traced
from ingc.ir.features.tuning import ServerTuning, Tuning
from ingc.match import Match
from ingc.match.cors import allowed_origin
from ingc.syntax.regex.reading import TooManySteps, read_pattern
from ingc.syntax.text import Text

_FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class Applied:
    """One thing that is done to a request or its answer."""

    name: str
    """In a word or two: ``rewrite``, ``canary``, ``limit`` …"""
    what: str


@dataclass(frozen=True, slots=True)
class On:
    """A request at its route."""

    question: Question
    address: str | None
    """The client's, as nginx has it; ``None``: not known."""
    match: Match
    route: Route


def _directive(name: str, args: tuple[Any, ...]) -> str:
    return " ".join((name, *map(str, args)))


def say_tuning(feature: Tuning, _on: On) -> Iterator[Applied]:
    for args in feature.each():
        yield Applied("nginx", _directive(feature.directive, args))


def say_firewall(feature: Firewall, _on: On) -> Iterator[Applied]:
    own = len(feature.rules)
    more = f", {own} of them the route's own" if own else ""
    yield Applied("firewall", f"ModSecurity may refuse the request or its answer by rules{more}")


def say_traced(feature: Traced, _on: On) -> Iterator[Applied]:
    name = f' called "{feature.name}"' if feature.name is not None else ""
    parent = "of the client's, if it names one" if feature.trusting else "without a parent"
    yield Applied("trace", f"a span{name}, {parent}")


def say_https_redirect(feature: HttpsRedirect, on: On) -> Iterator[Applied]:
    if on.question.scheme == "http" and on.match.redirect:
        yield Applied("redirect", f"plain http to https ({feature.status})")


def say_rewrite(feature: Rewrite, on: On) -> Iterator[Applied]:
    if on.match.upstream is None and not (on.match.redirect and on.match.status == 302):
        return  # nginx answers before it comes to that
    target = feature.target
    groups = filled(feature, on.route, on.match.uri)
    sent = text_of(on.match.upstream_uri) if on.match.upstream_uri else on.match.redirect
    arrow = f" → {sent}" if sent else ""
    yield Applied("rewrite", f"{target}{groups}{arrow}")
    if feature.prefix is not None:
        yield Applied("header", f"X-Forwarded-Prefix: {feature.prefix}")


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


def say_access_list(feature: AccessList, on: On) -> Iterator[Applied]:
    lists = [f"deny {', '.join(feature.deny)}"] if feature.deny else []
    lists += [f"allow {', '.join(feature.allow)} alone"] if feature.allow else []
    client = on.address
    may = "may not" if on.match.refused_by is feature else "may"
    verdict = f"; {client} {may} pass" if client else "; 403 for others (--client-ip tells for one)"
    yield Applied("access", "; ".join(lists) + verdict)


def say_satisfy_any(_feature: SatisfyAny, _on: On) -> Iterator[Applied]:
    """The directive."""
    yield Applied("nginx", "satisfy any")


def say_basic_auth(feature: BasicAuth, _on: On) -> Iterator[Applied]:
    yield Applied("auth", f'name and password (realm "{feature.realm}"), else 401')


def say_external_auth(feature: ExternalAuth, _on: On) -> Iterator[Applied]:
    service = feature.service
    where = f"{service.scheme}://{service.host}{service.uri}"
    yield Applied(
        "auth", f"{feature.method or 'GET'} {where} decides: 2xx lets pass, else 401, 403"
    )


def say_sign_in(feature: SignIn, on: On) -> Iterator[Applied]:
    way_back = f", which gets the request's URL in {feature.parameter}" if feature.parameter else ""
    where = on.match.sign_in or f"{feature.url}{way_back}"
    yield Applied("auth", f"in place of a 401: 302 to {where}")


def say_limits(feature: Limits, _on: On) -> Iterator[Applied]:
    rates = [f"{number} requests a {unit}" for number, unit in feature.rates]
    rates += [f"{feature.connections} connections"] if feature.connections else []
    exempt = f", but for {', '.join(feature.exempt)}" if feature.exempt else ""
    yield Applied("limit", f"{', '.join(rates)} {_of_each(feature.by)}{exempt}, else 503")


def _of_each(by: str | SentKey) -> str:
    if isinstance(by, str):
        return "of each client" if by == ADDRESS else f"of each ${by}"
    also = "and of each address" if by.address else "or of each address without it"
    return f"for each value of {by} {also}"


def say_canary(feature: Canary, on: On) -> Iterator[Applied]:
    rules = []
    if feature.header is not None:
        rule = feature.header
        value = rule.value or (f"~{rule.pattern}" if rule.pattern else "always or never")
        rules.append(f"header {rule.name}: {value}")
    if feature.cookie:
        rules.append(f"cookie {feature.cookie}=always or never")
    by = f" ({', then '.join(rules)} decide first)" if rules else ""
    if on.match.alternatives:
        odds = "".join(f"{100 * share:g}% to {name}" for name, share in on.match.alternatives)
        yield Applied("canary", f"chance decides: {odds}{by}")
    else:
        side = "the canary" if on.match.upstream == feature.upstream else "not the canary"
        yield Applied("canary", f"{side}, {feature.upstream}: {feature.percent:g}% by chance{by}")


def say_affinity(feature: Affinity, _on: On) -> Iterator[Applied]:
    yield Applied("affinity", f"cookie {feature.name} keeps a client on its endpoint")


def say_cors(feature: Cors, on: On) -> Iterator[Applied]:
    origins = "every origin" if feature.origins is None else ", ".join(feature.origins) or "none"
    preflight = " (this is a preflight: 204)" if on.match.status == 204 else ""
    yield Applied("cors", f"{origins}{preflight}")
    headers = on.question.headers
    sent = next((value for name, value in headers if name.lower() == "origin"), None)
    if sent and on.match.upstream is not None and allowed_origin(feature, headers) is None:
        said = f"Origin {sent} is none of them: the answer has no Access-Control header"
        yield Applied("cors", f"{said}, so a browser keeps it from the page")


def say_custom_errors(feature: CustomErrors, _on: On) -> Iterator[Applied]:
    codes = ", ".join(map(str, feature.codes))
    yield Applied("errors", f"{feature.upstream} answers in place of {codes}")


def say_stand_in(feature: StandIn, _on: On) -> Iterator[Applied]:
    yield Applied("stand-in", f"{feature.upstream}: the Service has no endpoint")


def say_request_header(feature: RequestHeader, _on: On) -> Iterator[Applied]:
    yield Applied("header", f"{feature.name}: {_own_names(feature.value)}")


def say_kept_header(feature: KeptHeader, _on: On) -> Iterator[Applied]:
    yield Applied("header", f"{feature.name}: the client's, if it sends one")


def say_custom_headers(feature: CustomHeaders, _on: On) -> Iterator[Applied]:
    for name, value in feature.headers:
        yield Applied("answer", f"{name}: {value}")


def say_mirror(feature: Mirror, _on: On) -> Iterator[Applied]:
    service = feature.service
    yield Applied("mirror", f"a copy to {service.scheme}://{service.host}{service.uri}")


def say_backend_protocol(feature: BackendProtocol, _on: On) -> Iterator[Applied]:
    yield Applied("protocol", feature.name)


def say_backend_tls(feature: BackendTls, _on: On) -> Iterator[Applied]:
    verified = f"verified as {feature.name}" if feature.trusted else "not verified"
    yield Applied("backend tls", verified)


def say_https_only(feature: HttpsOnly, on: On) -> Iterator[Applied]:
    if on.question.scheme == "http" and feature.status == _FORBIDDEN:
        yield Applied("client", "plain http has no client certificate, so 403")
    elif on.question.scheme == "http":
        yield Applied("https only", f"the {on.route.origin.kind.name} allows no plain http, so 503")


def say_fast_cgi(feature: FastCgi, _on: On) -> Iterator[Applied]:
    """Its script and params."""
    index = [f"index {feature.index}"] if feature.index else []
    params = [f"{name}={value}" for name, value in feature.params]
    yield Applied("fastcgi", ", ".join((*index, *params)) or "nginx's usual params")


def say_client_certificates(feature: ClientCertificates, on: On) -> Iterator[Applied]:
    """What a client has to present, on https."""
    if on.question.scheme == "https":
        yield Applied("client", f"certificate, verify {feature.verify} ({feature.authorities})")


def say_server_tuning(feature: ServerTuning, _on: On) -> Iterator[Applied]:
    """The directive."""
    yield Applied("nginx", _directive(feature.directive, feature.args))


def say_hash_by(feature: HashBy, _on: On) -> Iterator[Applied]:
    """What chooses the endpoint."""
    yield Applied("balance", f"requests with the same {feature.key} go to one endpoint")


def say_least_time(_feature: LeastTime, _on: On) -> Iterator[Applied]:
    """What chooses the endpoint."""
    yield Applied("balance", "the endpoint that answers soonest")


def say_least_connections(_feature: LeastConnections, _on: On) -> Iterator[Applied]:
    """What chooses the endpoint."""
    yield Applied("balance", "the endpoint with the fewest requests under way")


def say_keepalive(feature: Keepalive, _on: On) -> Iterator[Applied]:
    """How many connections are kept."""
    kept = f"{feature.connections} idle connections are kept for {feature.timeout}s"
    yield Applied("keepalive", kept if feature.connections else "no idle connection is kept")


def say_one_request_connections(_feature: OneRequestConnections, _on: On) -> Iterator[Applied]:
    """That none is used again."""
    yield Applied("keepalive", "a connection serves one request")


def say_location_program(feature: LocationProgram, _on: On) -> Iterator[Applied]:
    """Its directives, as a person writes them."""
    for step in feature.steps:
        yield Applied("snippet", written_step(step))


def say_server_program(feature: ServerProgram, _on: On) -> Iterator[Applied]:
    """The same, of the whole host."""
    for step in feature.steps:
        yield Applied("server snippet", written_step(step))
    headers = feature.headers
    for name, value in (*headers.replaced, *((item.name, item.value) for item in headers.added)):
        yield Applied("server snippet", f"its answers have {name}: {_own_names(value)}")


def say_answer_headers(feature: AnswerHeaders, _on: On) -> Iterator[Applied]:
    """Each header, and beside whose it stands."""
    for name, value in feature.replaced:
        yield Applied("answer", f"{name}: {_own_names(value)}")
    for item in feature.added:
        when = "" if item.always else ", where it is a success or a redirect"
        yield Applied("answer", f"{item.name}: {_own_names(item.value)} beside the backend's{when}")
    for name in (*feature.cleared, *feature.hidden):
        yield Applied("answer", f"no {name} of the backend's")


def say_error_pages(feature: ErrorPages, _on: On) -> Iterator[Applied]:
    """Each page, and for which statuses."""
    for page in feature.pages:
        codes = ", ".join(map(str, page.codes))
        status = f" with {page.status}" if page.status is not None else ""
        yield Applied("errors", f"{_own_names(page.target)}{status} in place of nginx's {codes}")


def written_step(step: Step) -> str:
    """Return a directive of a snippet as it was written, but for the names of variables."""
    if isinstance(step, IfBranch):
        inner = "; ".join(map(written_step, step.steps))
        return f"if ({_condition(step.condition)}) {{ {inner} }}"
    if isinstance(step, SetVariable):
        return f"set {_bare(f'${step.name}')} {_own_names(step.value) or 'nothing'}"
    if isinstance(step, ReturnAnswer):
        text = "" if step.text is None else f" {_own_names(step.text)}"
        return f"return {step.status}{text}"
    if isinstance(step, RewritePath):
        return f"rewrite {step.pattern} {_own_names(step.target)} {step.flag}".rstrip()
    return "break"


def _condition(condition: IfCondition) -> str:
    operand = condition.pattern or _own_names(condition.operand) or "nothing"
    subject = _own_names(condition.subject)
    return f"{subject} {condition.operator} {operand}" if condition.operator else subject


_OWN_NAME = re.compile(r"\bsn_(?:[0-9a-f]{16}_|\w*?___)")


def _own_names(text: Text) -> str:
    return _bare(str(text))


def _bare(text: str) -> str:
    """Return a text with the variables of snippets as their author calls them."""
    return text_of(_OWN_NAME.sub("", text).encode())
