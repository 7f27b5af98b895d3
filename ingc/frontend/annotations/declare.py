"""What annotations have beyond other declarations: scope, risk, older names, differences."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ingc.frontend.declarations.declare import (
    DeclarationGroup,
    OfModule,
    Support,
    Supported,
    Unsupported,
)
from ingc.frontend.declarations.reading import GivenText
from ingc.frontend.declarations.values import GivenValues
from ingc.frontend.wishes import Ask
from ingc.options import Options
from ingc.target import OLDEST, Version

T = TypeVar("T")

OWN_PREFIX = "ingc/"
"""Of the annotations that ingress-nginx does not have; it belongs to their names here."""


class Scope(enum.Enum):
    """What an annotation's value holds for."""

    LOCATION = "location"
    """The paths of its Ingress."""
    HOST = "host"
    """Every path of the hosts that its Ingress names; of several values the first wins."""
    UPSTREAM = "upstream"
    """The Services of its Ingress; of several values the first wins."""


class Risk(enum.Enum):
    """ingress-nginx's grading of what an annotation's author may do with it."""

    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"
    CRITICAL = "Critical"


@dataclass(frozen=True, slots=True)
class Annotation(Supported[T]):
    """A supported annotation. Where it `rejects`, its Ingress answers 503 under isolate."""

    aliases: tuple[str, ...] = field(default=(), kw_only=True)
    """Older names; the name itself wins where both are given."""
    risk: Risk = field(default=Risk.LOW, kw_only=True)
    scope: Scope = field(default=Scope.LOCATION, kw_only=True)
    empty_rejects: bool = field(default=False, kw_only=True)
    """True: an empty value is an error too. False: it counts as absent."""
    differs: str = field(default="", kw_only=True)
    """What stock nginx does otherwise than ingress-nginx, to follow the annotation's name; as
    a note where the annotation is given another value than its default."""
    since: Version = field(default=OLDEST, kw_only=True)
    """The first nginx that can do it."""

    def without_module(self, missing: OfModule) -> UnsupportedAnnotation:
        """Return what it is where its module is missing."""
        return UnsupportedAnnotation(
            self.name,
            missing.why,
            Support.NEEDS_MODULE,
            missing.instead,
            protects=missing.protects,
            risk=self.risk,
        )


@dataclass(frozen=True, slots=True)
class UnsupportedAnnotation(Unsupported):
    """An annotation that is known and not acted on."""

    risk: Risk = field(default=Risk.LOW, kw_only=True)
    option: str = field(default="", kw_only=True)
    """The option that lets it be acted on."""
    snippet: bool = field(default=False, kw_only=True)
    """True where its value is raw nginx directives, for which annotations can be named."""


Declaration = Annotation[Any] | UnsupportedAnnotation


@dataclass(frozen=True, slots=True, kw_only=True)
class Values(GivenValues):
    """What the annotations of one Ingress hold; `defaults` are the ConfigMap's."""

    namespace: str
    ingress: str
    options: Options
    snippets: Mapping[str, GivenText] = field(default_factory=dict)
    """By the annotation, those that the operator allows."""


@dataclass(frozen=True, slots=True)
class Family(DeclarationGroup[Declaration, Values, Ask]):
    """Annotations of one column.

    Its function is called only for Ingresses that have an annotation of it, or whose ConfigMap
    sets one.
    """

    keys: tuple[str, ...] = ()
    """Keys of the ConfigMap that it reads, beside those named like its annotations."""
