"""Situations of Nodes, the network, and both ends of the way."""

from __future__ import annotations

import copy

from tests.reach.cases.case import case, crashed
from tests.reach.kubectl import (
    NODES,
    Cluster,
    Object,
    condition,
    container,
    container_status,
    meta,
    owned,
    pod,
)


def _node_is(c: Cluster, status: str, reason: str, message: str) -> None:
    for name in ("worker-1", "worker-2"):
        conditions = c[f"Node {name}"]["status"]["conditions"]
        conditions[-1] = condition("Ready", status, reason, message)


@case(
    "node-not-ready",
    "the Node is not ready, while the endpoint claims to be",
    "Node worker-1 is not ready (NodeStatusUnknown: Kubelet stopped posting node status)",
    "though its EndpointSlice claims it to be ready",
    "systemctl status kubelet",
    fields=("status.conditions[3].status", "endpoints[0].conditions.ready"),
)
def node_not_ready(c: Cluster) -> None:
    _node_is(c, "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")


@case(
    "network-not-ready",
    "the Node's network is not ready, while the endpoint claims to be",
    "the network of Node worker-1 is not ready",
    "cni plugin not initialized",
    "repair the network plug-in of Node worker-1, Pod kube-flannel/kube-flannel-ds-7kq2v",
    fields=(
        "status.conditions[3].message",
        "status.conditions[2].status",
        "endpoints[0].conditions.ready",
    ),
)
def network_not_ready(c: Cluster) -> None:
    _node_is(
        c,
        "False",
        "KubeletNotReady",
        "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
        "message:Network plugin returns error: cni plugin not initialized",
    )
    flannel = pod("kube-flannel-ds-7kq2v", "worker-1", NODES["worker-1"], "kube-flannel")
    flannel["spec"]["hostNetwork"] = True
    flannel["metadata"]["ownerReferences"] = owned("DaemonSet", "kube-flannel-ds")
    for item in flannel["status"]["conditions"]:
        if item["type"] == "Ready":
            item.update(status="False", reason="ContainersNotReady", message="kube-flannel")
    c.add(flannel)


@case(
    "node-gone",
    "the Node is gone",
    "is reported on Node worker-9, which is gone (there are control-1, worker-1, worker-2)",
    "kubectl delete pod --force",
    fields=("nodeName",),
)
def node_gone(c: Cluster) -> None:
    for found, item in zip(c.endpoints, c.pods, strict=True):
        found["nodeName"] = item["spec"]["nodeName"] = "worker-9"


@case(
    "pod-gone",
    "a stale slice: the Pod is gone",
    "EndpointSlice shop/web-9kq4z still lists Pod web-6d5f8c7b9-gone1 at 10.244.1.17",
    "kube-controller-manager",
    fields=("endpoints[0].targetRef.name",),
)
def pod_gone(c: Cluster) -> None:
    for number, found in enumerate(c.endpoints, 1):
        found["targetRef"]["name"] = f"web-6d5f8c7b9-gone{number}"


@case(
    "address-changed",
    "a stale slice: the Pod has another address",
    "EndpointSlice shop/web-9kq4z lists Pod shop/web-6d5f8c7b9-4xk2p at 10.244.1.17, while its "
    "address is 10.244.1.99",
    fields=("endpoints[0].addresses[0]", "status.podIP"),
)
def address_changed(c: Cluster) -> None:
    for number, item in enumerate(c.pods, 99):
        item["status"].update(podIP=f"10.244.1.{number}", podIPs=[{"ip": f"10.244.1.{number}"}])


@case(
    "pod-gone",
    "a stale slice: one of two Pods is gone",
    "1 of 2 endpoints does not answer",
    fields=("endpoints[1].targetRef.name",),
    part=True,
)
def one_pod_gone(c: Cluster) -> None:
    c.endpoints[1]["targetRef"]["name"] = "web-6d5f8c7b9-gone2"


@case(
    "same-address",
    "two Nodes with one address: the NAT interface of virtual machines",
    "Nodes control-1, worker-1, worker-2 all have the same address, 10.0.2.15, the NAT interface",
    "runs and can't be reached",
    "--node-ip=ADDRESS",
    "flannel with --iface=INTERFACE",
    "IP_AUTODETECTION_METHOD=interface=INTERFACE",
    fields=("status.addresses[0].address",),
)
def nodes_behind_nat(c: Cluster) -> None:
    for name in NODES:
        found = c[f"Node {name}"]
        found["status"]["addresses"][0]["address"] = "10.0.2.15"
        found["metadata"]["annotations"]["flannel.alpha.coreos.com/public-ip"] = "10.0.2.15"


@case(
    "same-address",
    "flannel took the NAT interface, while the kubelets did not",
    "all have the same address, 10.0.2.15",
    "start flannel with --iface=INTERFACE",
    fields=("metadata.annotations[flannel.alpha.coreos.com/public-ip]",),
)
def flannel_behind_nat(c: Cluster) -> None:
    for name in NODES:
        annotations = c[f"Node {name}"]["metadata"]["annotations"]
        annotations["flannel.alpha.coreos.com/public-ip"] = "10.0.2.15"


@case(
    "same-address",
    "Calico took the NAT interface",
    "start Calico with IP_AUTODETECTION_METHOD=interface=INTERFACE",
    fields=("metadata.annotations[projectcalico.org/IPv4Address]",),
)
def calico_behind_nat(c: Cluster) -> None:
    for name in NODES:
        annotations = c[f"Node {name}"]["metadata"]["annotations"]
        annotations.clear()
        annotations["projectcalico.org/IPv4Address"] = "10.0.2.15/24"


@case(
    "same-address",
    "two Pods with one address",
    "Pod shop/web-6d5f8c7b9-4xk2p and shop/web-6d5f8c7b9-zt8qn have the same address, 10.244.1.17",
    "Nodes worker-1 and worker-2 have the same network, 10.244.1.0/24",
    "give each Node a spec.podCIDR of its own",
    fields=("status.podIP", "spec.podCIDR"),
)
def pods_with_one_address(c: Cluster) -> None:
    c.pods[1]["status"].update(podIP="10.244.1.17", podIPs=[{"ip": "10.244.1.17"}])
    c.endpoints[1]["addresses"] = ["10.244.1.17"]
    c["Node worker-2"]["spec"].update(podCIDR="10.244.1.0/24", podCIDRs=["10.244.1.0/24"])


@case(
    "network-policy",
    "a NetworkPolicy keeps the controller out",
    "NetworkPolicy shop/default-deny selects Pod shop/web-6d5f8c7b9-4xk2p and lets in nobody of "
    "namespace ingress-nginx",
    "kubernetes.io/metadata.name: ingress-nginx",
    fields=("spec.ingress",),
)
def network_policy(c: Cluster) -> None:
    c.add(_policy("default-deny", None))


@case(
    "network-policy",
    "a NetworkPolicy lets in another namespace alone",
    "NetworkPolicies shop/default-deny, shop/from-monitoring",
    "let in nobody of namespace ingress-nginx",
    fields=("spec.ingress",),
)
def network_policy_for_others(c: Cluster) -> None:
    c.add(_policy("default-deny", None))
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    same = {"podSelector": {}}
    c.add(_policy("from-monitoring", [{"from": [peer, same], "ports": [{"port": 8080}]}]))


def _policy(name: str, rules: list[Object] | None) -> Object:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": meta(name, generation=1),
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress"],
            **({"ingress": rules} if rules is not None else {}),
        },
    }


@case(
    "dns-down",
    "CoreDNS does not run, and nginx has to resolve a name",
    "the backend is db.example.net, a name that nginx has to resolve, and the cluster's DNS "
    "(CoreDNS) does not run",
    "container coredns of Pod kube-system/coredns-7c65d6cfc9-b5xk9 ends again and again",
    fields=("state.waiting.reason", "exitCode"),
)
def dns_down(c: Cluster) -> None:
    _external(c)
    waiting, ended = crashed(1, "Error")
    for name in ("coredns-7c65d6cfc9-b5xk9", "coredns-7c65d6cfc9-q2mzt"):
        found = c[f"Pod {name}"]
        found["spec"]["containers"] = [container("coredns", "registry.k8s.io/coredns:v1.11.3")]
        status = container_status("coredns", "registry.k8s.io/coredns:v1.11.3")
        status.update(ready=False, started=False, state=copy.deepcopy(waiting))
        status.update(lastState=copy.deepcopy(ended), restartCount=21)
        found["status"]["containerStatuses"] = [status]
        for item in found["status"]["conditions"]:
            if item["type"] in ("Ready", "ContainersReady"):
                item.update(status="False", reason="ContainersNotReady", message="coredns")


def _external(c: Cluster) -> None:
    spec = c["Service web"]["spec"]
    spec.clear()
    spec.update(type="ExternalName", externalName="db.example.net", sessionAffinity="None")
    c.drop("EndpointSlice web-9kq4z")


@case(
    "dns-down",
    "CoreDNS is scaled to zero",
    "Deployment kube-system/coredns is scaled to zero",
    "kubectl scale deployment/coredns -n kube-system --replicas=2",
    fields=("spec.replicas",),
)
def dns_scaled_to_zero(c: Cluster) -> None:
    _external(c)
    c.drop("Pod coredns-7c65d6cfc9-b5xk9", "Pod coredns-7c65d6cfc9-q2mzt")
    c["Deployment coredns"]["spec"]["replicas"] = 0
    c["Deployment coredns"]["status"] = {"observedGeneration": 2}


@case(
    "no-load-balancer",
    "the controller's LoadBalancer has no address",
    "Service ingress-nginx/ingress-nginx-controller is a LoadBalancer without an address",
    "MetalLB",
    fields=("status.loadBalancer",),
)
def no_load_balancer(c: Cluster) -> None:
    c["Service ingress-nginx-controller"]["status"]["loadBalancer"] = {}
    c["Ingress web"]["status"]["loadBalancer"] = {}


@case(
    "not-listed",
    "the slices do not list a Pod that is ready",
    "Pod shop/web-6d5f8c7b9-4xk2p is ready, and no EndpointSlice of its Service lists it",
    "EndpointSlice controller",
    fields=("status.conditions[2].status",),
)
def not_listed(c: Cluster) -> None:
    c["EndpointSlice web-9kq4z"]["endpoints"] = None


@case(
    "not-ready",
    "the endpoint is not ready, and the input has no Pods",
    "EndpointSlice shop/web-9kq4z lists 10.244.1.17 as not ready",
    "put the Pods into the input of ingc too",
    fields=("endpoints[0].conditions.ready",),
)
def unready_without_pods(c: Cluster) -> None:
    c.set_unready()
    c.drop(*(key for key in list(c.objects) if key.startswith("Pod ")))


@case(
    "reported",
    "anything else for which nginx answers 503 or 404 itself",
    "Backend StorageBucket static is not a Service",
    fields=("backend",),
)
def other_resource(c: Cluster) -> None:
    resource = {"apiGroup": "k8s.example.com", "kind": "StorageBucket", "name": "static"}
    path = c["Ingress web"]["spec"]["rules"][0]["http"]["paths"][0]
    path["backend"] = {"resource": resource}
