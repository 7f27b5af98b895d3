"""Situations of Pods that no Node takes."""

from __future__ import annotations

from tests.reach.cases.case import case
from tests.reach.kubectl import (
    NODES,
    Cluster,
    Object,
    meta,
    pod,
)


def _unscheduled(c: Cluster, *reasons: str) -> None:
    no_victims = "3 Preemption is not helpful for scheduling"
    c.set_pending(
        f"0/3 nodes are available: {', '.join(reasons)}. preemption: 0/3 nodes are available: "
        f"{no_victims}."
    )


PLANE_TAINT = "1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }"


@case(
    "unschedulable",
    "Pending: too little CPU",
    "no Node takes Pod shop/web-6d5f8c7b9-4xk2p",
    "2 Insufficient cpu",
    "lower the Pod's resources.requests.cpu",
    fields=("status.conditions[0].message", "resources.requests.cpu"),
)
def too_little_cpu(c: Cluster) -> None:
    for item in c.pods:
        item["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "4"
    _unscheduled(c, PLANE_TAINT, "2 Insufficient cpu")


@case(
    "unschedulable",
    "Pending: too little memory, known from an Event alone",
    "2 Insufficient memory",
    "lower the Pod's resources.requests.memory",
    fields=("message", "resources.requests.memory"),
)
def too_little_memory(c: Cluster) -> None:
    c.set_pending("")
    for item in c.pods:
        item["status"] = {"phase": "Pending", "qosClass": "Burstable"}
        c.event(
            item,
            "FailedScheduling",
            f"0/3 nodes are available: {PLANE_TAINT}, 2 Insufficient memory. preemption: 0/3 nodes "
            "are available: 3 No preemption victims found for incoming pod.",
        )


@case(
    "unschedulable",
    "Pending: no GPU, or another extended resource",
    "3 Insufficient nvidia.com/gpu",
    "run the device plugin of nvidia.com/gpu, which no Node offers",
    fields=("message", "resources.requests[nvidia.com/gpu]"),
)
def no_gpu(c: Cluster) -> None:
    for item in c.pods:
        resources = item["spec"]["containers"][0]["resources"]
        resources["requests"]["nvidia.com/gpu"] = resources["limits"]["nvidia.com/gpu"] = "1"
    _unscheduled(c, "3 Insufficient nvidia.com/gpu")


@case(
    "unschedulable",
    "Pending: a taint that is not tolerated",
    "untolerated taint {dedicated: batch}",
    "toleration of dedicated",
    "kubectl taint nodes NODE dedicated-",
    fields=("message", "spec.taints[0].key"),
)
def tainted(c: Cluster) -> None:
    for name in ("worker-1", "worker-2"):
        taint = {"effect": "NoSchedule", "key": "dedicated", "value": "batch"}
        c[f"Node {name}"]["spec"]["taints"] = [taint]
    _unscheduled(c, PLANE_TAINT, "2 node(s) had untolerated taint {dedicated: batch}")


@case(
    "unschedulable",
    "Pending: node affinity or selector",
    "didn't match Pod's node affinity/selector",
    "give a Node the label disk=ssd",
    fields=("message", "spec.nodeSelector"),
)
def affinity(c: Cluster) -> None:
    for item in c.pods:
        item["spec"]["nodeSelector"] = {"disk": "ssd"}
    _unscheduled(c, "3 node(s) didn't match Pod's node affinity/selector")


@case(
    "unschedulable",
    "Pending: anti-affinity of Pods",
    "didn't match pod anti-affinity rules",
    "relax the podAntiAffinity",
    fields=("message",),
)
def anti_affinity(c: Cluster) -> None:
    _unscheduled(c, PLANE_TAINT, "2 node(s) didn't match pod anti-affinity rules")


@case(
    "unschedulable",
    "Pending: every Node is cordoned",
    "3 node(s) were unschedulable",
    "kubectl uncordon",
    fields=("message",),
)
def cordoned(c: Cluster) -> None:
    for name in NODES:
        c[f"Node {name}"]["spec"]["unschedulable"] = True
    _unscheduled(c, "3 node(s) were unschedulable")


@case(
    "unschedulable",
    "Pending: no scheduler runs",
    "no scheduler has looked at it",
    "kube-scheduler",
    fields=("status.phase",),
)
def no_scheduler(c: Cluster) -> None:
    c.set_pending("")
    for item in c.pods:
        item["status"] = {"phase": "Pending", "qosClass": "Burstable"}


def _claim(name: str, storage_class: str | None, phase: str = "Pending") -> Object:
    spec: Object = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "10Gi"}},
        "volumeMode": "Filesystem",
    }
    if storage_class is not None:
        spec["storageClassName"] = storage_class
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": meta(name, finalizers=["kubernetes.io/pvc-protection"]),
        "spec": spec,
        "status": {"phase": phase},
    }


def _volume(name: str, storage_class: str, size: str, mode: str = "ReadWriteOnce") -> Object:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": meta(name, None),
        "spec": {
            "accessModes": [mode],
            "capacity": {"storage": size},
            "hostPath": {"path": f"/srv/{name}", "type": ""},
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": storage_class,
        },
        "status": {"phase": "Available"},
    }


def _claiming(c: Cluster, name: str) -> None:
    for item in c.pods:
        claim = {"name": "data", "persistentVolumeClaim": {"claimName": name}}
        item["spec"]["volumes"] = [claim]


@case(
    "claim-unbound",
    "Pending: an unbound claim, and no volume of its class",
    "waits for PersistentVolumeClaim data (of class fast, 10Gi ReadWriteOnce), which is Pending",
    'storageclass.storage.k8s.io "fast" not found',
    "no PersistentVolume of its class is Available (those that are have class slow)",
    "create a PersistentVolume of class fast",
    fields=("message", "status.phase", "spec.storageClassName"),
)
def claim_of_no_class(c: Cluster) -> None:
    _claiming(c, "data")
    claim = c.add(_claim("data", "fast"))
    c.add(_volume("pv-1", "slow", "20Gi"))
    c.event(claim, "ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found')
    c.set_pending(
        "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: "
        "0/3 nodes are available: 3 Preemption is not helpful for scheduling."
    )


@case(
    "claim-unbound",
    "Pending: an unbound claim, and the volume is too small",
    "PersistentVolumeClaim data (of class slow, 10Gi ReadWriteOnce)",
    "no PersistentVolume fits: pv-1 has 5Gi alone",
    fields=("status.phase", "spec.storageClassName"),
)
def volume_too_small(c: Cluster) -> None:
    _claiming(c, "data")
    c.add(_claim("data", "slow"))
    c.add(_volume("pv-1", "slow", "5Gi"))
    _unscheduled(c, "3 node(s) didn't find available persistent volumes to bind")


@case(
    "claim-unbound",
    "Pending: a claim without a class, and no default class",
    "PersistentVolumeClaim data (without a class, 10Gi ReadWriteOnce), which is Pending",
    "no persistent volumes available for this claim and no storage class is set",
    "set its storageClassName, mark a StorageClass as default",
    fields=("message", "status.phase"),
)
def claim_without_class(c: Cluster) -> None:
    _claiming(c, "data")
    claim = c.add(_claim("data", None))
    text = "no persistent volumes available for this claim and no storage class is set"
    c.event(claim, "FailedBinding", text, "Normal")
    _unscheduled(c, "pod has unbound immediate PersistentVolumeClaims")


@case(
    "claim-unbound",
    "Pending: the claim is not there",
    "waits for PersistentVolumeClaim data, which is not there",
    "create it in namespace shop",
    fields=("message", "spec.volumes"),
)
def claim_missing(c: Cluster) -> None:
    _claiming(c, "data")
    c.set_pending(
        '0/3 nodes are available: persistentvolumeclaim "data" not found. preemption: 0/3 nodes '
        "are available: 3 Preemption is not helpful for scheduling."
    )


@case(
    "host-port-taken",
    "a hostPort that is taken twice",
    "finds no Node where hostPort 8443 is free",
    "Pod shop/metrics-5c6d-ltb4x on Node worker-1",
    "leave out hostPort",
    fields=("message", "hostPort"),
)
def host_port_taken(c: Cluster) -> None:
    for item in c.pods:
        item["spec"]["containers"][0]["ports"][0]["hostPort"] = 8443
    for name, node in (("metrics-5c6d-ltb4x", "worker-1"), ("metrics-5c6d-w9pzd", "worker-2")):
        other = pod(name, node, "10.244.1.40", labels={"app": "metrics"})
        other["spec"]["containers"][0]["ports"][0]["hostPort"] = 8443
        c.add(other)
    _unscheduled(c, PLANE_TAINT, "2 node(s) didn't have free ports for the requested pod ports")
