"""The rewrite phase: ``set``, ``if``, ``return``, ``rewrite``, ``break``, in the text's order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum

from ingc.model.outcome import Files, NotModelled
from ingc.model.tree import Statement
from ingc.model.values import MOST_DEPTH, VariableBlock, Variables, joined, parts, regex, search

_ESCAPED = re.compile(rb'[\x00-\x20"#%<>?\\^`{|}\x7f-\xff]')
_ESCAPED_ARGS = re.compile(rb'[\x00-\x20"#%&+;<>?\\^`{|}\x7f-\xff]')
_ENCODED_QUERY = re.compile(rb"%3[fF]")
_ENCODED_PLAIN = re.compile(rb"%(?:2[6-9a-fA-F]|[3-6][0-9a-fA-F]|7[0-9a-eA-E])")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OF_FILES = {"-f": ("file",), "-d": ("directory",), "-e": ("file", "directory")}
_ABSOLUTE = ("http://", "https://", "$scheme")


def escape(uri: bytes) -> bytes:
    """Encode a path as nginx does for a request to a backend."""
    return _ESCAPED.sub(lambda byte: b"%%%02X" % byte.group()[0], uri)


class Next(Enum):
    """What comes after the rewrite phase."""

    GO_ON = "go on"
    """The next phase."""
    AGAIN = "again"
    """The path has changed: the location is searched again."""


@dataclass(frozen=True, slots=True)
class Answered:
    """nginx answers by itself."""

    status: int
    location: bytes | None = None
    """As written; nginx may complete it."""
    text: bytes | None = None
    """A text of its own; where there is one, no ``error_page`` takes over."""
    line: int = 0
    """That of the ``return`` or ``rewrite``, if one answers."""


@dataclass(slots=True)
class State:
    """A request while nginx works on it; `ingc.model.values.Context`."""

    uri: bytes
    args: bytes
    known: dict[str, bytes]
    """nginx's own variables that the request decides."""
    choices: dict[str, bytes]
    """What each ``split_clients`` gives, by the name of its variable."""
    captures: tuple[bytes, ...] = ()
    assigned: dict[str, bytes] = field(default_factory=dict)
    volatile: dict[str, bytes] = field(default_factory=dict)
    """What each volatile map gave last."""
    unknown: dict[str, Exception] = field(default_factory=dict)
    """Variables that were set to something that is not modelled, or that chance decides."""
    rewritten: bool = False
    """True where the request no longer goes out as it came."""
    on_error_page: bool = False
    """True where an ``error_page`` has taken over: no second one does."""
    quoted: bool = False
    """True where the path was sent with an escape or a ``+`` in it."""
    escaped: bool = False
    """True where the path was sent with an escape in it."""
    changed: bool = False
    """True where a ``rewrite`` has changed the path: the location is searched again."""
    in_location: bool = True
    """False after ``rewrite … break``: the path has nothing to do with the location's name."""
    branch: Statement | None = None
    """The last ``if`` of the location whose condition held: what stands in it counts."""
    shown: int | None = None
    """The status that an ``error_page`` keeps, whatever answer takes its place."""
    depth: int = 0
    lookups: int = 0
    jumps: int = 0
    """Internal redirects so far."""
    files: Files | None = None
    there: tuple[int, ...] = ()
    """Where `files` tells nothing, the numbers of the files that are there, of each ``try_files``
    that is still to come."""
    file: Callable[[], bytes] | None = None
    """Gives the file that the path stands for."""

    def builtin(self, name: str) -> bytes | None:
        """Return a variable of nginx's own."""
        if name in ("uri", "document_uri"):
            return self.uri
        if name in ("args", "query_string"):
            return self.args
        if name == "is_args":
            return b"?" if self.args else b""
        if name == "request_filename":
            return self._file_name()
        if name.startswith(("http_", "cookie_", "arg_")):
            return (
                self._argument(name[4:]) if name.startswith("arg_") else self.known.get(name, b"")
            )
        return self.known.get(name)

    def _file_name(self) -> bytes | None:
        """Return the file's name; ``None`` also where an ``alias`` needs that very name."""
        if self.file is None or self.depth >= MOST_DEPTH:
            return None
        self.depth += 1
        try:
            return self.file()
        finally:
            self.depth -= 1

    def _argument(self, name: str) -> bytes:
        for item in self.args.split(b"&"):
            key, equals, value = item.partition(b"=")
            if equals and key.lower() == name.encode().lower():
                return value
        return b""

    def choose(self, block: VariableBlock) -> bytes:
        """Return what was chosen for a ``split_clients``. Raises `Undecided`."""
        if block.variable not in self.choices:
            raise Undecided(block)
        return self.choices[block.variable]


class Undecided(Exception):
    """Chance decides: a ``split_clients`` was evaluated."""

    def __init__(self, block: VariableBlock) -> None:
        super().__init__(block.variable)
        self.block = block


def run(statements: Iterable[Statement], state: State, variables: Variables) -> Answered | Next:
    """Run the rewrite directives of a server or a location. Raises `NotModelled`."""
    state.changed = False
    found = _run(statements, state, variables)
    if isinstance(found, Answered):
        return found
    return Next.AGAIN if state.changed else Next.GO_ON


def run_late(block: Statement, state: State, variables: Variables) -> Answered | Next:
    """Run what comes after a location's rewrite directives (`LATE`). Raises `NotModelled`.

    Whatever block of the location counts by then goes on to count.
    """
    branch = state.branch
    found = run(block.rewrites, state, variables)
    state.branch = branch
    return found


_STOP = "stop"


def _run(statements: Iterable[Statement], state: State, variables: Variables) -> Answered | str:
    for item in statements:
        found: Answered | str = ""
        if item.name == "set":
            _set(item, state, variables)
        elif item.name == "return":
            found = _return(item, state, variables)
        elif item.name == "break":
            state.changed = False
            found = _STOP
        elif item.name == "if":
            if _holds(item, state, variables):
                state.branch = item
                found = _run(item.rewrites, state, variables)
        elif item.name == "rewrite":
            found = _rewrite(item, state, variables)
        if found:
            return found
    return ""


def _set(item: Statement, state: State, variables: Variables) -> None:
    """Set a variable; what only a running nginx knows matters where it is used."""
    name = item.args[0].removeprefix("$").lower()
    try:
        state.assigned[name] = variables.expand_twice(item.args[1], state, item.line)
        state.unknown.pop(name, None)
    except NotModelled as error:
        state.assigned.pop(name, None)
        state.unknown[name] = error
    if name == "args":
        if name in state.unknown:
            raise state.unknown[name]
        state.args = state.assigned.pop(name)


def _return(item: Statement, state: State, variables: Variables) -> Answered:
    first = item.args[0]
    if len(item.args) == 1 and not first.isdigit():
        return Answered(302, variables.expand(first, state, item.line), line=item.line)
    status = int(first)
    if len(item.args) == 1:
        return Answered(status, line=item.line)
    text = variables.expand(item.args[1], state, item.line)
    if status in _REDIRECTS:
        return Answered(status, text, line=item.line)
    return Answered(status, text=text, line=item.line)


def _holds(item: Statement, state: State, variables: Variables) -> bool:
    first, *rest = item.args
    if not rest:
        value = variables.expand(first, state, item.line)
        return value not in (b"", b"0")
    if len(rest) == 1 and first.removeprefix("!") in _OF_FILES:
        return _is_there(item, state, variables) != first.startswith("!")
    if len(rest) != 2 or first.startswith(("-", "!")):
        raise NotModelled(f"if ({' '.join(item.args)})", item.line)
    operator, operand = rest
    value = variables.expand(first, state, item.line)
    if operator in ("=", "!="):
        same = value == variables.expand(operand, state, item.line)
        return same == (operator == "=")
    if operator in ("~", "~*", "!~", "!~*"):
        pattern = regex(operand, caseless=operator.endswith("*"))
        return search(pattern, value, state) != operator.startswith("!")
    raise NotModelled(f"if ({' '.join(item.args)})", item.line)


def _is_there(item: Statement, state: State, variables: Variables) -> bool:
    if state.files is None:
        raise NotModelled(f"if ({' '.join(item.args)}), which depends on files", item.line)
    kind = state.files(variables.expand(item.args[1], state, item.line))
    return kind in _OF_FILES[item.args[0].removeprefix("!")]


def _rewrite(item: Statement, state: State, variables: Variables) -> Answered | str:
    pattern, target, *flags = item.args
    if not search(regex(pattern, caseless=False), state.uri, state):
        return ""
    flag = flags[0] if flags else ""
    if flag in ("redirect", "permanent") or target.startswith(_ABSOLUTE):
        location = _redirected(target, state, variables, item.line)
        return Answered(301 if flag == "permanent" else 302, location, line=item.line)
    path, args = _replaced(target, state, variables, item.line)
    if not path:
        return Answered(500)
    state.uri = path
    state.args = state.args if args is None else args
    state.rewritten = True
    state.assigned.pop("uri", None)
    state.changed = flag != "break"
    if flag == "break":
        state.in_location = False
    return _STOP if flag in ("break", "last") else ""


def _redirected(target: str, state: State, variables: Variables, line: int) -> bytes:
    """Return the Location: groups are encoded, and some of the whole is decoded again."""
    text = target.removesuffix("?")
    pieces = (_in_query(kind, value, state, variables, line) for kind, value in parts(text))
    location, mark, query = joined(pieces, line).partition(b"?")
    found = _ENCODED_QUERY.search(location)
    if found is not None:  # nginx stops to decode there
        head, rest = location[: found.start()], location[found.end() :]
        location, mark, query = head, b"?", rest + mark + query
    location = _ENCODED_PLAIN.sub(lambda code: bytes([int(code.group()[1:], 16)]), location)
    added = b"?" + state.args if state.args and text == target else b""
    return location + mark + query + added


def _replaced(
    target: str, state: State, variables: Variables, line: int
) -> tuple[bytes, bytes | None]:
    """Return the new path, and the new query; ``None`` keeps the request's."""
    keeps = not target.endswith("?")
    head, mark, tail = target.removesuffix("?").partition("?")
    path = variables.expand_twice(head, state, line)
    if not mark:
        return path, None if keeps else b""
    pieces = [_in_query(kind, value, state, variables, line) for kind, value in parts(tail)]
    if keeps and state.args:
        pieces += [b"&", state.args]
    return path, joined(pieces, line)


def _in_query(kind: str, value: str, state: State, variables: Variables, line: int) -> bytes:
    if kind == "text":
        return value.encode()
    if kind == "variable":
        return variables.expand_twice(f"${{{value}}}", state, line)
    number = int(value)
    group = state.captures[number - 1] if number <= len(state.captures) else b""
    if not state.quoted:
        return group
    return _ESCAPED_ARGS.sub(lambda byte: b"%%%02X" % byte.group()[0], group)
