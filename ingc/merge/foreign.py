"""What an Ingress requests for the whole of a host that another namespace owns."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.tenancy import WishForHostOfAnother
from ingc.frontend.intent import Intent
from ingc.frontend.wishes import (
    ClientCertificatesWish,
    ClosedHostWish,
    HostSetting,
    ServerSnippetWish,
)
from ingc.ir import ANY_HOST
from ingc.kinds import TlsOf
from ingc.merge.owners import display_name
from ingc.merge.tls import TlsEntries


@dataclass(frozen=True, slots=True)
class ForeignWish:
    """Something that has no effect on a host, since its owner did not request it."""

    ingress: str
    """``namespace/name``."""
    what: str
    """An annotation without its prefix, ``spec.tls``, ``spec.defaultBackend`` or a redirect."""
    origin: Origin


def foreign_wishes(
    host: str, intents: Iterable[Intent], settings: Iterable[HostSetting], refused: Container[str]
) -> Iterator[ForeignWish]:
    """Yield what foreign Ingresses request for a host.

    ``settings`` are what holds for it: who requests the same gets it. ``refused`` are the
    Ingresses that are not served for want of client certificates, or for a server-snippet, which
    an error reports.
    """
    decided = {item.annotation: item.feature for item in settings}
    for intent in intents:
        for setting in intent.asked.hosts:
            kinds = ClientCertificatesWish | ClosedHostWish | ServerSnippetWish
            reported = isinstance(setting.feature, kinds) and intent.name in refused
            if not reported and decided.get(setting.annotation) != setting.feature:
                yield ForeignWish(intent.name, setting.annotation, setting.origin)
        if intent.default is not None:
            yield ForeignWish(intent.name, "spec.defaultBackend", intent.default.origin)
        for route in intent.redirected:
            if route.host == host:
                what = "the redirect of a rule without paths"
                yield ForeignWish(intent.name, what, route.origin)
        groups = TlsEntries(intent.tls).of(host) if host != ANY_HOST else ()
        for group in groups:
            for entry in group:
                if entry.kind.tls is TlsOf.HOSTS:
                    yield ForeignWish(intent.name, "spec.tls", entry.origin)
                elif entry.secret or entry.inline:
                    yield ForeignWish(intent.name, "the certificate in spec.tls", entry.origin)


def report_wishes(host: str, owner: str, wishes: Iterable[ForeignWish], sink: Sink) -> None:
    """Report what has no effect on a host, and whose the host is."""
    for wish in wishes:
        entry = WishForHostOfAnother(what=wish.what, host=display_name(host), owner=owner)
        sink.report(entry, wish.origin)
