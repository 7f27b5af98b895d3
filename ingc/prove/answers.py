"""Headers of answers: those that nginx adds, and those of the backend that it hides."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir import Policies, Settings
from ingc.ir.features.affinity import Affinity
from ingc.ir.features.cors import Cors
from ingc.ir.features.external_auth import ExternalAuth
from ingc.ir.features.headers import CustomHeaders
from ingc.ir.features.snippets import AnswerHeaders
from ingc.model.tree import Statement
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.features.cors import FIELDS, HEADERS, cors_headers, cors_origins
from ingc.prove.features.snippets import field_of, without_own
from ingc.prove.unequal import Unequal
from ingc.prove.values import read_plain, read_text, render
from ingc.syntax.text import Text

HSTS = "strict-transport-security"
ROUTE = "x-ingc-route"
_COOKIE = "set-cookie"
_ORIGIN = "http_origin"
HeaderFeature = Cors | CustomHeaders | AnswerHeaders


def answers_differ(
    place: InEffect, expected: ExpectedRoute, *, alone: bool = False
) -> Unequal | None:
    """Return the first header of a location's answers that is not what it has to be.

    ``alone``: the location is none of the route's own. Cookies have readers of their own, and
    witnesses check the header that names the route.
    """
    route = None if alone else expected.route
    features = route.features if route is not None else ()
    listed = place.all("add_header")
    kept = place.written.answers
    header_features = tuple(
        [item for item in features if isinstance(item, Cors | CustomHeaders | AnswerHeaders)]
    )
    sets_cookie = any(isinstance(item, Affinity | ExternalAuth) for item in features)
    key = id(listed), expected.scheme, header_features, sets_cookie
    if key not in kept:
        kept[key] = _added_differ(place, expected, listed, header_features, sets_cookie)
    return kept[key] or (_hidden_differ(place, expected, header_features) if place.module else None)


def _added_differ(
    place: InEffect,
    expected: ExpectedRoute,
    listed: tuple[Statement, ...],
    header_features: tuple[HeaderFeature, ...],
    sets_cookie: bool,
) -> Unequal | None:
    own = next((item for item in header_features if isinstance(item, AnswerHeaders)), None)
    if own is not None:
        left = without_own(listed, own)
        if isinstance(left, Unequal):
            return left
        listed = left
    for item in listed:
        name = item.args[0].lower()
        if not item.args[1]:
            continue  # nginx sends no header without a value
        if name == _COOKIE:
            if not sets_cookie:
                return Unequal("answers", "", "no cookie", item.args[1])
        elif item.args[2:] != ("always",):
            return Unequal("AnswerHeaders", "added", f"{name}: in every answer", "in some alone")
    cors = next((item for item in header_features if isinstance(item, Cors)), None)
    origins = ("", *cors_origins(cors)) if cors is not None else ("",)
    custom = next((item for item in header_features if isinstance(item, CustomHeaders)), None)
    for origin in origins:
        given = {_ORIGIN: origin.encode()} if origin else {}
        found = dict(_found(place, listed, given))
        wanted = {**_of_everybody(expected), **_of_cors(cors, origin)}
        if custom is not None:
            wanted.update((name.lower(), value) for name, value in custom.headers)
        if own is not None:
            decided = own.own | {item.name.lower() for item in own.added if item.always}
            wanted = {name: value for name, value in wanted.items() if name not in decided}
        wanted = {name: value for name, value in wanted.items() if value}
        for name in (*wanted, *found):
            if wanted.get(name, "") != found.get(name, ""):
                wants = f"{name}: {wanted.get(name) or 'none'}"
                has = f"{name}: {found.get(name) or 'none'}"
                return _unequal(name, header_features, expected.settings.policies, wants, has)
    return None


def _found(
    place: InEffect, listed: tuple[Statement, ...], given: dict[str, bytes]
) -> Iterator[tuple[str, str]]:
    for item in listed:
        name = item.args[0].lower()
        if name in (_COOKIE, ROUTE):
            continue
        values = place.written.worked_out(read_text(item.args[1]), place.scheme, given)
        value = read_plain(item.args[1]) if values is None else values
        if value:
            yield name, value


def _of_everybody(expected: ExpectedRoute) -> dict[str, str]:
    policies = expected.settings.policies
    found = {}
    if policies.hsts is not None and expected.scheme == "https":
        found[HSTS] = policies.hsts
    for name, text in policies.response_headers:
        value = expected.written.worked_out(as_text(text), expected.scheme, {})
        if name.lower() != ROUTE or not expected.settings.debug_header:
            found[name.lower()] = render(text) if value is None else value
    return found


def as_text(value: Text | str) -> Text:
    """Return a text; a plain one has no variables."""
    return value if isinstance(value, Text) else Text((value,))


def _of_cors(cors: Cors | None, origin: str) -> dict[str, str]:
    return dict(cors_headers(cors, origin)) if cors is not None else {}


def _unequal(
    name: str,
    header_features: tuple[object, ...],
    policies: Policies,
    expected: str,
    found: str,
    otherwise: str = "added",
) -> Unequal:
    """``otherwise``: the field of `AnswerHeaders` for what nobody else decides."""
    if any(isinstance(item, CustomHeaders) and _names(item, name) for item in header_features):
        return Unequal("CustomHeaders", "headers", expected, found)
    for item in header_features:
        field = field_of(item, name) if isinstance(item, AnswerHeaders) else ""
        if field:
            return Unequal("AnswerHeaders", field, expected, found)
    if name in FIELDS:
        return Unequal("Cors", FIELDS[name], expected, found)
    if name == HSTS:
        return Unequal("Policies", "hsts", expected, found)
    if any(other.lower() == name for other, _ in policies.response_headers):
        return Unequal("Policies", "response_headers", expected, found)
    if any(isinstance(item, AnswerHeaders) for item in header_features):
        return Unequal("AnswerHeaders", otherwise, expected, found)
    return Unequal("CustomHeaders", "headers", expected, found)


def _names(custom: CustomHeaders, name: str) -> bool:
    return any(other.lower() == name for other, _ in custom.headers)


def _hidden_differ(
    place: InEffect, expected: ExpectedRoute, header_features: tuple[HeaderFeature, ...]
) -> Unequal | None:
    found = {item.args[0].lower() for item in place.all(f"{place.module}_hide_header")}
    wanted = {name.lower() for name in _hidden(expected.settings, header_features)}
    if expected.https_somewhere and expected.settings.policies.hsts is not None:
        wanted.add(HSTS)
    if expected.settings.fragment and expected.scheme == "http":
        # A browser ignores it there, and a fragment hides it in servers of https alone.
        wanted, found = wanted - {HSTS}, found - {HSTS}
    for name in sorted(wanted ^ found):
        states = "hidden", "passed on"
        wants, has = states if name in wanted else states[::-1]
        return _unequal(
            name,
            header_features,
            expected.settings.policies,
            f"{name} {wants}",
            f"{name} {has}",
            "hidden",
        )
    return None


def _hidden(settings: Settings, header_features: tuple[HeaderFeature, ...]) -> Iterator[str]:
    yield from (name for name, _ in settings.policies.response_headers)
    yield from settings.policies.hidden
    if settings.debug_header:
        yield ROUTE
    for item in header_features:
        if isinstance(item, AnswerHeaders):
            yield from (*(name for name, _ in item.replaced), *item.cleared, *item.hidden)
        else:
            yield from HEADERS if isinstance(item, Cors) else (name for name, _ in item.headers)
