"""The cause that NetworkPolicies make: they keep nginx out, as far as labels tell."""

from __future__ import annotations

import ipaddress

from ingc.k8s.namespace import NAME_LABEL
from ingc.k8s.network_policy import NetworkPolicy, PolicyPeer, PolicyPort, PolicyRule
from ingc.k8s.pod import Pod
from ingc.reach.cause import Cause, Situation, listed, seen
from ingc.reach.chain import Recipient
from ingc.reach.scene import Scene


def network_policy(scene: Scene, recipient: Recipient) -> Cause | None:
    """The policies that select the Pod let nginx's Pods in by no rule.

    What can't be known, such as the labels of a namespace that is not in the input, counts as let
    in. https://kubernetes.io/docs/concepts/services-networking/network-policies/
    """
    pod = recipient.pod
    if pod is None or pod.host_network:
        return None
    if scene.controllers and all(item.host_network for item in scene.controllers):
        return None  # it comes from a Node's address, which no label is about
    policies = [
        item
        for item in scene.store.bystanders.policies.get(pod.namespace, ())
        if item.isolates and item.pods.matches(pod.labels)
    ]
    if not policies or any(_lets_in(scene, item, pod, recipient.port) for item in policies):
        return None
    names = listed([f"{item.namespace}/{item.name}" for item in policies])
    many = len(policies) > 1
    where = scene.controller_namespaces
    who = f"namespace {where[0]}, where nginx runs" if where else "nginx, of another namespace"
    why = (
        f"NetworkPolic{'ies' if many else 'y'} {names} select{'' if many else 's'} "
        f"{recipient.name} and let{'' if many else 's'} in nobody of {who}"
    )
    name = where[0] if where else "NAMESPACE"
    fix = (
        "add an ingress rule to one, or a policy, with from: namespaceSelector: matchLabels: "
        f"{NAME_LABEL}: {name}, for the port {recipient.port or 'of the Pod'}"
    )
    evidence = []
    for item in policies[:3]:
        count = len(item.rules)
        rules = f"{count} rule{'' if count == 1 else 's'}" if count else "none: nobody is let in"
        evidence.append(seen(item.origin, "spec", "ingress", value=rules))
    return Cause(Situation.NETWORK_POLICY, why, fix, tuple(evidence))


def _lets_in(scene: Scene, policy: NetworkPolicy, pod: Pod, port: int | str) -> bool:
    return any(
        _has_port(rule, pod, port)
        and (not rule.peers or any(_is_nginx(scene, policy, peer) for peer in rule.peers))
        for rule in policy.rules
    )


def _has_port(rule: PolicyRule, pod: Pod, port: int | str) -> bool:
    named = next((item for item in pod.ports if port and port in (item.name, item.number)), None)
    numbers = {named.number} if named else {port} if isinstance(port, int) and port else set()
    if not rule.ports or not numbers:
        return True
    names = {named.name} if named else set()
    return any(_is_port(item, numbers, names) for item in rule.ports)


def _is_port(item: PolicyPort, numbers: set[int], names: set[str]) -> bool:
    if item.protocol != "TCP":
        return False
    if item.port is None:
        return True
    if isinstance(item.port, str):
        return item.port in names
    first, last = item.port, item.last or item.port
    return any(first <= number <= last for number in numbers)


def _is_nginx(scene: Scene, policy: NetworkPolicy, peer: PolicyPeer) -> bool:
    """Return whether nginx may be among those that a peer stands for."""
    if peer.block:
        return _is_in_block(scene, peer)
    namespaces = scene.controller_namespaces
    if peer.namespaces is None:
        inside = policy.namespace in namespaces
    elif not peer.namespaces.requirements:
        inside = True
    else:
        inside = not namespaces or any(
            _may_match(scene, peer, namespace) for namespace in namespaces
        )
    if not inside or peer.pods is None or not scene.controllers:
        return inside
    return any(peer.pods.matches(item.labels) for item in scene.controllers)


def _may_match(scene: Scene, peer: PolicyPeer, namespace: str) -> bool:
    if peer.namespaces is None:
        return False
    known = scene.store.namespaces.get(namespace)
    if known is not None:
        return peer.namespaces.matches(known.labels)
    if peer.namespaces.keys <= {NAME_LABEL}:
        return peer.namespaces.matches({NAME_LABEL: namespace})
    return True  # its labels are not known


def _is_in_block(scene: Scene, peer: PolicyPeer) -> bool:
    addresses = [address for item in scene.controllers for address in item.addresses]
    try:
        block = ipaddress.ip_network(peer.block, strict=False)
        excepted = [ipaddress.ip_network(item, strict=False) for item in peer.excepted]
    except ValueError:
        return True
    if not addresses:
        return True
    inside = (ipaddress.ip_address(item) for item in addresses)
    return any(item in block and not any(item in part for part in excepted) for item in inside)
