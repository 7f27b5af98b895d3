"""What reads each kind of object that decides nothing and explains."""

from __future__ import annotations

from collections.abc import Mapping

from ingc.k8s import (
    claim,
    event,
    network_policy,
    node,
    pod,
    service_account,
    workload,
)
from ingc.k8s.reading import Kind

KINDS: Mapping[str, Kind] = {
    "DaemonSet": Kind((workload.VERSION,), workload.read_workload, decides=False),
    "Deployment": Kind((workload.VERSION,), workload.read_workload, decides=False),
    "Event": Kind(event.VERSIONS, event.read_event, decides=False),
    "NetworkPolicy": Kind(
        (network_policy.VERSION,), network_policy.read_network_policy, decides=False
    ),
    "Node": Kind((node.VERSION,), node.read_node, False),
    "PersistentVolume": Kind((claim.VERSION,), claim.read_volume, False, decides=False),
    "PersistentVolumeClaim": Kind((claim.VERSION,), claim.read_claim, decides=False),
    "Pod": Kind((pod.VERSION,), pod.read_pod),
    "ReplicaSet": Kind((workload.VERSION,), workload.read_workload, decides=False),
    "ServiceAccount": Kind(
        (service_account.VERSION,), service_account.read_service_account, decides=False
    ),
    "StatefulSet": Kind((workload.VERSION,), workload.read_workload, decides=False),
}
"""The kinds of `ingc.k8s.bystanders.GROUPS_BESIDE`."""
