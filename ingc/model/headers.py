"""The headers that nginx adds: to what it passes on, and to its answer.

A value that only a running nginx knows stands as it is written.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingc.model.machine import State
from ingc.model.outcome import NotModelled
from ingc.model.scopes import inherited
from ingc.model.tree import Statement
from ingc.model.values import Variables

_ADDED_TO = (None, 200, 201, 204, 206, 301, 302, 303, 304, 307, 308)
"""The statuses of answers that ``add_header`` without ``always`` adds to."""
_MORE = ("more_set_headers", "more_clear_headers")
"""Unlike those of ``add_header`` they hold in inner blocks too, and after what an upstream sets."""


def sent_on(
    scopes: tuple[Statement, ...], passed: Statement, state: State, variables: Variables
) -> Iterator[tuple[str, str]]:
    """Yield the headers that the upstream of a pass directive gets; an empty value removes one."""
    params = passed.name in ("fastcgi_pass", "uwsgi_pass", "scgi_pass")
    kind = passed.name.replace("_pass", "_param" if params else "_set_header")
    for item in inherited(scopes, kind):
        name = item.args[0]
        if params:
            if not name.startswith("HTTP_"):
                continue
            name = name[5:].replace("_", "-").title()
        try:
            value = variables.expand(item.args[1], state, item.line)
        except NotModelled:
            yield name, item.args[1]
            continue
        yield name, value.decode("latin-1")


def added(
    status: int | None, scopes: tuple[Statement, ...], state: State, variables: Variables
) -> Iterator[tuple[str, str]]:
    """Yield what is added to an answer; ``None``: its status is not known."""
    found = list(_added(status, scopes, state, variables))
    having = [scope for scope in scopes if any(map(scope.all, _MORE))]
    more = [item for scope in having for item in scope.block or () if item.name in _MORE]
    for item in more:
        for name, value in _changes(item, state, variables):
            found = [other for other in found if other[0].lower() != name.lower()]
            found += [(name, value)] if value else []
    yield from found


def _changes(item: Statement, state: State, variables: Variables) -> Iterator[tuple[str, str]]:
    """Yield the headers that a directive of headers-more sets, the empty ones to remove.

    Those for some statuses or types alone are left out. (headers-more-nginx-module, README)
    """
    if any(arg.startswith("-") for arg in item.args):
        return
    for text in item.args:
        name, _, value = text.partition(":")
        if item.name == "more_clear_headers":
            yield name.strip(), ""
            continue
        try:
            value = variables.expand(value.strip(), state, item.line).decode("latin-1")
        except NotModelled:
            value = value.strip()
        yield name.strip(), value


def _added(
    status: int | None, scopes: tuple[Statement, ...], state: State, variables: Variables
) -> Iterator[tuple[str, str]]:
    for item in inherited(scopes, "add_header"):
        if status not in _ADDED_TO and "always" not in item.args[2:]:
            continue
        try:
            value = variables.expand(item.args[1], state, item.line)
        except NotModelled:
            yield item.args[0], item.args[1]
            continue
        if value:
            yield item.args[0], value.decode("latin-1")
