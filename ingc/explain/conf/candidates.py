"""The decisions of a foreign nginx.conf: servers, locations, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.explain.answer import Answer, RouteRef
from ingc.explain.compiled.candidates import Contender, Named
from ingc.explain.conf.api import Conf
from ingc.explain.question import Question
from ingc.model import Outcome
from ingc.model.servers import Socket
from ingc.model.tree import Statement
from ingc.model.values import regex
from ingc.syntax.host import BadHost, read_host
from ingc.syntax.regex.reading import Pattern, TooManySteps

_MOST = 8


def conf_names(conf: Conf, question: Question, outcome: Outcome | None) -> tuple[Named, ...]:
    """Return the server names that were candidates, the winner first."""
    socket = conf.model.socket(conf.request(question))
    if socket is None or outcome is None or not outcome.server_line:
        return ()
    try:
        name = read_host(question.host.encode("utf-8", "surrogateescape"), conf.model.version)
    except BadHost:
        return ()
    found = list(_fitting(socket, name))
    default = socket.default or socket.servers[0]
    found.append((default, "_", "the default server"))
    winner, *losers = found
    why = {"the default server": "no name fits: the default server takes it"}
    first = Named(_first_name(winner[0]), wins=True, reason=why.get(winner[2], winner[2]))
    rest = (
        Named(text, wins=False, reason=_beaten(kind))
        for server, text, kind in losers
        if server is not winner[0]
    )
    return (first, *tuple(rest)[:_MOST])


def _fitting(socket: Socket, name: bytes) -> Iterator[tuple[Statement, str, str]]:
    """Yield what fits a name, in nginx's order."""
    labels = name.split(b".")
    exact = socket.names.exact.get(name)
    if exact is not None:
        yield exact, name.decode("latin-1"), "the exact name"
    for start in range(1, len(labels)):
        tail = b".".join(labels[start:])
        if tail in socket.names.leading:
            text = f"*.{tail.decode('latin-1')}"
            yield socket.names.leading[tail], text, f"the longest wildcard at the front, {text}"
    for end in range(len(labels) - 1, 0, -1):
        head = b".".join(labels[:end])
        if head in socket.names.trailing:
            text = f"{head.decode('latin-1')}.*"
            yield socket.names.trailing[head], text, f"the longest wildcard at the end, {text}"
    for pattern, server in socket.regexes:
        if _takes(pattern, name):
            yield server, _first_name(server), "the first regex that matches"


def _takes(pattern: Pattern, subject: bytes) -> bool:
    try:
        return pattern.search(subject) is not None
    except TooManySteps:
        return False


def _beaten(kind: str) -> str:
    if kind == "the default server":
        return "the default server applies only where no name fits"
    return "another name comes before it: exact, *.name, name.*, then regexes in order"


def _first_name(server: Statement) -> str:
    names = [name for item in server.all("server_name") for name in item.args]
    return names[0] if names else "_"


def conf_contenders(conf: Conf, outcome: Outcome | None, answer: Answer) -> tuple[Contender, ...]:
    """Return the locations that match the path, the winner first."""
    place = conf.at(outcome.server_line) if outcome else None
    if place is None or outcome is None:
        return ()
    server = _first_name(place.statement)
    winner = conf.at(outcome.location_line)
    found: list[Contender] = []
    if winner is not None and answer.route is not None:
        reason = _why_location(winner.statement)
        found.append(Contender(answer.route, server, wins=True, reason=reason))
    target = (answer.uri or "").encode()
    # A rewrite may have changed the path since the location was found.
    changed = winner is not None and not _matches(winner.statement, target)
    uri = outcome.uri if changed else target
    for location in _locations(place.statement):
        if winner is not None and location is winner.statement:
            continue
        if _matches(location, uri):
            ref = _ref(conf, location)
            reason = _why_lost(location, winner.statement if winner else None)
            found.append(Contender(ref, server, wins=False, reason=reason))
    return tuple(found)


def _locations(block: Statement) -> Iterator[Statement]:
    for location in block.all("location"):
        yield location
        yield from _locations(location)


def _parts(location: Statement) -> tuple[str, str]:
    if len(location.args) == 2:
        return location.args[0], location.args[1]
    return "", location.args[0]


def _matches(location: Statement, uri: bytes) -> bool:
    modifier, name = _parts(location)
    if modifier in ("~", "~*"):
        return _takes(regex(name, caseless=modifier == "~*"), uri)
    if modifier == "=":
        return name.encode() == uri
    return uri.startswith(name.encode()) and not name.startswith("@")


def _why_location(location: Statement) -> str:
    modifier, name = _parts(location)
    if name.startswith("@"):
        return "a named location: an error_page or try_files leads here"
    return {
        "=": "equals the path, and ends the search",
        "~": "the first regex that matches",
        "~*": "the first regex that matches, whatever the case",
        "^~": "the longest prefix, and it forbids regexes",
    }.get(modifier, "the longest prefix, and no regex matches")


def _why_lost(location: Statement, winner: Statement | None) -> str:
    kind = _parts(location)[0]
    won = _parts(winner)[0] if winner else ""
    if kind in ("~", "~*"):
        if won in ("~", "~*"):
            return "regex tried later, or in an outer block"
        return "regexes are not tried here" if won in ("=", "^~") else "another search came first"
    if won == "=":
        return "= wins"
    return "a regex matches" if won in ("~", "~*") else "shorter prefix"


def _ref(conf: Conf, location: Statement) -> RouteRef:
    modifier, name = _parts(location)
    return RouteRef(None, None, name, modifier or "prefix", place=conf.place(location.line))
