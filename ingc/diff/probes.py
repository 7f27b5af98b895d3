"""Requests worth trying: from the hosts and paths of a configuration."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from ingc.explain.conf.api import Conf
from ingc.ir import Exact, Host, Prefix, Route
from ingc.model.tree import Statement
from ingc.prove.witnesses import path_witnesses, target_for
from ingc.syntax.regex.samples import samples

NOBODY = "nobody.invalid"
"""A host that no rule names."""

_MOST_NAMES = 4
"""So many names of one server are tried: they are all served alike."""


def paths_of(host: Host) -> list[bytes]:
    """Return decoded paths that the routes of a host take, or would take but for another."""
    found: dict[bytes, None] = {}
    for route in (*host.routes, *(dead.route for dead in host.dead)):
        found.update(dict.fromkeys(route_paths(route)))
    return list(found)


def route_paths(route: Route) -> tuple[bytes, ...]:
    """Return decoded paths that a route takes, the plainest first."""
    if isinstance(route.match, Exact | Prefix):
        return (route.match.path.encode(),)
    if not route.path_type:
        return ()
    found = (text if text[:1] == b"/" else b"/" + text for text in samples(route.match.pattern))
    return (*dict.fromkeys(found),)


def route_targets(route: Route) -> list[str]:
    """Return request targets that a route likely takes, the plainest first."""
    found = [target_for(path) for path in route_paths(route)]
    if isinstance(route.match, Prefix):
        found.append(target_for(route.match.path.encode().rstrip(b"/") + b"/x"))
    return [target.decode() for target in found] or ["/ingc-no-such-path", "/"]


def targets(paths: Iterable[bytes]) -> list[str]:
    """Return request targets around paths, the paths themselves first."""
    plain = list(dict.fromkeys(target_for(path) for path in paths if path.startswith(b"/")))
    return [item.decode() for item in dict.fromkeys((*plain, *path_witnesses(paths)))]


def request_host(name: str, taken: Container[str] = ()) -> str:
    """Return a host to request, for a name of the IR; for a wildcard one that is not ``taken``."""
    if not name or name.startswith("~"):
        return NOBODY
    if not name.startswith("*."):
        return name
    labels = (f"{letter}{number}" for number in ("", *range(100)) for letter in "abc")
    names = (label + name[1:] for label in labels)
    return next((found for found in names if found not in taken), f"ingc{name[1:]}")


def hosts_of_conf(conf: Conf) -> dict[str, list[bytes]]:
    """Return the hosts of an nginx.conf to request, each with its paths."""
    found: dict[str, list[bytes]] = {NOBODY: []}
    for server in conf.model.http.all("server"):
        names = [name for item in server.all("server_name") for name in item.args]
        paths = list(_location_paths(server))
        for name in dict.fromkeys(map(_requested_name, names[:_MOST_NAMES] or [""])):
            found.setdefault(name, []).extend(paths)
    return found


def _requested_name(name: str) -> str:
    if name.startswith("~"):
        fitting = (text.decode("latin-1") for text in samples(name[1:]))
        return next((text for text in fitting if text and "/" not in text), NOBODY)
    if name.startswith("."):
        return name[1:]
    if name.endswith(".*"):
        return f"{name[:-2]}.test"
    return NOBODY if name in ("", "_") else request_host(name.lower())


def _location_paths(block: Statement) -> Iterator[bytes]:
    for location in block.all("location"):
        modifier, name = location.args if len(location.args) == 2 else ("", location.args[0])
        for sign in ("=", "^~", "~*", "~"):
            if not modifier and name.startswith(sign):
                modifier, name = sign, name[len(sign) :]
        if modifier in ("~", "~*"):
            yield from (text for text in samples(name) if text.startswith(b"/"))
        elif name.startswith("/") and not name.startswith("//ingc/"):
            yield name.encode()
        yield from _location_paths(location)
