"""What wishes are granted from."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.diagnostics import Sink
from ingc.frontend.configmap import NO_SETTINGS, GlobalSettings
from ingc.k8s.store import Store
from ingc.options import Options
from ingc.resolve.files import Files
from ingc.resolve.upstreams import Upstreams


@dataclass(frozen=True, slots=True)
class Granting:
    """What wishes are granted from."""

    store: Store
    sink: Sink
    options: Options
    upstreams: Upstreams
    files: Files
    settings: GlobalSettings = NO_SETTINGS
