"""Causes at a Node: it is gone, is not ready, has no network, or no address of its own."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.k8s.condition import Condition, condition_of
from ingc.k8s.node import Node
from ingc.k8s.pod import Pod
from ingc.reach.cause import Cause, Evidence, Situation, clause, listed, seen, word
from ingc.reach.chain import Recipient
from ingc.reach.scene import NodeKey, Scene, node_keys

_NETWORK_WORDS = ("cni", "network")
_NETWORKERS = ("calico", "canal", "cilium", "flannel", "kindnet", "kube-router", "weave", "antrea")
_NAT = "10.0.2."
"""VirtualBox gives each machine the same address behind its NAT."""


def node_gone(scene: Scene, recipient: Recipient) -> Cause | None:
    """The Node that shall run the Pod is not there any more."""
    name = recipient.node
    if not name or not scene.store.nodes or name in scene.store.nodes:
        return None
    has = listed(sorted(scene.store.nodes))
    why = f"{recipient.name} is reported on Node {word(name)}, which is gone (there are {has})"
    fix = (
        "delete what is left of it (kubectl delete pod --force), and look why the Pod garbage "
        "collector and the EndpointSlice controller do not (kube-controller-manager)"
    )
    evidence = []
    if recipient.at is not None and recipient.endpoint and recipient.endpoint.node:
        evidence.append(seen(recipient.at, "nodeName", value=name))
    if recipient.pod is not None and recipient.pod.node == name:
        evidence.append(seen(recipient.pod.origin, "spec", "nodeName", value=name))
    return Cause(Situation.NODE_GONE, why, fix, tuple(evidence))


def network_not_ready(scene: Scene, recipient: Recipient) -> Cause | None:
    """The network of the Node is not ready, whatever the endpoint claims."""
    node = scene.store.nodes.get(recipient.node)
    if node is None or (recipient.pod is not None and recipient.pod.host_network):
        return None
    condition = _network_condition(node)
    if condition is None:
        return None
    why = (
        f"the network of Node {node.name} is not ready ({clause(condition.words)}), so that "
        f"{recipient.name} on it can't be reached{_claim(recipient)}"
    )
    evidence = [seen(condition.origin, "message", value=condition.message or condition.status)]
    fix = f"install or repair the network plug-in (CNI) on Node {node.name}"
    pod = next(_networkers(scene, node), None)
    if pod is not None:
        fix = (
            f"repair the network plug-in of Node {node.name}, Pod {pod.namespace}/{pod.name} "
            f"(kubectl logs -n {pod.namespace} {pod.name})"
        )
        ready = condition_of(pod.conditions, "Ready")
        place = ready.origin.at("status") if ready else pod.origin.at("status", "phase")
        evidence.append(seen(place, value=ready.status if ready else pod.phase))
    return Cause(Situation.NETWORK_NOT_READY, why, fix, (*evidence, *_seen_claim(recipient)))


def _network_condition(node: Node) -> Condition | None:
    without = condition_of(node.conditions, "NetworkUnavailable")
    if without is not None and without.true:
        return without
    ready = condition_of(node.conditions, "Ready")
    if ready is None or ready.true:
        return None
    text = f"{ready.reason} {ready.message[:4000]}".lower()
    return ready if any(item in text for item in _NETWORK_WORDS) else None


def _networkers(scene: Scene, node: Node) -> Iterator[Pod]:
    """Yield the Pods of network plug-ins on a Node that are not ready."""
    for pod in scene.pods_on.get(node.name, ()):
        if pod.unready and any(name in pod.name for name in _NETWORKERS):
            yield pod


def node_not_ready(scene: Scene, recipient: Recipient) -> Cause | None:
    """The Node runs nothing as it should, whatever the endpoint claims.

    https://kubernetes.io/docs/reference/node/node-status/#condition
    """
    node = scene.store.nodes.get(recipient.node)
    ready = condition_of(node.conditions, "Ready") if node else None
    if node is None or ready is None or ready.true:
        return None
    words = f" ({clause(ready.words)})" if ready.words else ""
    why = (
        f"Node {node.name} is not ready{words}, so that {recipient.name} on it can't be "
        f"reached{_claim(recipient)}"
    )
    fix = "start the Node or its kubelet (systemctl status kubelet), or drain it: its Pods move"
    if ready.status != "Unknown":
        fix = f"repair Node {node.name} as the message says, or drain it: its Pods move"
    evidence = [seen(ready.origin, "status", value=ready.status)]
    if ready.words:
        evidence.append(seen(ready.origin, "message", value=ready.message or ready.reason))
    return Cause(Situation.NODE_NOT_READY, why, fix, (*evidence, *_seen_claim(recipient)))


def _claim(recipient: Recipient) -> str:
    claims = recipient.endpoint is not None and recipient.endpoint.ready
    return ", though its EndpointSlice claims it to be ready" if claims else ""


def _seen_claim(recipient: Recipient) -> Iterator[Evidence]:
    if recipient.at is not None and recipient.endpoint is not None and recipient.endpoint.ready:
        yield seen(recipient.at, "conditions", "ready", value="true")


def same_address(scene: Scene, recipient: Recipient) -> Cause | None:
    """Two Nodes, or two Pods, have one address: what is sent to one may come to the other."""
    node = scene.store.nodes.get(recipient.node)
    for key in node_keys(node) if node else ():
        nodes = scene.nodes_by_address.get(key, ())
        if len(nodes) > 1 and node is not None:
            return _one_for_nodes(recipient, key, nodes)
    pod = recipient.pod
    for address in pod.addresses if pod and not pod.host_network else ():
        pods = scene.pods_by_address.get(address, ())
        if len(pods) > 1 and pod is not None:
            return _one_for_pods(scene, pod, address, pods)
    return None


def _one_for_nodes(recipient: Recipient, key: NodeKey, nodes: tuple[Node, ...]) -> Cause:
    field, address = key
    names = listed([item.name for item in nodes])
    nat = (
        ", the NAT interface of virtual machines with two network cards"
        if address.startswith(_NAT)
        else ""
    )
    why = (
        f"Nodes {names} all have the same address, {word(address)}{nat}, so that {recipient.name} "
        f"on Node {recipient.node} runs and can't be reached from another Node"
    )
    kubelet = "start each kubelet with --node-ip=ADDRESS of its other interface"
    flannel = "flannel with --iface=INTERFACE"
    calico = "Calico with IP_AUTODETECTION_METHOD=interface=INTERFACE"
    fix = f"{kubelet}, and {flannel} or {calico}"
    if field.startswith("flannel"):
        fix = f"start {flannel}, the one that the Nodes see each other by"
    elif field.startswith("projectcalico"):
        fix = f"start {calico}, the one that the Nodes see each other by"
    evidence = [item for node in nodes[:3] for item in _seen_address(node, key)]
    return Cause(Situation.SAME_ADDRESS, why, fix, tuple(evidence))


def _seen_address(node: Node, key: NodeKey) -> Iterator[Evidence]:
    field, address = key
    if field != "InternalIP":
        value = node.annotations[field]
        yield seen(node.origin, "metadata", "annotations", field, value=value)
        return
    for item in node.addresses:
        if (item.type, item.address) == key:
            yield seen(item.origin, "address", value=address)
            return


def _one_for_pods(scene: Scene, pod: Pod, address: str, pods: tuple[Pod, ...]) -> Cause:
    others = [item for item in pods if item is not pod]
    names = listed([f"{item.namespace}/{item.name}" for item in others])
    why = f"Pod {pod.namespace}/{pod.name} and {names} have the same address, {word(address)}"
    evidence = [seen(item.origin, "status", "podIP", value=address) for item in (pod, *others[:2])]
    fix = (
        "delete both and let the network plug-in (CNI) give addresses anew; look into its "
        "allocations (IPAM) if it comes again"
    )
    node = scene.store.nodes.get(pod.node)
    for network in node.pod_networks if node else ():
        twins = [item for item in scene.nodes_by_network[network] if item.name != pod.node]
        if twins:
            why += f", for Nodes {pod.node} and {twins[0].name} have the same network, {network}"
            fix = "give each Node a spec.podCIDR of its own (kube-controller-manager or kubeadm)"
            evidence += [seen(item.origin, "spec", "podCIDR", value=network) for item in twins[:1]]
            break
    return Cause(Situation.SAME_ADDRESS, why, fix, tuple(evidence))
