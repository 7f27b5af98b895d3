"""Departures as findings: one for each kind and Ingress, and one for what many meet alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ingc.departures.departure import Departure, DepartureKind
from ingc.diagnostics import Diagnostic, Sink
from ingc.diagnostics.catalogue.departures import AnswersOtherwise


def notes(found: Iterable[Departure], *, general: bool = False) -> tuple[Diagnostic, ...]:
    """Return a note for each departure; with ``general`` also one for each kind of those that
    everything of a sort meets, at the first.
    """
    sink = Sink()
    alike: dict[DepartureKind, list[Departure]] = defaultdict(list)
    for item in found:
        if item.general:
            alike[item.kind].append(item)
        else:
            met = f", in {item.places} places" if item.places > 1 else ""
            sink.report(_note(item, met), item.origin)
    for items in alike.values() if general else ():
        met = f", as in {len(items)} Ingresses" if len(items) > 1 else ""
        sink.report(_note(items[0], met), items[0].origin)
    return sink.diagnostics()


def _note(item: Departure, met: str) -> AnswersOtherwise:
    return AnswersOtherwise(
        request=str(item.request),
        kind=item.kind.value,
        met=met,
        theirs=item.theirs,
        ours=item.ours,
        why=item.why,
    )
