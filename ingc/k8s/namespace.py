"""v1 Namespace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingc.diagnostics import ObjectRef, Origin
from ingc.k8s.fields import Fields
from ingc.k8s.meta import read_meta

VERSION = "v1"
NAME_LABEL = "kubernetes.io/metadata.name"
"""The label with the name, which the API server gives to every namespace."""


@dataclass(frozen=True, slots=True)
class Namespace:
    """A namespace and its labels."""

    name: str
    labels: Mapping[str, str]
    origin: Origin
    broken: bool = False


def read_namespace(fields: Fields, ref: ObjectRef, _version: str) -> Namespace:
    """Read a Namespace, reporting each finding."""
    labels = {**read_meta(fields, ref).labels, NAME_LABEL: ref.name}
    return Namespace(ref.name, labels, fields.origin)
