"""What the operator lets nginx resolve at its start."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AtStart:
    """Which names nginx may resolve at its start, where it has no resolver."""

    names: tuple[str, ...] = ()
    """Those that the operator names, or has named in options; `EVERY` stands for all."""
    services_below: str = ""
    """The DNS domain of the cluster, where Services that rules name may be names of it; empty:
    their names may not either."""


def service_name(namespace: str, name: str, domain: str) -> str:
    """Return the DNS name of a Service."""
    return f"{name}.{namespace}.svc.{domain}"
