"""Whose Secrets and ConfigMaps an Ingress may name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CROSS_NAMESPACE = "allow-cross-namespace-resources"
"""The ConfigMap's key by which the operator lets Ingresses name those of other namespaces."""


def may_read(namespace: str, own: str, defaults: Mapping[str, Any]) -> bool:
    """Return whether an Ingress of the namespace ``own`` may name an object of a namespace.

    ``defaults`` is what the ConfigMap sets for annotations.
    """
    return namespace in ("", own) or defaults.get(CROSS_NAMESPACE) is True


def how_to_read(own: str, name: str) -> str:
    """Return what makes an object of another namespace readable, in the imperative."""
    return f"copy it and write {own}/{name}, or set {CROSS_NAMESPACE} in the ConfigMap"
