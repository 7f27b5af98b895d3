"""networking.k8s.io/v1 IngressClass."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.diagnostics import ObjectRef, Origin
from ingc.diagnostics.catalogue.objects import ClassUnknown
from ingc.k8s.fields import Fields
from ingc.k8s.meta import read_meta

DEFAULT_MARK = "ingressclass.kubernetes.io/is-default-class"
VERSIONS = ("networking.k8s.io/v1", "networking.k8s.io/v1beta1")


@dataclass(frozen=True, slots=True)
class IngressClass:
    """A class and the controller that serves it."""

    name: str
    controller: str
    """``""`` where the object names none."""
    default: bool
    """True where it is marked as the class of Ingresses that name none."""
    origin: Origin
    broken: bool = False


def read_ingress_class(fields: Fields, ref: ObjectRef, _version: str) -> IngressClass:
    """Read an IngressClass, reporting each finding."""
    meta = read_meta(fields, ref)
    spec = fields.mapping("spec")
    controller = spec.text("controller") if spec else ""
    given = spec.value.get("controller") if spec else fields.value.get("spec")
    if given is None or given == "":
        fields.report(ClassUnknown(class_name=ref.name), "spec")
    default = meta.annotations.get(DEFAULT_MARK) == "true"
    return IngressClass(ref.name, controller, default, fields.origin)
