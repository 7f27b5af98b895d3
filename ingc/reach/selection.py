"""Causes between a Service and its Pods: the selector takes none, or nobody makes any."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from ingc.diagnostics import Origin
from ingc.k8s.condition import condition_of
from ingc.k8s.pod import Pod
from ingc.k8s.service import Service
from ingc.k8s.workload import Workload
from ingc.reach.cause import Cause, Evidence, Situation, clause, labels_text, seen, word
from ingc.reach.chain import Chain
from ingc.reach.scene import Scene

_MOST_COMPARED = 500
_LIKE, _VERY_LIKE = 0.4, 0.85
"""How much of a selector the nearest labels have; manifests may be a part of what is applied, so
that only a slip of the pen counts there."""


def no_replicas(chain: Chain) -> Cause | None:
    """What makes the Service's Pods is told to make none."""
    for maker in _makers(chain):
        if maker.wanted != 0:
            continue
        name = _name(maker)
        evidence = (seen(maker.origin, *maker.wanted_field, value=0),)
        if maker.kind == "DaemonSet":
            why = f"{name} makes no Pod, for no Node is one of those that it is for"
            fix = (
                "label a Node as its spec.template.spec.nodeSelector wants, or tolerate its taints"
            )
        else:
            why = f"{name} is scaled to zero, so that its Service has no Pod"
            where = f"{maker.kind.lower()}/{maker.name} -n {maker.namespace}"
            fix = (
                f"scale it up (kubectl scale {where} --replicas=1), and look whether an "
                "autoscaler has set it to 0"
            )
        return Cause(Situation.NO_REPLICAS, why, fix, evidence)
    return None


def pods_not_created(chain: Chain) -> Cause | None:
    """What makes the Service's Pods is not let."""
    for maker in _makers(chain):
        for item in (maker, *chain.scene.made_by(maker)):
            found = _refused(chain.scene, item)
            if found is not None:
                message, evidence = found
                account = chain.scene.store.bystanders.accounts
                why = f"{_name(item)} can't create its Pods: {clause(message)}"
                fix = _fix_of_refusal(message)
                if maker.account and "serviceaccount" in message.lower():
                    known = (maker.namespace, maker.account) in account
                    there = "exists now, so wait for the next try" if known else "does not exist"
                    why += f" (ServiceAccount {word(maker.account)} {there})"
                return Cause(Situation.PODS_NOT_CREATED, why, fix, (evidence,))
    return None


def _makers(chain: Chain) -> tuple[Workload, ...]:
    service = chain.service
    if service is None or chain.recipients:
        return ()
    return chain.scene.makers(service.meta.namespace, service.selector)


def _refused(scene: Scene, maker: Workload) -> tuple[str, Evidence] | None:
    condition = condition_of(maker.conditions, "ReplicaFailure")
    if condition is not None and condition.true:
        return condition.message, seen(condition.origin, "message", value=condition.message)
    for event in scene.events(maker.kind, maker.namespace, maker.name, "FailedCreate"):
        return event.message, seen(event.origin, event.note_field, value=event.message)
    return None


_REFUSALS = (
    ("exceeded quota", "raise the namespace's ResourceQuota, or request less"),
    ("serviceaccount", "create the ServiceAccount that the Pod template names, or name another"),
    ("violates podsecurity", "change the Pod template as the message says, or the namespace's label"
     " pod-security.kubernetes.io/enforce"),
    ("admission webhook", "satisfy the webhook, or repair it where it does not answer"),
    ("forbidden", "change the Pod template as the message says"),
)  # fmt: skip


def _fix_of_refusal(message: str) -> str:
    text = message[:4000].lower()
    return next(
        (fix for mark, fix in _REFUSALS if mark in text), "change the Pod template as it says"
    )


def selector_matches_nothing(chain: Chain) -> Cause | None:
    """The selector takes no Pod of the namespace."""
    service = chain.service
    if service is None or not service.selector or chain.recipients:
        return None
    scene, namespace = chain.scene, service.meta.namespace
    there = [*_labelled(scene, namespace)]
    known = bool(there) or (chain.slices is not None and not chain.endpoints)
    if scene.makers(namespace, service.selector) or not known:
        return None
    selector = labels_text(service.selector)
    why = f"the selector {selector} of Service {_name(service)} takes no Pod"
    evidence = [seen(service.origin, "spec", "selector", value=selector)]
    near = _nearest(service.selector, there, _LIKE if chain.complete else _VERY_LIKE)
    if near is None and not chain.complete:
        return None
    elsewhere = _elsewhere(scene, service)
    if near is not None:
        differs = {
            key: near.labels[key]
            for key, value in service.selector.items()
            if near.labels.get(key, value) != value
        }
        lacks = [key for key in service.selector if key not in near.labels]
        why += f", and the nearest, {near.name}, {_difference(differs, lacks)}"
        fix = _fix_labels(differs, lacks, service.selector, near)
        evidence.append(seen(near.origin, *near.field, value=labels_text(near.labels)))
    elif elsewhere is not None:
        why += f" of namespace {namespace}, while namespace {elsewhere.namespace} has some"
        fix = (
            "move the Service and its Ingress there, for a selector takes Pods of its own "
            "namespace alone"
        )
        evidence.append(seen(elsewhere.origin, *elsewhere.field, value=selector))
    else:
        count = f"of the {len(there)} of namespace {namespace}" if there else "there"
        why += f" {count}"
        fix = f"deploy Pods with these labels (kubectl get pods -n {namespace} -l {selector})"
    return Cause(Situation.SELECTOR_MATCHES_NOTHING, why, fix, tuple(evidence))


@dataclass(frozen=True, slots=True)
class _Labelled:
    """A Pod, or the template of one."""

    name: str
    namespace: str
    labels: Mapping[str, str]
    origin: Origin
    field: tuple[str, ...]
    """Where the labels stand."""


def _labelled(scene: Scene, namespace: str) -> Iterator[_Labelled]:
    for item in scene.store.bystanders.workloads.get(namespace, ()):
        if not item.owners:
            inside = ("spec", "template", "metadata", "labels")
            yield _Labelled(_name(item), namespace, item.labels, item.origin, inside)
    for pod in scene.pods_in.get(namespace, ()):
        yield _of_pod(pod)


def _of_pod(pod: Pod) -> _Labelled:
    name = f"Pod {pod.namespace}/{pod.name}"
    return _Labelled(name, pod.namespace, pod.labels, pod.origin, ("metadata", "labels"))


def _nearest(
    selector: Mapping[str, str], there: Iterable[_Labelled], least: float
) -> _Labelled | None:
    """Return the Pod whose labels are most like a selector, if any is like it at all."""
    apart = {tuple(map(item.labels.get, selector)): item for item in reversed([*there])}
    compared = [*apart.values()][-_MOST_COMPARED:]
    best = max(reversed(compared), key=lambda item: _likeness(selector, item), default=None)
    if best is None or _likeness(selector, best) < least * len(selector):
        return None
    return best


def _likeness(selector: Mapping[str, str], item: _Labelled) -> float:
    total = 0.0
    for key, value in selector.items():
        has = item.labels.get(key)
        if has == value:
            total += 1
        elif has is not None:
            total += 0.2 + 0.6 * SequenceMatcher(None, has[:63], value[:63]).ratio()
        elif value in item.labels.values():
            total += 0.6
    return total


def _difference(differs: Mapping[str, str], lacks: list[str]) -> str:
    has = f"has {labels_text(differs)}" if differs else ""
    no = f"has no label {word(', '.join(lacks))}" if lacks else ""
    return " and ".join(filter(None, (has, no)))


def _fix_labels(
    differs: Mapping[str, str], lacks: list[str], selector: Mapping[str, str], near: _Labelled
) -> str:
    if differs and not lacks:
        return f"write {labels_text(differs)} in the Service's selector, or change the Pods' labels"
    missing = labels_text({key: selector[key] for key in lacks})
    what = "Pods" if near.field[0] == "metadata" else "Pod template"
    return f"give the {what} the label {missing}, or take it out of the Service's selector"


def _elsewhere(scene: Scene, service: Service) -> _Labelled | None:
    for namespace in sorted(scene.pods_in):
        for pod in scene.selected(namespace, service.selector)[:1]:
            return _of_pod(pod)
    return None


def _name(item: Workload | Service) -> str:
    if isinstance(item, Service):
        return f"{item.meta.namespace}/{item.meta.name}"
    return f"{item.kind} {item.namespace}/{item.name}"
