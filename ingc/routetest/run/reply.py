"""What came of a request of a test, whoever answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from ingc.explain.answer import Answer, RouteRef
from ingc.explain.question import Question
from ingc.syntax.header_rules import Headers


class CannotAsk(Exception):
    """A request can't be sent to a running server; the text states why."""


class NoAnswer(Exception):
    """A running server did not answer; the text states why."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and its headers as far as they are known."""

    answer: Answer
    status: int | None = None
    """What a running server answered, whoever the answer was from; else nginx's own."""
    headers: Headers = ()
    """Of the answer."""
    headers_known: bool = False
    """True where no other headers can be there."""
    upstream_headers: Headers = ()
    """Of the request that the backend gets."""
    upstream_headers_known: bool = False
    live: bool = False
    """True where a running server answered."""


class Replier(Protocol):
    """Something that answers the requests of tests."""

    def reply(self, question: Question, *, headers: bool) -> Reply:
        """Answer a request; ``headers``: those of answer and backend are wanted too.

        Raises `CannotAsk` and `NoAnswer`.
        """

    def refs(self) -> Iterable[RouteRef]:
        """Return the rules that tests can hit; none where they are not known."""
