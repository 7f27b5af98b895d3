"""A compile and its departures → a `Migration`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ingc.compiler import Result
from ingc.departures import Departure, departures
from ingc.diagnostics import Diagnostic, ObjectRef, Origin, Severity, Sink
from ingc.diagnostics.catalogue.internal import HostNotProved
from ingc.diagnostics.catalogue.objects import ClassPassedOver, IngressesLeftOut, ObjectRepeated
from ingc.frontend import select_ingresses
from ingc.k8s.ingress import CLASS_ANNOTATION, Ingress
from ingc.load import Document
from ingc.migrate.carried import command_line, config_file
from ingc.migrate.concerns import Met, concerns, met_by_findings
from ingc.migrate.keys import config_map_tables
from ingc.migrate.migration import (
    DepartureGroup,
    Fate,
    Gap,
    MigratedIngress,
    Migration,
    NamespaceCount,
    Showing,
    Spot,
    spot_of,
)
from ingc.migrate.plain import inner, text
from ingc.migrate.preparing import CONFIG_MAP_OPTIONS, Prepared
from ingc.migrate.quirks import quirks
from ingc.migrate.weighing import Weight
from ingc.options import Options

_FATES = {
    Weight.REFUSED: Fate.REFUSED,
    Weight.DECISION: Fate.DECISION,
    Weight.DIFFERS: Fate.DIFFERS,
}
_RANKS = (Fate.SAME, Fate.DIFFERS, Fate.DECISION, Fate.REFUSED)
_GROUPS = ("networking.k8s.io", "extensions")
_GAPS = frozenset({"ING021", "ING025", "ING026", "ING027", "ING144"})
"""Notes and warnings about what was not read at all."""


def assemble(prepared: Prepared, result: Result, inputs: Sequence[str]) -> Migration:
    """Return the report on a compile in isolate mode of what was prepared.

    Raises `LookupError` where nothing was compiled at all.
    """
    if result.store is None or result.ir is None or result.options is None:
        raise LookupError("nothing was compiled")
    found = result.diagnostics
    taken = select_ingresses(result.store, Sink(), result.options)
    departed = departures(result.store, result.ir, found, result.options)
    met = [*met_by_findings(_of_manifests(found, result.options), taken), *quirks(result.ir, taken)]
    made = [
        *_taken(taken, met, departed, _unproved(result, taken)),
        *_unreadable(prepared.documents, result, taken),
    ]
    ingresses = tuple(sorted(made, key=lambda item: (item.name, item.spot.file, item.spot.line)))
    return Migration(
        inputs=tuple(inputs),
        target=result.options.nginx_version,
        ingresses=ingresses,
        passed_over=tuple(_passed_over(found)),
        namespaces=_by_namespace(ingresses),
        departures=_groups(departed),
        concerns=concerns(met),
        config_maps=tuple(
            config_map_tables(result.store, result.options, found, prepared.left_out)
        ),
        controllers=prepared.controllers,
        gaps=(*_absent(prepared), *_gaps(found)),
        options=prepared.chosen,
        command=command_line(_without_values(inputs, prepared), prepared.chosen),
        config_file=config_file(prepared.chosen),
    )


def _without_values(inputs: Sequence[str], prepared: Prepared) -> Sequence[str]:
    """Return the inputs that hold more than Helm values, which a compile does not take."""
    return [name for name in inputs if name not in prepared.values_files] or inputs


def _of_manifests(found: Iterable[Diagnostic], options: Options) -> Iterator[Diagnostic]:
    """Yield what is about objects that were read; keys of settings have their own table."""
    settings = {getattr(options, name) for name in CONFIG_MAP_OPTIONS}
    for item in found:
        ref = item.origin.object
        of_key = ref is not None and ref.kind == "ConfigMap" and item.origin.field[:1] == ("data",)
        if of_key and ref is not None and f"{ref.namespace}/{ref.name}" in settings:
            continue
        if not _is_gap(item):
            yield item


def _is_gap(found: Diagnostic) -> bool:
    """Return whether a finding says that something could not be read."""
    ref = found.origin.object
    unread = ref is None and found.origin.source is not None and found.severity is Severity.ERROR
    return unread or found.code in _GAPS or isinstance(found.entry, ObjectRepeated)


def _absent(prepared: Prepared) -> Iterator[Gap]:
    for option, name in prepared.absent.items():
        what = f"ConfigMap {name}, named by --{option.replace('_', '-')}, is not in the input"
        yield Gap(Spot("", "", 0), what, "add it to the input, and run this again")
    for name in prepared.made:
        what = f"ConfigMap {name} stands in Helm values alone; a compile needs the object"
        change = "add it to the input, as kubectl get configmap or helm template prints it"
        yield Gap(Spot("", "", 0), what, change)


def _gaps(found: Iterable[Diagnostic]) -> Iterator[Gap]:
    for item in found:
        if _is_gap(item):
            yield Gap(spot_of(item.origin), f"{item.message} ({item.code})", item.help)


def _unproved(result: Result, taken: Iterable[Ingress]) -> frozenset[str]:
    """Return the Ingresses of which something could not be proved; all where nothing could."""
    hosts = {
        item.entry.host for item in result.diagnostics if isinstance(item.entry, HostNotProved)
    }
    return frozenset(
        item.meta.namespaced
        for item in taken
        if not result.ok or hosts & {rule.host for rule in item.rules}
    )


def _taken(
    ingresses: Iterable[Ingress],
    met: Iterable[Met],
    departed: Iterable[Departure],
    unproved: frozenset[str],
) -> Iterator[MigratedIngress]:
    weights: dict[str, list[Met]] = defaultdict(list)
    for item in met:
        weights[item.ingress].append(item)
    kinds: dict[str, dict[str, None]] = defaultdict(dict)
    for departure in departed:
        if not departure.general:
            kinds[departure.ingress][departure.kind.value] = None
    for ingress in ingresses:
        name = ingress.meta.namespaced
        own, differs = weights[name], tuple(kinds[name])
        fates = {_FATES.get(item.weight, Fate.SAME) for item in own}
        fates |= {Fate.DIFFERS} if differs else {Fate.SAME}
        refused = ingress.broken or name in unproved
        fate = Fate.REFUSED if refused else max(fates, key=_RANKS.index)
        codes = tuple(sorted({item.code for item in own if item.code}))
        hosts = tuple(dict.fromkeys(rule.host or "*" for rule in ingress.rules))
        spot = spot_of(ingress.origin)
        yield MigratedIngress(name, ingress.meta.namespace, spot, fate, hosts, differs, codes)


def _unreadable(
    documents: Iterable[Document], result: Result, taken: Sequence[Ingress]
) -> Iterator[MigratedIngress]:
    """Yield the Ingresses of the input that are no objects of the compile.

    Copies of one Ingress are one; what has errors and is not in the store could not be read. Those
    of a class that is passed over are left out.
    """
    store, options = result.store, result.options
    if store is None or options is None:
        return
    ours = {item.origin.source for item in taken}
    others = {_class(item) for item in store.ingresses if item.origin.source not in ours}
    others -= {_class(item) for item in taken}
    read = {id(item.origin.source) for item in store.ingresses}
    errors = (item for item in result.diagnostics if item.severity is Severity.ERROR)
    wrong = {id(item.origin.source) for item in errors}
    for document in documents:
        value, source = document.value, document.source
        if value.get("kind") != "Ingress" or id(source) in read or id(source) not in wrong:
            continue
        group = text(value.get("apiVersion")).rpartition("/")[0]
        if group not in _GROUPS or _written_class(value) in others:
            continue
        own = text(inner(value, ("metadata", "namespace"))) or options.namespace
        name = text(inner(value, ("metadata", "name"))) or "(unnamed)"
        spot = spot_of(Origin(ObjectRef("Ingress", own, name), (), source))
        yield MigratedIngress(f"{own}/{name}", own, spot, Fate.UNREADABLE, (), (), ())


def _class(ingress: Ingress) -> str:
    return ingress.class_name or ingress.class_annotation or ""


def _written_class(value: Mapping[str, Any]) -> str:
    annotation = inner(value, ("metadata", "annotations", CLASS_ANNOTATION))
    return text(inner(value, ("spec", "ingressClassName"))) or text(annotation)


def _passed_over(found: Iterable[Diagnostic]) -> Iterator[str]:
    for item in found:
        if isinstance(item.entry, ClassPassedOver):
            yield from item.entry.classes
        elif isinstance(item.entry, IngressesLeftOut):
            yield from item.entry.reasons


def _by_namespace(ingresses: Iterable[MigratedIngress]) -> tuple[NamespaceCount, ...]:
    """Return the numbers of each namespace, those with the most to do first."""
    counts: Mapping[str, Counter[Fate]] = defaultdict(Counter)
    for item in ingresses:
        counts[item.namespace][item.fate] += 1
    made = [
        NamespaceCount(
            name,
            found.total(),
            found[Fate.SAME],
            found[Fate.DIFFERS],
            found[Fate.DECISION] + found[Fate.REFUSED],
            found[Fate.UNREADABLE],
        )
        for name, found in counts.items()
    ]
    made.sort(key=lambda item: (-item.decision, -item.differs, -item.unreadable, item.namespace))
    return tuple(made)


def _groups(departed: Iterable[Departure]) -> tuple[DepartureGroup, ...]:
    """Return the kinds: those of single Ingresses first, the most frequent before others."""
    kinds: dict[tuple[bool, str, str], list[Departure]] = {}
    for item in departed:
        kinds.setdefault((item.general, item.kind.value, item.why), []).append(item)
    groups = [
        DepartureGroup(
            kind,
            why,
            len({item.ingress for item in items if item.ingress}),
            general,
            tuple(map(_showing, items)),
        )
        for (general, kind, why), items in kinds.items()
    ]
    groups.sort(key=lambda group: (group.general, -group.ingresses, group.kind, group.why))
    return tuple(groups)


def _showing(item: Departure) -> Showing:
    return Showing(spot_of(item.origin), item.request, item.theirs, item.ours)
