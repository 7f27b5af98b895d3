"""Server-snippets of hosts that namespaces share: they would change what others get."""

from __future__ import annotations

from collections.abc import Iterable

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.snippets import SnippetOnSharedHost
from ingc.frontend.intent import Intent
from ingc.frontend.wishes import HostSetting, ServerSnippetWish
from ingc.merge.owners import display_name


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


def without_snippets(settings: Iterable[HostSetting]) -> tuple[HostSetting, ...]:
    """Return what holds for a host but for server-snippets."""
    return tuple(item for item in settings if not isinstance(item.feature, ServerSnippetWish))
