"""Protections that hold for a whole host: whoever does not get theirs is not served."""

from __future__ import annotations

from collections.abc import Iterable

from ingc.diagnostics import Related, Sink
from ingc.diagnostics.catalogue.annotations_access import ClientCertificatesOfAnother
from ingc.frontend.intent import Intent
from ingc.frontend.wishes import ClientCertificatesWish, ClosedHostWish, HostSetting

_STRICTER = ("off", "optional_no_ca", "optional", "on")
"""Ways to check a client, each requiring more than the one before."""


def unprotected(
    host: str, intents: Iterable[Intent], settings: Iterable[HostSetting], owner: str, sink: Sink
) -> frozenset[str]:
    """Return the Ingresses of a host whose clients would be checked less than they require.

    ``settings`` are what holds for the host. ``owner`` is the namespace that decides; empty: all
    of them do.
    """
    decided = {item.annotation: item for item in settings}
    found: set[str] = set()
    for intent in intents:
        for wanted in intent.asked.hosts:
            first = decided.get(wanted.annotation)
            if _is_less(first.feature if first else None, wanted.feature):
                found.add(intent.name)
                winner = _of(first) if first else f"namespace {owner}"
                also = [Related(first.origin, "this value is used")] if first else []
                entry = ClientCertificatesOfAnother(
                    host=host or "every unnamed host", winner=winner
                )
                sink.report(entry, wanted.origin, also)
            elif isinstance(wanted.feature, ClosedHostWish) and owner not in ("", intent.namespace):
                found.add(intent.name)  # an error reports why nobody may be served
    return frozenset(found)


def _is_less(first: object, wanted: object) -> bool:
    if not isinstance(wanted, ClientCertificatesWish):
        return False
    checks = wanted.subject or wanted.verify in ("on", "optional")
    if first == wanted or not checks or isinstance(first, ClosedHostWish):
        return False
    if not isinstance(first, ClientCertificatesWish):
        return True
    same = (first.namespace, first.secret) == (wanted.namespace, wanted.secret)
    strict = _STRICTER.index(first.verify) >= _STRICTER.index(wanted.verify)
    narrow = not wanted.subject or first.subject == wanted.subject
    # A path is a page of this host, and served without a certificate then.
    closed = not first.error_page.startswith("/") or first.error_page == wanted.error_page
    return not (same and strict and narrow and closed and first.depth <= wanted.depth)


def _of(setting: HostSetting) -> str:
    by = setting.origin.object
    return f"{by.namespace}/{by.name}" if by is not None else "the ConfigMap"
