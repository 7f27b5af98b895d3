"""Backends of rules: a Service and its port, or another resource."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingc.diagnostics import Origin
from ingc.diagnostics.catalogue.backends import (
    BackendAmbiguous,
    BackendMissing,
    PortAmbiguous,
    PortMissing,
    PortNameInvalid,
    PortOutOfRange,
)
from ingc.diagnostics.catalogue.objects import FieldWrongType
from ingc.k8s.fields import Fields, name_of_type
from ingc.k8s.meta import check_label

_PORT_NAME = re.compile(r"(?=.*[a-z])[a-z0-9](?:-?[a-z0-9])*").fullmatch
_LABEL = re.compile(r"[a-z](?:-*[a-z0-9])*").fullmatch


def is_port_number(number: int) -> bool:
    """Return whether a number can be a port of TCP or UDP."""
    return 1 <= number <= 65535


def is_port_name(text: str) -> bool:
    """Return whether a text can name a port: an IANA service name of at most 15 characters."""
    return len(text) <= 15 and _PORT_NAME(text) is not None


@dataclass(frozen=True, slots=True)
class ServiceBackend:
    """A port of a Service in the Ingress's own namespace."""

    name: str
    port: int | str
    """A number of 1 to 65535, or a port's name."""
    origin: Origin


@dataclass(frozen=True, slots=True)
class ResourceBackend:
    """An object other than a Service, such as a storage bucket; nothing here can serve it."""

    kind: str
    name: str
    origin: Origin


Backend = ServiceBackend | ResourceBackend


def read_backend(fields: Fields | None) -> Backend | None:
    """Read an ``IngressBackend`` of networking.k8s.io/v1."""
    if fields is None:
        return None
    service, resource = fields.mapping("service"), fields.mapping("resource")
    if service and resource:
        fields.report(BackendAmbiguous(), "resource", key=True)
        return None
    if resource:
        kind, name = resource.required("kind"), resource.required("name")
        return ResourceBackend(kind, name, fields.origin) if kind and name else None
    if service is None:
        if fields.value.get("service") is None and fields.value.get("resource") is None:
            fields.report(_missing(fields))
        return None
    name = service.required("name")
    good = bool(name) and check_label(service, "name", name)
    port = _read_port(service)
    return ServiceBackend(name, port, fields.origin) if good and port is not None else None


def _missing(fields: Fields) -> BackendMissing:
    """Show the backend as it should be written, with what an old one names."""
    name, port = fields.value.get("serviceName"), fields.value.get("servicePort")
    name = name if isinstance(name, str) and _LABEL(name) else "web"
    if isinstance(port, str) and _PORT_NAME(port):
        return BackendMissing(service=name, port=f"name: {port}")
    return BackendMissing(service=name, port=f"number: {port if type(port) is int else 80}")


def _read_port(service: Fields) -> int | str | None:
    port = service.mapping("port")
    if port is None:
        if service.value.get("port") is None:
            service.report(PortMissing(), "port")
        return None
    number, name = port.integer("number"), port.text("name")
    if number and name:
        port.report(PortAmbiguous(), "name", key=True)
        return None
    if name:
        return name if check_port_name(port, name, "name") else None
    if not number:
        if port.lacks("name") and (number == 0 or port.lacks("number")):
            port.report(PortMissing())
        return None
    return number if check_port_number(port, number, "number") else None


def read_old_backend(fields: Fields | None) -> Backend | None:
    """Read a backend of the v1beta1 versions: ``serviceName`` and ``servicePort``."""
    if fields is None:
        return None
    resource = fields.mapping("resource")
    if fields.lacks("serviceName") and fields.value.get("resource") is not None:
        if resource is None:
            return None
        kind, name = resource.required("kind"), resource.required("name")
        return ResourceBackend(kind, name, fields.origin) if kind and name else None
    name = fields.required("serviceName")
    good = bool(name) and check_label(fields, "serviceName", name)
    port = read_int_or_string(fields, "servicePort")
    if port is None:
        return None
    if isinstance(port, int):
        good = check_port_number(fields, port, "servicePort") and good
    else:
        good = check_port_name(fields, port, "servicePort") and good
    return ServiceBackend(name, port, fields.origin) if good else None


def read_int_or_string(fields: Fields, name: str) -> int | str | None:
    """Read an ``IntOrString``; digits in quotes are a number. Reports a missing one."""
    value = fields.value.get(name)
    if type(value) is int:
        return value
    if type(value) is str and value:
        return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else value
    if value is None or value == "":
        fields.report(PortMissing(), name)
        return None
    entry = FieldWrongType(
        field_name=name,
        wanted="a number or a name",
        found=name_of_type(value),
        fix="write the Service port's number or name",
    )
    fields.report(entry, name)
    return None


def check_port_number(fields: Fields, port: int, *path: str | int) -> bool:
    """Report a port that is not 1 to 65535."""
    if is_port_number(port):
        return True
    fields.report(PortOutOfRange(port=port), *path)
    return False


def check_port_name(fields: Fields, name: str, *path: str | int) -> bool:
    """Report a name that is no IANA service name of at most 15 characters."""
    if is_port_name(name):
        return True
    fields.report(PortNameInvalid(port=name), *path)
    return False
