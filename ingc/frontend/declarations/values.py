"""The values of one Ingress's annotations, read once by their declarations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ingc.diagnostics import Entry, Origin, Sink
from ingc.frontend.declarations.declare import Annotation
from ingc.options import Options

T = TypeVar("T")

Defaults = Mapping[str, Any]
"""What a ConfigMap says of annotations that an Ingress does not have, by their names."""


@dataclass(frozen=True, slots=True)
class Values:
    """What the annotations of one Ingress say."""

    namespace: str
    ingress: str
    options: Options
    sink: Sink
    origins: Mapping[str, Origin]
    """Where each annotation stands, by its own name."""
    read: Mapping[str, Any]
    """The values, by the annotation's own name; wrong ones are left out."""
    defaults: Defaults
    wrong: frozenset[str] = frozenset()
    """The annotations that have a value, and not one that they can have."""

    def get(self, annotation: Annotation[T]) -> T | None:
        """Return an annotation's value, else the ConfigMap's, else ``None``."""
        found: T | None = self.read.get(annotation.name)
        return self.defaults.get(annotation.name) if found is None else found

    def own(self, annotation: Annotation[T]) -> T | None:
        """Return an annotation's value, whatever the ConfigMap says."""
        return self.read.get(annotation.name)

    def given(self, annotation: Annotation[Any]) -> bool:
        """Tell whether the Ingress has an annotation, also with a wrong or empty value."""
        return annotation.name in self.origins

    def place(self, annotation: Annotation[Any]) -> Origin:
        """Return where an annotation stands; one that is not there has an empty place."""
        return self.origins.get(annotation.name) or Origin()

    def report(self, entry: Entry, annotation: Annotation[Any]) -> None:
        """Report a finding about an annotation's value."""
        self.sink.report(entry, self.place(annotation))
