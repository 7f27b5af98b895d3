"""Server-snippets of hosts that namespaces share: they would change what others get."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.snippets import SnippetLeavesItsPaths, SnippetOnSharedHost
from ingc.frontend.intent import Intent
from ingc.frontend.wishes import HostSetting, RouteWish, ServerSnippetWish
from ingc.ir import RouteFeature
from ingc.ir.features.snippets import (
    ErrorPages,
    LocationProgram,
    RewritePath,
    Step,
    each_step,
    redirects,
)
from ingc.merge.owners import display_name

_PREFIX, _CONFIGURATION = "nginx.ingress.kubernetes.io/", "configuration-snippet"


def report_shared(host: str, intents: Iterable[Intent], sink: Sink) -> frozenset[str]:
    """Report server-snippets of a shared host; return their Ingresses, which are not served."""
    intents = tuple(intents)
    namespaces = dict.fromkeys(intent.namespace for intent in intents)
    found: set[str] = set()
    for intent in intents:
        for setting in intent.asked.hosts:
            if isinstance(setting.feature, ServerSnippetWish):
                others = tuple(name for name in namespaces if name != intent.namespace)
                entry = SnippetOnSharedHost(setting.annotation, display_name(host), others)
                sink.report(entry, setting.origin)
                found.add(intent.name)
    return frozenset(found)


def report_leaving(host: str, intents: Iterable[Intent], sink: Sink) -> frozenset[str]:
    """Report snippets that send requests on to other paths of a shared host; return their
    Ingresses, which are not served.

    What all Ingresses of the host request is the operator's.
    """
    intents = tuple(intents)
    namespaces = dict.fromkeys(intent.namespace for intent in intents)
    leaving = {intent.name: tuple(_leaving(intent)) for intent in intents}
    shared = set.intersection(*map(set, leaving.values()))
    found: set[str] = set()
    for intent in intents:
        if not shared.issuperset(leaving[intent.name]):
            others = tuple(name for name in namespaces if name != intent.namespace)
            entry = SnippetLeavesItsPaths(_CONFIGURATION, display_name(host), others)
            place = intent.origin.at("metadata", "annotations", _PREFIX + _CONFIGURATION)
            sink.report(entry, place)
            found.add(intent.name)
    return frozenset(found)


def _leaving(intent: Intent) -> Iterator[RouteFeature | RouteWish]:
    for item in intent.asked.routes:
        leaves = isinstance(item, LocationProgram) and any(map(_leaves, each_step(item.steps)))
        stands_in = isinstance(item, ErrorPages) and any(page.path for page in item.pages)
        if leaves or stands_in:
            yield item


def _leaves(step: Step) -> bool:
    """Return whether a step has nginx choose a location once more."""
    return isinstance(step, RewritePath) and step.flag != "break" and not redirects(step)


def without_snippets(settings: Iterable[HostSetting]) -> tuple[HostSetting, ...]:
    """Return what holds for a host but for server-snippets."""
    return tuple(item for item in settings if not isinstance(item.feature, ServerSnippetWish))
