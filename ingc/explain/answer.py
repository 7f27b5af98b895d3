"""What becomes of a request, in short: the value that `explain`, route tests and logs share.

::

    asker = asker_of(result)             # a compiled ingc.Result, or a Conf: any nginx.conf
    answer = asker.ask(read_question("http://shop.test/cart", headers=[("X-Canary", "always")]))
    answer.status, answer.redirect       # what nginx answers itself; None, None: the backend does
    answer.backend                       # Backend(name, service "ns/name", port, endpoints)
    answer.alternatives                  # ((Backend, odds), ...): others that chance may choose
    answer.upstream_uri                  # the request target that the backend gets
    answer.route                         # RouteRef(ingress, field, path, path_type, service, port)

These names are stable. One `Asker` answers many questions, and may be shared between threads.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from ingc.explain.question import Question
from ingc.ir import Route, RouteOrigin, Upstream


def answer_text(answer: Answer, *, always_target: bool = False) -> str:
    """Write an answer as route tests would: ``shop/cart:8080 as /items``, ``301 /new``.

    The backend's target stands there where it is not the one that was sent, or ``always_target``.
    """
    if answer.unknown:
        return "unknown"
    if answer.refused:
        return "refused"
    if answer.unopened is not None:
        return f"unopened {backend_text(answer.unopened)}"
    if answer.file is not None:
        return f"{answer.status or ''} file {answer.file}".strip()
    if answer.backend is None:
        return f"{answer.status} {answer.redirect}" if answer.redirect else str(answer.status)
    odds = "".join(
        f", or {backend_text(item)} in {share:.0%}" for item, share in answer.alternatives
    )
    sent = answer.upstream_uri
    named = sent is not None and (always_target or sent != answer.request.target)
    return f"{backend_text(answer.backend)}{f' as {sent}' if named else ''}{odds}"


@dataclass(frozen=True)
class RouteRef:
    """The rule that takes a request. What is absent, or can't be known, is ``None``."""

    ingress: str | None
    """``namespace/name``."""
    field: str | None
    """As Kubernetes writes it."""
    path: str
    """As the rule writes it; of a foreign nginx.conf the name of the location."""
    path_type: str | None
    """``None`` for a default backend; of a foreign nginx.conf the location's modifier."""
    service: str | None = None
    """The Service that the rule names, ``namespace/name``."""
    port: int | str | None = None
    """As the rule writes it: a number or a name."""
    may_answer: tuple[int, ...] = ()
    """The statuses with which its features may answer in place of the backend."""
    route: Route | None = dataclasses.field(default=None, compare=False, repr=False)
    """The route in the IR; ``None`` of a foreign nginx.conf."""
    place: str | None = dataclasses.field(default=None, compare=False, repr=False)
    """Where the location stands, of an nginx.conf."""

    @cached_property
    def source(self) -> str | None:
        """``file:line``; looked up when it is requested, which takes a while."""
        return source_of(self.route.origin) if self.route else self.place

    def __str__(self) -> str:
        return " ".join(filter(None, (self.ingress, self.field))) or self.path


@dataclass(frozen=True, slots=True)
class Backend:
    """An upstream."""

    name: str
    """As nginx knows it."""
    service: str | None
    """``namespace/name``; the host where it is none of the cluster's Services."""
    port: int | str | None
    """The Service's port, by its number where that is known."""
    endpoints: tuple[str, ...] = ()
    """``address:port``."""


Odds = tuple[tuple[Backend, float], ...]
"""Backends with the chance that each has to get the request, 0 to 1."""


@dataclass(frozen=True)
class Answer:
    """What becomes of one request.

    It has no slots, so that `plain_answer` may leave what is absent to the class: a frozen value
    of a dozen fields takes longer to make than the question to answer.
    """

    request: Question
    status: int | None = None
    """What nginx answers itself; ``None``: the backend answers, TLS is refused or passed on, or it
    depends on whether `file` is there."""
    redirect: str | None = None
    """The Location of a redirect."""
    refused: bool = False
    """True where the TLS handshake fails, so that no request is sent."""
    server: str | None = None
    """The host, as the rule names it, or the first server_name; ``_``: the default server;
    ``None``: the request line was refused before."""
    uri: str | None = None
    """The path after nginx has normalised it (``$uri``)."""
    route: RouteRef | None = None
    """The rule that takes the request, also where it is redirected, or answers 503."""
    backend: Backend | None = None
    """The upstream that gets the request; where chance decides, the likeliest that is tried
    first: the rule's own."""
    alternatives: Odds = ()
    """Other upstreams that may get it by chance."""
    upstream_uri: str | None = None
    """The request target that the backend gets; ``None`` also where more than the target
    decides it."""
    why: str = ""
    """Why no rule was tried, or why nginx answers itself, in words; empty otherwise."""
    unknown: str | None = None
    """What decides and can't be known: a directive of a foreign nginx.conf, with its place."""
    either: tuple[str, ...] = ()
    """Where files of nginx's disk decide, what becomes of the request with each, and at last
    without any; `unknown` names the directive then."""
    unopened: Backend | None = None
    """Where the TLS goes as it comes: nginx sees no request."""
    file: str | None = None
    """Of a foreign nginx.conf the file that nginx serves, or the folder whose index it looks for;
    the path as the configuration has it."""

    @property
    def upstream(self) -> str | None:
        """The name of the upstream that gets the request."""
        return self.backend.name if self.backend else None


def plain_answer(
    request: Question, server: str, uri: str, route: RouteRef, backend: Backend, sent: str
) -> Answer:
    """Return the answer to a request that goes on to its rule's backend."""
    answer = Answer.__new__(Answer)
    vars(answer).update(
        request=request,
        server=server,
        uri=uri,
        route=route,
        backend=backend,
        upstream_uri=sent,
    )
    return answer


class Asker(Protocol):
    """Something that answers questions about requests."""

    def ask(self, question: Question) -> Answer:
        """Return what becomes of a request. Never raises for what is in the request."""

    def refs(self) -> Iterable[RouteRef]:
        """Return every rule that a request can reach, in the order of the configuration."""


def text_of(raw: bytes) -> str:
    """Return bytes of a request as text; what is not UTF-8 is escaped."""
    return raw.decode("utf-8", "backslashreplace")


def location_text(location: str | None) -> str | None:
    """Return a Location, in which each character stands for a byte, as text."""
    if location is None or location.isascii():
        return location
    return text_of(location.encode("latin-1", "replace"))


def backend_text(backend: Backend) -> str:
    """Write a backend as ``shop/cart:8080``, or by its name in nginx.conf."""
    if backend.service is None:
        return backend.name
    return f"{backend.service}:{backend.port}" if backend.port is not None else backend.service


def backend_of(upstream: Upstream) -> Backend:
    """Return an upstream of the IR as a backend."""
    endpoints = tuple(map(str, upstream.endpoints))
    return Backend(upstream.name, upstream.service.name, upstream.service.port, endpoints)


def ref_of(route: Route) -> RouteRef:
    """Return a route of the IR as it is named in answers."""
    service, origin = route.service, route.origin
    return RouteRef(
        ingress=origin.ingress if origin.name else None,
        field=origin.field if origin.name else None,
        path=route.path,
        path_type=route.path_type or None,
        service=service.name if service else None,
        port=service.port if service else None,
        may_answer=route.may_answer,
        route=route,
    )


def source_of(origin: RouteOrigin) -> str | None:
    """Return ``file:line`` of a route; ``None`` for objects that came without a file."""
    if origin.source is None:
        return None
    span = origin.source.span(origin.path)
    return f"{origin.source.file}:{span.line}" if span else origin.source.file
