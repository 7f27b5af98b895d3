"""Object metadata, and the names that Kubernetes allows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ingc.diagnostics import ObjectRef
from ingc.diagnostics.catalogue.objects import NameInvalid
from ingc.k8s.fields import Fields
from ingc.syntax.host import is_label, is_subdomain

SUBDOMAIN_RULE = 'lower-case letters, digits, "-" and ".", with a letter or digit at both ends'
LABEL_RULE = 'at most 63 lower-case letters, digits and "-", with no "-" at an end'

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").fullmatch


@dataclass(frozen=True, slots=True)
class Meta:
    """What of ``metadata`` counts here."""

    namespace: str
    name: str
    annotations: Mapping[str, str]
    labels: Mapping[str, str]
    created: str
    """``creationTimestamp``, RFC 3339 in UTC; ``""`` where the manifest has none."""


def read_meta(fields: Fields, ref: ObjectRef) -> Meta:
    """Read ``metadata``; the namespace and name come validated in ``ref``."""
    metadata = fields.mapping("metadata")
    if metadata is None:
        return Meta(ref.namespace, ref.name, {}, {}, "")
    created = metadata.text("creationTimestamp")
    return Meta(
        namespace=ref.namespace,
        name=ref.name,
        annotations=metadata.strings("annotations"),
        labels=metadata.strings("labels"),
        created=created if _TIMESTAMP(created) else "",
    )


def check_label(fields: Fields, name: str, value: str, *path: str | int) -> bool:
    """Report a value that is no DNS-1123 label."""
    if is_label(value):
        return True
    fields.report(NameInvalid(field_name=name, value=value, rule=LABEL_RULE), *(path or (name,)))
    return False


def check_subdomain(fields: Fields, name: str, value: str, *path: str | int) -> bool:
    """Report a value that is no DNS-1123 subdomain."""
    if is_subdomain(value):
        return True
    entry = NameInvalid(field_name=name, value=value, rule=SUBDOMAIN_RULE)
    fields.report(entry, *(path or (name,)))
    return False
