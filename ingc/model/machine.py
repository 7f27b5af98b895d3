"""The rewrite phase: ``set``, ``if``, ``return``, ``rewrite``, ``break``, in the text's order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from ingc.model.outcome import NotModelled
from ingc.model.tree import REWRITES, Statement
from ingc.model.values import Block, Variables, parts, regex, search

_ESCAPED = re.compile(rb'[\x00-\x20"#%<>?\\^`{|}\x7f-\xff]')
_ESCAPED_ARGS = re.compile(rb'[\x00-\x20"#%&+;<>?\\^`{|}\x7f-\xff]')
_ENCODED_QUERY = re.compile(rb"%3[fF]")
_ENCODED_PLAIN = re.compile(rb"%(?:2[6-9a-fA-F]|[3-6][0-9a-fA-F]|7[0-9a-eA-E])")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
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
class Answer:
    """nginx answers by itself."""

    status: int
    location: bytes | None = None
    """As written; nginx may complete it."""


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
    rewritten: bool = False
    """True where the request no longer goes out as it came."""
    on_error_page: bool = False
    """True where an ``error_page`` has taken over: no second one does."""
    quoted: bool = False
    """True where the path was sent with an escape in it."""

    def builtin(self, name: str) -> bytes | None:
        """Return a variable of nginx's own."""
        if name in ("uri", "document_uri"):
            return self.uri
        if name in ("args", "query_string"):
            return self.args
        if name == "is_args":
            return b"?" if self.args else b""
        if name.startswith(("http_", "cookie_", "arg_")):
            return (
                self._argument(name[4:]) if name.startswith("arg_") else self.known.get(name, b"")
            )
        return self.known.get(name)

    def _argument(self, name: str) -> bytes:
        for item in self.args.split(b"&"):
            key, equals, value = item.partition(b"=")
            if equals and key.lower() == name.encode().lower():
                return value
        return b""

    def choose(self, block: Block) -> bytes:
        """Return what was chosen for a ``split_clients``. Raises `Undecided`."""
        if block.variable not in self.choices:
            raise Undecided(block)
        return self.choices[block.variable]


class Undecided(Exception):
    """Chance decides: a ``split_clients`` was asked."""

    def __init__(self, block: Block) -> None:
        super().__init__(block.variable)
        self.block = block


def run(statements: Iterable[Statement], state: State, variables: Variables) -> Answer | Next:
    """Run the rewrite directives of a server or a location. Raises `NotModelled`."""
    found = _run(statements, state, variables)
    return found if found is not None else Next.GO_ON


_BREAK = Next.GO_ON


def _run(
    statements: Iterable[Statement], state: State, variables: Variables
) -> Answer | Next | None:
    changed = False
    for item in statements:
        if item.name == "set":
            name = item.args[0].removeprefix("$").lower()
            state.assigned[name] = variables.expand(item.args[1], state, item.line)
        elif item.name == "return":
            return _return(item, state, variables)
        elif item.name == "break":
            return _BREAK
        elif item.name == "if":
            if _holds(item, state, variables):
                inner = _run(_only_rewrites(item), state, variables)
                if inner is not None:
                    return inner
        elif item.name == "rewrite":
            outcome = _rewrite(item, state, variables)
            if outcome == "changed":
                changed = True
            elif outcome is not None and not isinstance(outcome, str):
                return outcome
    return Next.AGAIN if changed else None


def _only_rewrites(condition: Statement) -> tuple[Statement, ...]:
    for item in condition.block or ():
        if item.name not in REWRITES:
            raise NotModelled(f"{item.name} in an if", item.line)
    return condition.block or ()


def _return(item: Statement, state: State, variables: Variables) -> Answer:
    first = item.args[0]
    if len(item.args) == 1 and not first.isdigit():
        return Answer(302, variables.expand(first, state, item.line))
    status = int(first)
    if len(item.args) == 1:
        return Answer(status)
    text = variables.expand(item.args[1], state, item.line)
    return Answer(status, text if status in _REDIRECTS else None)


def _holds(item: Statement, state: State, variables: Variables) -> bool:
    first, *rest = item.args
    if not rest:
        value = variables.expand(first, state, item.line)
        return value not in (b"", b"0")
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


def _rewrite(item: Statement, state: State, variables: Variables) -> Answer | Next | str | None:
    pattern, target, *flags = item.args
    if not search(regex(pattern, caseless=False), state.uri, state):
        return None
    flag = flags[0] if flags else ""
    if flag in ("redirect", "permanent") or target.startswith(_ABSOLUTE):
        location = _redirected(target, state, variables, item.line)
        return Answer(301 if flag == "permanent" else 302, location)
    path, args = _replaced(target, state, variables, item.line)
    if not path:
        return Answer(500)
    state.uri = path
    state.args = state.args if args is None else args
    state.rewritten = True
    state.assigned.pop("uri", None)
    if flag == "break":
        return _BREAK
    return Next.AGAIN if flag == "last" else "changed"


def _redirected(target: str, state: State, variables: Variables, line: int) -> bytes:
    """Return the Location: groups are encoded, and some of the whole is decoded again."""
    text = target.removesuffix("?")
    pieces = (_in_query(kind, value, state, variables, line) for kind, value in parts(text))
    location, mark, query = b"".join(pieces).partition(b"?")
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
    path = variables.expand(head, state, line)
    if not mark:
        return path, None if keeps else b""
    query = b"".join(_in_query(kind, value, state, variables, line) for kind, value in parts(tail))
    if keeps and state.args:
        query += b"&" + state.args
    return path, query


def _in_query(kind: str, value: str, state: State, variables: Variables, line: int) -> bytes:
    if kind == "text":
        return value.encode()
    if kind == "variable":
        return variables.value(value, state, line)
    number = int(value)
    group = state.captures[number - 1] if number <= len(state.captures) else b""
    if not state.quoted:
        return group
    return _ESCAPED_ARGS.sub(lambda byte: b"%%%02X" % byte.group()[0], group)
