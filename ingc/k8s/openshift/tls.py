"""``spec.tls`` of a Route: who opens TLS, and with which certificates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ingc.diagnostics import Origin
from ingc.diagnostics.catalogue.objects import FieldMissing
from ingc.diagnostics.catalogue.openshift import RouteFieldExcluded, RouteValueInvalid
from ingc.k8s.fields import Fields
from ingc.k8s.meta import check_subdomain

Insecure = Literal["None", "Allow", "Redirect"]
EDGE, PASSTHROUGH, REENCRYPT = "edge", "passthrough", "reencrypt"
_TERMINATIONS = (EDGE, PASSTHROUGH, REENCRYPT)
_POLICIES: tuple[Insecure, ...] = ("None", "Allow", "Redirect")
_MATERIAL = ("certificate", "key", "caCertificate", "destinationCACertificate")
_EXCLUDED = {
    EDGE: ("destinationCACertificate",),
    PASSTHROUGH: (*_MATERIAL, "externalCertificate"),
    REENCRYPT: (),
}
_WHY = {
    EDGE: "an edge Route speaks plain http to its Service",
    PASSTHROUGH: "nginx opens no TLS of a passthrough Route",
}


@dataclass(frozen=True, slots=True)
class RouteTls:
    """What a Route has of TLS. Certificates and keys are PEM texts as written, or empty."""

    termination: str
    """``edge``, ``passthrough`` or ``reencrypt``."""
    insecure: Insecure
    """What is done with plain http."""
    certificate: str
    key: str
    authorities: str
    """``caCertificate``: what stands between the certificate and its root."""
    destination_authorities: str
    """``destinationCACertificate``: by what the Service's certificate is verified."""
    external: str
    """The Secret of the Route's namespace that ``externalCertificate`` names; empty: none."""
    origin: Origin


def read_route_tls(spec: Fields) -> RouteTls | None:
    """Read ``spec.tls``; ``None`` where there is none, or it can't be read."""
    tls = spec.mapping("tls")
    if tls is None:
        return None
    termination = tls.text("termination")
    if termination not in _TERMINATIONS:
        _report_termination(tls, termination)
        return None
    for name in _excluded(tls, termination):
        why = _WHY[termination]
        tls.report(RouteFieldExcluded(field_name=name, why=why), name, key=True)
    certificate, external = tls.text("certificate"), _read_external(tls)
    if certificate and external:
        why = "the Route has a certificate of its own"
        tls.report(RouteFieldExcluded(field_name="externalCertificate", why=why), _EXTERNAL)
    return RouteTls(
        termination=termination,
        insecure=_read_insecure(tls, termination),
        certificate=certificate,
        key=tls.text("key"),
        authorities=tls.text("caCertificate"),
        destination_authorities=tls.text("destinationCACertificate"),
        external=external,
        origin=tls.origin,
    )


_EXTERNAL = "externalCertificate"


def _report_termination(tls: Fields, termination: str) -> None:
    if tls.lacks("termination"):
        tls.report(FieldMissing(field_name="termination"), "termination")
    elif termination:
        why = f"it is none of {', '.join(_TERMINATIONS)}"
        entry = RouteValueInvalid(field_name="termination", value=termination, why=why)
        tls.report(entry, "termination")


def _excluded(tls: Fields, termination: str) -> Iterator[str]:
    for name in _EXCLUDED[termination]:
        given = tls.value.get(name)
        if given not in (None, "", {}):
            yield name


def _read_external(tls: Fields) -> str:
    given = tls.mapping(_EXTERNAL)
    if given is None:
        return ""
    name = given.text("name")
    return name if name and check_subdomain(given, "name", name) else ""


def _read_insecure(tls: Fields, termination: str) -> Insecure:
    text = tls.text("insecureEdgeTerminationPolicy")
    allowed = [item for item in _POLICIES if termination != PASSTHROUGH or item != "Allow"]
    found = next((item for item in allowed if item == text), None)
    if text and found is None:
        name = "insecureEdgeTerminationPolicy"
        why = f"it is none of {', '.join(allowed)}"
        tls.report(RouteValueInvalid(field_name=name, value=text, why=why), name)
    return found or "None"
