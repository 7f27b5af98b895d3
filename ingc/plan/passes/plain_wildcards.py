"""Wildcard hosts as names that nginx looks up, in place of a regex that it tries for each.

nginx's own ``*.example.com`` takes any number of labels, and comes before every regex. A name with
more labels than the host takes goes on, in the host's server, to locations that are those of the
default server. That is the same answer only where nothing else in a server could tell the two
apart, and where no regex that is left takes such a name.
"""

from __future__ import annotations

import dataclasses
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence

from ingc.match.regex_names import literal_ends
from ingc.plan.layout import Comment, Directive, Literal, Location, Server, Value, compose, plain
from ingc.plan.passes.around import Around, all_locations, asks_for, names_of, variables_of
from ingc.syntax.hash_table import misfit
from ingc.syntax.text import Variable

_FEW = 8
"""So many regexes nginx may try one after the other: each costs less than what stands in for it."""
_MOST_COPIED = 4
"""So many locations of the default server may stand in each server once more."""
_ELSEWHERE = "//ingc/nobody"
"""What a path begins with that the default server would answer. No client's path does: nginx
merges slashes."""
_TO_ELSEWHERE = Directive("rewrite", (Literal("^"), compose(f"{_ELSEWHERE}$uri"), "last"))
_HOST = Variable("host")
_OF_SERVER = frozenset({"server_name"})
_OF_PATH = frozenset(
    {"uri", "document_uri", "request_filename", "fastcgi_script_name", "fastcgi_path_info"}
)
"""The variables that differ for a request that goes elsewhere."""
_ANSWERS = frozenset({"return", "set", "access_log"})
_NOT_SHARED = frozenset({"listen", "server_name", "http2"})
"""What is compared by itself, and what the default server of a port without TLS decides."""
_ASIDE = ("proxy_", "grpc_", "fastcgi_", "ssl_")
"""What does nothing where nginx answers by itself, in clear."""
_OF_DEFAULT = frozenset({"default_server", "reuseport"})
_ONE_LABEL = re.compile(r"~\^\[\^\.\]\+\[\.\]((?:[a-z0-9-]|\[\.\])+)\$").fullmatch


def name_wildcards(servers: tuple[Server, ...], around: Around) -> tuple[Server, ...]:
    """Return servers of which those of wildcard hosts have plain names, where that is exact."""
    default = next((item for item in servers if _is_default(item)), None)
    if default is None or around.room is None or around.read & (_OF_SERVER | _OF_PATH):
        return servers
    regexes = {
        str(name): item
        for item in servers
        if _in_clear(item)
        for name in names_of(item)
        if _is_regex(name)
    }
    if len(regexes) <= _FEW or not _only_answers(default):
        return servers
    may = {
        id(item) for item in {id(s): s for s in regexes.values()}.values() if _may(item, default)
    }
    wanted = [_suffix(name) for name, item in regexes.items() if id(item) in may]
    suffixes = {suffix for suffix in wanted if suffix is not None}
    left = [name for name, item in regexes.items() if id(item) not in may or _suffix(name) is None]
    suffixes -= _taken(suffixes, left)
    exact = (str(name) for item in servers for name in names_of(item) if not _is_regex(name))
    if misfit(sorted({*exact, *_labels(suffixes)}), around.room) is not None:
        return servers
    copied = tuple(map(_elsewhere, default.locations))
    return tuple(
        made
        for item in servers
        for made in (_split(item, suffixes, copied) if id(item) in may else (item,))
    )


def _in_clear(server: Server) -> list[tuple[Value, ...]]:
    """Return the arguments of each ``listen`` without TLS."""
    listens = (item.args for item in server.directives if item.name == "listen")
    return [args for args in listens if "ssl" not in args]


def _is_default(server: Server) -> bool:
    return any("default_server" in args for args in _in_clear(server))


def _is_regex(name: Value) -> bool:
    return str(name).startswith("~")


def _suffix(name: Value) -> str | None:
    """Return what the name of a wildcard ends with; ``None``: it is no wildcard."""
    found = _ONE_LABEL(str(name))
    return found[1].replace("[.]", ".") if found else None


def _only_answers(default: Server) -> bool:
    """Return whether nginx answers all that comes to a server by itself, whatever the path is."""
    names = [(item.modifier, item.name) for item in default.locations]
    return (
        len(names) <= _MOST_COPIED
        and ("", "/") in names
        and all(
            item.modifier in ("", "=")
            and item.name[:1] == "/"
            and not item.locations
            and all(
                each.name in _ANSWERS and not variables_of(each.args[each.name == "set" :])
                for each in item.directives
            )
            for item in default.locations
        )
    )


def _may(server: Server, default: Server) -> bool:
    """Return whether the wildcards of a server may have plain names, as far as it is concerned."""
    if len(names_of(server)) > 1 and not _only_redirects(server):
        return False
    listens = [item.args for item in server.directives if item.name == "listen"]
    if listens != [_usual(args) for args in _in_clear(default)]:
        return False
    if _all_else(server) != _all_else(default):
        return False
    return not any(
        _goes_on(each) or asks_for(_OF_SERVER, each)
        for item in all_locations(server.locations)
        for each in item.directives
    )


def _only_redirects(server: Server) -> bool:
    """Return whether a server answers all requests alike: it can be there twice."""
    return len(server.locations) == 1 and all(
        item.name == "return" for item in server.locations[0].directives
    )


def _usual(args: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(arg for arg in args if arg not in _OF_DEFAULT)


def _all_else(server: Server) -> Hashable:
    """Return what a server does to all that it takes, in clear."""
    return tuple(
        item
        for item in server.directives
        if item.name not in _NOT_SHARED and not item.name.startswith(_ASIDE)
    )


def _goes_on(item: Directive) -> bool:
    """Return whether a directive has nginx look for a location again, by a path of its own."""
    if item.name == "rewrite" and item.args[-1] != "break":
        return True
    if item.name == "error_page" and not plain(item.args[-1]).startswith("@"):
        return True
    return any(map(_goes_on, item.block))


def _taken(suffixes: Iterable[str], left: Iterable[str]) -> set[str]:
    """Return the suffixes whose names, or those with more labels, a regex that is left may take.

    A wildcard that is left takes nothing below itself: only what it is itself below is in question.
    """
    known = sorted((f".{item}"[::-1], item) for item in suffixes)
    below: list[str] = []
    taken: set[str] = set()
    for name in left:
        suffix = _suffix(name)
        if suffix is not None:
            below.append(suffix)
            continue
        end = literal_ends(name[1:])[1].decode("latin-1")
        taken.update(_ending_with(end, known))
        # What an end begins with need be no whole label.
        below.append(f"x{end}")
    # What is left because of one of these is a regex too.
    for suffix in (*below, *taken):
        taken.update(_above(suffix))
    return taken


def _ending_with(end: str, known: Sequence[tuple[str, str]]) -> Iterator[str]:
    begun = end[::-1]
    for place in range(bisect_left(known, (begun, "")), len(known)):
        if not known[place][0].startswith(begun):
            return
        yield known[place][1]


def _above(suffix: str) -> Iterator[str]:
    """Yield what is left of a name without its first label, without two, and so on."""
    while suffix:
        suffix = suffix.partition(".")[2]
        yield suffix


def _labels(suffixes: Iterable[str]) -> set[str]:
    """Return the labels of names: nginx keeps a table of those of each level."""
    return {label for suffix in suffixes for label in suffix.split(".")}


def _elsewhere(location: Location) -> Location:
    """Return a location of the default server for names that are not the host's."""
    origin = Comment(f"{location.origin}, for names with more labels")
    name = Literal(f"{_ELSEWHERE}{location.name}")
    return Location(origin, location.modifier or "^~", name, location.directives)


def _split(server: Server, suffixes: set[str], copied: tuple[Location, ...]) -> Iterator[Server]:
    """Yield a server for the names that stay, and for plain ones with as many labels each one."""
    by_labels: dict[int, list[str]] = defaultdict(list)
    kept: list[Value] = []
    for name in names_of(server):
        suffix = _suffix(name)
        if suffix is not None and suffix in suffixes:
            by_labels[suffix.count(".") + 2].append(suffix)
        else:
            kept.append(name)
    if kept:
        yield _with_names(server, kept)
    for labels, found in by_labels.items():
        named = _with_names(server, [Literal(f"*.{suffix}") for suffix in found])
        yield Server(
            named.title,
            (*named.directives, _unless(labels)),
            (*named.locations, *copied),
        )


def _with_names(server: Server, names: Sequence[Value]) -> Server:
    first = next(n for n, item in enumerate(server.directives) if item.name == "server_name")
    others = (item for item in server.directives[first:] if item.name != "server_name")
    lines = (Directive("server_name", (name,)) for name in names)
    return dataclasses.replace(server, directives=(*server.directives[:first], *lines, *others))


def _unless(labels: int) -> Directive:
    """Return what leads names with another number of labels elsewhere."""
    shape = Literal(f"^{'[.]'.join(['[^.]+'] * labels)}$")
    return Directive("if", (_HOST, "!~", shape), block=(_TO_ELSEWHERE,))
