"""Object metadata, and the names that Kubernetes allows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ingc.diagnostics import ObjectRef
from ingc.diagnostics.catalogue.objects import FieldWrongType, NameInvalid
from ingc.k8s.fields import Fields
from ingc.syntax.host import is_label, is_subdomain

SUBDOMAIN_RULE = 'lower-case letters, digits, "-" and ".", with a letter or digit at both ends'
LABEL_RULE = 'at most 63 lower-case letters, digits and "-", with no "-" at an end'

_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII
).fullmatch


@dataclass(frozen=True, slots=True)
class Meta:
    """What of ``metadata`` counts here."""

    namespace: str
    name: str
    annotations: Mapping[str, str]
    labels: Mapping[str, str]
    created: str
    """``creationTimestamp``, RFC 3339 in UTC; ``""`` where the manifest has none."""
    uid: str = ""
    """What a cluster has given the object; ``""`` in a manifest."""

    @property
    def namespaced(self) -> str:
        """``namespace/name``."""
        return f"{self.namespace}/{self.name}"


def read_meta(fields: Fields, ref: ObjectRef) -> Meta:
    """Read ``metadata``; the namespace and name come validated in ``ref``."""
    metadata = fields.mapping("metadata")
    if metadata is None:
        return Meta(ref.namespace, ref.name, {}, {}, "")
    return Meta(
        namespace=ref.namespace,
        name=ref.name,
        annotations=metadata.strings("annotations"),
        labels=metadata.strings("labels"),
        created=_read_time(metadata, "creationTimestamp"),
        uid=metadata.text("uid"),
    )


def _read_time(metadata: Fields, name: str) -> str:
    """Return a time in UTC, to the second, in a form that sorts; ``""`` where there is none."""
    text = metadata.text(name)
    if not text:
        return ""
    try:
        if not _TIMESTAMP(text):
            raise ValueError(text)
        time = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        entry = FieldWrongType(
            field_name=name,
            wanted="a time in the form of RFC 3339",
            found=f'"{text[:80]}"',
            fix="write it like 2024-01-31T12:00:00Z, or leave it out",
        )
        metadata.report(entry, name)
        return ""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


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
