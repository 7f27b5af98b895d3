"""Answers about a compiled input: the oracle's, and what the client's address and TLS name add."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from ingc.explain.answer import (
    Answer,
    Backend,
    RouteRef,
    backend_of,
    location_text,
    plain_answer,
    ref_of,
    text_of,
)
from ingc.explain.question import Question
from ingc.ir import ANY_HOST, Config, Host, Proxy, Route
from ingc.ir.features.client_certs import ClientCertificates
from ingc.ir.features.errors import CustomErrors
from ingc.match import Match, Oracle
from ingc.match.addresses import is_among, refuses
from ingc.match.lean import Plain
from ingc.syntax.regex.reading import TooManySteps, read_pattern

DEFAULT_SERVER = "_"
"""What stands for the host of requests whose host no rule names."""

UNOPENED = "the host has ssl-passthrough, so nginx sees no request"
"""Why no rule is asked where TLS is passed on."""

MISDIRECTED = 421
"""nginx's answer where a host asks for client certificates that another one's TLS did not."""


class CompiledAsker:
    """Asks the oracle of a compiled input."""

    def __init__(self, config: Config, oracle: Oracle | None = None) -> None:
        self.config = config
        self._oracle = oracle or Oracle(config)
        self._backends = {item.name: backend_of(item) for item in config.upstreams}
        self._unopened = {item.name: backend_of(item) for item in config.stream.upstreams}
        self._refs: dict[int, RouteRef] = {}
        self._known: dict[int, tuple[RouteRef, Backend]] = {}
        blocked = config.settings.policies.blocked
        self._blocks = bool(blocked.networks or blocked.agents or blocked.referers)

    def ask(self, question: Question) -> Answer:
        """Return what becomes of a request."""
        if question.sni is None and question.client_ip is None and not self._blocks:
            host = question.host.encode("utf-8", "surrogateescape")
            target = question.target.encode("utf-8", "surrogateescape")
            plain = self._oracle.plain(host, target, question.scheme, question.method)
            if plain is not None:
                return self._plain(question, plain, target)
        if question.sni is not None and question.scheme == "https":
            return self._with_sni(question)
        match = self.match(question)
        if match.host is None and question.scheme == "https":
            # TLS comes before a request line that can't be read.
            shake = self.match(dataclasses.replace(question, target="/", method="GET"))
            if shake.host is not None and _sees_no_request(shake):
                match = shake
        return self._answer(question, match)

    def match(self, question: Question) -> Match:
        """Return the oracle's whole answer."""
        return self._oracle.match(
            question.host,
            question.target,
            scheme=question.scheme,
            method=question.method,
            headers=question.headers,
        )

    def refs(self) -> Iterable[RouteRef]:
        """Return every live rule, by host and precedence, the hosts' default backends last."""
        for host in self.config.hosts:
            yield from map(self._ref, host.routes)
            if host.default.origin.name:
                yield self._ref(host.default)

    def backend(self, name: str) -> Backend:
        """Return an upstream by its name."""
        return self._backends[name]

    def _ref(self, route: Route) -> RouteRef:
        found = self._refs.get(id(route))
        if found is None:
            found = self._refs.setdefault(id(route), ref_of(route))
        return found

    def _plain(self, question: Question, plain: Plain, target: bytes) -> Answer:
        route = plain.route
        known = self._known.get(id(route))
        if known is None:
            if not isinstance(route.action, Proxy):
                raise TypeError("a plain request goes to an upstream")
            backend = self._backends[route.action.upstream]
            known = self._known[id(route)] = (self._ref(route), backend)
        ref, backend = known
        server = plain.host.name or DEFAULT_SERVER
        return plain_answer(question, server, text_of(plain.uri), ref, backend, text_of(target))

    def _answer(self, question: Question, match: Match) -> Answer:
        host, route, upstream = match.host, match.route, match.upstream
        if match.unopened is not None:
            return self._passed_on(question, match)
        if self._blocks and host is not None:
            why = _blocked(self.config, question)
            if why:
                return _own(question, match, 403, why)
        ref = self._ref(route) if route is not None and route.origin.name else None
        if question.client_ip is not None and route is not None and upstream is not None:
            denied = self._denied(question, match, route)
            if denied is not None:
                return denied
        sent = match.upstream_uri
        return Answer(
            question,
            match.status,
            location_text(match.redirect),
            match.status is None and upstream is None,
            (host.name or DEFAULT_SERVER) if host is not None else None,
            text_of(match.uri) if host is not None else None,
            ref,
            self._backends[upstream] if upstream is not None else None,
            tuple((self._backends[name], odds) for name, odds in match.alternatives),
            None if sent is None else text_of(sent),
            match.why or ("" if ref is not None else _why_no_rule(match)),
        )

    def _passed_on(self, question: Question, match: Match) -> Answer:
        server = (match.host.name or DEFAULT_SERVER) if match.host is not None else None
        backend = self._unopened[match.unopened or ""]
        return Answer(question, server=server, why=UNOPENED, unopened=backend)

    def _with_sni(self, question: Question) -> Answer:
        """TLS is agreed upon by the one name, the request is served by the other."""
        tls = dataclasses.replace(question, host=question.sni or "", sni=None, target="/")
        shake = self.match(tls)
        if shake.unopened is not None:
            return self._passed_on(question, shake)
        if _sees_no_request(shake):
            why = f"TLS asks for {question.sni}, for which {shake.why.partition(' for ')[0]}"
            return Answer(question, None, None, True, why=why)
        match = self.match(question)
        if _sees_no_request(match):
            why = f"TLS was agreed upon for {question.sni}; the host itself has no https"
            return _own(question, match, 404, why)
        if match.host is not shake.host and _asks_for_certificate(match.host):
            why = "the host asks for client certificates, and TLS was agreed upon for another"
            return _own(question, match, MISDIRECTED, why)
        return self._answer(question, match)

    def _denied(self, question: Question, match: Match, route: Route) -> Answer | None:
        """Return the answer for a client that the route's list of addresses keeps out."""
        if not refuses(route, question.client_ip or ""):
            return None
        why = f"{question.client_ip} is not among the addresses that may ask"
        errors = route.feature(CustomErrors)
        if errors is None or 403 not in errors.codes:
            return dataclasses.replace(_own(question, match, 403, why), route=self._ref(route))
        backend = self._backends[errors.upstream]
        answer = _own(question, match, None, f"{why}; the error backend answers")
        return dataclasses.replace(answer, route=self._ref(route), backend=backend)


def _sees_no_request(match: Match) -> bool:
    """Tell whether TLS is refused, or passed on unopened."""
    return match.status is None and match.upstream is None


def _own(question: Question, match: Match, status: int | None, why: str) -> Answer:
    server = (match.host.name or DEFAULT_SERVER) if match.host else None
    return Answer(question, status, server=server, uri=text_of(match.uri), why=why)


def _asks_for_certificate(host: Host | None) -> bool:
    asked = host.feature(ClientCertificates) if host else None
    return asked is not None and asked.verify != "off"


def _why_no_rule(match: Match) -> str:
    route, host = match.route, match.host
    taken = route is not None and isinstance(route.action, Proxy)
    rest = "; the default backend for everything takes it" if taken else ""
    if host is None:
        return ""
    if host.name == ANY_HOST and not host.routes:
        return f"no rule names this host{rest}"
    what = "no rule without a host" if host.name == ANY_HOST else f"no rule of {host.name}"
    return f"{what} takes this path{rest}"


def _blocked(config: Config, question: Question) -> str:
    """Return why the ConfigMap's lists refuse a client; empty where they don't."""
    blocked = config.settings.policies.blocked
    address = question.client_ip
    if address is not None and is_among(blocked.networks, address):
        return f"block-cidrs of the ConfigMap names {address}"
    for name, keys in (("User-Agent", blocked.agents), ("Referer", blocked.referers)):
        sent = next((v for n, v in question.headers if n.lower() == name.lower()), "")
        if any(_fits(key, sent) for key in keys):
            return f"a list of the ConfigMap names this {name}"
    return ""


def _fits(key: str, value: str) -> bool:
    if not key.startswith("~"):
        return key.lower() == value.lower()
    pattern = read_pattern(key.lstrip("~*"), caseless=key.startswith("~*"))
    try:
        return pattern.search(value.encode("utf-8", "replace")) is not None
    except TooManySteps:
        return False  # nginx's map gives its default then
