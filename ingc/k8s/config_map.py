"""v1 ConfigMap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingc.diagnostics import ObjectRef, Origin
from ingc.k8s.fields import Fields

VERSION = "v1"


@dataclass(frozen=True, slots=True)
class ConfigMap:
    """A ConfigMap's text data; ``binaryData`` is not read."""

    namespace: str
    name: str
    data: Mapping[str, str]
    origin: Origin
    broken: bool = False
    annotations: tuple[str, ...] = ()
    """Their keys alone: none has a meaning here."""

    def place_of(self, key: str) -> Origin:
        """Return where a value stands."""
        return self.origin.at("data", key) if key in self.data else self.origin.at("data")


def read_config_map(fields: Fields, ref: ObjectRef, _version: str) -> ConfigMap:
    """Read a ConfigMap."""
    meta = fields.value.get("metadata")
    annotations = meta.get("annotations") if isinstance(meta, Mapping) else None
    keys = annotations.keys() if isinstance(annotations, Mapping) else ()
    named = tuple(key for key in keys if type(key) is str)
    data = fields.strings("data")
    return ConfigMap(ref.namespace, ref.name, data, fields.origin, annotations=named)
