"""What may refuse a request before it is passed on, as far as the configuration states it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ingc.model.files import NEVER_THERE
from ingc.model.locations import Level
from ingc.model.scopes import inherited, pass_of, setting
from ingc.model.tree import Statement

_VARIABLE = re.compile(r"\$\w+")
Check = tuple[str, ...]
"""A directive's name, and what it checks: ``("auth_basic", realm, file)``,
``("auth_request", passed to)``, ``("limit_req", rate, burst)``, ``("limit_conn", number)``.
And what takes part in the answer: ``("error_page", status, passed to)`` or ``("error_page", status,
"return", status)``, ``("mirror", passed to)``."""

Scopes = tuple[Statement, ...]
"""From ``http`` to the location."""


def checks_of(scopes: Scopes, level: Level, rates: Mapping[str, str]) -> tuple[Check, ...]:
    """Return the checks that hold in a location, in a fixed order.

    ``rates`` are those of the zones of ``limit_req``; see `rates_of`.
    """
    return (
        *_basic(scopes),
        *_external(scopes, level),
        *_limits(scopes, "limit_req", rates),
        *_limits(scopes, "limit_conn", rates),
        *_error_pages(scopes, level),
        *_mirrors(scopes, level),
    )


def _basic(scopes: Scopes) -> Iterator[Check]:
    realm = setting(scopes, "auth_basic")
    if realm is not None and realm != ("off",):
        file = setting(scopes, "auth_basic_user_file") or ("",)
        yield "auth_basic", realm[0], file[0]


def _external(scopes: Scopes, level: Level) -> Iterator[Check]:
    target = setting(scopes, "auth_request")
    if target is None or target == ("off",):
        return
    yield "auth_request", *_passed_to(level.exact.get(target[0].encode()))


def _passed_to(location: Statement | None) -> tuple[str, ...]:
    """Return where a location passes its requests, or what it returns."""
    if location is None:
        return ()
    found = pass_of(location)
    if found is not None:
        given = {item.args[0]: item.args[1] for item in location.all("set")}
        return (_VARIABLE.sub(lambda name: given.get(name[0], name[0]), found.args[0]),)
    answer = location.first("return")
    return ("return", answer.args[0]) if answer is not None else ()


def _error_pages(scopes: Scopes, level: Level) -> Iterator[Check]:
    for page in inherited(scopes, "error_page"):
        named = level.named.get(page.args[-1])
        if named is not None:
            codes = (code for code in page.args[:-1] if code.isdigit())
            last = _handed_on(named, level)
            yield from (("error_page", code, *_passed_to(last)) for code in codes)


def _handed_on(location: Statement, level: Level) -> Statement:
    """Return the location that answers where one hands every request on to another by name."""
    tries = location.first("try_files")
    if tries is None or tries.args[:-1] != NEVER_THERE:
        return location
    return level.named.get(tries.args[-1], location)


def _mirrors(scopes: Scopes, level: Level) -> Iterator[Check]:
    for item in inherited(scopes, "mirror"):
        if item.args != ("off",):
            yield "mirror", *_passed_to(level.exact.get(item.args[0].encode()))


def _limits(scopes: Scopes, name: str, rates: Mapping[str, str]) -> Iterator[Check]:
    for item in inherited(scopes, name):
        given = dict(arg.partition("=")[::2] for arg in item.args)
        if name == "limit_req":
            yield name, rates.get(given.get("zone", ""), ""), given.get("burst", "0")
        else:
            yield name, item.args[1]


def rates_of(http: Statement) -> dict[str, str]:
    """Return the rates of the zones of ``limit_req``, by their names."""
    found = {}
    for item in http.all("limit_req_zone"):
        given = dict(arg.partition("=")[::2] for arg in item.args[1:])
        found[given.get("zone", "").partition(":")[0]] = given.get("rate", "")
    return found
