"""Error pages of a server that differ in a few values: one location has their headers.

nginx inherits headers into a location only from the blocks around it, and those hold the headers of
every other backend. So the list stands in a location of its own, and each page sets what differs
and hands on to that. It does so by ``try_files``, because a request keeps its method and its path
that way, and nginx does not look at the size of its body again, as it does where a ``rewrite``
leads to another location: that would refuse the body that an error page is about. The file that is
looked for is the root itself, which is a folder, and so is never found.
Source: http://nginx.org/en/docs/http/ngx_http_core_module.html#try_files
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence

from ingc.plan.layout import Comment, Directive, Literal, Location, directive
from ingc.plan.pieces import InnerNames
from ingc.syntax.text import Variable

PAGE = "error-"
"""How the name of an error page begins; its status follows."""
_SHARED = "errors"
_NAMED = f"@ingc/{PAGE}"
_HEADER = "proxy_set_header"
_HANDS_ON = frozenset({"set", "try_files"})
_FEWEST = 2


def share_lists(locations: Sequence[Location], names: InnerNames) -> tuple[Location, ...]:
    """Return the internal locations of a server, its error pages with one list where it can be.

    Where a program may lead a request on, each page keeps its own: nginx takes ten such steps, and
    handing on would be one more.
    """
    if names.guarded:
        return tuple(locations)
    alike: dict[Hashable, list[Location]] = defaultdict(list)
    for location in locations:
        if location.name.startswith(_NAMED):
            alike[_likeness(location)].append(location)
    lists: list[Location] = []
    pages: dict[str, Location] = {}
    for group in alike.values():
        if len(group) >= _FEWEST:
            shared = _list_of(group, names)
            lists.append(shared)
            pages.update((page.name, page) for page in _handing_on(group, shared))
    return (*(pages.get(item.name, item) for item in locations), *lists)


def hands_on(location: Location) -> bool:
    """Return whether a location does nothing but set variables for another, which answers."""
    found = {item.name for item in location.directives}
    return "try_files" in found and found <= _HANDS_ON


def _likeness(page: Location) -> Hashable:
    """Return all of a page but the values of its headers."""
    return tuple(
        (item.name, item.args[0]) if item.name == _HEADER else item for item in page.directives
    )


def _list_of(pages: Sequence[Location], names: InnerNames) -> Location:
    """Return the location that has the headers of some pages, named after the first of them."""
    first, differing = pages[0], _differing(pages)
    directives = tuple(
        directive(_HEADER, item.args[0], _variable(item)) if index in differing else item
        for index, item in enumerate(first.directives)
    )
    status, _, owner = first.name.removeprefix(_NAMED).partition("/")
    alone = all(page.name.startswith(f"{_NAMED}{status}/") for page in pages)
    stem = f"{_SHARED}-{status}" if alone else _SHARED
    name = Literal("@ingc/" + names.name(stem, owner, directives))
    return Location(Comment("what the error pages above send"), "", name, directives)


def _handing_on(pages: Sequence[Location], shared: Location) -> Iterator[Location]:
    differing = _differing(pages)
    hand = directive("try_files", "", shared.name)
    for page in pages:
        own = (page.directives[index] for index in differing)
        values = (directive("set", _variable(item), item.args[1]) for item in own)
        yield Location(page.origin, page.modifier, page.name, (*values, hand))


def _differing(pages: Sequence[Location]) -> tuple[int, ...]:
    """Return at which places the pages have headers of different values."""
    columns = zip(*(page.directives for page in pages), strict=True)
    return tuple(index for index, column in enumerate(columns) if len(set(column)) > 1)


def _variable(header: Directive) -> Variable:
    name = str(header.args[0]).lower().replace("-", "_")
    return Variable(f"ingc_error_{name}")
