"""The settings for everybody: what the ConfigMap says, and what follows of it for no Ingress."""

from __future__ import annotations

import dataclasses

from ingc.diagnostics import Sink
from ingc.frontend.annotations.redirects import https_policy
from ingc.frontend.configmap import GlobalSettings
from ingc.frontend.configmap.reading import read_keys
from ingc.frontend.declarations.declare import Values
from ingc.k8s.store import Store
from ingc.options import Options


def read_config_map(store: Store, sink: Sink, options: Options) -> GlobalSettings:
    """Return what the ConfigMap asks for that the options name.

    Requests that no Ingress takes are redirected to https as an Ingress without annotations asks.
    """
    settings = read_keys(store, sink, options)
    if not settings.defaults:
        return settings
    nobody = Values("", "", options, sink, {}, {}, settings.defaults)
    return dataclasses.replace(settings, https=https_policy(nobody))
