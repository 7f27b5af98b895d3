"""The findings about annotations and about keys, which differ in words alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingc.diagnostics import Entry
from ingc.diagnostics.catalogue.annotations import (
    AnnotationNotSupported,
    AnnotationUnknown,
    AnnotationValueNotUsed,
    AnnotationValueWrong,
    AnnotationWithoutEffect,
    ProtectionNotSupported,
)
from ingc.diagnostics.catalogue.configmap import (
    ConfigMapKeyNotSupported,
    ConfigMapKeyUnknown,
    ConfigMapKeyWithoutEffect,
    ConfigMapProtectionNotSupported,
    ConfigMapValueNotUsed,
    ConfigMapValueWrong,
)

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Words:
    """What is reported of one kind of declaration. Each function takes the name first."""

    unknown: Callable[[str, str], Entry]
    """And what may be meant."""
    wrong: Callable[[str, str, str, str, tuple[str, ...]], Entry]
    """And the value, what is wrong with it, the form that it must have, examples."""
    not_used: Callable[[str, str, str, str, tuple[str, ...], str], Entry]
    """The same, and what holds in its place."""
    not_supported: Callable[[str, str, str, str], Entry]
    """And its support, the reason, what to do instead."""
    protection: Callable[[str, str, str, str], Entry]
    """The same, of what could protect something."""
    without_effect: Callable[[str, str], Entry]
    """And the name that it needs."""
    remove: str
    """What to do about an unknown name that resembles none."""
    check: str
    """What to do about an unsupported one for which there is nothing else."""
    long_defaults: bool
    """True where a default is named however long it is."""

    def default(self, text: str) -> str:
        """Return in words what holds in place of a wrong value, by the declaration's default."""
        named = text if self.long_defaults or len(text) <= _LONGEST else "value"
        return f"its default {named} holds" if text else "it is ignored"


def cut(text: str) -> str:
    """Return a text for a message, shortened where it is long."""
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def key_needs(key: str, needed: str) -> Entry:
    """Return the finding about a key that has no effect without another."""
    return ConfigMapKeyWithoutEffect(key, f"it works only with {needed}")


ANNOTATION_WORDS = Words(
    AnnotationUnknown,
    AnnotationValueWrong,
    AnnotationValueNotUsed,
    AnnotationNotSupported,
    ProtectionNotSupported,
    AnnotationWithoutEffect,
    remove="remove it; ingc annotations lists all",
    check="check that the application works without it",
    long_defaults=True,
)
KEY_WORDS = Words(
    ConfigMapKeyUnknown,
    ConfigMapValueWrong,
    ConfigMapValueNotUsed,
    ConfigMapKeyNotSupported,
    ConfigMapProtectionNotSupported,
    key_needs,
    remove="remove it",
    check="check that the applications work without it",
    long_defaults=False,
)
