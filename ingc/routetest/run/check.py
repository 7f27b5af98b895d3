"""Does a reply do what is expected? Where chance decides, each possible backend has to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from ingc.explain.answer import Backend, RouteRef, backend_text
from ingc.explain.question import Question
from ingc.routetest.language.suite import RouteTest, other_question
from ingc.routetest.language.syntax import (
    AnswerHeader,
    AnyOf,
    Expectation,
    ExpectedBackend,
    IngressIs,
    Not,
    RedirectTo,
    Rewritten,
    SameAs,
    Single,
    Status,
    TlsRefused,
    Unopened,
    UpstreamHeader,
    UpstreamIs,
    Word,
)
from ingc.routetest.report.wording import expected_text, got_text
from ingc.routetest.run.reply import CannotAsk, NoAnswer, Replier, Reply
from ingc.syntax.header_rules import Headers

_ONLY_LIVE = "only a running server can tell (--live)"


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that was expected, and is not so."""

    expected: str
    got: str
    why: str = ""
    """What can't be known, or what helps; may be empty."""


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What came of one test."""

    test: RouteTest
    reply: Reply | None
    failures: tuple[Failure, ...] = ()
    skipped: str = ""
    """Why it was not run; empty where it was."""

    @property
    def passed(self) -> bool:
        """True where it was run and everything is as expected."""
        return not self.failures and not self.skipped


class _Unknown(Exception):
    """Whether a claim holds can't be known; the text states why."""


def run_tests(
    tests: Iterable[RouteTest], replier: Replier
) -> tuple[tuple[CheckOutcome, ...], tuple[RouteRef, ...]]:
    """Run tests; return what came of each, and the rules that took their requests."""
    hit: list[RouteRef] = []
    outcomes = tuple(_Check(test, replier, hit).outcome() for test in tests)
    return outcomes, tuple(hit)


class _Check:
    """One test on its way."""

    def __init__(self, test: RouteTest, replier: Replier, hit: list[RouteRef]) -> None:
        self._test = test
        self._replier = replier
        self._hit = hit
        self._headers = any(map(_asks_headers, test.expectations))

    def outcome(self) -> CheckOutcome:
        """Send the request, and compare."""
        try:
            reply = self._reply(self._test.question)
            failures = [self._failure(item, reply) for item in self._test.expectations]
        except CannotAsk as error:
            return CheckOutcome(self._test, None, skipped=str(error))
        except NoAnswer as error:
            expected = expected_text(self._test.expectations[0])
            return CheckOutcome(self._test, None, (Failure(expected, "no answer", str(error)),))
        return CheckOutcome(self._test, reply, tuple(item for item in failures if item))

    def _reply(self, question: Question) -> Reply:
        reply = self._replier.reply(question, headers=self._headers)
        if reply.answer.route is not None:
            self._hit.append(reply.answer.route)
        return reply

    def _failure(self, item: Expectation, reply: Reply) -> Failure | None:
        text = expected_text(item)
        if reply.answer.unknown:
            return Failure(text, "unknown", reply.answer.unknown)
        try:
            if self._holds(item, reply):
                return None
        except _Unknown as error:
            return Failure(text, got_text(reply, item), str(error))
        got = got_text(reply, item)
        if isinstance(item, SameAs):
            other = self._reply(other_question(item.request, self._test.question))
            return Failure(f"{text}: {got_text(other, item)}", got)
        return Failure(text, got, reply.answer.why)

    def _holds(self, item: Expectation, reply: Reply) -> bool:
        match item:
            case Not(claim):
                if isinstance(claim, SameAs):
                    return not self._holds(claim, reply)
                return all(not _claimed(claim, reply, one) for one in _possible(reply))
            case SameAs(request):
                other = self._reply(other_question(request, self._test.question))
                return _same(reply, other)
            case _:
                return all(_claimed(item, reply, one) for one in _possible(reply))


def _asks_headers(item: object) -> bool:
    match item:
        case Not(claim):
            return _asks_headers(claim)
        case AnyOf(items):
            return any(map(_asks_headers, items))
        case _:
            return isinstance(item, AnswerHeader | UpstreamHeader)


def _possible(reply: Reply) -> tuple[Backend | None, ...]:
    """Return the backends that may get the request."""
    answer = reply.answer
    return (answer.backend, *(backend for backend, odds in answer.alternatives if odds > 0))


def _claimed(claim: Single | AnyOf, reply: Reply, backend: Backend | None) -> bool:
    if not isinstance(claim, AnyOf):
        return _single(claim, reply, backend)
    unknown: _Unknown | None = None
    for item in claim.items:
        try:
            if _single(item, reply, backend):
                return True
        except _Unknown as error:
            unknown = error
    if unknown is not None:
        raise unknown
    return False


def _single(claim: Single, reply: Reply, backend: Backend | None) -> bool:
    answer = reply.answer
    match claim:
        case ExpectedBackend(name, rewritten):
            held = _is_backend(name.text, reply, backend)
            return held and (rewritten is None or _single(rewritten, reply, backend))
        case Rewritten(target):
            return _is_target(target.text, reply)
        case UpstreamIs(name):
            return backend is not None and backend.name == name.text
        case Status(code, location):
            return _is_status(int(code.text), reply) and _is_location(location, reply)
        case RedirectTo(location):
            return answer.redirect is not None and _is_location(location, reply)
        case TlsRefused():
            return answer.refused
        case Unopened(name):
            return _is_unopened(name, reply)
        case IngressIs(name):
            return _is_ingress(name.text, reply)
        case AnswerHeader(name, value):
            return _has(reply.headers, reply.headers_known, name, value)
        case UpstreamHeader(name, value):
            if backend is None:
                return False
            return _has(reply.upstream_headers, reply.upstream_headers_known, name, value)
        case _:
            assert_never(claim)


def _is_unopened(wanted: Word | None, reply: Reply) -> bool:
    if reply.live and not reply.answer.refused:
        raise _Unknown("an answer does not tell who opened its TLS; without --live it is known")
    found = reply.answer.unopened
    return found is not None and (wanted is None or _names(wanted.text, found, None))


def _is_backend(wanted: str, reply: Reply, backend: Backend | None) -> bool:
    if backend is None:
        return False
    if reply.live and backend.service is None:
        raise _Unknown("the answer does not tell its backend; INPUT beside --live may")
    return _names(wanted, backend, reply.answer.route)


def _names(wanted: str, backend: Backend, route: RouteRef | None) -> bool:
    """Return whether ``ns/service:port`` is a backend; a port's name is the rule's to know."""
    service, _, port = wanted.partition(":")
    if backend.service != service:
        return False
    written = route.port if route and route.service == service else None
    return not port or port in (str(backend.port), str(written))


def _is_target(wanted: str, reply: Reply) -> bool:
    answer = reply.answer
    if answer.backend is None:
        return False
    if answer.upstream_uri is None:
        raise _Unknown(f"more than the path decides what the backend is asked for; {_ONLY_LIVE}")
    return answer.upstream_uri == wanted


def _is_status(wanted: int, reply: Reply) -> bool:
    if reply.live:
        return reply.status == wanted
    answer = reply.answer
    if answer.file is not None and answer.status is None:
        raise _Unknown(f"the disk decides whether {answer.file} is there; {_ONLY_LIVE}")
    if answer.status is None and not (answer.refused or answer.unopened):
        may = answer.route.may_answer if answer.route else ()
        if wanted in may or wanted == 200:
            raise _Unknown(f"nothing but a backend answers {wanted} here; {_ONLY_LIVE}")
    return answer.status == wanted


def _is_location(wanted: Word | None, reply: Reply) -> bool:
    if wanted is None:
        return True
    found = reply.answer.redirect
    if found is None:
        return False
    return (
        wanted.text in (found, _path_of(found))
        if wanted.text[:1] == "/"
        else (wanted.text == found)
    )


def _path_of(url: str) -> str:
    """Return a URL without scheme and host."""
    _, found, rest = url.partition("://")
    slash = rest.find("/")
    return (rest[slash:] if slash >= 0 else "/") if found else url


def _is_ingress(wanted: str, reply: Reply) -> bool:
    route = reply.answer.route
    if reply.live and (route is None or route.ingress is None) and reply.answer.backend:
        raise _Unknown("the answer does not tell its Ingress; ingc serve --echo does")
    return route is not None and route.ingress == wanted


def _has(headers: Headers, known: bool, name: Word, value: Word | None) -> bool:
    found = [each for header, each in headers if header.lower() == name.text.lower()]
    if found:
        return value is None or value.text in found
    if not known:
        raise _Unknown(f"whether {name.text} is there, {_ONLY_LIVE}")
    return False


def _same(reply: Reply, other: Reply) -> bool:
    return _signature(reply) == _signature(other)


def _signature(reply: Reply) -> tuple[object, ...]:
    answer = reply.answer
    if answer.unknown:
        raise _Unknown(answer.unknown)
    status = reply.status if answer.backend is None else None
    redirect = answer.redirect
    if redirect is not None:
        # A redirect that keeps the path is the same for every path.
        target = answer.request.target
        redirect = redirect.removesuffix(target).removesuffix(target.removesuffix("/"))
    names = sorted(backend_text(item) for item in _possible(reply) if item)
    unopened = backend_text(answer.unopened) if answer.unopened else None
    return status, redirect, answer.refused, tuple(names), unopened, answer.file
