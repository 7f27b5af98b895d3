"""Servers with names such as ``*.example.com``, as they would be with a regex for each wildcard.

nginx's own wildcard takes any number of labels, and comes before every regex. A server with such
names does what one with regexes of one label does if what has more labels is answered in it as in
the default server, and if no regex of another server takes such a name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from ingc.match.regex_names import literal_ends
from ingc.model import Model, NotModelled
from ingc.model.servers import Socket
from ingc.model.tree import VARIABLE_BLOCKS, Content, Statement
from ingc.model.values import VariableBlock
from ingc.prove.server_names import named
from ingc.prove.structure import Reading
from ingc.prove.witnesses import NOBODY, target_for
from ingc.syntax.request import Request
from ingc.target import Version

_ELSEWHERE = "//ingc/nobody"
"""What a path begins with in the locations for names that are not the host's."""
_GOES_ELSEWHERE = (("rewrite", ("^", f"{_ELSEWHERE}$uri", "last"), None),)
_MORE = ("a.b", "ingc.label", "")
"""What stands for no single label of a wildcard."""
_VARIABLE = re.compile(r"\$\{?(\w+)")
_OF_SERVER = frozenset({"server_name"})
_OF_PATH = frozenset(
    {"uri", "document_uri", "request_filename", "fastcgi_script_name", "fastcgi_path_info"}
)
_ANSWERS = frozenset({"return", "set", "access_log"})
_NOT_COMPARED = frozenset({"listen", "server_name", "location", "http2"})
_PASSING = ("proxy_", "grpc_", "fastcgi_", "ssl_")
"""What does nothing where nginx answers by itself, in clear."""


@dataclass(frozen=True, slots=True)
class PlainFault:
    """Why names of a server do not do what regexes would do."""

    name: str
    """One of them, as the IR has it."""
    why: str
    server: Statement

    def __str__(self) -> str:
        return f"{self.name} should do what a regex of one label does: {self.why}"


class PlainNames:
    """The servers of one text that have such names."""

    def __init__(self, reading: Reading, target: Version) -> None:
        self._reading = reading
        self._target = target
        self._servers = [
            item for item in reading.blocks if item.name == "server" and any(_wildcards(item))
        ]
        self._written = {id(item): _with_regexes(item) for item in self._servers}
        self._before = {id(self._written[id(item)]): item for item in self._servers}

    @cached_property
    def reading(self) -> Reading:
        """The text with regexes in place of these names."""
        if not self._servers:
            return self._reading
        blocks = tuple([self._written.get(id(item), item) for item in self._reading.blocks])
        names = frozenset(name for item in self._servers for name in _wildcards(item))
        return replace(self._reading, blocks=blocks, looked_up=names)

    def as_read(self, server: Statement | None) -> Statement | None:
        """Return a server as it stands in the text."""
        return server if server is None else self._before.get(id(server), server)

    def faults(self) -> Iterator[PlainFault]:
        """Yield a fault for each server that has one."""
        if not self._servers:
            return
        http = self._reading.whole_http()
        place = _Place(Model((http,), self._target), http)
        shown: set[object] = set()
        for server in self._servers:
            why = _fault(server, place)
            others = _for_others(server)
            if why is None and others not in shown:
                shown.add(others)
                why = _witness(server, place)
            if why is not None:
                yield PlainFault(next(_wildcards(server)), why, server)


class _Place:
    """What stands around the servers."""

    def __init__(self, model: Model, http: Statement) -> None:
        self.model = model
        self.read = _read_around(http)
        self.regexes = _Regexes(model)
        self.sockets: dict[int, list[Socket]] = defaultdict(list)
        for socket in model.all_sockets:
            for server in socket.servers:
                self.sockets[id(server)].append(socket)


def _fault(server: Statement, place: _Place) -> str | None:
    names = [name for item in server.all("server_name") for name in item.args]
    labels = {name.count(".") for name in names}
    if len(labels) != 1 or len(list(_wildcards(server))) < len(names):
        return "names of several numbers of labels in one server"
    sockets = place.sockets[id(server)]
    defaults = {id(item.first): item.first for item in sockets}
    if len(defaults) != 1 or any(item.ssl for item in sockets):
        return "a wildcard of any number of labels where TLS, or several servers, would answer"
    found = _differs(server, next(iter(defaults.values())), names[0].count(".") + 1)
    if found is not None:
        return found
    if place.read & (_OF_SERVER | _OF_PATH):
        return "what is logged tells servers or paths apart"
    met = ((name, found) for name in names if (found := place.regexes.met_by(name)) is not None)
    return next((f"the name {regex} may take what {name} takes" for name, regex in met), None)


def _wildcards(server: Statement) -> Iterator[str]:
    for item in server.all("server_name"):
        yield from (name for name in item.args if name.startswith("*."))


def _with_regexes(server: Statement) -> Statement:
    """Return a server with a regex for each wildcard, without what is there for other names."""
    kept = []
    for item in server.block or ():
        if item.name == "server_name":
            args = tuple([_regex(name) for name in item.args])
            kept.append(Statement(item.name, args, item.line))
        elif not (_leads_elsewhere(item) or _is_elsewhere(item)):
            kept.append(item)
    return Statement(server.name, server.args, server.line, tuple(kept))


def _regex(name: str) -> str:
    if not name.startswith("*."):
        return name
    return "~^[^.]+[.]" + name[2:].replace(".", "[.]") + "$"


def _leads_elsewhere(item: Statement) -> bool:
    return item.name == "if" and item.content[2] == _GOES_ELSEWHERE


def _is_elsewhere(item: Statement) -> bool:
    return item.name == "location" and item.args[-1].startswith(_ELSEWHERE)


def _for_others(server: Statement) -> tuple[Content, ...]:
    """Return what decides about names that are not the host's."""
    kept = (item for item in server.block or () if item.name != "location" or _is_elsewhere(item))
    return tuple([item.content for item in kept if item.name != "server_name"])


def _differs(server: Statement, default: Statement, labels: int) -> str | None:
    """Return why what has more labels is not answered as in the default server."""
    led = [item for item in server.block or () if _leads_elsewhere(item)]
    shape = "^" + "[.]".join(["[^.]+"] * labels) + "$"
    if [item.args for item in led] != [("$host", "!~", shape)]:
        return f"names of another number of labels than {labels} stay in the server"
    own = [item for item in server.block or () if item not in led]
    if _in_all(own) != _in_all(default.block or ()):
        return "the server does something that the default server does not do"
    answers = [item.content for item in own if _is_elsewhere(item)]
    wanted = [_moved(item) for item in default.all("location")]
    if ("/",) not in [item.args for item in default.all("location")]:
        return "the default server does not take every path"
    if None in wanted or sorted(answers, key=repr) != sorted(filter(None, wanted), key=repr):
        return "names with more labels are not answered as in the default server"
    for item in own:
        if item.name == "location" and not _is_elsewhere(item) and _reaches_elsewhere(item):
            return "a location goes on elsewhere, or asks for the name of the server"
    return None


def _in_all(block: list[Statement] | tuple[Statement, ...]) -> list[Content]:
    """Return what holds for all that a server answers by itself, in order."""
    return [
        item.content
        for item in block
        if item.name not in _NOT_COMPARED and not item.name.startswith(_PASSING)
    ]


def _moved(location: Statement) -> Content | None:
    """Return a location of the default server for paths elsewhere; ``None``: it looks at the path
    or is found by more than its name.
    """
    modifier, name = location.args if len(location.args) == 2 else ("", location.args[0])
    if modifier not in ("", "=") or not name.startswith("/"):
        return None
    for item in location.block or ():
        texts = item.args[1:] if item.name == "set" else item.args
        if item.name not in _ANSWERS or any("$" in text for text in texts):
            return None
    args = (modifier or "^~", _ELSEWHERE + name)
    return location.name, args, location.content[2]


def _reaches_elsewhere(block: Statement) -> bool:
    for item in block.block or ():
        if item.name == "rewrite" and item.args[-1] != "break":
            return True
        if item.name == "error_page" and not item.args[-1].startswith("@"):
            return True
        if any(_OF_SERVER & set(_VARIABLE.findall(arg)) for arg in item.args if "$" in arg):
            return True
        if item.block and _reaches_elsewhere(item):
            return True
    return False


def _read_around(http: Statement) -> frozenset[str]:
    """Return the variables that count in every server, those of maps included."""
    blocks = (item for name in VARIABLE_BLOCKS for item in http.all(name))
    maps: Mapping[str, VariableBlock] = {
        block.variable: block for block in (VariableBlock(item) for item in blocks)
    }
    lines = (item for item in http.block or () if item.block is None)
    texts = [arg for item in lines if not item.name.startswith(_PASSING) for arg in item.args]
    found: set[str] = set()
    while texts:
        for name in _VARIABLE.findall(texts.pop()):
            if name in found:
                continue
            found.add(name)
            block = maps.get(name.lower())
            if block is not None:
                texts += [block.source, *(value for _, value in block.entries), block.default]
    return frozenset(found)


class _Regexes:
    """The names in clear that are regexes, by how the names that they take may end."""

    def __init__(self, model: Model) -> None:
        sockets = (item for item in model.all_sockets if not item.ssl)
        servers = dict.fromkeys(chain.from_iterable(item.servers for item in sockets))
        names = (n for item in servers for line in item.all("server_name") for n in line.args)
        self._ends: dict[str, str] = {}
        """Of each regex but wildcards, the text that each name ends with that it takes."""
        self._endings: dict[str, str] = {}
        """What begins with a dot, and what a regex takes ends with."""
        for name in (name for name in names if name.startswith("~")):
            other = named(name)
            end = other[1:]
            if not other.startswith("*."):
                end = literal_ends(name[1:])[1].decode("latin-1")
                self._ends[end] = name
            self._endings.update((text, name) for text in _endings(end) if text[:1] == ".")

    def met_by(self, name: str) -> str | None:
        """Return a regex that may take what a wildcard takes, whatever its number of labels."""
        end = name[1:]
        # A wildcard that is a regex takes one label more than itself, and no name with more.
        if end in self._endings:
            return self._endings[end]
        return next((self._ends[text] for text in _endings(end) if text in self._ends), None)


def _endings(text: str) -> Iterator[str]:
    return (text[at:] for at in range(len(text) + 1))


def _witness(server: Statement, place: _Place) -> str | None:
    """Return a request for a name of more labels that is answered otherwise than it has to be."""
    name, socket = next(_wildcards(server)), place.sockets[id(server)][0]
    asked = (item.args[-1].encode() for item in socket.first.all("location"))
    paths = (*asked, b"/ingc-no-such-path")
    for host in (f"{label}{name[1:]}".encode() for label in _MORE):
        if socket.find(host)[0] is not server:
            continue  # another host has it
        for path in paths:
            found = _answer(place.model, host, path)
            if found != _answer(place.model, NOBODY, path):
                return f"{(host + path).decode('latin-1')} is answered with {found[0]}"
    return None


def _answer(model: Model, host: bytes, path: bytes) -> tuple[object, ...]:
    try:
        found = model.outcome(Request(host, target_for(path)))
    except NotModelled as error:
        return (str(error),)
    return found.status, found.location, found.text, found.sent, found.upstream
