"""The kinds, each with the function that finds where it is met."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from ingc.departures.annotated import annotations_hold
from ingc.departures.answers import headers_of_answers, refused_values, url_to_lead_back
from ingc.departures.backends import (
    backend_can_not_be_had,
    cookies,
    default_backends,
    error_backends,
)
from ingc.departures.departure import Departure, DepartureKind
from ingc.departures.manifests import Manifests
from ingc.departures.requests import (
    behind_proxy_lines,
    no_slash_is_added,
    one_host,
    redirect_comes_first,
)
from ingc.diagnostics import Diagnostic
from ingc.ir import Config
from ingc.k8s.store import Store
from ingc.options import Options

Finder = Callable[[Manifests], Iterator[Departure]]

FINDERS: Mapping[DepartureKind, Finder] = MappingProxyType(
    {
        DepartureKind.ANNOTATIONS: annotations_hold,
        DepartureKind.REDIRECT: redirect_comes_first,
        DepartureKind.NO_BACKEND: backend_can_not_be_had,
        DepartureKind.HEADERS: headers_of_answers,
        DepartureKind.REFUSED_VALUE: refused_values,
        DepartureKind.COOKIES: cookies,
        DepartureKind.LEAD_BACK: url_to_lead_back,
        DepartureKind.SLASH: no_slash_is_added,
        DepartureKind.ONE_HOST: one_host,
        DepartureKind.DEFAULTS: default_backends,
        DepartureKind.ERROR_BACKEND: error_backends,
        DepartureKind.PROXY_LINES: behind_proxy_lines,
    }
)


def departures(
    store: Store, config: Config, findings: Iterable[Diagnostic], options: Options
) -> tuple[Departure, ...]:
    """Return where a compiled input departs from ingress-nginx.

    Of each kind and Ingress (or, for its values, the ConfigMap) there is one, with its first place
    and request, and beside it one that is `Departure.general`. ``findings`` are those of the
    compile. By kind, then in the order of hosts and routes.
    """
    manifests = Manifests(store, config, findings, options)
    return tuple(item for find in FINDERS.values() for item in _grouped(find(manifests)))


def _grouped(found: Iterable[Departure]) -> Iterator[Departure]:
    groups: dict[tuple[str, bool], list[Departure]] = {}
    for item in found:
        groups.setdefault((item.ingress, item.general), []).append(item)
    for items in groups.values():
        yield dataclasses.replace(items[0], places=len({item.origin for item in items}))
