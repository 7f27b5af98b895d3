"""What snippets request that no other feature does: programs of nginx's rewrite module, headers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from ingc.ir.features.card import (
    ROUTES,
    SERVERS,
    Card,
    HostFeature,
    Proved,
    Reason,
    RouteFeature,
)
from ingc.ir.features.headers import CustomHeaders
from ingc.ir.features.tuning import Tuning
from ingc.syntax.text import Text

Operator = Literal["", "=", "!=", "~", "~*", "!~", "!~*"]
"""How ``if`` compares; ``""``: the value is neither empty nor ``0``."""
RewriteFlag = Literal["", "last", "break", "redirect", "permanent"]


@dataclass(frozen=True, slots=True)
class IfCondition:
    """What an ``if`` looks at."""

    subject: Text
    """One variable."""
    operator: Operator = ""
    operand: Text = field(default_factory=lambda: Text(()))
    """The text that it is compared with."""
    pattern: str = ""
    """The regex of ``~`` and its kind."""


@dataclass(frozen=True, slots=True)
class SetVariable:
    """``set $name value``."""

    name: str
    """In lower case, without the dollar sign."""
    value: Text


@dataclass(frozen=True, slots=True)
class ReturnAnswer:
    """``return status text``."""

    status: int
    text: Text | None = None
    """The Location of a redirect, the body of any other answer; ``None``: nginx's own page."""


@dataclass(frozen=True, slots=True)
class RewritePath:
    """``rewrite pattern target flag``."""

    pattern: str
    target: Text
    flag: RewriteFlag = ""


@dataclass(frozen=True, slots=True)
class StopProgram:
    """``break``: the directives behind it are passed over."""


@dataclass(frozen=True, slots=True)
class IfBranch:
    """``if (condition) { … }``."""

    condition: IfCondition
    steps: tuple[SetVariable | ReturnAnswer | RewritePath | StopProgram, ...]


Step = SetVariable | ReturnAnswer | RewritePath | StopProgram | IfBranch
Steps = tuple[Step, ...]


SNIPPET_VARIABLES = "sn_"
"""How the names of variables begin that snippets set."""


_CHANGED = (SNIPPET_VARIABLES, "arg_")
_OF_QUERY = frozenset({"args", "is_args", "query_string"})


def depends_on_program(text: Text) -> bool:
    """Return whether a text names what a snippet may change: its variables, or the query."""
    return any(name.startswith(_CHANGED) or name in _OF_QUERY for name in text.variables)


def each_step(steps: Steps) -> Iterator[Step]:
    """Yield all steps, those of branches too."""
    for step in steps:
        yield step
        if isinstance(step, IfBranch):
            yield from step.steps


def redirects(step: RewritePath) -> bool:
    """Return whether nginx makes a redirect of a rewrite, by its flag or how its target begins."""
    if step.flag in ("redirect", "permanent"):
        return True
    first = step.target.parts[0] if step.target.parts else ""
    if isinstance(first, str):
        return first.startswith(("http://", "https://"))
    return first.name == "scheme"


def goes_elsewhere(steps: Steps) -> bool:
    """Return whether a request may go on with another path, in the same location or in another."""
    return any(isinstance(step, RewritePath) and not redirects(step) for step in each_step(steps))


def stops(steps: Steps) -> bool:
    """Return whether directives behind the program may be passed over, without an answer."""
    return goes_elsewhere(steps) or any(isinstance(step, StopProgram) for step in each_step(steps))


def always_answers(steps: Steps) -> bool:
    """Return whether no request gets past the program."""
    return any(isinstance(step, ReturnAnswer) for step in steps) and not stops(steps)


TYPE_OF_TEXTS = "text/html"
"""The media type of texts that no ``default_type`` and no ending names: ingress-nginx's own."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""The statuses of which ``return`` takes a URL."""


def answers_text(steps: Steps) -> bool:
    """Return whether nginx has to give an answer of a program a media type.

    Its own pages of errors have one.
    """
    answers = (step for step in each_step(steps) if isinstance(step, ReturnAnswer))
    return any(
        item.status < 300 or (item.text is not None and item.status not in REDIRECTS)
        for item in answers
    )


def statuses(steps: Steps) -> tuple[int, ...]:
    """Return the statuses with which a program answers."""
    found = {step.status for step in each_step(steps) if isinstance(step, ReturnAnswer)}
    rewrites = (step for step in each_step(steps) if isinstance(step, RewritePath))
    found |= {301 if step.flag == "permanent" else 302 for step in rewrites if redirects(step)}
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class LocationProgram(RouteFeature):
    """Directives of nginx's rewrite module, which run before a request is passed on."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        decides=True,
        granted=Reason.WHOLE_FROM_FRONTEND,
        alike=True,
        proved=Proved.ROUTING | Proved.VARIED,
        answers=True,
    )

    steps: Steps

    @property
    def before_https(self) -> bool:
        """As in ingress-nginx, whose redirect to https is Lua, which runs after them.

        One that stops nginx's directives comes after the redirect, or it would stop that too.
        """
        return not stops(self.steps)


@dataclass(frozen=True, slots=True)
class AddedHeader:
    """One header that is added to answers, beside the backend's."""

    name: str
    value: Text
    always: bool = False
    """False: to answers that are a success or a redirect."""


@dataclass(frozen=True, slots=True)
class AnswerHeaders(RouteFeature):
    """Headers of answers: some added, some in place of the backend's and ours, some removed."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        granted=Reason.WHOLE_FROM_FRONTEND,
        alike=True,
        proved=Proved.ANSWERS,
    )

    added: tuple[AddedHeader, ...] = ()
    replaced: tuple[tuple[str, Text], ...] = ()
    """Of every answer, whatever its status."""
    cleared: tuple[str, ...] = ()
    """Neither the backend's nor ours is sent."""
    hidden: tuple[str, ...] = ()
    """The backend's is not sent."""

    @property
    def own(self) -> frozenset[str]:
        """The names, in lower case, of which nothing but this decides."""
        replaced = (name.lower() for name, _ in self.replaced)
        return frozenset((*replaced, *(name.lower() for name in self.cleared)))


@dataclass(frozen=True, slots=True)
class ServerProgram(HostFeature):
    """The same before a route is chosen, for all requests of a host."""

    card: ClassVar[Card] = Card(
        stands=SERVERS,
        decides=True,
        planned=Reason.OF_THE_STAGE,
        proved=Proved.ROUTING | Proved.VARIED,
        answers=True,
    )

    steps: Steps
    headers: AnswerHeaders = field(default_factory=AnswerHeaders)
    """Of what the program answers; routes have their own."""
    tunings: tuple[Tuning, ...] = ()
    """Simple directives that act on what the program answers, in the order of their names."""


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What stands in for answers of some statuses."""

    codes: tuple[int, ...]
    target: Text
    """A path of the same host, with which the request goes on, or a URL."""
    status: int | None = None
    """The status that the client gets; ``None``: that of the error, or 302 of a URL."""

    @property
    def path(self) -> str:
        """The path; empty: the target is a URL."""
        constant = self.target.constant or ""
        return constant if constant.startswith("/") else ""


@dataclass(frozen=True, slots=True)
class ErrorPages(RouteFeature):
    """Pages in place of errors; the first that has a status stands in for it."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        granted=Reason.WHOLE_FROM_FRONTEND,
        alike=True,
        proved=Proved.ROUTING | Proved.READER,
        answers=True,
    )

    pages: tuple[ErrorPage, ...]

    def page_for(self, status: int) -> ErrorPage | None:
        """Return the page of a status, or ``None``."""
        return next((page for page in self.pages if status in page.codes), None)


def own_headers(features: Iterable[RouteFeature]) -> frozenset[str]:
    """Return the names, in lower case, of the headers of answers of which a route itself decides.

    What else would set them, such as CORS, does not.
    """
    found: set[str] = set()
    for item in features:
        if isinstance(item, CustomHeaders):
            found.update(name.lower() for name, _ in item.headers)
        elif isinstance(item, AnswerHeaders):
            found |= item.own
    return frozenset(found)


def moves_requests(features: Iterable[object]) -> bool:
    """Return whether a snippet among features may send a request on with another path."""
    return any(
        isinstance(item, LocationProgram | ServerProgram) and goes_elsewhere(item.steps)
        for item in features
    )
