"""Who may have the TLS of a host: TLS names no path, so it takes all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingc.diagnostics import Origin
from ingc.frontend.intent import Intent, IntentRoute
from ingc.frontend.wishes import PassthroughWish
from ingc.ir import ANY_HOST, Exact


@dataclass(frozen=True, slots=True)
class RequestedPassthrough:
    """An Ingress that wants the TLS of a host passed on."""

    ingress: str
    """``namespace/name``."""
    origin: Origin
    """The annotation."""
    why_not: str
    """Empty: it may have it."""
    fix: str
    by_kind: bool = False
    """True where the operator need not allow it."""


def root_of(routes: Iterable[IntentRoute]) -> IntentRoute | None:
    """Return the route whose Service gets a host's TLS: of ``/``, else the default backend."""
    candidates = [r for r in routes if r.match.path == "/" and r.path in ("/", "")]
    return min(candidates, key=_rank, default=None)


def _rank(route: IntentRoute) -> int:
    if not route.path_type:
        return 2
    return 1 if isinstance(route.match, Exact) else 0


def passthroughs(
    host: str, intents: Sequence[Intent], routes: Iterable[IntentRoute]
) -> tuple[RequestedPassthrough, ...]:
    """Return the Ingresses that want the TLS of a host, which come in order.

    ``routes`` are the host's live ones, with its default backend.
    """
    found = [
        (number, intent, setting.origin, setting.feature.by_kind)
        for number, intent in enumerate(intents)
        for setting in intent.asked.hosts
        if isinstance(setting.feature, PassthroughWish)
    ]
    if not found:
        return ()
    root = root_of(routes)
    return tuple(
        RequestedPassthrough(
            intent.name, origin, *_why_not(host, intent, intents[:number], root), by_kind
        )
        for number, intent, origin, by_kind in found
    )


def _why_not(
    host: str, intent: Intent, earlier: Iterable[Intent], root: IntentRoute | None
) -> tuple[str, str]:
    if host == ANY_HOST:
        return "a rule without a host has no name that TLS could be told by", "give the rule a host"
    if root is None or root.namespace != intent.namespace:
        whose = "none" if root is None else f"that of {root.name}"
        return f"it needs a path / in this namespace, and the host has {whose}", "add a path /"
    for other in earlier:
        if other.namespace != intent.namespace and any(r.host == host for r in other.routes):
            return (
                f"{other.name} of another namespace had paths of the host before",
                "ask its owner",
            )
    return "", ""
