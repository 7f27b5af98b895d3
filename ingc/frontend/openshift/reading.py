"""A Route's annotations → their values, and everything wrong with them."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.annotations import (
    AnnotationEmpty,
    AnnotationGivenTwice,
    AnnotationWithoutEffect,
)
from ingc.frontend.annotations.forbidden import why_forbidden
from ingc.frontend.declarations.reading import GivenText, read_texts, report_needs
from ingc.frontend.declarations.values import Defaults
from ingc.frontend.openshift.annotations import (
    LIMITED,
    OF_ROUTES,
    PREFIXES,
    RATE_TCP,
    ROUTE_ALIASES,
    ROUTE_DECLARATIONS,
)
from ingc.frontend.openshift.values import RouteValues
from ingc.k8s.openshift.route import OpenshiftRoute
from ingc.options import Options

_TRUE = ("1", "t", "T", "TRUE", "true", "True")


def read_route_annotations(
    route: OpenshiftRoute, sink: Sink, options: Options, defaults: Defaults
) -> RouteValues:
    """Return the values of a Route's annotations; an empty one counts as absent.

    Those that the ConfigMap forbids are reported as of any Ingress.
    """
    reading = read_texts(_given(route, sink, defaults), OF_ROUTES, sink, options)
    report_needs(reading.places, reading, OF_ROUTES, sink, {})
    return RouteValues(
        sink=sink, origins=reading.places, read=reading.read, wrong=reading.wrong, route=route
    )


def _given(route: OpenshiftRoute, sink: Sink, defaults: Defaults) -> Iterator[GivenText]:
    annotations = route.meta.annotations
    for key, text in annotations.items():
        if key.rpartition("/")[0] not in PREFIXES:
            continue
        place = route.origin.at("metadata", "annotations", key)
        name = ROUTE_ALIASES.get(key, key)
        forbidden = why_forbidden(defaults, key, text, ROUTE_DECLARATIONS.get(name))
        if forbidden is not None:
            sink.report(forbidden, place)
        if not text.strip(" "):
            sink.report(AnnotationEmpty(annotation=key), place.at(key=True))
        elif name == RATE_TCP.name and annotations.get(LIMITED.name) not in _TRUE:
            entry = AnnotationWithoutEffect(annotation=name, needs=LIMITED.name)
            sink.report(entry, place.at(key=True))
        elif key != name and annotations.get(name):
            sink.report(AnnotationGivenTwice(annotation=name, alias=key), place.at(key=True))
        else:
            yield GivenText(name, text, place)
