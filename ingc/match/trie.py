"""The path trie of a host, and the table of hosts: built once, then only searched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, assert_never

from ingc.ir import Exact, Host, Prefix, Regex, Route
from ingc.ir.features.aliases import Alias
from ingc.match.path_tests import PathTest, path_test
from ingc.match.regex_names import RegexNames
from ingc.syntax.regex.reading import TooManySteps

MANY_SEARCHES = 64
"""Regexes for one name. More are taken for a mistake, or for worse, and not waited for."""


@dataclass(slots=True)
class TrieNode:
    """One path, element by element from the root, without its trailing slash."""

    children: dict[bytes, TrieNode] = field(default_factory=dict)
    exact: Route | None = None
    """Takes the path itself."""
    exact_slash: Route | None = None
    """Takes the path with a slash at its end."""
    prefix: Route | None = None
    """Takes the path, with or without a slash, and everything below it."""


class TrieStep(NamedTuple):
    """A route met on the way to a path, and whether it takes the request."""

    route: Route
    takes: bool


class PathTrie:
    """The Exact and Prefix routes of a host. Precedence: the exact path, else the deepest prefix.

    Of Prefix paths with the same elements (``/foo``, ``/foo/``) the IR keeps only the live one.
    """

    __slots__ = ("_root",)

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = TrieNode()
        for route in routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        match route.match:
            case Exact(path):
                node = self._reach(path.encode())
                if path.endswith("/") and path != "/":
                    node.exact_slash = node.exact_slash or route
                else:
                    node.exact = node.exact or route
            case Prefix(path):
                node = self._reach(path.encode())
                node.prefix = node.prefix or route
            case Regex():
                raise TypeError("a regex route belongs to a host in regex mode")
            case unreachable:
                assert_never(unreachable)

    def _reach(self, path: bytes) -> TrieNode:
        node = self._root
        for element in _elements(path):
            node = node.children.setdefault(element, TrieNode())
        return node

    def find(self, uri: bytes) -> Route | None:
        """Return the route that takes a normalised path, or ``None``."""
        node = self._root
        best = node.prefix
        elements = uri.split(b"/")
        slash = elements[-1] == b""
        for element in elements[1:-1] if slash else elements[1:]:
            child = node.children.get(element)
            if child is None:
                return best
            node = child
            if node.prefix is not None:
                best = node.prefix
        exact = node.exact_slash if slash and node is not self._root else node.exact
        return exact or best

    def walk(self, uri: bytes) -> Iterator[TrieStep]:
        """Yield every route on the way to a path, the deepest last."""
        node = self._root
        remaining = _elements(uri)
        slash = uri.endswith(b"/") and uri != b"/"
        for depth in range(len(remaining) + 1):
            at_end = depth == len(remaining)
            if node.prefix is not None:
                yield TrieStep(node.prefix, takes=True)
            if node.exact is not None:
                yield TrieStep(node.exact, takes=at_end and not slash)
            if node.exact_slash is not None:
                yield TrieStep(node.exact_slash, takes=at_end and slash)
            if at_end or remaining[depth] not in node.children:
                return
            node = node.children[remaining[depth]]


def _elements(path: bytes) -> list[bytes]:
    inner = path[1:].removesuffix(b"/")
    return inner.split(b"/") if inner else []


class RegexList:
    """The routes of a host of which some are regexes, in order; the first that matches wins."""

    __slots__ = ("_tests",)

    def __init__(self, routes: Iterable[Route]) -> None:
        self._tests: list[tuple[PathTest, Route]] = [(path_test(r.match), r) for r in routes]

    def find(self, uri: bytes) -> Route | None:
        """Return the route that takes a normalised path, or ``None``. Raises `TooManySteps`."""
        for takes, route in self._tests:
            if takes(uri):
                return route
        return None

    def walk(self, uri: bytes) -> Iterator[TrieStep]:
        """Yield the regexes, in order, and of other routes those on the way to a path."""
        for test, route in self._tests:
            try:
                takes = test(uri)
            except TooManySteps:
                takes = False
            if takes or isinstance(route.match, Regex) or path_test(Prefix(route.match.path))(uri):
                yield TrieStep(route, takes)


PathMatcher = PathTrie | RegexList


def path_matcher(host: Host) -> PathMatcher:
    """Build the matcher of a host's paths."""
    return RegexList(host.routes) if host.regex else PathTrie(host.routes)


def in_server_order(hosts: Iterable[Host]) -> list[Host]:
    """Sort hosts as nginx is given their servers, which matters for names that are regexes.

    nginx tries wildcards, which we write as regexes, and regexes from the first server to the
    last. So hosts come first that have none but wildcards: no two of these take the same name.
    Aliases that are regexes come in the order of their Ingresses.
    """
    return sorted(hosts, key=_regex_rank)


def _regex_rank(host: Host) -> tuple[int, int]:
    names = host.names
    alias = host.feature(Alias) if host.features else None
    if alias is None or not any(name.startswith("~") for name in names):
        return 0, 0
    return (1 if any(name.startswith("*.") for name in names) else 2), alias.place


class HostTable:
    """Which host takes a name: the exact one, else the wildcard one label shorter, else none.

    Aliases count as names of their host; those that are regexes are tried last, but for a wildcard
    of a host that has a regex too.
    """

    __slots__ = ("_exact", "_regexes", "_twins", "_wild")

    def __init__(self, hosts: Iterable[Host]) -> None:
        self._exact: dict[bytes, Host] = {}
        self._wild: dict[bytes, tuple[int, Host]] = {}
        self._regexes = RegexNames()
        self._twins: dict[bytes, Host] = {}
        for place, host in enumerate(in_server_order(hosts)):
            for name in host.names:
                self._add(name, host, place)
            twin = host.twin
            if twin:
                self._twins[twin.encode()] = host

    def _add(self, name: str, host: Host, place: int) -> None:
        if name.startswith("~"):
            self._regexes.add(name[1:], place, host)
        elif name.startswith("*."):
            self._wild[name[2:].encode()] = place, host
        elif name:
            self._exact[name.encode()] = host

    def redirected(self, name: bytes) -> Host | None:
        """Return the host whose twin, with or without ``www.``, a lower-case name is."""
        return self._twins.get(name)

    def find(self, name: bytes) -> Host | None:
        """Return the host that takes a lower-case name; ``None``: no host names it.

        Raises `TooManySteps`.
        """
        exact = self._exact.get(name)
        if exact is not None:
            return exact
        label, _, rest = name.partition(b".")
        wild = self._wild.get(rest) if label else None
        for regex in self._regexes.candidates(name) if self._regexes else ():
            if wild is not None and wild[0] <= regex.place:
                break
            if regex.pattern.search(name) is not None:
                return regex.host
        return wild[1] if wild else None

    def searches(self, name: bytes) -> int:
        """Return how many searches in regexes a lower-case name may take."""
        if name in self._exact or not self._regexes:
            return 0
        return self._regexes.effort(name)

    def may_find(self, name: str) -> bool:
        """Return whether a host may take what a name stands for: itself, a wildcard, a regex.

        Where many regexes may, none is tried.
        """
        if name.startswith(("*.", "~")):
            return bool(self._regexes)
        raw = name.encode()
        if raw in self._twins or self.searches(raw) > MANY_SEARCHES:
            return True
        try:
            return self.find(raw) is not None
        except TooManySteps:
            return True
