"""Access logs: how many requests each rule takes, and which requests no rule takes.

The forms are those that ingc writes: ``json``, and ``combined`` with or without what ingc adds to
it. Requests are answered without their headers, which a log does not have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ingc.explain.answer import Answer, Asker, RouteRef
from ingc.explain.question import Question

_COMBINED = re.compile(
    rb'\S+ - [^"]*? \[[^]"]{0,64}] "((?:[^"\\]|\\.)*)" \d{3} \S+'
    rb'(?: "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*"(?: (\S+) (https?)(?:\s.*)?)?)?\s*\Z',
    re.DOTALL,
).match
_REQUEST = re.compile(r"([A-Z_-]+) (.*?)(?: HTTP/\d(?:\.\d)?)?\Z", re.DOTALL).match
_ESCAPED = re.compile(rb"\\x([0-9A-Fa-f]{2})")
_CACHED = 1 << 16
_MOST_UNMATCHED = 100_000
_LONG = 8000
_MOST_EXAMPLES = 3

Key = tuple[str, str, str, str]
"""Method, scheme, host, target."""


class NoHost(ValueError):
    """A log line names no host, and none was given."""


class BadLogLine(ValueError):
    """A log line that can't be read; the text gives the reason."""


@dataclass(slots=True)
class RuleRow:
    """Requests that share a rule, or, where none takes them, host and path."""

    answer: Answer
    """The first one's."""
    count: int = 0


@dataclass(slots=True)
class Tally:
    """What a log holds."""

    requests: int = 0
    rules: dict[object, RuleRow] = field(default_factory=dict)
    unmatched: dict[object, RuleRow] = field(default_factory=dict)
    """By host, path and status."""
    malformed: int = 0
    examples: list[str] = field(default_factory=list)
    """The first malformed lines: their numbers, and what is wrong."""


def read_json(line: bytes, host: str = "") -> Key:
    """Read a line of the form ``json``; ``host`` is for lines that name none.

    Raises `BadLogLine` and `NoHost`.
    """
    import json

    try:
        found = json.loads(line.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError) as error:
        raise BadLogLine("not JSON") from error
    if not isinstance(found, dict) or "uri" not in found:
        raise BadLogLine('not an object with "host" and "uri"')
    name, target = found.get("host", host), found["uri"]
    method = found.get("method", "GET")
    if not (isinstance(target, str) and isinstance(name, str) and isinstance(method, str)):
        raise BadLogLine('"host", "uri" and "method" must be strings')
    if not name and "host" not in found:
        raise NoHost
    if not target or not method or not name:
        raise BadLogLine("nginx could not read the request")
    return method, "https" if found.get("scheme") == "https" else "http", name, target


def read_combined(line: bytes, host: str = "") -> Key:
    """Read a line of the form ``combined``; ``host`` is for lines that name none.

    Raises `BadLogLine` and `NoHost`.
    """
    found = _COMBINED(line)
    if found is None:
        raise BadLogLine("not in the form combined")
    request = _unescaped(found[1]).decode("utf-8", "surrogateescape")
    parts = _REQUEST(request)
    if parts is None or not parts[2]:
        raise BadLogLine("nginx could not read the request")
    if found[2] is not None:
        return parts[1], found[3].decode(), found[2].decode("utf-8", "surrogateescape"), parts[2]
    if not host:
        raise NoHost
    return parts[1], "http", host, parts[2]


def _unescaped(text: bytes) -> bytes:
    if b"\\" not in text:
        return text
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), text)


def tally(lines: Iterable[bytes], read: Callable[[bytes], Key], asker: Asker) -> Tally:
    """Answer each line of a log. Raises `NoHost`."""
    counts = Tally()
    known: dict[Key, RuleRow] = {}
    for number, line in enumerate(lines, 1):
        if line.isspace():
            continue
        try:
            method, scheme, host, target = read(line)
        except BadLogLine as error:
            counts.malformed += 1
            if len(counts.examples) < _MOST_EXAMPLES:
                counts.examples.append(f"line {number}: {error}")
            continue
        counts.requests += 1
        if len(target) < _LONG and target.isprintable() and " " not in target:
            # What follows the question mark takes no part in the choice of a rule.
            target = target.partition("?")[0] or "/"
        key = method, scheme, host, target
        row = known.get(key)
        if row is None:
            if len(known) >= _CACHED:
                known.clear()
            row = known[key] = _row(counts, asker, key)
        row.count += 1
    return counts


def _row(counts: Tally, asker: Asker, key: Key) -> RuleRow:
    method, scheme, host, target = key
    answer = asker.ask(Question(method, scheme, host, target))
    if answer.route is not None:
        return counts.rules.setdefault(_identity(answer.route), RuleRow(answer))
    kind = (answer.status, answer.refused, host, answer.uri or target)
    row = counts.unmatched.get(kind)
    if row is None and len(counts.unmatched) < _MOST_UNMATCHED:
        row = counts.unmatched[kind] = RuleRow(answer)
    if row is None:
        kind = (answer.status, answer.refused, "…", "…")
        row = counts.unmatched.setdefault(kind, RuleRow(answer))
    return row


def _identity(ref: RouteRef) -> object:
    return id(ref.route) if ref.route is not None else ref.place


def by_count(rows: Iterable[RuleRow]) -> list[RuleRow]:
    """Return rows, the most requests first; ties by the text of the request."""
    return sorted(rows, key=lambda row: (-row.count, row.answer.request.url))


def unused(counts: Tally, asker: Asker) -> Iterator[RouteRef]:
    """Yield the rules that no request of a log reaches."""
    return (ref for ref in asker.refs() if _identity(ref) not in counts.rules)
