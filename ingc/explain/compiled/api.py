"""Answers about a compiled input: the oracle's, in the common form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
from ingc.ir import ANY_HOST, Config, Host, Proxy, Route, Upstream
from ingc.ir.features.card import RouteFeature
from ingc.match import Match, Oracle
from ingc.match.lean import Plain
from ingc.match.pending import MayRefuse, may_refuse
from ingc.syntax.request import Request

DEFAULT_SERVER = "_"
"""What stands for the host of requests whose host no rule names."""

UNOPENED = "the host has ssl-passthrough, so nginx sees no request"
"""Why no rule is tried where TLS is passed on."""


class CompiledAsker:
    """Queries the oracle of a compiled input."""

    def __init__(self, config: Config, oracle: Oracle | None = None) -> None:
        self.config = config
        self._oracle = oracle or Oracle(config)
        self._backends = {item.name: backend_of(item) for item in config.upstreams}
        self._unopened = {item.name: backend_of(item) for item in config.stream.upstreams}
        self._shared = {item.name: tuple(_others(item)) for item in config.upstreams if item.shares}
        self._refs: dict[int, RouteRef] = {}
        self._known: dict[int, tuple[RouteRef, Backend]] = {}

    def ask(self, question: Question) -> Answer:
        """Return what becomes of a request."""
        lean = question.sni is None and question.client_ip is None and question.presented is None
        if lean and not question.headers:
            host = question.host.encode("utf-8", "surrogateescape")
            target = question.target.encode("utf-8", "surrogateescape")
            plain = self._oracle.plain(host, target, question.scheme, question.method)
            if plain is not None and not self._is_shared(plain):
                return self._plain(question, plain, target)
        return self.answer(question, self.match(question))

    def match(self, question: Question) -> Match:
        """Return the oracle's whole answer."""
        return self._oracle.answer(question.request)

    def seen(self, question: Question) -> Request:
        """Return the request as nginx judges it: with the client that a proxy in front names."""
        return self._oracle.seen(question.request)

    def may_refuse(self, question: Question, match: Match) -> tuple[MayRefuse, ...]:
        """Return what may still refuse a request, of which ``match`` is the answer."""
        return may_refuse(self._oracle, question.request, match)

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

    def _is_shared(self, plain: Plain) -> bool:
        action = plain.route.action
        return isinstance(action, Proxy) and action.upstream in self._shared

    def answer(self, question: Question, match: Match) -> Answer:
        """Return the oracle's answer to a question in the common form."""
        host, route, upstream = match.host, match.route, match.upstream
        if match.unopened is not None:
            server = (host.name or DEFAULT_SERVER) if host is not None else None
            unopened = self._unopened[match.unopened]
            return Answer(question, server=server, why=_why_unopened(host), unopened=unopened)
        if match.sees_no_request and question.sni is not None:
            return Answer(question, refused=True, why=match.why)  # no name of a request was read
        # For a client that the whole host refuses, no rule is tried.
        tried = match.refused_by is None or isinstance(match.refused_by, RouteFeature)
        ref = self._ref(route) if route is not None and route.origin.name and tried else None
        sent = match.upstream_uri
        return Answer(
            question,
            match.status,
            location_text(match.redirect),
            match.sees_no_request,
            (host.name or DEFAULT_SERVER) if host is not None else None,
            text_of(match.uri) if host is not None else None,
            ref,
            self._backends[upstream] if upstream is not None else None,
            (
                *self._shared.get(upstream or "", ()),
                *((self._backends[name], odds) for name, odds in match.alternatives),
            ),
            None if sent is None else text_of(sent),
            match.why or ("" if ref is not None else _why_no_rule(match)),
        )


def _others(upstream: Upstream) -> Iterator[tuple[Backend, float]]:
    """Yield the Services beside the first one that share an upstream's requests."""
    total = sum(share.weight for share in upstream.shares)
    for share in upstream.shares:
        if share.service != upstream.service:
            backend = Backend(upstream.name, share.service.name, share.service.port, ())
            yield backend, share.weight / total


def _why_unopened(host: Host | None) -> str:
    """Return why no rule is tried where TLS is passed on."""
    origins = [route.origin for route in host.routes if route.path == "/"] if host else []
    own = next((origin for origin in origins if origin.kind.passes_tls), None)
    if own is None:
        return UNOPENED
    return f"{own.ingress} is a passthrough {own.kind.name}, so nginx sees no request"


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
