"""Kinds of objects with rules beside Ingress, each read by its own column of `ingc.frontend`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ingc.diagnostics import Sink
from ingc.frontend.annotations.declare import Declaration
from ingc.frontend.declarations.declare import DeclarationGroup
from ingc.frontend.declarations.values import Defaults
from ingc.frontend.intent import Intent
from ingc.k8s.ruled import RuleObject
from ingc.k8s.store import Store
from ingc.kinds import OTHERS, RuleKind, function_of_kind
from ingc.options import Options


@dataclass(frozen=True, slots=True)
class KindAnnotations:
    """The annotations that objects of one kind alone have, by their whole names."""

    kind: RuleKind
    families: tuple[DeclarationGroup[Declaration, Any, Any], ...]
    declarations: Mapping[str, Declaration]
    aliases: Mapping[str, str]
    """Older names, each with the name that is declared."""
    about: str
    """What the page of the documentation begins with."""


def read_others(
    objects: Iterable[RuleObject],
    store: Store,
    sink: Sink,
    options: Options,
    defaults: Defaults,
) -> Iterator[Intent]:
    """Yield what objects of other kinds request; nothing for one that can't be reached."""
    for item in objects:
        read = function_of_kind("frontend", item.kind, "read_intent")
        found: Intent | None = read(item, store, sink, options, defaults)
        if found is not None:
            yield found


@cache
def annotations_of_kinds() -> tuple[KindAnnotations, ...]:
    """Return the annotations of each kind that has some of its own."""
    return tuple(function_of_kind("frontend", kind, "ANNOTATIONS") for kind in OTHERS)
