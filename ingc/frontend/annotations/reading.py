"""An Ingress's annotations → what they ask for, and everything wrong with them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from ingc.diagnostics import Entry, Origin, Sink
from ingc.diagnostics.catalogue.annotations import (
    AnnotationEmpty,
    AnnotationGivenTwice,
    AnnotationNeedsNewerNginx,
    AnnotationNotSupported,
    AnnotationUnknown,
    AnnotationValueNotUsed,
    AnnotationValueWrong,
    AnnotationWithoutEffect,
    AnnotationWorksOtherwise,
    ProtectionNotSupported,
)
from ingc.frontend.annotations.canary import own_of_canary
from ingc.frontend.annotations.families import FAMILIES
from ingc.frontend.declarations.advice import advise
from ingc.frontend.declarations.declare import (
    Annotation,
    Defaults,
    Scope,
    Unsupported,
    Values,
    arguments,
)
from ingc.frontend.declarations.forbidden import forbidden_by
from ingc.frontend.declarations.grammar import BadValue
from ingc.frontend.registry import ALIASES, DECLARATIONS, FAMILY_OF, KEYS
from ingc.frontend.wishes import (
    NOTHING,
    Ask,
    HostSetting,
    RouteWish,
    UpstreamSetting,
    Wishes,
)
from ingc.ir import RouteFeature
from ingc.ir.features.tuning import ServerTuning, Tuning
from ingc.k8s.ingress import Ingress
from ingc.options import Options
from ingc.target import OLDEST, format_version, parse_version

_SHOWN = 60

_REMEMBERED = 1 << 12

_EMPTY: Defaults = {}


def read_annotations(
    ingress: Ingress, sink: Sink, options: Options, defaults: Defaults = _EMPTY
) -> Wishes:
    """Return what the annotations of an Ingress ask for; ``defaults`` are the ConfigMap's."""
    prefix = options.annotations_prefix + "/"
    texts = {
        key.removeprefix(prefix): text
        for key, text in ingress.meta.annotations.items()
        if key.startswith(prefix)
    }
    if not texts and not defaults:
        return NOTHING
    texts = dict(own_of_canary(texts, ingress.origin.at("metadata", "annotations", key=True), sink))
    before = sink.errors
    values = _read(texts, ingress, sink, options, defaults)
    routes: list[RouteFeature | RouteWish] = []
    hosts: list[HostSetting] = []
    upstreams: list[UpstreamSetting] = []
    for item in _asked(values):
        if isinstance(item, RouteFeature):
            routes.append(_shared(item))
        elif isinstance(item, RouteWish):
            routes.append(item)
        elif isinstance(item, HostSetting):
            hosts.append(item)
        else:
            upstreams.append(item)
    return Wishes(tuple(routes), tuple(hosts), tuple(upstreams), broken=sink.errors > before)


@lru_cache(maxsize=_REMEMBERED)
def _shared(asked: RouteFeature) -> RouteFeature:
    """Return the one object for all that is equal: what is made of it is made once then."""
    return asked


def _read(
    texts: Mapping[str, str],
    ingress: Ingress,
    sink: Sink,
    options: Options,
    defaults: Defaults,
) -> Values:
    places: dict[str, Origin] = {}
    read: dict[str, Any] = {}
    wrong: set[str] = set()
    for given, text in texts.items():
        key = f"{options.annotations_prefix}/{given}"
        place = ingress.origin.at("metadata", "annotations", key)
        name = ALIASES.get(given, given)
        declared = DECLARATIONS.get(name)
        forbidden = forbidden_by(defaults, given, text, declared) if defaults else None
        if forbidden is not None:
            sink.report(forbidden, place)
        if declared is None:
            sink.report(_unknown(given), place.at(key=True))
        elif isinstance(declared, Unsupported):
            sink.report(_unsupported(declared, text, options), place.at(key=True))
        elif given != name and texts.get(name):
            sink.report(AnnotationGivenTwice(annotation=name, alias=given), place.at(key=True))
        else:
            places[name] = place
            value = _read_one(declared, text, place, sink, options)
            if value is not None:
                read[name] = value
                _tell_difference(declared, text, place, sink)
            elif text.strip(" "):
                wrong.add(name)
    for name, place in places.items():
        needs = DECLARATIONS[name]
        if (
            isinstance(needs, Annotation)
            and needs.needs
            and needs.needs not in wrong
            and not _is_on(needs.needs, read, defaults)
        ):
            entry = AnnotationWithoutEffect(annotation=name, needs=needs.needs)
            sink.report(entry, place.at(key=True))
    meta = ingress.meta
    given_by = (meta.namespace, meta.name, options, sink)
    return Values(*given_by, places, read, defaults, frozenset(wrong))


def _tell_difference(declared: Annotation[Any], text: str, place: Origin, sink: Sink) -> None:
    if not declared.differs:
        return
    default = declared.default
    if not default or declared.grammar.read(text) != declared.grammar.read(default):
        entry = AnnotationWorksOtherwise(annotation=declared.name, difference=declared.differs)
        sink.report(entry, place.at(key=True))


def _is_on(name: str, read: Mapping[str, Any], defaults: Defaults) -> bool:
    return read.get(name, defaults.get(name)) not in (None, False)


def _read_one(
    declared: Annotation[Any], text: str, place: Origin, sink: Sink, options: Options
) -> Any:
    if not text.strip(" ") and not declared.empty_rejects:
        sink.report(AnnotationEmpty(annotation=declared.name), place.at(key=True))
        return None
    try:
        value = declared.grammar.read(text)
    except BadValue as error:
        sink.report(_wrong(declared, text, str(error)), place)
        return None
    if (
        declared.since > OLDEST
        and (target := parse_version(options.nginx_version)) < declared.since
    ):
        entry = AnnotationNeedsNewerNginx(
            annotation=declared.name,
            needed=format_version(declared.since),
            target=format_version(target),
        )
        sink.report(entry, place.at(key=True))
        return None
    return value


def _wrong(declared: Annotation[Any], text: str, why: str) -> Entry:
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    grammar = declared.grammar
    if declared.rejects:
        return AnnotationValueWrong(
            annotation=declared.name,
            value=shown,
            why=why,
            words=grammar.words,
            examples=grammar.examples,
        )
    default = f"its default {declared.default} holds" if declared.default else "it is ignored"
    return AnnotationValueNotUsed(
        annotation=declared.name,
        value=shown,
        why=why,
        words=grammar.words,
        examples=grammar.examples,
        default=default,
    )


def _unknown(name: str) -> Entry:
    if name in KEYS:
        meant = "it is a key of the ConfigMap of --configmap, for everybody; move it there"
        return AnnotationUnknown(annotation=name, meant=meant)
    close = difflib.get_close_matches(name, [*DECLARATIONS, *ALIASES], n=1, cutoff=0.75)
    meant = f"did you mean {close[0]}?" if close else "remove it; ingc annotations lists all"
    return AnnotationUnknown(annotation=name, meant=meant)


def _unsupported(declared: Unsupported, text: str, options: Options) -> Entry:
    advice = advise(text, DECLARATIONS.values()) if declared.snippet else ""
    accepted = declared.name in options.accept_ignored
    entry = ProtectionNotSupported if declared.protects and not accepted else AnnotationNotSupported
    return entry(
        annotation=declared.name,
        support=declared.support.value,
        why=declared.doc,
        instead=advice or declared.instead or "check that the application works without it",
    )


def _asked(values: Values) -> Iterator[Ask]:
    names = {*values.origins, *values.defaults}
    # Where a ConfigMap says something, each family knows best whether it is meant.
    wanted = {FAMILY_OF[name] for name in names if name in FAMILY_OF}
    for family in FAMILIES:
        if not values.defaults and family.name not in wanted:
            continue
        for declared in _SETTING[family.name]:
            value = values.own(declared)
            if value is not None:
                yield _tuning(declared, value, values)
        if family.build is not None:
            yield from family.build(values)


_SETTING: Mapping[str, tuple[Annotation[Any], ...]] = {
    family.name: tuple(
        item for item in family.declarations if isinstance(item, Annotation) and item.sets
    )
    for family in FAMILIES
}
"""The annotations that are one directive, by the name of their family."""


def _tuning(declared: Annotation[Any], value: Any, values: Values) -> Ask:
    args = arguments(declared, value)
    if declared.scope is Scope.HOST:
        tuning = ServerTuning(declared.sets, args)
        return HostSetting(declared.name, tuning, values.place(declared))
    return Tuning(declared.sets, args)
