"""The tree of a configuration, as crossplane alone reads it, counted by the way to each directive.

It knows nothing of layouts and of the product's own proof.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import crossplane

Tree = Counter[str]
"""How many directives there are at a way: ``{"http/server/location/return": 2}``."""

_ENTRIES = ("map", "geo", "split_clients", "types")
_SETTERS = ("set", "auth_request_set")
_FEW_VARIABLES = 12
_LONGEST = 46
"""Characters of a name in a bucket of 64 bytes."""
_PARAMETERS = ("include", "default", "hostnames", "volatile", "ranges", "delete", "proxy")
"""What an entry of a ``map`` or ``geo`` may be called, and is none then."""
_FRAGMENT = " For use inside http { }."
_COMMENT = re.compile(r"[A-Za-z0-9 ._/:,;*\[\]()'<>-]*").fullmatch


class Escaped(AssertionError):
    """A text came out as something that it may not be."""


@lru_cache(maxsize=4096)
def tree_of(config: str) -> Tree:
    """Count the directives of a configuration. Raises `Escaped` where nothing can be read."""
    return Counter(name for name, _ in _walk(statements(config), "", ""))


def servers_of(config: str) -> dict[str, Tree]:
    """Count the directives of each server, by its first name; several servers together."""
    found: dict[str, Tree] = {}
    (http,) = (item for item in statements(config) if item["directive"] == "http")
    for item in http["block"]:
        if item["directive"] == "server":
            names = [a for i in item["block"] if i["directive"] == "server_name" for a in i["args"]]
            inner = Counter(name for name, _ in _walk(item["block"], "server", "server"))
            found[names[0]] = found.get(names[0], Counter()) + inner
    return found


def around(config: str) -> Tree:
    """Count what is in no server."""
    return Counter({n: c for n, c in tree_of(config).items() if not n.startswith("http/server/")})


def room_asked(config: str) -> dict[str, int]:
    """Return the sizes that a configuration asks for its table of variables."""
    found = (item for _, item in _walk(statements(config), "", ""))
    return {
        item["directive"]: int(item["args"][0])
        for item in found
        if item["directive"].startswith("variables_hash_")
    }


def room_needed(config: str) -> dict[str, int]:
    """Return the sizes that the variables of a configuration need.

    nginx's own size has room for a few variables beside nginx's own; `tests/nginx` shows that it
    warns with more. It starts on no name that its own bucket does not hold. What grows with the
    number is the number of buckets, twice the variables.
    """
    found = [item for _, item in _walk(statements(config), "", "")]
    names = {item["args"][-1] for item in found if item["directive"] in _ENTRIES}
    names |= {item["args"][0] for item in found if item["directive"] in _SETTERS}
    longest = max((len(name.removeprefix("$")) for name in names), default=0)
    if len(names) <= _FEW_VARIABLES and longest <= _LONGEST:
        return {}
    most = 1024
    while most < 2 * len(names):
        most *= 2
    return {"variables_hash_bucket_size": 256, "variables_hash_max_size": most}


def statements(config: str) -> list[dict[str, Any]]:
    """Parse a configuration. Raises `Escaped` where crossplane can't, or for a strange comment."""
    with tempfile.TemporaryDirectory(prefix="ingc-hostile-") as folder:
        path = Path(folder) / "nginx.conf"
        path.write_text(config, encoding="utf-8", newline="")
        parsed = crossplane.parse(str(path), single=True, comments=True)
    if parsed["status"] != "ok":
        raise Escaped(str(parsed["errors"][0]))
    found: list[dict[str, Any]] = parsed["config"][0]["parsed"]
    return found


def _walk(
    found: Iterable[dict[str, Any]], way: str, block: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    for item in found:
        name = str(item["directive"])
        if name == "#" and "comment" in item:
            if item["comment"] != _FRAGMENT and not _COMMENT(item["comment"]):
                raise Escaped(f"a comment says {item['comment']!r}")
            continue
        if block in _ENTRIES and name not in _PARAMETERS:
            name = "<entry>"
        here = f"{way}/{name}".lstrip("/")
        yield here, item
        yield from _walk(item.get("block") or (), here, name)


def unasked(found: Tree, asked: Iterable[Tree]) -> list[str]:
    """Return the ways at which there is more than in any of the benign trees."""
    most: Tree = Counter()
    for tree in asked:
        most |= tree
    return sorted(way for way, count in found.items() if count > most[way])
