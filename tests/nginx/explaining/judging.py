"""What is explained of a request, held against what nginx made of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingc.compiler import Result
from ingc.explain.answer import Answer, Backend, text_of
from ingc.explain.api import asker_of, teller_of
from ingc.explain.compiled.api import CompiledAsker
from ingc.explain.story import Unless
from ingc.ir import Config
from ingc.match import Match
from ingc.plan.upstreams import STICKY_INFIX
from tests.nginx.explaining.clients import Client
from tests.nginx.wire import Response


@dataclass(frozen=True, slots=True)
class Seen:
    """What nginx made of a request."""

    status: int | None
    """``None``: it refused the handshake."""
    location: str | None = None
    upstream: str = ""
    """The name of the upstream that got it; empty: none did."""
    route: str = ""
    target: str = ""
    """As the upstream got it."""

    @classmethod
    def of(cls, response: Response | None) -> Seen:
        """Read a response; the backend names itself in a header."""
        if response is None:
            return cls(None)
        location, told = response.header("Location"), response.header("X-Seen")
        if told is None:
            return cls(response.status, location)
        upstream, route, line = told.split("|")[:3]
        target = text_of(bytes.fromhex(line).partition(b" ")[2])
        return cls(response.status, location, upstream.partition(STICKY_INFIX)[0], route, target)


@dataclass(frozen=True, slots=True)
class Told:
    """What is explained of a request, and the oracle's answer behind it."""

    answer: Answer
    unless: tuple[Unless, ...]
    match: Match

    @classmethod
    def of(cls, result: Result, client: Client) -> Told:
        """Explain a request in both forms, which must agree."""
        question = client.question
        asker = asker_of(result)
        story = teller_of(result).short(question)
        answer = asker.ask(question)
        assert answer == story.answer, "the short form and the story"
        assert isinstance(asker, CompiledAsker)
        assert story.unless is not None
        return cls(answer, story.unless, asker.match(question))


def difference(told: Told, seen: Seen, client: Client, config: Config) -> str:
    """Return in words what was explained otherwise than it came; empty: nothing was."""
    page = told.match.page
    if page:
        return ""  # another path of the host answers
    named = _unlike(told.answer, seen, config)
    if not named or client.known:
        return named
    # Of a client that is not known its refusal is among those that may come.
    others = [_unlike(item.answer, seen, config) for item in told.unless if not item.page]
    if any(item.page for item in told.unless) or not all(others):
        return ""
    return f"{named}; nor is it among {[str(item.answer.status) for item in told.unless]}"


def _unlike(answer: Answer, seen: Seen, config: Config) -> str:
    return next(_differences(answer, seen, config), "")


def _differences(answer: Answer, seen: Seen, config: Config) -> Iterator[str]:
    if answer.refused or seen.status is None:
        if answer.refused != (seen.status is None):
            yield "the handshake"
        return
    if answer.backend is None or not seen.upstream:
        if answer.backend is not None:
            yield f"{answer.backend.name} should get it"
        elif answer.status != seen.status or seen.upstream:
            yield f"the status {answer.status}"
        elif answer.redirect != seen.location and not _is_open(answer):
            yield f"the Location {answer.redirect}"
        return
    backends = (answer.backend, *(item for item, _ in answer.alternatives))
    if seen.upstream not in {item.name for item in backends}:
        yield f"the upstream {answer.backend.name}"
    if not any(_names(item, seen.upstream, config) for item in backends):
        yield f"the Service {answer.backend.service}"
    rule = str(answer.route) if answer.route is not None else "-"
    if seen.route != rule:
        yield f"the rule {rule}"
    if answer.upstream_uri is not None and answer.upstream_uri != seen.target:
        yield f"the path as sent, {answer.upstream_uri}"


def _is_open(answer: Answer) -> bool:
    """Return whether the Location of a redirect is not foretold."""
    return answer.redirect is None and answer.status == 302


def _names(backend: Backend, upstream: str, config: Config) -> bool:
    """Return whether a backend is named by the Service of an upstream."""
    found = next((item for item in config.upstreams if item.name == upstream), None)
    return found is not None and backend.service == found.service.name
