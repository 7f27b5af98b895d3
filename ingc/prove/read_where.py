"""Which features are read at which place of a text, each with its reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ingc.ir.features.aliases import WwwRedirect
from ingc.ir.features.card import Kind, Proved, collect
from ingc.ir.features.client_certs import ClientCertificates, HttpsOnly
from ingc.ir.features.modsecurity import Firewall
from ingc.ir.features.passthrough import Passthrough
from ingc.ir.features.protocols import BackendProtocol
from ingc.ir.features.redirects import HttpsRedirect
from ingc.ir.features.table import HOST_FEATURES, ROUTE_FEATURES, UPSTREAM_FEATURES
from ingc.ir.features.tracing import Traced
from ingc.ir.features.tuning import ServerTuning, Tuning

Reader = Callable[[Any], Any]
Both = dict[Kind, tuple[Reader, Reader]]


def _is_read(kind: Kind) -> bool:
    return isinstance(kind.card.proved, Proved) and Proved.READER in kind.card.proved


def _both(kinds: Iterable[Kind]) -> Both:
    """Return each feature's reader, and what returns how much of an expected one can be seen."""
    wanted = [kind for kind in kinds if _is_read(kind)]
    readers = collect("ingc.prove.features", "read", wanted)
    seers = collect("ingc.prove.features", "seen", wanted)
    return {kind: (readers[kind], seers[kind]) for kind in wanted}


OF_PLAIN_HTTP = _both((HttpsRedirect, HttpsOnly))
"""What answers plain http before all else that a route does."""
OF_ROUTES = {
    **_both((BackendProtocol,)),
    **_both(kind for kind in ROUTE_FEATURES if kind not in OF_PLAIN_HTTP),
}
"""How a backend is spoken to comes first: other features are read in the words of its module."""
OF_ANSWERS: Both = {
    kind: both for kind, both in OF_ROUTES.items() if kind in (Tuning, Firewall, Traced)
}
"""Of routes that nginx answers itself; all else acts on what is passed on alone."""
OF_TWINS = _both((WwwRedirect,))
OF_HOSTS = _both(kind for kind in HOST_FEATURES if kind not in (Passthrough, WwwRedirect))
OF_TLS: Both = {kind: both for kind, both in OF_HOSTS.items() if kind is ServerTuning}
OF_CLIENTS: Both = {kind: both for kind, both in OF_HOSTS.items() if kind is ClientCertificates}
"""Backends get headers about it, so that it is read at locations too."""
OF_BLOCKS = _both(reversed(UPSTREAM_FEATURES))
"""That connections serve one request includes that none is kept, and comes before it."""
