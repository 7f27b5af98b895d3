"""External auth: what its URL and ConfigMap mean for one route."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from ingc.diagnostics import Origin
from ingc.diagnostics.catalogue.annotations import AnnotationWorksOtherwise
from ingc.diagnostics.catalogue.annotations_extauth import (
    AuthHeadersNotFound,
    AuthHeaderWrong,
    AuthHostNotOne,
)
from ingc.frontend.annotations.auth_values import settable
from ingc.frontend.declarations.grammar import BadValue
from ingc.frontend.declarations.namespaces import how_to_read, may_read
from ingc.frontend.declarations.outside_url import ESCAPED
from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import ExternalAuthWish, HeadersFrom
from ingc.ir import RouteFeature
from ingc.ir.features.external_auth import LONGEST_URI, Destination, ExternalAuth
from ingc.k8s.config_map import ConfigMap
from ingc.resolve.features.known_names import with_names
from ingc.resolve.lookup import Endpoints, Unusable
from ingc.resolve.names import NamedBy
from ingc.resolve.url_host import resolve_host
from ingc.syntax.header import MOST_BYTES, too_many
from ingc.syntax.host import is_wildcard
from ingc.syntax.outside import OWN_HOST, OutsideUrl, refuse_host
from ingc.syntax.request import longest_uri
from ingc.syntax.text import BadVariable, Text, read_text

if TYPE_CHECKING:
    from ingc.resolve.features.context import Granting


Headers = tuple[tuple[str, Text], ...]

_LONGEST = 4000
"""Characters; a longer value fits into no nginx token."""


def grant_external_auth(
    wish: ExternalAuthWish, intent: IntentRoute, granting: Granting
) -> tuple[RouteFeature, ...] | None:
    """Return the service that decides, unless the path is exempt."""
    if any(intent.path.startswith(prefix) for prefix in wish.exempt):
        return ()
    headers = _headers(wish.headers_from, intent, granting) if wish.headers_from else ()
    url = _of_the_rule(wish, intent, granting)
    if url is None or headers is None:
        return None
    by: NamedBy = "operator" if wish.by_operator and wish.url == url else "other"
    endpoints = endpoints_of(url, wish.origin, granting, by)
    if isinstance(endpoints, Unusable):
        return None
    name = granting.upstreams.outside(url, endpoints, (wish.keepalive,))
    auth = ExternalAuth(
        service=destination_of(url, name, Text(("/",))),
        method=wish.method,
        response_headers=wish.response_headers,
        request_headers=_with_snippet(headers, wish, intent),
        redirect=wish.redirect,
        cache=wish.cache,
        always_set_cookie=wish.always_set_cookie,
        tunings=wish.tunings,
    )
    if wish.sign_in is None:
        return (auth,)
    if wish.sign_in.parameter or ESCAPED in wish.sign_in.url.parts:
        _check_way_back(wish.origin, granting)
    return auth, wish.sign_in


def _with_snippet(headers: Headers, wish: ExternalAuthWish, intent: IntentRoute) -> Headers:
    """Return headers with those of a snippet in place of others of the same name."""
    if not wish.more_headers:
        return headers
    found = {name.lower(): (name, value) for name, value in headers}
    for name, value in wish.more_headers:
        found[name.lower()] = (name, with_names(value, intent))
    return tuple(found.values())


def _check_way_back(origin: Origin, granting: Granting) -> None:
    """Report that the longest URLs are not led back to; a fragment does not know its buffers."""
    if granting.options.fragment or longest_uri(granting.settings.tunings) <= LONGEST_URI:
        return
    difference = f"leads back to / where a URL has more than {LONGEST_URI} bytes"
    entry = AnnotationWorksOtherwise(annotation="auth-signin", difference=difference)
    granting.sink.report(entry, origin)


def endpoints_of(
    url: OutsideUrl, origin: Origin, granting: Granting, by: NamedBy
) -> Endpoints | Unusable:
    found = resolve_host(url, origin, granting.upstreams.cluster, granting.upstreams.names, by)
    if isinstance(found, Unusable):
        granting.sink.report(found.why, found.at or origin)
    return found


def destination_of(url: OutsideUrl, upstream: str, default: Text) -> Destination:
    host = f"[{url.host}]" if ":" in url.host else url.host
    return Destination(url.scheme, upstream, host, url.uri if url.uri.parts else default)


def _of_the_rule(
    wish: ExternalAuthWish, intent: IntentRoute, granting: Granting
) -> OutsideUrl | None:
    """Put the rule's host in place of ``$host``: nothing that a client sends decides."""
    if wish.url.host != OWN_HOST:
        return wish.url
    if not intent.host or is_wildcard(intent.host) or refuse_host(intent.host):
        entry = AuthHostNotOne(host=intent.host or "no certain host")
        granting.sink.report(entry, wish.origin)
        return None
    return dataclasses.replace(wish.url, host=intent.host)


def _headers(wanted: HeadersFrom, intent: IntentRoute, granting: Granting) -> Headers | None:
    found = granting.store.config_maps.get((wanted.namespace, wanted.name))
    why, fix = "", AuthHeadersNotFound.fix
    if not may_read(wanted.namespace, intent.namespace, granting.settings.defaults):
        why = f"it is not of the namespace {intent.namespace}"
        fix = how_to_read(intent.namespace, wanted.name)
    elif found is None:
        why = "it is not in the input"
    elif found.broken:
        why = "it has errors"
    elif too_many(found.data):
        why, fix = f"its names take more than {MOST_BYTES} bytes", "remove some of them"
    if found is None or why:
        config_map = f"{wanted.namespace}/{wanted.name}"
        entry = AuthHeadersNotFound(config_map=config_map, why=why, fix=fix)
        granting.sink.report(entry, wanted.origin)
        return None
    return _headers_of(found, granting)


def _headers_of(config_map: ConfigMap, granting: Granting) -> Headers | None:
    headers: dict[str, tuple[str, Text]] = {}
    wrong = False
    for key, text in sorted(config_map.data.items()):
        try:
            headers[key.lower()] = (settable(key), _header_value(text))
        except (BadValue, BadVariable) as error:
            entry = AuthHeaderWrong(header=key, why=str(error))
            granting.sink.report(entry, config_map.place_of(key))
            wrong = True
    return None if wrong else tuple(headers.values())


def _header_value(text: str) -> Text:
    control = next((char for char in text if ord(char) < 0x20 or ord(char) == 0x7F), None)
    if control is not None:
        raise BadValue(f"its value holds the control character {control!r}")
    if len(text) > _LONGEST:
        raise BadValue(f"its value is longer than {_LONGEST} characters")
    return read_text(text)
