"""What snippets request: programs of nginx's rewrite module, and headers of answers."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir import Settings
from ingc.ir.features.snippets import (
    AnswerHeaders,
    ErrorPages,
    IfBranch,
    IfCondition,
    LocationProgram,
    ReturnAnswer,
    RewritePath,
    SetVariable,
    Step,
    Steps,
    answers_text,
)
from ingc.ir.media_types import MEDIA_TYPES
from ingc.plan.layout import Directive, EntryBlock, Literal, Value, directive
from ingc.plan.pieces import Phase, Piece, RoutePlace
from ingc.syntax.text import Text, Variable


def plan_location_program(feature: LocationProgram, place: RoutePlace) -> Iterator[Piece]:
    """The directives in their order, before what they could stop."""
    phase = Phase.SNIPPET if feature.before_https else Phase.STOPPING_SNIPPET
    types = types_of(feature.steps, place.settings)
    yield Piece(phase, tuple(map(step_directive, feature.steps)), blocks=types)


_TYPES = EntryBlock("types", (), MEDIA_TYPES)


def types_of(steps: Steps, settings: Settings) -> tuple[EntryBlock, ...]:
    """Return the media types that texts of a program need in ``http``.

    Around a fragment another file has them.
    """
    return (_TYPES,) if answers_text(steps) and not settings.fragment else ()


def program_directives(steps: Steps) -> tuple[Directive, ...]:
    """Return the directives of a program."""
    return tuple(map(step_directive, steps))


def step_directive(step: Step) -> Directive:
    """Return the directive of one step."""
    if isinstance(step, SetVariable):
        return directive("set", Variable(step.name), _value(step.value))
    if isinstance(step, ReturnAnswer):
        text = () if step.text is None else (_value(step.text),)
        return directive("return", step.status, *text)
    if isinstance(step, RewritePath):
        flags = (step.flag,) if step.flag else ()
        return directive("rewrite", Literal(step.pattern), _value(step.target), *flags)
    if isinstance(step, IfBranch):
        inner = tuple(map(step_directive, step.steps))
        return Directive("if", tuple(_condition(step.condition)), block=inner)
    return directive("break")


def _condition(condition: IfCondition) -> Iterator[Value]:
    (subject,) = condition.subject.parts
    yield subject
    if condition.operator:
        yield condition.operator
        yield Literal(condition.pattern) if condition.pattern else _value(condition.operand)


def _value(text: Text) -> Value:
    constant = text.constant
    return text if constant is None else constant


def plan_answer_headers(feature: AnswerHeaders, _place: RoutePlace) -> Iterator[Piece]:
    """nginx leaves out a header without a value, so that ours of that name goes too."""
    yield headers_piece(feature)


def headers_piece(feature: AnswerHeaders) -> Piece:
    """Return what headers of answers are for a location, or for a server that answers itself."""
    always = tuple((item.name, _value(item.value)) for item in feature.added if item.always)
    replaced = tuple((name, _value(value)) for name, value in feature.replaced)
    return Piece(
        response_headers=(*replaced, *((name, "") for name in feature.cleared), *always),
        success_headers=tuple(
            (item.name, _value(item.value)) for item in feature.added if not item.always
        ),
        hidden=(*(name for name, _ in feature.replaced), *feature.cleared, *feature.hidden),
    )


def plan_error_pages(feature: ErrorPages, _place: RoutePlace) -> Iterator[Piece]:
    """Before those of annotations: the first that has a status stands in for it."""
    pages = (
        directive(
            "error_page",
            *page.codes,
            *((f"={page.status}",) if page.status is not None else ()),
            _value(page.target),
        )
        for page in feature.pages
    )
    yield Piece(Phase.ACCESS, tuple(pages))
