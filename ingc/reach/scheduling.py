"""Causes before a Pod runs: no Node takes it, or it waits for storage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from shlex import quote

from ingc.k8s.claim import PersistentVolumeClaim
from ingc.k8s.condition import condition_of
from ingc.k8s.pod import Pod
from ingc.reach.cause import Cause, Evidence, Situation, clause, labels_text, listed, seen, word
from ingc.reach.chain import Recipient
from ingc.reach.quantity import quantity
from ingc.reach.scene import Scene

_MOST_READ = 4000
_MOST_SHOWN = 6
_WAITS_FOR_POD = "WaitForFirstConsumer"


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the scheduler says of a Pod."""

    text: str
    evidence: Evidence


def _verdict(scene: Scene, pod: Pod) -> _Verdict | None:
    """Return why no Node takes a Pod, from its condition or from an Event."""
    if pod.node or pod.ended or pod.phase not in ("Pending", ""):
        return None
    scheduled = condition_of(pod.conditions, "PodScheduled")
    if scheduled is not None and scheduled.true:
        return None
    if scheduled is not None and scheduled.message:
        place = seen(scheduled.origin, "message", value=scheduled.message)
        return _Verdict(scheduled.message[:_MOST_READ], place)
    for event in scene.pod_events(pod, "FailedScheduling"):
        place = seen(event.origin, event.note_field, value=event.message)
        return _Verdict(event.message[:_MOST_READ], place)
    if scheduled is not None:
        place = seen(scheduled.origin, "reason", value=scheduled.reason)
        return _Verdict(scheduled.reason[:_MOST_READ], place)
    return None


def claim_unbound(scene: Scene, recipient: Recipient) -> Cause | None:
    """A claim of the Pod has no volume."""
    pod = recipient.pod
    if pod is None or pod.node or pod.phase not in ("Pending", "") or not pod.claims:
        return None
    verdict = _verdict(scene, pod)
    text = verdict.text if verdict else ""
    blamed = "persistentvolumeclaim" in text.lower() or "persistent volume" in text
    if text and not blamed:
        return None  # the scheduler names another reason
    known = {namespace for namespace, _ in scene.store.bystanders.claims}
    words = (verdict.evidence,) if verdict else ()
    for name in pod.claims:
        claim = scene.store.bystanders.claims.get((pod.namespace, name))
        if claim is None and (f'"{name}" not found' in text or pod.namespace in known):
            why = (
                f"{recipient.name} waits for PersistentVolumeClaim {word(name)}, which is not there"
            )
            fix = f"create it in namespace {pod.namespace}, or name another in spec.volumes"
            evidence = (*words, seen(pod.origin, "spec", "volumes", value=name))
            return Cause(Situation.CLAIM_UNBOUND, why, fix, evidence)
        if claim is not None and claim.phase in ("Pending", "Lost"):
            found = _unbound(scene, recipient, claim, blamed=blamed)
            if found is not None:
                return found
    if not blamed:
        return None
    claims = listed([*map(word, pod.claims)])
    why = f"{recipient.name} waits for storage, its claims {claims}: {clause(text)}"
    fix = f"look why (kubectl describe pvc -n {pod.namespace}), and give each a volume or a class"
    return Cause(Situation.CLAIM_UNBOUND, why, fix, words)


def _unbound(
    scene: Scene, recipient: Recipient, claim: PersistentVolumeClaim, *, blamed: bool
) -> Cause | None:
    events = scene.events("PersistentVolumeClaim", claim.namespace, claim.name)
    if not blamed and any(item.reason == _WAITS_FOR_POD for item in events[:1]):
        return None
    evidence = [seen(claim.origin, "status", "phase", value=claim.phase)]
    of = f"of class {word(claim.storage_class)}" if claim.storage_class else "without a class"
    wants = " ".join(filter(None, (word(claim.size), word("/".join(claim.modes)))))
    why = (
        f"{recipient.name} waits for PersistentVolumeClaim {claim.name} ({of}, {wants}), which is "
        f"{claim.phase}"
    )
    event = next((item for item in events if item.warning or item.reason == "FailedBinding"), None)
    if event is not None:
        why += f": {clause(event.message)}"
        evidence.append(seen(event.origin, event.note_field, value=event.message))
    why += _volumes(scene, claim)
    if claim.storage_class:
        named = word(claim.storage_class)
        fix = f"create a PersistentVolume of class {named} that fits it"
        fix += (
            f", or repair the class (kubectl get storageclass {quote(named)}) and its provisioner"
        )
        evidence.append(seen(claim.origin, "spec", "storageClassName", value=claim.storage_class))
    else:
        fix = "set its storageClassName, mark a StorageClass as default, or create a fitting volume"
    return Cause(Situation.CLAIM_UNBOUND, why, fix, tuple(evidence))


def _volumes(scene: Scene, claim: PersistentVolumeClaim) -> str:
    """Return that no PersistentVolume fits, and by what the nearest misses."""
    volumes = scene.store.bystanders.volumes
    free = [item for item in volumes if item.phase == "Available" and not item.claim]
    ours = [item for item in free if item.storage_class == claim.storage_class]
    if not volumes:
        return ""
    if not ours:
        others = sorted({item.storage_class for item in free if item.storage_class})
        has = f" (those that are have class {word(listed(others))})" if others else ""
        return f", and no PersistentVolume of its class is Available{has}"
    for item in ours:
        if not set(claim.modes) <= set(item.modes):
            miss = f"has {word('/'.join(item.modes)) or 'no access mode'}"
        elif (quantity(item.size) or 0) < (quantity(claim.size) or 0):
            miss = f"has {word(item.size)} alone"
        else:
            return ""
    return f", and no PersistentVolume fits: {ours[-1].name} {miss}"


def host_port_taken(scene: Scene, recipient: Recipient) -> Cause | None:
    """Another Pod of the Node has the hostPort that the Pod wants."""
    pod = recipient.pod
    if pod is None:
        return None
    wanted = [port for port in pod.ports if port.host_port]
    verdict = _verdict(scene, pod)
    refused = pod.phase == "Failed" and "NodePorts" in f"{pod.reason} {pod.message[:_MOST_READ]}"
    if not refused and (verdict is None or "free ports for the requested" not in verdict.text):
        return _bound_twice(scene, recipient, pod)
    evidence = [verdict.evidence] if verdict else []
    if refused:
        evidence.append(seen(pod.origin, "status", "message", value=pod.message or pod.reason))
    holders = []
    for port in wanted:
        evidence.append(seen(port.origin, "hostPort", value=port.host_port))
        for other in scene.pods_by_host_port.get((port.host_port, port.protocol), ()):
            if other is pod:
                continue
            holders.append(f"Pod {other.namespace}/{other.name} on Node {word(other.node)}")
            taken = next(item for item in other.ports if item.host_port == port.host_port)
            evidence.append(seen(taken.origin, "hostPort", value=taken.host_port))
    numbers = listed([str(port.host_port) for port in wanted]) or "its ports"
    why = f"{recipient.name} finds no Node where hostPort {numbers} is free"
    if holders:
        why += f", for {listed(holders)} {'has' if len(holders) == 1 else 'have'} it"
    fix = (
        "leave out hostPort (a Service needs none), choose another number, or have no more Pods "
        "than Nodes"
    )
    return Cause(Situation.HOST_PORT_TAKEN, why, fix, tuple(evidence[:5]))


def _bound_twice(scene: Scene, recipient: Recipient, pod: Pod) -> Cause | None:
    """Two Pods of one Node want one of its ports, and ours is the one that is not ready."""
    if not pod.node or not pod.unready or pod.ended:
        return None
    for port in pod.ports:
        for other in scene.pods_by_host_port.get((port.host_port, port.protocol), ()):
            if other is pod or other.node != pod.node or not other.ready:
                continue
            why = (
                f"{recipient.name} does not get port {port.host_port} of Node {word(pod.node)}, "
                f"which Pod {other.namespace}/{other.name} has"
            )
            fix = (
                "take hostPort or hostNetwork out of one of them, or let it listen on another port"
            )
            taken = next(item for item in other.ports if item.host_port == port.host_port)
            evidence = [
                seen(item.origin, "containerPort", value=item.number) for item in (port, taken)
            ]
            return Cause(Situation.HOST_PORT_TAKEN, why, fix, tuple(evidence))
    return None


def unschedulable(scene: Scene, recipient: Recipient) -> Cause | None:
    """No Node takes the Pod, by what the scheduler says.

    https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/
    """
    pod = recipient.pod
    verdict = _verdict(scene, pod) if pod is not None else None
    if pod is None:
        return None
    if verdict is None:
        if pod.phase != "Pending" or pod.node:
            return None
        if condition_of(pod.conditions, "PodScheduled") or any(
            item.status for item in pod.containers
        ):
            return None
        why = f"{recipient.name} is Pending, and no scheduler has looked at it"
        fix = (
            "look whether kube-scheduler runs (kubectl get pods -n kube-system), and which one "
            "spec.schedulerName names"
        )
        place = seen(pod.origin, "status", "phase", value=pod.phase)
        return Cause(Situation.UNSCHEDULABLE, why, fix, (place,))
    reasons = [*_reasons(verdict.text)]
    event = clause(verdict.text.partition(" preemption:")[0])
    why = f"no Node takes {recipient.name}: {event}"
    fixes = [*dict.fromkeys(_fix_of(item, scene, pod) for item in reasons if item.fits)]
    fix = ", or ".join(fixes[:3]) or f"look closer (kubectl describe pod -n {pod.namespace})"
    evidence = (verdict.evidence, *_requests(pod, reasons), *_obstacles(scene, pod, reasons))
    return Cause(Situation.UNSCHEDULABLE, why, fix, evidence[:_MOST_SHOWN])


@dataclass(frozen=True, slots=True)
class _Reason:
    """Why some Nodes do not take a Pod."""

    text: str
    fits: bool = True
    """False for what nobody would change: the taint of a control plane beside other reasons."""


_EACH = re.compile(r"(?:^|: |, )(\d{1,7}) (?=[A-Za-z(])")
_RESOURCE = re.compile(r"Insufficient ([\w./-]{1,200})")
_TAINT = re.compile(r"taint\(?s?\)? \{([^:{}]{1,300}):?[^{}]{0,300}\}")
_CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")


def _reasons(text: str) -> Iterator[_Reason]:
    """Take ``0/3 nodes are available: 1 …, 2 Insufficient cpu. preemption: …`` apart."""
    body = text.partition(" preemption:")[0].partition("available:")[2] or text
    parts = [item.strip(" ,.") for item in _EACH.split(body)[2::2]] or [body.strip(" .")]
    of_plane = [any(name in item for name in _CONTROL_PLANE) for item in parts]
    for item, plane in zip(parts, of_plane, strict=True):
        yield _Reason(item, not plane or all(of_plane))


_KNOWN = (
    ("had volume node affinity conflict",
     "let the Pod run where its volume is: that Node or zone has no room for it"),
    ("node affinity/selector",
     "label a Node as the Pod's nodeSelector or nodeAffinity wants, or change these"),
    ("node affinity", "label a Node as the Pod's nodeAffinity wants, or change it"),
    ("node selector", "label a Node as the Pod's nodeSelector wants, or change it"),
    ("anti-affinity", "relax the podAntiAffinity (preferred in place of required), or add a Node"),
    ("pod affinity", "relax the podAffinity, or start the Pods that it wants to be near first"),
    ("topology spread", "set whenUnsatisfiable: ScheduleAnyway, or add Nodes to the short zone"),
    ("were unschedulable", "take the Nodes back into service (kubectl uncordon NODE)"),
    ("too many pods", "add a Node, or raise the kubelet's maxPods"),
    ("no nodes available", "add a Node that is ready"),
    ("untolerated taint", "give the Pod a toleration of the Nodes' taints, or take these off"),
    ("schedulinggated", "remove the entry of spec.schedulingGates that holds it back"),
)  # fmt: skip


def _fix_of(reason: _Reason, scene: Scene, pod: Pod) -> str:
    lacking = _RESOURCE.search(reason.text)
    if lacking:
        return _fix_of_resource(lacking[1].rstrip("."), scene)
    taint = _TAINT.search(reason.text)
    if taint:
        key = word(taint[1])
        if key.startswith(("node.kubernetes.io/", "node.cloudprovider.kubernetes.io/")):
            return f"repair the Nodes, which have the taint {key} by themselves"
        off = f"kubectl taint nodes NODE {quote(key + '-')}"
        return f"give the Pod a toleration of {key}, or take the taint off ({off})"
    text = reason.text.lower()
    if pod.node_selector and ("affinity/selector" in text or "node selector" in text):
        wanted = labels_text(pod.node_selector)
        return f"give a Node the label {wanted}, or change the Pod's nodeSelector or nodeAffinity"
    return next((fix for mark, fix in _KNOWN if mark in text), "change what it says")


def _obstacles(scene: Scene, pod: Pod, reasons: Iterable[_Reason]) -> Iterator[Evidence]:
    """Yield the taints that are not tolerated, and what the Pod wants of a Node."""
    for item in reasons:
        taint = _TAINT.search(item.text)
        if taint and item.fits:
            keys = (t for node in scene.store.nodes.values() for t in node.taints)
            yield from (seen(t.origin, "key", value=t.key) for t in keys if t.key == taint[1])
        if pod.node_selector and ("node selector" in item.text or "affinity/sel" in item.text):
            wanted = labels_text(pod.node_selector)
            yield seen(pod.origin, "spec", "nodeSelector", value=wanted)


def _fix_of_resource(name: str, scene: Scene) -> str:
    if "/" not in name:
        return f"lower the Pod's resources.requests.{name}, or add a Node with more {name}"
    nodes = scene.store.nodes.values()
    some = any((quantity(str(node.allocatable.get(name, "0"))) or 0) > 0 for node in nodes)
    if some or not nodes:
        return f"free or add a Node with {name}, or request less of it"
    return f"run the device plugin of {name}, which no Node offers, or add a Node that has it"


def _requests(pod: Pod, reasons: Iterable[_Reason]) -> Iterator[Evidence]:
    """Yield the requests of resources that are short."""
    short = dict.fromkeys(
        found[1].rstrip(".") for item in reasons if (found := _RESOURCE.search(item.text))
    )
    for container in pod.containers:
        for name in short:
            asked = container.requests.get(name)
            if isinstance(asked, str | int):
                yield seen(container.origin, "resources", "requests", name, value=asked)
