"""The ConfigMap of global settings, with what its keys mean for annotations."""

from __future__ import annotations

from dataclasses import replace

from ingc.diagnostics import Sink
from ingc.frontend.annotations.redirects import https_policy
from ingc.frontend.configmap import GlobalSettings, read_settings
from ingc.frontend.declarations.values import GivenValues
from ingc.frontend.registry import keys_for
from ingc.k8s.store import Store
from ingc.options import Options


def read_config_map(store: Store, sink: Sink, options: Options) -> GlobalSettings:
    """Return what the ConfigMap requests that the options name."""
    found = read_settings(store, sink, options, keys_for(options))
    values = GivenValues(sink=sink, origins={}, read={}, defaults=found.defaults)
    return replace(found, https=https_policy(values))
