"""The ``tls`` entries of an Ingress, by the hosts that they cover."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.hosts_paths import TlsHostWithoutRule
from ingc.diagnostics.catalogue.tls import TlsWithoutHost
from ingc.frontend.intent import Intent, IntentTls, TlsGroup
from ingc.frontend.wishes import HostSetting
from ingc.ir import ANY_HOST
from ingc.ir.features.aliases import Alias, WwwRedirect
from ingc.syntax.host import twin_of


class TlsEntries:
    """Finds the entries of an Ingress for a host; see `ingc.syntax.host.covers`."""

    def __init__(self, entries: tuple[IntentTls, ...]) -> None:
        by_name: dict[str, list[IntentTls]] = {}
        for entry in entries:
            for name in dict.fromkeys(entry.hosts):
                by_name.setdefault(name, []).append(entry)
        self._by_name = {name: tuple(found) for name, found in by_name.items()}
        self._of_every_host = tuple(entry for entry in entries if not entry.hosts)

    def of(self, host: str) -> list[TlsGroup]:
        """Return what covers a host: equal names, then wildcards, then entries without hosts."""
        names = dict.fromkeys((host, wildcard_over(host)))
        groups = (*(self._by_name.get(name, ()) for name in names), self._of_every_host)
        return [group for group in groups if group]


def check_tls(intent: Intent, sink: Sink) -> None:
    """Report hosts of ``tls`` entries that no rule of the Ingress names."""
    named = {*intent.hosts, *names_beside(intent.hosts, intent.asked.hosts)}
    covering = {*named, *map(wildcard_over, named)}
    for entry in intent.tls:
        for index, name in enumerate(entry.hosts):
            if name not in covering:
                sink.report(TlsHostWithoutRule(host=name), entry.origin.at("hosts", index))
    if intent.tls and ANY_HOST in intent.hosts:
        sink.report(TlsWithoutHost(), intent.origin.at("spec", "tls", key=True))


def names_beside(hosts: Iterable[str], settings: Iterable[HostSetting]) -> Iterator[str]:
    """Yield the names that hosts have beside their own, with the same certificate."""
    for setting in settings:
        if isinstance(setting.feature, Alias):
            yield from setting.feature.names
        elif isinstance(setting.feature, WwwRedirect):
            yield from filter(None, map(twin_of, hosts))


def wildcard_over(host: str) -> str:
    """Return the wildcard that covers a host; itself where none can."""
    parent = host.partition(".")[2]
    return host if host[:1] == "." else f"*.{parent}"
