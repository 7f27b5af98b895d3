"""Labels that Pods have, and what of a selector they lack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from ingc.diagnostics import Origin
from ingc.k8s.pod import Pod
from ingc.k8s.workload import Workload
from ingc.reach.cause import labels_text, word

_MOST = 500
"""So many different sets of labels of a namespace are compared."""
_MISSPELT = 0.75
"""How like a word is to what was meant, 0 to 1."""
_OF_ONE_POD = frozenset(
    {"controller-revision-hash", "pod-template-generation", "pod-template-hash"}
    | {"apps.kubernetes.io/pod-index", "statefulset.kubernetes.io/pod-name"}
)
"""The labels by which Pods of one workload differ."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A Pod, or the template of Pods."""

    name: str
    """Kind, namespace and name."""
    namespace: str
    labels: Mapping[str, str]
    origin: Origin
    field: tuple[str, ...]
    """Where the labels stand."""

    @property
    def kind(self) -> str:
        """What is to be changed to give it a label."""
        return "Pods" if self.field[0] == "metadata" else "Pod template"


def of_pod(pod: Pod) -> Labelled:
    """Return a Pod's labels."""
    name = f"Pod {pod.namespace}/{pod.name}"
    return Labelled(name, pod.namespace, pod.labels, pod.origin, ("metadata", "labels"))


def different(workloads: Iterable[Workload], pods: Iterable[Pod]) -> tuple[Labelled, ...]:
    """Return the different sets of labels of a namespace, those of templates first."""
    found: dict[frozenset[tuple[str, str]], Labelled] = {}
    for item in _all(workloads, pods):
        key = frozenset(pair for pair in item.labels.items() if pair[0] not in _OF_ONE_POD)
        found.setdefault(key, item)
        if len(found) >= _MOST:
            break
    return tuple(found.values())


def _all(workloads: Iterable[Workload], pods: Iterable[Pod]) -> Iterator[Labelled]:
    for item in workloads:
        if not item.owners:
            name = f"{item.kind} {item.namespace}/{item.name}"
            inside = ("spec", "template", "metadata", "labels")
            yield Labelled(name, item.namespace, item.labels, item.origin, inside)
    yield from map(of_pod, pods)


def nearest_labels(
    selector: Mapping[str, str], there: Iterable[Labelled]
) -> tuple[Labelled | None, float]:
    """Return whose labels are most like a selector, and how much, 0 to 1."""
    best, most = None, 0.0
    for item in there:
        likeness = _likeness(selector, item.labels)
        if likeness > most:
            best, most = item, likeness
    return best, most


def _likeness(selector: Mapping[str, str], labels: Mapping[str, str]) -> float:
    total = 0.0
    for key, value in selector.items():
        has = labels.get(key)
        if has == value:
            total += 1
        elif has is not None:
            total += 0.2 + 0.6 * _ratio(has, value)
        elif value in labels.values():
            total += 0.6
    return total / len(selector)


def is_slip(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Return whether each label is there, and a value at most misspelt."""
    return all(_ratio(labels.get(key, ""), value) >= _MISSPELT for key, value in selector.items())


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one[:63], other[:63]).ratio()


def difference(selector: Mapping[str, str], near: Labelled) -> tuple[str, str]:
    """Return in what labels differ from a selector, and what to do about it."""
    differs = {
        key: near.labels[key]
        for key in selector
        if near.labels.get(key) not in (None, selector[key])
    }
    lacks = {key: value for key, value in selector.items() if key not in near.labels}
    has = f"has {labels_text(differs)}" if differs else ""
    no = f"has no label {word(', '.join(lacks))}" if lacks else ""
    fixes = []
    if differs:
        fixes.append(f"write {labels_text(differs)} in the Service's selector")
    if lacks:
        given = labels_text(lacks)
        fixes.append(f"give the {near.kind} the label {given}, or take it out of the selector")
    return " and ".join(filter(None, (has, no))), ", and ".join(fixes)
