"""All keys, as they are declared; `ingc.frontend.registry` joins them to annotations."""

from __future__ import annotations

from ingc.frontend.configmap import (
    access,
    admission,
    auth,
    client,
    headers,
    logs,
    modules,
    snippets,
    stream,
    tls,
    upstream,
    workers,
)
from ingc.frontend.configmap.declare import KeyGroup

GROUPS: tuple[KeyGroup, ...] = (
    admission.GROUP,
    headers.GROUP,
    logs.GROUP,
    modules.GROUP,
    client.GROUP,
    workers.GROUP,
    tls.GROUP,
    upstream.GROUP,
    access.GROUP,
    auth.AUTH,
    snippets.GROUP,
    stream.GROUP,
)
