"""The ingress-nginx controllers of an input: their flags, from Deployments or from Helm values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingc.diagnostics import FieldPath, ObjectRef, Origin
from ingc.load import Document
from ingc.migrate.flag_table import FLAGS
from ingc.migrate.plain import inner, items, mapping, text

_KINDS = ("Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Pod")
_POD_TEMPLATE: FieldPath = ("spec", "template", "spec")
_PROGRAM = re.compile(r"(?:^|/)nginx-ingress-controller(?:$|[:@])|ingress-nginx/controller")
"""The program of ingress-nginx, and its images."""
_REFERENCE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)")
"""How Kubernetes writes an environment variable in ``args``."""


@dataclass(frozen=True, slots=True)
class GivenFlag:
    """A flag as somebody has given it."""

    name: str
    """Without dashes."""
    value: str
    place: Origin
    written: str = ""
    """How it is written, where it is no flag: the path of a Helm value."""


@dataclass(frozen=True, slots=True)
class GivenValue:
    """A value of ingress-nginx's Helm chart, and what it makes of the controller."""

    path: str
    """Its keys with dots between: ``controller.scope.enabled``."""
    value: str
    place: Origin
    flags: tuple[GivenFlag, ...] = ()
    """The flags that the chart makes of it."""
    why: str = ""
    """What it is about, where it makes no flag."""


@dataclass(frozen=True, slots=True)
class Controller:
    """One ingress-nginx controller."""

    name: str
    """``Deployment ingress-nginx/ingress-nginx-controller``, or ``Helm values FILE``."""
    place: Origin
    flags: tuple[GivenFlag, ...]
    values: tuple[GivenValue, ...] = ()
    """Of Helm values; ``flags`` holds theirs too."""
    documents: tuple[Document, ...] = ()
    """Objects that the chart would make of the values, such as the ConfigMap."""


def workload_controllers(documents: Iterable[Document]) -> Iterator[Controller]:
    """Yield the controllers that run in Pods, in the order of the input."""
    for document in documents:
        value = document.value
        kind = text(value.get("kind"))
        if kind in _KINDS and not _is_owned(value):
            path = ("spec",) if kind == "Pod" else _POD_TEMPLATE
            yield from _of_workload(document, kind, path)


def _is_owned(value: Mapping[str, Any]) -> bool:
    """Return whether another object makes this one: a dump has the Pods of a Deployment too."""
    return bool(items(inner(value, ("metadata", "ownerReferences"))))


def _of_workload(document: Document, kind: str, path: FieldPath) -> Iterator[Controller]:
    metadata = mapping(document.value.get("metadata"))
    namespace = text(metadata.get("namespace")) or "default"
    ref = ObjectRef(kind, namespace, text(metadata.get("name")) or "(unnamed)")
    root = Origin(ref, (), document.source)
    for number, value in enumerate(items(inner(document.value, (*path, "containers")))):
        container = mapping(value)
        place = root.at(*path, "containers", number)
        words = [*_words(container, place, "command"), *_words(container, place, "args")]
        image = text(container.get("image"))
        if any(_PROGRAM.search(word) for word, _ in (*words, (image, place))):
            known = {"POD_NAMESPACE": namespace, **_environment(container)}
            yield Controller(str(ref), root, tuple(read_flags(_expanded(words, known))))
            return


def _words(container: Mapping[str, Any], place: Origin, name: str) -> Iterator[tuple[str, Origin]]:
    for number, word in enumerate(items(container.get(name))):
        yield text(word), place.at(name, number)


def _environment(container: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables that are written out."""
    given = map(mapping, items(container.get("env")))
    return {text(item.get("name")): text(item["value"]) for item in given if item.get("value")}


def _expanded(
    words: Iterable[tuple[str, Origin]], known: Mapping[str, str]
) -> Iterator[tuple[str, Origin]]:
    for word, place in words:
        yield _REFERENCE.sub(lambda found: known.get(found[1], found[0]), word), place


def read_flags(words: Iterable[tuple[str, Origin]]) -> Iterator[GivenFlag]:
    """Yield the flags of a command line, read as Go's pflag reads them."""
    rest = iter(words)
    for word, place in rest:
        if not word.startswith("-") or word in ("-", "--"):
            continue
        name, equals, value = word.lstrip("-").partition("=")
        known = FLAGS.get(name)
        if equals:
            yield GivenFlag(name, value, place)
        elif known is None or known.switch:
            yield GivenFlag(name, "true", place)
        else:
            following, _ = next(rest, ("", place))
            yield GivenFlag(name, following, place)
