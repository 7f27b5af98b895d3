"""v1 ServiceAccount. Its tokens are never read."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.diagnostics import ObjectRef, Origin
from ingc.k8s.fields import Fields

VERSION = "v1"


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """Who a Pod is, and with which Secrets its images are pulled."""

    namespace: str
    name: str
    pull_secrets: tuple[str, ...]
    """The names of ``imagePullSecrets``."""
    origin: Origin


def read_service_account(fields: Fields, ref: ObjectRef, _version: str) -> ServiceAccount:
    """Read a ServiceAccount."""
    names = tuple(item.text("name") for item in fields.mappings("imagePullSecrets"))
    return ServiceAccount(ref.namespace, ref.name, names, fields.origin)
