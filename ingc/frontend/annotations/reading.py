"""An Ingress's annotations → what they request, and everything wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.annotations import (
    AnnotationEmpty,
    AnnotationGivenTwice,
    AnnotationNeedsNewerNginx,
    AnnotationWorksOtherwise,
)
from ingc.frontend.annotations.canary import own_of_canary
from ingc.frontend.annotations.declare import (
    OWN_PREFIX,
    Annotation,
    Scope,
    Values,
)
from ingc.frontend.annotations.forbidden import why_forbidden
from ingc.frontend.annotations.registry import ALIASES, DECLARATIONS, FAMILIES, FAMILY_OF
from ingc.frontend.annotations.settling import settled
from ingc.frontend.annotations.snippets import NAMES, OF_LOCATIONS, are_allowed
from ingc.frontend.declarations.reading import (
    GivenText,
    Register,
    TextsRead,
    read_texts,
    report_needs,
    settings_of,
)
from ingc.frontend.declarations.values import Defaults
from ingc.frontend.wishes import (
    NOTHING,
    Ask,
    HostSetting,
    RouteWish,
    UpstreamSetting,
    Wishes,
)
from ingc.ir import RouteFeature
from ingc.ir.features.card import Argument
from ingc.ir.features.tuning import ServerTuning, Tuning
from ingc.k8s.ingress import Ingress
from ingc.options import Options
from ingc.target import OLDEST, format_version, parse_version

_REMEMBERED = 1 << 12
_EMPTY: Defaults = {}


def read_annotations(
    ingress: Ingress,
    sink: Sink,
    options: Options,
    register: Register,
    defaults: Defaults = _EMPTY,
) -> Wishes:
    """Return what the annotations of an Ingress request.

    ``register`` holds the declarations, ``defaults`` what the ConfigMap sets.
    """
    prefixes = (options.annotations_prefix + "/", OWN_PREFIX)
    texts = {
        _name_of(key, options): text
        for key, text in ingress.meta.annotations.items()
        if key.startswith(prefixes)
    }
    if not texts and not defaults:
        return NOTHING
    texts = dict(own_of_canary(texts, ingress.origin.at("metadata", "annotations", key=True), sink))
    before = sink.errors
    values = _read(texts, ingress, register, sink, options, defaults)
    routes: list[RouteFeature | RouteWish] = []
    hosts: list[HostSetting] = []
    upstreams: list[UpstreamSetting] = []
    for item in _requests(values):
        if isinstance(item, RouteFeature):
            routes.append(_shared(item))
        elif isinstance(item, RouteWish):
            routes.append(item)
        elif isinstance(item, HostSetting):
            hosts.append(item)
        else:
            upstreams.append(item)
    if values.snippets or OF_LOCATIONS in values.defaults:
        routes = settled(routes)
    return Wishes(tuple(routes), tuple(hosts), tuple(upstreams), broken=sink.errors > before)


def _name_of(key: str, options: Options) -> str:
    """Return what an annotation is declared as: to one of our own its prefix belongs."""
    return key if key in DECLARATIONS else key.removeprefix(options.annotations_prefix + "/")


@lru_cache(maxsize=_REMEMBERED)
def _shared(feature: RouteFeature) -> RouteFeature:
    """Return the one object for all that is equal: what is made of it is made once then."""
    return feature


def _read(
    texts: Mapping[str, str],
    ingress: Ingress,
    register: Register,
    sink: Sink,
    options: Options,
    defaults: Defaults,
) -> Values:
    given = list(_given(texts, ingress.origin, options, defaults, sink))
    counted = [item for item in given if not _is_empty(item, register)]
    empty = [item for item in given if _is_empty(item, register)]
    snippets = _allowed_snippets(counted, ingress.meta.namespace, options)
    counted = [item for item in counted if item.name not in snippets]
    for item in empty:
        sink.report(AnnotationEmpty(annotation=item.name), item.place.at(key=True))
    reading = read_texts(counted, register, sink, options)
    newer = _too_new(reading, sink, options)
    reading = TextsRead(
        {
            **{item.name: item.place for item in empty},
            **{name: item.place for name, item in snippets.items()},
            **reading.places,
        },
        {name: value for name, value in reading.read.items() if name not in newer},
        reading.wrong | newer,
    )
    for item in counted:
        if item.name in reading.read:
            _report_difference(item, sink)
    needing = (
        name
        for name in reading.places
        if name not in snippets and _needs(name) not in reading.wrong
    )
    report_needs(needing, reading, register, sink, defaults)
    return Values(
        namespace=ingress.meta.namespace,
        ingress=ingress.meta.name,
        options=options,
        sink=sink,
        origins=reading.places,
        read=reading.read,
        defaults=defaults,
        wrong=reading.wrong,
        snippets=snippets,
    )


def _allowed_snippets(
    given: Iterable[GivenText], namespace: str, options: Options
) -> dict[str, GivenText]:
    """Return the snippets that are read, by their annotations; the others are refused."""
    if not options.allow_snippets or not are_allowed(options, namespace):
        return {}
    return {item.name: item for item in given if item.name in NAMES and item.text.strip()}


def _given(
    texts: Mapping[str, str], origin: Origin, options: Options, defaults: Defaults, sink: Sink
) -> Iterator[GivenText]:
    """Yield the annotations that count, under their own names; report those that are forbidden."""
    for given, text in texts.items():
        key = given if given.startswith(OWN_PREFIX) else f"{options.annotations_prefix}/{given}"
        place = origin.at("metadata", "annotations", key)
        name = ALIASES.get(given, given)
        declared = DECLARATIONS.get(name)
        forbidden = why_forbidden(defaults, given, text, declared)
        if forbidden is not None:
            sink.report(forbidden, place)
        if given != name and texts.get(name):
            sink.report(AnnotationGivenTwice(annotation=name, alias=given), place.at(key=True))
        else:
            yield GivenText(name, text, place)


def _is_empty(item: GivenText, register: Register) -> bool:
    """Return whether an annotation counts as absent."""
    declared = register.declarations.get(item.name)
    counts = not isinstance(declared, Annotation) or declared.empty_rejects
    return not counts and not item.text.strip(" ")


def _too_new(reading: TextsRead, sink: Sink, options: Options) -> frozenset[str]:
    """Return the annotations that the nginx that is compiled for can't do, and report them."""
    found: set[str] = set()
    for name in reading.read:
        declared = DECLARATIONS[name]
        since = declared.since if isinstance(declared, Annotation) else OLDEST
        if since > OLDEST and (target := parse_version(options.nginx_version)) < since:
            entry = AnnotationNeedsNewerNginx(
                annotation=name, needed=format_version(since), target=format_version(target)
            )
            sink.report(entry, reading.places[name].at(key=True))
            found.add(name)
    return frozenset(found)


def _report_difference(item: GivenText, sink: Sink) -> None:
    declared = DECLARATIONS[item.name]
    if not isinstance(declared, Annotation) or not declared.differs:
        return
    default = declared.default
    if not default or declared.read(item.text) != declared.read(default):
        entry = AnnotationWorksOtherwise(annotation=declared.name, difference=declared.differs)
        sink.report(entry, item.place.at(key=True))


def _needs(name: str) -> str:
    declared = DECLARATIONS[name]
    return declared.needs if isinstance(declared, Annotation) else ""


def _requests(values: Values) -> Iterator[Ask]:
    names = {*values.origins, *values.defaults}
    # Where a ConfigMap sets something, each family knows best whether it is meant.
    wanted = {FAMILY_OF[name] for name in names if name in FAMILY_OF}
    for family in FAMILIES:
        if not values.defaults and family.name not in wanted:
            continue
        for declared, args in settings_of(_SETTING[family.name], values):
            yield _tuning(declared, args, values)
        if family.build is not None:
            yield from family.build(values)


_SETTING: Mapping[str, tuple[Annotation[Any], ...]] = {
    family.name: tuple(
        item for item in family.declarations if isinstance(item, Annotation) and item.sets
    )
    for family in FAMILIES
}
"""The annotations that are one directive, by the name of their family."""


def _tuning(declared: Annotation[Any], args: tuple[Argument, ...], values: Values) -> Ask:
    if declared.scope is Scope.HOST:
        tuning = ServerTuning(declared.sets, args)
        return HostSetting(declared.name, tuning, values.place(declared))
    return Tuning(declared.sets, args)
