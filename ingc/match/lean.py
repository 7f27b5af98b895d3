"""The oracle's answers to plain requests, fast: for logs, and for millions of requests.

It answers where nothing but the host and the path decides, of clients of whom nothing is known,
and leaves everything else to `ingc.match.Oracle.answer`. What it knows of a feature is that the
feature changes nothing here; of one that is not listed it knows nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ingc.ir import Host, Proxy, Route, Settings
from ingc.ir.features.redirects import HttpsRedirect
from ingc.match.client import header_rules
from ingc.match.trie import HostTable, PathMatcher
from ingc.syntax.host import BadHost, read_host
from ingc.syntax.regex.reading import TooManySteps
from ingc.syntax.uri import plain_target

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})

_AROUND = 512
"""Bytes of a request beside its target, and more."""
_MOST_NAMES = 1 << 17


class Plain(NamedTuple):
    """A plain request, and where it goes: to the upstream of the route, as it was sent."""

    host: Host
    route: Route
    uri: bytes


class Lean:
    """Answers plain requests. Safe to share between threads."""

    def __init__(
        self,
        hosts: HostTable,
        any_host: Host,
        settings: Settings,
        of: Callable[[Host], PathMatcher],
    ) -> None:
        self._hosts = hosts
        self._any = any_host
        self._settings = settings
        self._matcher_of = of
        blocked = settings.policies.blocked
        self._longest = header_rules(settings).longest - _AROUND
        self._blocks = bool(blocked.networks or blocked.agents or blocked.referers)
        self._names: dict[str, dict[bytes, tuple[Host, PathMatcher] | None]] = {
            "http": {},
            "https": {},
        }
        self._plain: dict[str, dict[int, bool]] = {"http": {}, "https": {}}

    def find(self, host: bytes, target: bytes, scheme: str, method: str) -> Plain | None:
        """Return where a request goes; ``None``: it is not plain, and `Oracle.answer` knows."""
        names = self._names[scheme]
        try:
            found = names[host]
        except KeyError:
            if len(names) >= _MOST_NAMES:
                names.clear()
            found = names[host] = self._host(host, scheme)
        if found is None or method not in METHODS or len(target) > self._longest:
            return None
        uri = plain_target(target)
        if uri is None:
            return None
        try:
            route = found[1].find(uri)
        except TooManySteps:
            return None
        if route is None:
            return None
        plain = self._plain[scheme]
        known = plain.get(id(route))
        if known is None:
            known = plain[id(route)] = _is_plain(route, scheme)
        return Plain(found[0], route, uri) if known else None

    def _host(self, raw: bytes, scheme: str) -> tuple[Host, PathMatcher] | None:
        """Return the host that takes a Host header, if nothing of it decides but its paths."""
        try:
            name = read_host(raw, self._settings.target)
            found = None if self._hosts.redirected(name) else self._hosts.find(name) or self._any
        except (BadHost, TooManySteps):
            return None
        if found is None or self._blocks or self._settings.policies.front.believed:
            return None
        if any(item.card.decides for item in found.features):
            return None
        if scheme == "https" and not self._opens(found):
            return None
        return found, self._matcher_of(found)

    def _opens(self, host: Host) -> bool:
        if host is self._any:
            return self._settings.default_certificate is not None
        return host.answers_https


def _is_plain(route: Route, scheme: str) -> bool:
    if not isinstance(route.action, Proxy):
        return False
    for item in route.features:
        if item.card.decides and not (scheme == "https" and isinstance(item, HttpsRedirect)):
            return False
    return True
