"""What a snippet's program makes of a request: it goes on, is answered, or gets another path.

The rules are those of nginx's rewrite module:
https://nginx.org/en/docs/http/ngx_http_rewrite_module.html
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ingc.ir.features.snippets import (
    REDIRECTS,
    IfBranch,
    IfCondition,
    ReturnAnswer,
    RewritePath,
    SetVariable,
    Step,
    Steps,
    redirects,
)
from ingc.ir.policies import VariableMap
from ingc.syntax.regex.reading import read_pattern
from ingc.syntax.request import Request
from ingc.syntax.rewrite import encoded_args, encoded_path, unescaped_redirect
from ingc.syntax.text import Text, Variable
from ingc.syntax.uri import RequestTarget

MOST_ROUNDS = 10
"""So often a request may get another path, before nginx answers 500."""
_SOME_CLIENT = "198.18.0.1"
"""The address of a client of whom nothing is known: of a network that nobody lists."""


@dataclass(frozen=True, slots=True)
class ProgramAnswer:
    """nginx answers by itself."""

    status: int
    location: bytes | None = None
    text: bytes | None = None


@dataclass(slots=True)
class Course:
    """A request while programs act on it."""

    request: Request
    name: bytes
    """``$host``."""
    target: RequestTarget
    uri: bytes
    args: bytes
    maps: tuple[VariableMap, ...] = ()
    mapped: dict[str, bytes] = field(default_factory=dict)
    """What maps have given: nginx looks each up once for a request."""
    variables: dict[str, bytes] = field(default_factory=dict)
    groups: tuple[bytes, ...] = ()
    moved: bool = False
    """True where it has another path than it came with."""
    again: bool = False
    """True where its route is chosen once more."""
    stopped: bool = False
    """True where the rest of what the rewrite module does is passed over."""

    @property
    def quoted(self) -> bool:
        """Whether the path was sent with an escape or a ``+`` in it."""
        path = self.target.sent.partition(b"#")[0].partition(b"?")[0]
        return b"%" in path or b"+" in path

    @property
    def passed(self) -> bytes:
        """The request target that a backend gets."""
        if not self.moved:
            return self.target.passed
        path = encoded_path(self.uri)
        return path + b"?" + self.args if self.args else path

    @property
    def read(self) -> RequestTarget:
        """The target as the rest of the way sees it."""
        return RequestTarget(self.uri, self.args, self.target.host, self.target.sent)


def run_program(steps: Steps, course: Course) -> ProgramAnswer | None:
    """Run a program; ``None``: the request goes on. Raises `TooManySteps`."""
    course.again = course.stopped = False
    found = _run(steps, course)
    if isinstance(found, ProgramAnswer):
        return found
    course.stopped = found
    return None


def _run(steps: Steps, course: Course) -> ProgramAnswer | bool:
    """Return an answer, or whether the rest of the program is passed over."""
    for step in steps:
        found = _step(step, course)
        if found is not False:
            return found
    return False


def _step(step: Step, course: Course) -> ProgramAnswer | bool:
    if isinstance(step, SetVariable):
        course.variables[step.name] = expand(step.value, course)
        return False
    if isinstance(step, ReturnAnswer):
        return _answer(step, course)
    if isinstance(step, RewritePath):
        return _rewrite(step, course)
    if isinstance(step, IfBranch):
        return _run(step.steps, course) if holds(step.condition, course) else False
    course.again = False
    return True


def _answer(step: ReturnAnswer, course: Course) -> ProgramAnswer:
    if step.text is None:
        return ProgramAnswer(step.status)
    text = expand(step.text, course)
    if step.status in REDIRECTS:
        return ProgramAnswer(step.status, location=text)
    return ProgramAnswer(step.status, text=text)


def holds(condition: IfCondition, course: Course) -> bool:
    """Return whether a condition holds for a request."""
    value = expand(condition.subject, course)
    operator = condition.operator
    if not operator:
        return value not in (b"", b"0")
    if condition.pattern:
        pattern = read_pattern(condition.pattern, caseless=operator.endswith("*"))
        found = pattern.search(value)
        if found is not None:
            course.groups = tuple(group or b"" for group in found.groups())
        return (found is not None) != operator.startswith("!")
    same = value == expand(condition.operand, course)
    return same == (operator == "=")


def _rewrite(step: RewritePath, course: Course) -> ProgramAnswer | bool:
    found = read_pattern(step.pattern).search(course.uri)
    if found is None:
        return False
    course.groups = tuple(group or b"" for group in found.groups())
    if redirects(step):
        status = 301 if step.flag == "permanent" else 302
        return ProgramAnswer(status, location=_location(step.target, course))
    target, keeps = _split(step.target)
    head, query = target
    path = b"".join(_piece(part, course) for part in head)
    if not path:
        return ProgramAnswer(500)
    args = course.args if keeps else b""
    if query is not None:
        own = b"".join(_in_query(part, course) for part in query)
        args = own + b"&" + args if args else own
    course.uri, course.args, course.moved = path, args, True
    course.again = step.flag != "break"
    return step.flag in ("break", "last")


def _location(target: Text, course: Course) -> bytes:
    parts, keeps = target.parts, True
    if parts and isinstance(parts[-1], str) and parts[-1].endswith("?"):
        parts, keeps = (*parts[:-1], parts[-1][:-1]), False
    location = unescaped_redirect(b"".join(_in_query(part, course) for part in parts))
    return location + b"?" + course.args if keeps and course.args else location


_Pieces = tuple[str | Variable, ...]


def _split(target: Text) -> tuple[tuple[_Pieces, _Pieces | None], bool]:
    """Return what stands before and behind the ``?``, and whether the query is kept."""
    parts, keeps = list(target.parts), True
    if parts and isinstance(parts[-1], str) and parts[-1].endswith("?"):
        parts[-1], keeps = parts[-1][:-1], False
    for number, part in enumerate(parts):
        if isinstance(part, str) and "?" in part:
            before, _, behind = part.partition("?")
            return ((*parts[:number], before), (behind, *parts[number + 1 :])), keeps
    return (tuple(parts), None), keeps


def _piece(part: str | Variable, course: Course) -> bytes:
    if isinstance(part, str):
        return part.encode()
    return value_of(part.name, course)


def _in_query(part: str | Variable, course: Course) -> bytes:
    """Return a part; a group is encoded where the client encoded anything."""
    value = _piece(part, course)
    if isinstance(part, Variable) and part.name.isdigit() and course.quoted:
        return encoded_args(value)
    return value


def expand(text: Text, course: Course) -> bytes:
    """Return a text with the values of its variables."""
    return b"".join(_piece(part, course) for part in text.parts)


def value_of(name: str, course: Course) -> bytes:
    """Return the value of a variable; what is not known is empty."""
    if name.isdigit():
        number = int(name)
        return course.groups[number - 1] if number <= len(course.groups) else b""
    if name in course.variables:
        return course.variables[name]
    block = next((item for item in course.maps if item.name == name), None)
    if block is not None:
        if name not in course.mapped:
            course.mapped[name] = _looked_up(block, course)
        return course.mapped[name]
    if name.startswith("arg_"):
        return _argument(name[4:], course.args)
    if name.startswith(("http_", "cookie_")):
        return _header(name, course.request)
    return _of_request(name, course)


def _looked_up(block: VariableMap, course: Course) -> bytes:
    """Return what a map gives: by equal text first, whatever its case, then by regexes."""
    key = expand(block.source, course)
    plain = {text.encode(): value for text, value in block.entries if not text.startswith("~")}
    found = plain.get(key.lower()) if key.lower() != b"default" else None
    for text, value in block.entries if key and found is None else ():
        if not text.startswith("~"):
            continue
        pattern = read_pattern(text.removeprefix("~").removeprefix("*"), caseless=text[1:2] == "*")
        match = pattern.search(key)
        if match is not None:
            course.groups = tuple(group or b"" for group in match.groups())
            found = value
            break
    value = plain.get(b"default", Text(())) if found is None else found
    return expand(value, course)


def _of_request(name: str, course: Course) -> bytes:
    request = course.request
    secure = request.scheme == "https"
    values = {
        "args": course.args,
        "document_uri": course.uri,
        "host": course.name,
        "https": b"on" if secure else b"",
        "is_args": b"?" if course.args else b"",
        "query_string": course.args,
        "remote_addr": (request.address or _SOME_CLIENT).encode(),
        "request_method": request.method.encode(),
        "request_uri": course.target.sent,
        "scheme": request.scheme.encode(),
        "uri": course.uri,
    }
    return values.get(name, b"")


def _argument(name: str, args: bytes) -> bytes:
    for item in args.split(b"&"):
        key, equals, value = item.partition(b"=")
        if equals and key.lower() == name.encode():
            return value
    return b""


def _header(name: str, request: Request) -> bytes:
    """Return a header, its lines joined, or a cookie, the first of its name."""
    if name == "http_host":
        return request.host
    wanted = name.removeprefix("http_") if name.startswith("http_") else "cookie"
    lines = [
        value.encode("latin-1", "replace")
        for header, value in request.headers
        if header.lower().replace("-", "_") == wanted
    ]
    if name.startswith("http_"):
        return (b"; " if wanted == "cookie" else b", ").join(lines)
    crumb = name.removeprefix("cookie_").encode()
    for line in lines:
        for item in line.split(b";"):
            key, equals, value = item.strip().partition(b"=")
            if equals and key.lower() == crumb:
                return value
    return b""
