"""Programs of snippets as the oracle meets them: an answer, another path, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ingc.ir import Host, Route
from ingc.ir.features.snippets import Steps
from ingc.match.answer import Match
from ingc.match.heard import HeardRequest, course_of
from ingc.match.pages import own_error
from ingc.match.programs import Course, run_program
from ingc.match.trie import PathMatcher
from ingc.syntax.regex.reading import TooManySteps

SERVER_ANSWERS = "a server-snippet answers before any rule is tried"
ROUTE_ANSWERS = "a snippet answers"
_TOO_MANY_STEPS = "a regex takes more steps than PCRE allows"


@dataclass(frozen=True)
class SentOn(Match):
    """No answer yet: the route is chosen once more, for another path."""

    course: Course | None = None


def acted_on(
    steps: Steps, read: HeardRequest, route: Route | None, host: Host, matcher: PathMatcher
) -> Match | HeardRequest:
    """Run a program: an answer, or the request as it goes on, perhaps with another path.

    ``route`` is the one that the program belongs to; ``None``: it runs before one is chosen, or is
    of nobody.
    """
    course = course_of(read)
    read = read._replace(course=course)
    try:
        answer = run_program(steps, course)
    except TooManySteps:
        return Match(500, None, None, None, host, course.uri, why=_TOO_MANY_STEPS)
    if answer is not None:
        location = None if answer.location is None else answer.location.decode("latin-1")
        why = SERVER_ANSWERS if route is None else ROUTE_ANSWERS
        found = Match(
            answer.status, route, None, location, host, course.uri, None, why, (), matcher
        )
        found = replace(found, text=answer.text)
        return found if route is None else own_error(found, route, read)
    if route is None:
        # What ends a server's program does not end that of a location.
        course.again = course.stopped = False
    elif course.again:
        return SentOn(None, route, None, None, host, course.uri, course=course)
    return read._replace(target=course.read)
