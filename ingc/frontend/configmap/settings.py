"""What a ConfigMap requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingc.frontend.configmap.declare import Setting
from ingc.frontend.configmap.snippets import ConfigSnippets
from ingc.frontend.configmap.tls_files import TlsFile
from ingc.frontend.wishes import HttpsPolicy, ServerSnippetWish
from ingc.ir import Policies


@dataclass(frozen=True, slots=True)
class GlobalSettings:
    """What holds for all Ingresses; without a ConfigMap, what `NO_SETTINGS` holds."""

    defaults: Mapping[str, Any] = field(default_factory=dict)
    """By an annotation's name, what holds where an Ingress does not have it; and by their own
    names, keys that no annotation has."""
    https: HttpsPolicy = field(default_factory=HttpsPolicy)
    """For requests that no Ingress takes."""
    tunings: tuple[Setting, ...] = ()
    policies: Policies = field(default_factory=Policies)
    access_log: bool = True
    listen: tuple[str, ...] = ()
    """Addresses, where no option names any."""
    reject_handshake: bool = False
    ipv6_names: bool = True
    """Look up IPv6 addresses of upstreams' names."""
    files: tuple[TlsFile, ...] = ()
    """What nginx reads beside certificates."""
    stapling: bool = False
    """nginx queries the authorities of certificates about them (OCSP)."""
    snippets: ConfigSnippets = field(default_factory=ConfigSnippets)
    server: tuple[ServerSnippetWish, ...] = ()
    """What the ConfigMap's snippets request of every host: of its server, then of ``http``."""
    broken: bool = False
    """True where a value is wrong in such a way that nothing may serve traffic."""


NO_SETTINGS = GlobalSettings()
