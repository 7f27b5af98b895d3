"""The syntax tree as text: each node as it is written in one line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from ingc.routetest.language.syntax import (
    AnswerHeader,
    AnyOf,
    Client,
    Condition,
    Expectation,
    Expected,
    ExpectedBackend,
    Head,
    Hosts,
    IngressIs,
    Let,
    Not,
    RedirectTo,
    RequestLine,
    Rewritten,
    SameAs,
    Scheme,
    SentCookie,
    SentHeader,
    ShownCertificate,
    Single,
    Statement,
    Status,
    TableRow,
    TlsRefused,
    Unopened,
    UpstreamHeader,
    UpstreamIs,
    With,
    Word,
)


def statement_text(statement: Statement) -> str:
    """Write a statement in one line, without its indentation."""
    match statement:
        case Let(name, value):
            return f"let {name.raw} = {value.raw}"
        case Hosts(names):
            return "host " + " ".join(name.raw for name in names)
        case Head(request, conditions, expectations):
            return " ".join(
                part
                for part in (
                    request_text(request),
                    f"with {conditions_text(conditions)}" if conditions else "",
                    f"-> {expectations_text(expectations)}" if expectations else "",
                )
                if part
            )
        case With(conditions):
            return f"with {conditions_text(conditions)}"
        case Expected(expectations, arrow):
            return f"{'->' if arrow else 'and'} {expectations_text(expectations)}"
        case TableRow(cells):
            return "".join(f"| {cell.raw} " for cell in cells) + "|"
        case _:
            assert_never(statement)


def request_text(request: RequestLine) -> str:
    """Write a request as ``GET /cart``."""
    return f"{request.method.raw} {request.target.raw}" if request.method else request.target.raw


def conditions_text(conditions: Iterable[Condition]) -> str:
    """Write what a request is sent with."""
    return " and ".join(map(_condition_text, conditions))


def _condition_text(condition: Condition) -> str:
    match condition:
        case Scheme(name):
            return name.raw
        case SentHeader(name, value):
            return f"header {name.raw}: {value.raw}"
        case SentCookie(name, value):
            return f"cookie {name.raw}={value.raw}"
        case Client(address):
            return f"client {address.raw}"
        case ShownCertificate(subject):
            return "certificate" + (f" {subject.raw}" if subject else "")
        case _:
            assert_never(condition)


def expectations_text(expectations: Iterable[Expectation]) -> str:
    """Write what is expected."""
    return " and ".join(map(expectation_text, expectations))


def expectation_text(expectation: Expectation) -> str:
    """Write one thing that is expected."""
    match expectation:
        case Not(claim):
            return f"not {expectation_text(claim)}"
        case AnyOf(items):
            return "any of " + " or ".join(map(expectation_text, items))
        case SameAs(request):
            return f"same as {request_text(request)}"
        case _:
            return _single_text(expectation)


def _single_text(claim: Single) -> str:
    match claim:
        case ExpectedBackend(name, rewritten):
            return f"{name.raw} {_single_text(rewritten)}" if rewritten else name.raw
        case Rewritten(target):
            return f"as {target.raw}"
        case UpstreamIs(name):
            return f"upstream {name.raw}"
        case Status(code, location):
            return _with(code.raw, location)
        case RedirectTo(location):
            return _with("redirect", location)
        case TlsRefused():
            return "refused"
        case Unopened(name):
            return _with("unopened", name)
        case IngressIs(name):
            return f"ingress {name.raw}"
        case AnswerHeader(name, value):
            return _with(f"header {name.raw}{':' if value else ''}", value)
        case UpstreamHeader(name, value):
            return _with(f"upstream header {name.raw}{':' if value else ''}", value)
        case _:
            assert_never(claim)


def _with(text: str, word: Word | None) -> str:
    return f"{text} {word.raw}" if word else text
