"""Causes between a Service and its Pods: the selector takes none, or nobody makes any."""

from __future__ import annotations

from shlex import quote

from ingc.k8s.condition import condition_of
from ingc.k8s.service import Service
from ingc.k8s.workload import Workload
from ingc.reach.cause import Cause, Evidence, Situation, clause, labels_text, seen, word
from ingc.reach.chain import Chain
from ingc.reach.labelled import Labelled, difference, is_slip, nearest_labels, of_pod
from ingc.reach.scene import Scene

_LIKE = 0.4
"""How much of a selector the nearest labels have, at the least."""


def no_replicas(chain: Chain) -> Cause | None:
    """What makes the Service's Pods is scaled to none."""
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
    """Return what makes the Service's Pods, where none is there that stays."""
    service = chain.service
    pods = [item.pod for item in chain.recipients]
    if service is None or not all(pod and (pod.deleted or pod.ended) for pod in pods):
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
    ("exceeded quota", "raise the namespace's ResourceQuota, or scale down what uses it"),
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
    there = scene.labelled(namespace)
    known = bool(there) or (chain.slices is not None and not chain.endpoints)
    if scene.makers(namespace, service.selector) or not known:
        return None
    near, likeness = nearest_labels(service.selector, there)
    slip = near is not None and is_slip(service.selector, near.labels)
    if not (chain.complete or slip):
        return None  # manifests may be a part of what is applied
    elsewhere = None if slip else _elsewhere(scene, service)
    near = near if likeness >= _LIKE else None
    selector = labels_text(service.selector)
    why = f"the selector {selector} of Service {_name(service)} matches no Pod"
    evidence = [seen(service.origin, "spec", "selector", value=selector)]
    if elsewhere is not None:
        why += f" of namespace {namespace}, while namespace {elsewhere.namespace} has some"
        fix = (
            "move the Service and its Ingress there, for a selector takes Pods of its own "
            "namespace alone"
        )
        evidence.append(seen(elsewhere.origin, *elsewhere.field, value=selector))
    elif near is not None:
        differs, fix = difference(service.selector, near)
        why += f", and the nearest, {near.name}, {differs}"
        evidence.append(seen(near.origin, *near.field, value=labels_text(near.labels)))
    else:
        why += f" of namespace {namespace}" if there else ""
        fix = (
            f"deploy Pods with these labels (kubectl get pods -n {namespace} -l {quote(selector)})"
        )
    return Cause(Situation.SELECTOR_MATCHES_NOTHING, why, fix, tuple(evidence))


def _elsewhere(scene: Scene, service: Service) -> Labelled | None:
    for namespace in sorted(scene.pods_in):
        for pod in scene.selected(namespace, service.selector)[:1]:
            return of_pod(pod)
    return None


def none_ready(chain: Chain) -> Cause | None:
    """What makes the Service's Pods has none ready, and the input has none of them."""
    for maker in _makers(chain):
        if chain.recipients or maker.ready != 0 or not maker.wanted:
            continue
        words = next((item for item in maker.conditions if not item.true and item.message), None)
        where = f"{maker.kind.lower()} -n {maker.namespace} {maker.name}"
        why = f"{_name(maker)} has none of its {maker.wanted} Pods ready"
        why += f" ({clause(words.words)})" if words else ""
        fix = f"look why (kubectl describe {where}), or put its Pods and Events into the input too"
        field = "numberReady" if maker.kind == "DaemonSet" else "readyReplicas"
        evidence = [seen(maker.origin, "status", field, value=0)]
        if words is not None:
            evidence.append(seen(words.origin, "message", value=words.message))
        return Cause(Situation.NOT_READY, why, fix, tuple(evidence))
    return None


def _name(item: Workload | Service) -> str:
    if isinstance(item, Service):
        return f"{item.meta.namespace}/{item.meta.name}"
    return f"{item.kind} {item.namespace}/{item.name}"
